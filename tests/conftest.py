"""Fixtures for all tests. That this file is here lets tests import the modules beside it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from callpath.notebook import Notebook
from callpath.verify import examine
from callpath.workspace import Workspace
from kernel import lock_site, write_site, write_tree


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite golden files")


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether the expected parts of golden files are to be written anew."""
    return bool(request.config.getoption("--update-goldens"))


# How long an example takes depends on the machine: speed is for the benchmarks.
settings.register_profile("any-speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-speed")


@pytest.fixture
def tree(tmp_path: Path) -> str:
    """The SPEC of the small source tree."""
    return write_tree(tmp_path / "linux")


@pytest.fixture
def workspace(tmp_path: Path, tree: str) -> Workspace:
    """The small notebook, locked."""
    workspace = write_site(tmp_path / "site")
    lock_site(workspace, linux=tree)
    return workspace


@pytest.fixture
def locked(tmp_path: Path, tree: str) -> Notebook:
    """The small notebook as it was read, locked."""
    return lock_site(write_site(tmp_path / "locked"), linux=tree)


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What this process proves from now on."""
    found: list[object] = []
    prove = examine.prove

    def noting(edge: object, code: object) -> object:
        found.append(edge)
        return prove(edge, code)  # type: ignore[arg-type]

    monkeypatch.setattr(examine, "prove", noting)
    return found

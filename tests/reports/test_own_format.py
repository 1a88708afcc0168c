"""A report format of another package, found by its entry point `callpath.reports`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from callpath.cli import main
from callpath.extensions import extensions
from kernel import write_files, write_site

SHORT = "def report(given):\n    return f'{len(given.findings)} to look at\\n'\n"
POINTS = "[callpath.reports]\nshort = short_report:report\nbroken = short_report:gone\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with two formats, one of which it does not have."""
    folder = tmp_path / "packages"
    info = "short_report-1.0.dist-info"
    write_files(
        folder,
        {
            "short_report.py": SHORT,
            f"{info}/METADATA": "Name: short-report\nVersion: 1.0\n",
            f"{info}/entry_points.txt": POINTS,
        },
    )
    monkeypatch.syspath_prepend(str(folder))
    extensions.cache_clear()
    yield
    extensions.cache_clear()
    sys.modules.pop("short_report", None)


def check(root: Path, form: str) -> tuple[int, str]:
    config = str(root / "mkdocs.yml")
    result = CliRunner().invoke(main, ["-f", config, "check", "--format", form])
    return result.exit_code, result.output


@pytest.mark.usefixtures("package")
def test_a_format_of_ones_own_is_printed(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site").root  # it has no lockfile
    status, said = check(root, "short")
    *_, last = said.splitlines()  # before it stands what was checked
    assert (status, last) == (1, "1 to look at")


@pytest.mark.usefixtures("package")
def test_a_format_that_cannot_be_loaded_is_told_in_one_sentence(tmp_path: Path) -> None:
    status, out = check(write_site(tmp_path / "site").root, "broken")
    assert status == 2
    assert "cannot load `broken` of `callpath.reports`" in out
    assert "Traceback" not in out


@pytest.mark.usefixtures("package")
def test_an_unknown_format_is_refused_with_all_there_are(tmp_path: Path) -> None:
    status, out = check(write_site(tmp_path / "site").root, "shrot")
    assert status == 2
    assert {name for name in ("text", "sarif", "short") if f"{name}" not in out} == set()

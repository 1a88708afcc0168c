"""What the site tests share: the built notebook, a small site, a browser."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from built_site import ADDRESS, BuiltSite
from playwright.sync_api import Browser, sync_playwright
from runs import ROOT, callpath, made_once, run
from small_site import SmallSite, write_tree
from web_server import Served

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of one test run have in common."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _build(folder: Path) -> None:
    done = run("mkdocs", "build", "--strict", "-d", folder, at=ROOT, SITE_URL=ADDRESS)
    folder.with_suffix(".log").write_text(done.said, encoding="utf-8")
    assert done.status == 0, done.said
    assert done.warnings == []


@pytest.fixture(scope="session")
def notebook_log(notebook: BuiltSite) -> str:
    """What building the notebook said."""
    return notebook.root.with_suffix(".log").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def notebook(shared: Path) -> BuiltSite:
    """The repository's notebook, built strictly."""
    return BuiltSite(made_once(shared / "notebook", _build))


@pytest.fixture(scope="session")
def report() -> Any:
    """What `callpath refs` knows of the notebook."""
    done = callpath("refs", "--format", "json", at=ROOT)
    assert done.status == 0, done.said
    return json.loads(done.out)


@pytest.fixture(scope="session")
def _lockfile(shared: Path) -> str:
    def lock(folder: Path) -> None:
        site = SmallSite(folder)
        write_tree(folder / "tree")
        done = callpath("lock", "--source", "tree:tree", at=site.root)
        assert done.status == 0, done.out + done.said

    return (made_once(shared / "locked", lock) / "docs/notes.lock").read_text(encoding="utf-8")


@pytest.fixture
def small(tmp_path: Path, _lockfile: str) -> SmallSite:
    """A small site of one's own, locked."""
    site = SmallSite(tmp_path / "small")
    site.write("docs/notes.lock", _lockfile)
    return site


@pytest.fixture(scope="session")
def served(notebook: BuiltSite) -> Iterator[Served]:
    """The built notebook on a web server of this machine."""
    with Served(notebook.root) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's browser."""
    program = shutil.which("chromium")
    if program is None:
        reason = "`chromium` not found: install the Debian package chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()

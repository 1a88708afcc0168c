"""What the site tests share: the built notebook, a small site, a browser."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NoReturn, Protocol
from urllib.parse import urlsplit

import pytest
from browser import launched
from built_site import ADDRESS, BuiltSite
from checkers import AXE, absent_program, missing
from page_kinds import addresses
from plain_site import build_plain
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
)
from runs import ROOT, callpath, made_once, run
from small_site import SmallSite, write_tree
from web_server import Served


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
def plain(shared: Path) -> BuiltSite:
    """A plain site of the notebook's theme, to tell the theme's faults from our own."""
    return BuiltSite(made_once(shared / "plain", build_plain))


@pytest.fixture(scope="session")
def report() -> Any:
    """What `callpath refs` knows of the notebook."""
    done = callpath("refs", "--format", "json", at=ROOT)
    assert done.status == 0, done.said
    return json.loads(done.out)


@pytest.fixture(scope="session")
def kinds(report: Any) -> dict[str, str]:
    """The address of one page of every kind; of the notes the longest."""
    return addresses(report)


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
def served_plain(plain: BuiltSite) -> Iterator[Served]:
    """The plain site on a web server of this machine."""
    with Served(plain.root) as server:
        yield server


def _without(reason: str) -> NoReturn:
    """Skip for want of a program; fail in CI, which installs them all."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _needs(*programs: str) -> None:
    if reason := missing(*programs):
        _without(reason)


@pytest.fixture(scope="session")
def axe() -> Path:
    """The script that looks for barriers in a page."""
    _needs()
    return AXE


@pytest.fixture(scope="session")
def java() -> None:
    """What the Nu Html Checker runs with."""
    _needs("java")


@pytest.fixture(scope="session")
def node() -> None:
    """What Lighthouse runs with."""
    _needs("node", "chromium")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's browser."""
    if reason := absent_program("chromium"):
        _without(reason)
    with launched() as browser:
        yield browser


class Opener(Protocol):
    """Opens a page of the served notebook, by its address below the home page's."""

    def __call__(
        self, path: str, size: ViewportSize, scheme: Literal["light", "dark"] = "light"
    ) -> Page: ...


@pytest.fixture
def opened(chromium: Browser, served: Served) -> Iterator[Opener]:
    """Opens pages in a window of a given form; at the end nobody may have complained.

    A complaint is an error of a script, a warning or error in the console, a request that failed,
    or one that left the site. What a page still asked for when it was left did not fail.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str,
        size: ViewportSize,
        scheme: Literal["light", "dark"] = "light",
        *,
        touch: bool = False,
    ) -> Page:
        context = chromium.new_context(viewport=size, color_scheme=scheme, has_touch=touch)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{path}: {error}"))
        page.on("console", lambda said: complaints.extend(_complaint(path, said)))
        page.on("requestfailed", lambda request: complaints.extend(_failure(request)))
        page.on("request", lambda request: complaints.extend(_foreign(request.url)))
        page.goto(served.address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _failure(request: Request) -> list[str]:
    why = request.failure
    return [] if why == "net::ERR_ABORTED" else [f"failed: {request.url}: {why}"]


def _complaint(path: str, said: ConsoleMessage) -> list[str]:
    return [f"{path}: {said.type}: {said.text}"] if said.type in {"error", "warning"} else []


def _foreign(url: str) -> list[str]:
    return [] if urlsplit(url).hostname in {"127.0.0.1", None} else [f"asked for {url}"]

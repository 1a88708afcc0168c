"""The Nu Html Checker on pages of every kind: no error beyond the theme's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from built_site import BuiltSite
from checkers import HtmlError, html_errors
from runs import run
from small_site import SmallSite

pytestmark = pytest.mark.usefixtures("java")

# At most so many pages of the kinds that have hundreds, evenly spread over all of them.
_SYMBOLS, _FILES = 12, 6


@pytest.fixture(scope="module")
def theme(plain: BuiltSite) -> set[tuple[str, str]]:
    """The errors of the plain site: what is said, and of which piece of the page."""
    return {(error.message, error.extract) for error in html_errors(_files(plain, plain.pages))}


def _files(site: BuiltSite, pages: Iterator[str] | dict[str, object] | list[str]) -> list[Path]:
    return [site.root / page for page in pages]


def _sample(pages: list[str], most: int) -> list[str]:
    return pages[:: -(-len(pages) // most)] if pages else []


def _pages(site: BuiltSite) -> list[str]:
    """Every note, index and page in Markdown, and a sample of symbols and files."""
    source = [page for page in site.pages if page.startswith("source/")]
    files = [page for page in source if page.removesuffix("/index.html").endswith((".c", ".h"))]
    symbols = [page for page in source if page not in files]
    others = [page for page in site.pages if page not in source]
    return [*others, *_sample(files, _FILES), *_sample(symbols, _SYMBOLS)]


def test_no_page_has_an_error_that_is_not_the_themes(
    notebook: BuiltSite, theme: set[tuple[str, str]], kinds: dict[str, str]
) -> None:
    pages = sorted({*_pages(notebook), *(f"{each}index.html" for each in kinds.values())})
    if found := _beyond(html_errors(_files(notebook, pages)), theme):
        pytest.fail(found)


def test_the_page_of_a_faulty_note_has_no_error(
    small: SmallSite, theme: set[tuple[str, str]]
) -> None:
    """Faults are shown in place: a missing symbol, an unknown key, YAML that cannot be read."""
    small.configure(theme={"name": "material", "language": "zh", "font": False})
    small.replace("docs/kvm/init.yml", "function: quartz_setup", "function: quartz_set_up")
    small.replace("docs/kvm/exit.yml", "title: Stopping the clock", 'titel: <b> & "stop"')
    small.write("docs/kvm/broken.yml", "title: [\nsteps:\n")
    done = run("mkdocs", "build", "-d", "site", at=small.root)
    assert done.status == 0, done.said
    assert done.warnings
    site = BuiltSite(small.root / "site")
    if found := _beyond(html_errors(_files(site, site.pages)), theme):
        pytest.fail(found)


def test_an_error_that_is_put_in_is_found(
    notebook: BuiltSite, kinds: dict[str, str], theme: set[tuple[str, str]], tmp_path: Path
) -> None:
    text = (notebook.root / kinds["home"] / "index.html").read_text(encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(text.replace("</article>", "<ul><p>no item</p></ul></article>"), "utf-8")
    assert "Element “p” not allowed" in _beyond(html_errors([page]), theme)


def _beyond(errors: list[HtmlError], theme: set[tuple[str, str]]) -> str:
    """One line for every error that the theme does not have, with the number of its pages."""
    pages: dict[tuple[str, str], list[str]] = {}
    for error in errors:
        pages.setdefault((error.message, error.extract), []).append(error.page)
    return "\n".join(
        f"{message} — {extract!r} on {len(where)} pages, such as {where[0]}"
        for (message, extract), where in sorted(pages.items())
        if (message, extract) not in theme
    )

"""Links and citations of the source on published pages: previews of the symbol they lead into."""

import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import yaml
from built_site import ADDRESS, BuiltSite, Page as BuiltPage
from checkers import html_errors
from playwright.sync_api import Browser, Page
from runs import callpath, made_once, run
from small_site import CONFIG, EXIT, SmallSite, write_tree
from test_accessibility import violations
from web_server import Served

ELIXIR = "https://elixir.bootlin.com/linux"
SOURCE = f"{ELIXIR}/v3.7/source/drivers/clock"
GITHUB = "https://github.com/torvalds/linux"
KERNEL_ORG = "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git"

KNOWN = {
    "by line": (f"{SOURCE}/clock.c#L7", "clock_init"),
    "by range": (f"{SOURCE}/clock.c#L5-L9", "clock_init"),
    "at a tag of GitHub": (f"{GITHUB}/blob/v3.7/drivers/clock/core.c#L3", "clock_register"),
    "of cgit": (f"{KERNEL_ORG}/tree/drivers/clock/quartz.c?h=v3.7#n5", "quartz_setup"),
    "into a macro": (f"{SOURCE}/clock.h#L1", "CLOCK_RATE"),
    "into what only links speak of": (f"{SOURCE}/quartz.c#L9", "quartz_ops"),
    "of a name": (f"{ELIXIR}/v3.7/ident/clock_exit", "clock_exit"),
    "of a name by its family": (f"{ELIXIR}/v3.7/A/ident/clock_init", "clock_init"),
}
"""Right links with the symbols that they lead into."""

OTHERS = {
    "into another version": f"{ELIXIR}/v3.8/source/drivers/clock/clock.c#L7",
    "into no version": f"{ELIXIR}/latest/source/drivers/clock/clock.c#L7",
    "to a branch": f"{GITHUB}/blob/master/drivers/clock/core.c#L3",
    "to a missing line": f"{SOURCE}/clock.c#L70",
    "between two functions": f"{SOURCE}/clock.c#L3",
    "to a name that is not there": f"{ELIXIR}/v3.7/ident/clock_stop_all",
    "of a name at another version": f"{ELIXIR}/v3.8/ident/clock_exit",
    "to a file that nothing speaks of": f"{ELIXIR}/v3.7/source/Makefile",
    "to a whole file at another version": f"{ELIXIR}/v3.8/source/drivers/clock/clock.c",
    "elsewhere": "https://example.org/linux/v3.7/source/drivers/clock/clock.c#L7",
}
"""Links that no symbol is known of."""

FILE = f"{SOURCE}/clock.c"
WRONG = f"{SOURCE}/clock.c#L13"
UNLOCKED = f"{SOURCE}/clock.c#L8"
CITED = {"drivers/clock/clock.c:7": "clock_init", "core.c:3-6": "clock_register"}
NOT_CITED = ("drivers/clock/clock.c:70", "drivers/clock/clock.c", "colour:red")


def _page() -> str:
    links = {what: href for what, (href, _) in KNOWN.items()} | OTHERS | {"to a file": FILE}
    lines = [f"- [a link {what}]({href})" for what, href in links.items()]
    lines += [f"- here is `{code}` cited" for code in (*CITED, *NOT_CITED)]
    # Its words say that it is wrong.
    lines += [f"- where [`clock_init()`]({WRONG}) is", "- the name `clock_exit` alone"]
    return "\n".join(["# Links", "", *lines, "", "```", "drivers/clock/clock.c:7", "```", ""])


NOTE = EXIT.replace(
    "The other way round.",
    f"The other way round of [the start]({SOURCE}/clock.c#L7), cited as `drivers/clock/clock.c:7`.",
)


def _locked(folder: Path) -> None:
    site = SmallSite(folder)
    write_tree(folder / "tree")
    site.write("docs/links.md", _page())
    site.write("docs/kvm/exit.yml", NOTE)
    done = callpath("lock", "--source", "tree:tree", at=folder)
    assert done.status in (0, 1), done.out + done.said
    site.replace("docs/links.md", "\n- the name", f"\n- [an unlocked link]({UNLOCKED})\n- the name")


_MATERIAL = {"name": "material", "font": False}
FORMS: dict[str, dict[str, Any]] = {
    "mkdocs": {},
    "mkdocs-files": {"use_directory_urls": False},
    "material": {"theme": _MATERIAL | {"features": ["navigation.instant"]}},
    "material-files": {"theme": _MATERIAL, "use_directory_urls": False},
}


@pytest.fixture(scope="module")
def locked(shared: Path) -> Path:
    """The folder of the site, locked; one link came afterwards."""
    return made_once(shared / "source-links", _locked)


@pytest.fixture(scope="module", params=FORMS)
def site(request: pytest.FixtureRequest, shared: Path, locked: Path) -> BuiltSite:
    """The built site in one of its forms."""

    def build(folder: Path) -> None:
        copytree(locked, folder)
        text = yaml.safe_dump(CONFIG | FORMS[request.param])
        (folder / "mkdocs.yml").write_text(text, encoding="utf-8")
        done = run("mkdocs", "build", at=folder)
        assert done.status == 0, done.said

    return BuiltSite(made_once(shared / f"source-links-{request.param}", build) / "site")


def _page_of(site: BuiltSite, path: str) -> BuiltPage:
    return site.pages.get(f"{path}/index.html") or site.pages[f"{path}.html"]


def _known(site: BuiltSite, page: BuiltPage, href: str) -> str:
    """The title of the page that a link of the source has a preview of, or empty."""
    (link,) = [each.element for each in page.links if each.href == href]
    known = link.get("data-callpath")
    return site.page_at(page, known).texts("//h1")[0] if known else ""


def test_right_links_know_the_symbol_that_they_lead_into(site):
    page = _page_of(site, "links")
    for what, (href, name) in KNOWN.items():
        assert name in _known(site, page, href), what
    for what, href in OTHERS.items():
        assert not _known(site, page, href), what
    assert not _known(site, page, WRONG)
    assert not _known(site, page, UNLOCKED)
    assert "clock.c" in _known(site, page, FILE)


def test_right_citations_of_lines_lead_to_the_symbol(site):
    page = _page_of(site, "links")
    for code, name in CITED.items():
        (href,) = page.hrefs(f"//li/a[code='{code}']")
        assert name in site.page_at(page, href).texts("//h1")[0]
    linked = page.texts("//a[has-class('callpath-name')]")
    assert linked == list(CITED)
    assert not page.find("//pre//a[contains(@class, 'callpath')]")


def test_a_note_knows_its_links_and_citations_too(site):
    page = _page_of(site, "kvm/exit")
    assert "clock_init" in _known(site, page, KNOWN["by line"][0])
    (href,) = page.hrefs("//a[code='drivers/clock/clock.c:7']")
    assert "clock_init" in site.page_at(page, href).texts("//h1")[0]


@pytest.fixture
def page(chromium: Browser, site: BuiltSite) -> Iterator[Page]:
    """The page in a browser, which asks nothing of any other site."""
    with Served(site.root) as served, chromium.new_context() as context:
        page, asked = context.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url))
        page.set_default_timeout(20_000)
        page.goto(served.address + _page_of(site, "links").path.removesuffix("index.html"))
        page.wait_for_load_state("networkidle")
        yield page
        assert {urlsplit(url).hostname for url in asked} == {"127.0.0.1"}


_WATCH = """() => {
  window.shifts = 0;
  new PerformanceObserver((list) => (window.shifts += list.getEntries().length))
    .observe({type: "layout-shift"});
}"""


def _previewed(page: Page, name: str) -> None:
    preview = page.locator(".callpath-preview")
    preview.filter(has_text=name).wait_for()
    (leads,) = preview.locator("a").evaluate_all("all => all.map((link) => link.href)")
    assert urlsplit(leads).hostname == "127.0.0.1"
    assert re.search(rf"/(\w+\.)?{name}\b", leads)
    page.keyboard.press("Escape")
    preview.wait_for(state="hidden")


@pytest.mark.browser
def test_a_link_of_the_source_shows_a_preview(page):
    page.evaluate(_WATCH)
    for href, name in KNOWN.values():
        page.locator(f'a[href="{href}"]').hover()
        _previewed(page, name)
    for code, name in CITED.items():
        page.locator(f"li > a > code:text-is('{code}')").hover()
        _previewed(page, name)
    page.locator("li > code:text-is('clock_exit')").hover()
    _previewed(page, "clock_exit")
    assert page.evaluate("window.shifts") == 0


@pytest.mark.browser
def test_a_link_to_a_file_shows_what_the_notes_speak_of_in_it(page):
    page.locator(f'a[href="{FILE}"]').hover()
    preview = page.locator(".callpath-preview")
    preview.filter(has_text="drivers/clock/clock.c").wait_for()
    assert preview.locator("span").inner_text() == "clock_exit, clock_init"
    preview.locator("a").click()
    page.locator("h1", has_text="clock.c").wait_for()


_EXCUSED = (
    ("region", "#callpath-preview"),  # all previews stand above the page's regions
    # Under the pointer it has the theme's colour.
    ("color-contrast", 'a[aria-describedby="callpath-preview"]'),
)


@pytest.mark.browser
def test_a_preview_of_a_link_has_no_barrier(page, axe):
    first, *_ = KNOWN.values()
    page.locator(f'a[href="{first[0]}"]').hover()
    page.locator(".callpath-preview").wait_for()
    found = violations(page, axe).items()
    ours = [each for each in found if "callpath" in f"{each}" and each[0] not in _EXCUSED]
    # What a theme does to its own links too, such as a pale colour, is its own.
    theme = {rule for (rule, target), each in found if "callpath" not in target + each}
    assert [each for each in ours if each[0][0] not in theme] == []


@pytest.mark.usefixtures("java")
def test_links_with_a_preview_are_right_html(site):
    paths = [_page_of(site, name).path for name in ("links", "kvm/exit")]
    found = html_errors([site.root / path for path in paths])
    assert [each for each in found if "callpath" in each.extract + each.message] == []


@pytest.mark.browser
def test_the_keyboard_reaches_the_preview_of_a_link(page):
    first, *_ = KNOWN.values()
    page.locator(f'a[href="{first[0]}"]').focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    _previewed(page, first[1])


@pytest.mark.browser
def test_other_links_of_the_source_show_none(page):
    first, *_ = KNOWN.values()
    page.locator(f'a[href="{first[0]}"]').hover()
    _previewed(page, first[1])
    for href in (*OTHERS.values(), WRONG, UNLOCKED):
        page.locator(f'a[href="{href}"]').hover()
        page.wait_for_timeout(250)
        assert not page.locator(".callpath-preview").is_visible(), href


def test_written_pages_know_the_links_of_notes(locked, tmp_path):
    done = callpath("pages", "--out", tmp_path, "--directory-urls", at=locked)
    assert done.status == 0, done.out + done.said
    text = (tmp_path / "docs/kvm/exit.md").read_text(encoding="utf-8")
    href = re.escape(KNOWN["by line"][0])
    known = re.search(rf'data-callpath="([^"]+)" href="{href}"', text)
    assert known
    leads = urljoin(f"{ADDRESS}kvm/exit/", known[1])
    assert leads == f"{ADDRESS}source/linux/drivers/clock/clock.c/clock_init/"


# --- text that others bring in ------------------------------------------------------------------

_SNIPPETS = {"pymdownx.snippets": {"base_path": ["parts"]}}
_INCLUDED = f"""\
A [right link]({SOURCE}/clock.c#L7), cited as `drivers/clock/clock.c:7`,
one that [moves]({OTHERS["to a branch"]}), one to [no line]({OTHERS["to a missing line"]}),
one that is [no address]({GITHUB}/blob/kernel/fork.c).

<!-- callpath: ignore floating-link: it is meant so -->
Today's [clock]({OTHERS["into no version"]}).
"""
_HOOK = """\
def on_page_markdown(markdown, **_):
    return markdown.replace("{{ part }}", open("parts/part.md", encoding="utf-8").read())
"""


@pytest.fixture
def including(locked: Path, tmp_path: Path) -> SmallSite:
    """A site whose page and note include a text: by an extension, and by another plugin."""
    made = SmallSite(tmp_path / "site")
    copytree(locked / "docs", made.root / "docs", dirs_exist_ok=True)
    made.write("docs/links.md", _page())
    made.configure(markdown_extensions=[_SNIPPETS], hooks=["hook.py"])
    made.write("hook.py", _HOOK)
    made.write("parts/part.md", _INCLUDED)
    made.write("docs/by-extension.md", '# One\n\n--8<-- "part.md"\n')
    made.write("docs/by-plugin.md", "# Two\n\n{{ part }}\n")
    made.replace("docs/kvm/exit.yml", "What a clock can do.", '|\n      --8<-- "part.md"')
    return made


_INCLUDING = ("docs/by-extension.md", "docs/by-plugin.md", "docs/kvm/exit.yml")


def test_wrong_links_of_included_text_are_warnings_of_the_build(including):
    done = run("mkdocs", "build", at=including.root)
    assert done.status == 0, done.said
    said = [line for line in done.warnings if "text that is included" in line]
    for file in _INCLUDING:
        here = [line for line in said if f"{file}:" in line]
        expected = ("floating-link", "missing-line", "malformed-link")
        assert len(here) == len(expected)
        for rule, what in zip(
            expected, ("to a branch", "to a missing line", "blob/kernel"), strict=True
        ):
            assert [line for line in here if OTHERS.get(what, what) in line and f"[{rule}]" in line]
    assert len(said) == 3 * len(_INCLUDING)
    assert run("mkdocs", "build", "--strict", at=including.root).status == 1


def test_right_links_of_included_text_are_known(including):
    assert run("mkdocs", "build", at=including.root).status == 0
    site = BuiltSite(including.root / "site")
    for path in ("by-extension", "by-plugin"):
        page = _page_of(site, path)
        assert "clock_init" in _known(site, page, KNOWN["by line"][0])
        assert page.texts("//a[has-class('callpath-name')]") == ["drivers/clock/clock.c:7"]
    note = _page_of(site, "kvm/exit")
    assert len(note.find("//a[@data-callpath]")) == 2


def test_the_settings_weigh_the_findings_on_included_text(including):
    own = {"callpath": {"pin": "v3.7", "rules": {"malformed-link": "off"}}}
    own["callpath"]["ignore"] = [{"rule": "missing-line", "path": "docs/by-*"}]
    including.configure(markdown_extensions=[_SNIPPETS], hooks=["hook.py"], plugins=["search", own])
    done = run("mkdocs", "build", at=including.root)
    said = [line for line in done.warnings if "text that is included" in line]
    assert len([line for line in said if "[floating-link]" in line]) == len(_INCLUDING)
    assert len([line for line in said if "[missing-line]" in line]) == 1
    assert len(said) == len(_INCLUDING) + 1


def test_what_a_file_says_itself_is_no_warning_of_included_text(including):
    """The check tells it, with its line."""
    page = _page() + '\n--8<-- "right.md"\n'
    including.write("docs/links.md", page)
    including.write("parts/right.md", f"A [right link]({SOURCE}/clock.c#L7).\n")
    done = run("mkdocs", "build", at=including.root)
    assert not [line for line in done.warnings if "docs/links.md" in line and "included" in line]

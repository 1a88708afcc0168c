"""Source text on a built site: with the cache, without it, and with a cache that lies."""

import json
import re
import shutil
from pathlib import Path

import pytest
from built_site import BuiltSite, Page
from lxml import html as lxml_html
from runs import Run, callpath, run
from small_site import CONFIG, SmallSite, write_tree

from git_server import make_repository, need_git

NOTE = "assets/callpath/code/kvm/init/"
CLOCK = "drivers/clock/clock.c"
STEP = '//section[has-class("callpath-step")]'
_SCRIPT = re.compile(r"\(window\.callpathCode \?\?= \{\}\)\[(\".*?\")\] = (\".*\");\n", re.DOTALL)


def _repository(folder: Path, edit: dict[str, bytes]) -> str:
    need_git()
    write_tree(folder / "tree")
    files = {
        path.relative_to(folder / "tree").as_posix(): path.read_bytes()
        for path in (folder / "tree").rglob("*")
        if path.is_file()
    }
    return make_repository(folder / "linux", {"v3.7": files | edit}).as_uri()


def _fetch(site: SmallSite, **edit: bytes) -> None:
    remote = _repository(site.root.parent / "source", dict(edit))
    done = callpath("fetch", "--remote", remote, at=site.root)
    assert done.status == 0, done.said


def _build(site: SmallSite, name: str = "site") -> tuple[BuiltSite, Run]:
    done = run("mkdocs", "build", "--strict", "-d", name, at=site.root)
    assert (done.status, done.warnings) == (0, []), done.said
    return BuiltSite(site.root / name), done


def _fragment(site: BuiltSite, path: str) -> tuple[str, lxml_html.HtmlElement]:
    """The key and the HTML that a script file hands over."""
    found = _SCRIPT.fullmatch((site.root / path).read_text(encoding="utf-8"))
    assert found is not None
    key, html = (json.loads(word) for word in found.groups())
    return key, lxml_html.fromstring(html)


def _configure(site: SmallSite, theme: str, folders: bool, **options: object) -> None:
    themes = {"material": {"name": "material", "font": False}, "mkdocs": CONFIG["theme"]}
    plugin = {"callpath": {"pin": "v3.7", **options}}
    site.configure(theme=themes[theme], use_directory_urls=folders, plugins=["search", plugin])


@pytest.fixture
def cached(small: SmallSite) -> SmallSite:
    """The small site, after `callpath fetch`."""
    _fetch(small)
    return small


@pytest.mark.parametrize("theme", ["material", "mkdocs"])
@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_each_step_has_its_text(cached, theme, folders):
    _configure(cached, theme, folders)
    site, done = _build(cached)
    assert "source text" not in done.said
    assert site.faults() == []
    _assert_no_text_in_data(site)
    note = site.pages["kvm/init/index.html" if folders else "kvm/init.html"]
    steps = _steps_with_text(note)
    assert steps == ["clock_init", "clock_register", "quartz_setup"]
    (folder,) = note.find("//div/@data-code")
    for step in steps:
        path, _ = site.target(note, f"{folder}{step}.js")
        key, html = _fragment(site, path)
        assert path == f"{NOTE}{step}.js"
        assert key == f"kvm/init#{step}"
        for anchor in html.iter("a"):
            target = site.target(note, anchor.get("href"))
            if target is not None:  # the script puts it into this very page
                assert target[0] in site.files
                assert not target[1] or target[1] in site.pages[target[0]].ids
        # Without the script, the symbol's page has the text.
        section = note.part(note.by_id[step].getparent())
        (symbol,) = section.hrefs('.//span[has-class("callpath-more")]/a')
        page, _ = site.target(note, symbol)
        shown = site.pages[page].find('//h2[@id="source"]/..//pre[has-class("callpath-source")]')
        assert [pre.text_content() for pre in shown] == [
            pre.text_content() for pre in html.iter("pre")
        ]


def _steps_with_text(note: Page) -> list[str]:
    if not note.find("//div/@data-code"):
        return []
    return note.find(f"{STEP}[not(has-class('callpath-codeless'))]/h2/@id")


def test_call_sites_lead_to_steps_and_to_symbols(cached):
    site, _ = _build(cached)
    _, html = _fragment(site, f"{NOTE}clock_init.js")
    assert [line.text_content() for line in html.xpath("//pre/span")] == [
        "int clock_init(void)\n",
        "{\n",
        "\tclock_register(&quartz_ops);\n",
        "\treturn quartz_ops.setup(CLOCK_RATE);\n",
        "}\n",
    ]
    links = [(a.text, a.get("href"), a.get("title")) for a in html.xpath("//pre//a")]
    assert links == [
        ("clock_register", "#clock_register", "Step 2"),
        ("setup", "#quartz_setup", "Step 3 · quartz_setup"),
    ]
    assert html.xpath("//span[@data-line]/@data-line") == ["7", "8"]
    page = site.pages[f"source/linux/{CLOCK}/clock_init/index.html"]
    assert [site.page_at(page, href).path for href in page.hrefs("//pre//a")] == [
        "source/linux/drivers/clock/core.c/clock_register/index.html",
        "source/linux/drivers/clock/quartz.c/quartz_setup/index.html",
    ]
    (licence,) = page.find('//*[has-class("callpath-licence")]/a')
    assert licence.get("href") == "https://elixir.bootlin.com/linux/v3.7/source/COPYING"

    # Symbols of other kinds have their text too.
    folder = "source/linux/drivers/clock/clock.h"
    macro = site.pages[f"{folder}/macro.CLOCK_RATE/index.html"]
    assert macro.texts("//pre") == ["#define CLOCK_RATE 100"]
    struct = site.pages[f"{folder}/struct.clock_ops/index.html"]
    assert struct.texts("//pre") == ["struct clock_ops { int (*setup)(int rate); };"]


_CODE_PARTS = re.compile(
    r' data-code="[^"]*"'
    r'|<button role="tab" id="callpath-tab-code".*?</button>'
    r'|<div id="callpath-code-view".*?</div>'
    r'|<h2 id="source".*?(?=\s*<nav class="callpath-neighbours")',
    re.DOTALL,
)
_BUILD_DATE = re.compile(r"Build Date UTC : .*")


@pytest.mark.parametrize("theme", ["material", "mkdocs"])
def test_without_the_cache_only_the_text_is_absent(cached, theme):
    _configure(cached, theme, folders=True)
    full, _ = _build(cached, "full")
    shutil.rmtree(cached.root / ".cache/callpath")
    plain, done = _build(cached, "plain")
    assert "source text" not in done.said
    assert plain.files == {path for path in full.files if not path.startswith(f"{NOTE[:-9]}")}
    changed = set()
    index = "search/search_index.json"
    for path in plain.files - {"sitemap.xml.gz", index}:
        bare, rich = (
            _BUILD_DATE.sub("", (site.root / path).read_bytes().decode("utf-8", "replace"))
            for site in (plain, full)
        )
        if bare != rich:
            changed.add(path)
            assert _CODE_PARTS.sub("", rich).split() == bare.split(), path
    # A search that excludes nothing finds the word of the tab, and no more.
    texts = [(site.root / index).read_text(encoding="utf-8") for site in (full, plain)]
    words = [re.sub(r"(\\n|\s)+", " ", text).replace(" Source", "") for text in texts]
    assert words[0] == words[1]
    assert changed == {
        path for path, page in full.pages.items() if page.find("//*[@id='source']")
    } | {"kvm/init/index.html", "kvm/exit/index.html"}


def _assert_no_text_in_data(site: BuiltSite) -> None:
    for path in site.files:
        if path.endswith((".json", ".txt", ".xml", ".lock")):
            text = (site.root / path).read_text(encoding="utf-8")
            assert "quartz_ops.setup" not in text, path
            assert "callpath-source" not in text, path
    assert "search/search_index.json" in site.files


def test_source_text_can_be_kept_off_the_site(cached):
    _configure(cached, "mkdocs", folders=True, source_text=False)
    site, _ = _build(cached)
    assert not [path for path in site.files if "/code/" in path]
    assert not any(page.find("//pre") for page in site.pages.values())
    assert _steps_with_text(site.pages["kvm/init/index.html"]) == []


def test_a_licence_can_be_named(cached):
    licences = [{"project": "linux", "name": "GPL-2.0-only", "file": "LICENSES/GPL-2.0"}]
    _configure(cached, "mkdocs", folders=True, licences=licences)
    site, _ = _build(cached)
    (link,) = site.pages[f"source/linux/{CLOCK}/clock_exit/index.html"].find(
        '//*[has-class("callpath-licence")]/a'
    )
    assert link.text == "GPL-2.0-only"
    assert link.get("href").endswith("/v3.7/source/LICENSES/GPL-2.0")


def test_a_cache_that_lies_is_told_and_not_shown(cached):
    file = cached.root / ".cache/callpath/source/linux/v3.7" / CLOCK
    file.write_text(file.read_text().replace("clock_register", "clock_forget"))
    site, done = _build(cached)
    lines = [line for line in done.said.splitlines() if "source text" in line]
    assert len(lines) == 1
    assert f"the cache lacks `{CLOCK}` as the lockfile names it" in lines[0]
    assert not [path for path in site.files if "clock_forget" in path]
    assert not any(
        b"clock_forget" in (site.root / path).read_bytes()
        for path in site.files
        if path.endswith((".html", ".js"))
    )
    assert {path for path in site.files if "/code/" in path} == {
        f"{NOTE}clock_register.js",
        f"{NOTE}quartz_setup.js",
        "assets/callpath/code/kvm/exit/clock_ops.js",
    }
    assert site.pages[f"source/linux/{CLOCK}/clock_exit/index.html"].find("//pre") == []


HOSTILE = (
    b'#include "clock.h"\n\nextern struct clock_ops quartz_ops;\n\nint clock_init(void)\n{\n'
    b'\tputs("</script></pre><script>window.hacked = 1</script><!-- &amp; \xe9 '
    + "\u2028".encode()
    + b'`");\n\tclock_register(&quartz_ops);\n\treturn quartz_ops.setup(CLOCK_RATE);\n}\n\n'
    b"void clock_exit(void)\n{\n}\n"
)


def test_a_browser_shows_hostile_text_as_text(small, chromium):
    _fetch(small, **{CLOCK: HOSTILE})
    done = callpath("lock", "--source", "cache", at=small.root)
    if done.status:  # the cache cannot be scanned for what it lacks
        done = callpath("lock", "--source", f"git:{small.root.parent}/source/linux", at=small.root)
    assert done.status == 0, done.said
    _configure(small, "material", folders=False)
    site, _ = _build(small)
    page = chromium.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((site.root / "kvm/init.html").as_uri())
    page.locator("section:has(> #clock_init) .callpath-code-link").click()
    page.locator("#callpath-code-view pre").first.wait_for()
    shown = page.evaluate(
        """() => {
          const place = document.querySelector("#callpath-code-view");
          return {
            text: place.querySelector("pre").textContent,
            hrefs: [...place.querySelectorAll("pre a")].map((a) => a.href),
            hacked: window.hacked ?? null,
            scripts: place.querySelectorAll("script").length,
          };
        }"""
    )
    page.close()
    assert errors == []
    assert (shown["hacked"], shown["scripts"]) == (None, 0)
    assert (
        "</script></pre><script>window.hacked = 1</script><!-- &amp; \ufffd \ufffd`"
        in (shown["text"])
    )
    note = (site.root / "kvm/init.html").as_uri()
    assert shown["hrefs"] == [f"{note}#clock_register", f"{note}#quartz_setup"]

"""A site of one's own: themes, address forms, links, what stays out, and what is refused."""

import json

import pytest
from built_site import BuiltSite
from runs import callpath, run
from small_site import DATA

_MATERIAL = {"name": "material", "font": False}
_PLAIN = {"name": "mkdocs", "highlightjs": False}


def _plugins(**options):
    return ["search", {"callpath": {"pin": "v3.7"} | options}]


def _build(site, *arguments):
    return run("mkdocs", "build", "-d", "site", *arguments, at=site.root)


def _built(site) -> BuiltSite:
    done = _build(site, "--strict")
    assert (done.status, done.warnings) == (0, []), done.said
    return BuiltSite(site.root / "site")


@pytest.mark.parametrize("theme", [_PLAIN, _MATERIAL], ids=["mkdocs", "material"])
@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_builds_strictly_with_every_link_right(small, theme, folders):
    small.configure(theme=theme, use_directory_urls=folders)
    site = _built(small)
    assert site.faults() == []
    assert "Symbols" in {text for page in site.pages.values() for text in page.texts("//h1")}

    def address(path):
        return f"{path}/index.html" if folders else f"{path}.html"

    start = site.pages[address("kvm/init")]
    assert start.texts("//h1") == ["Starting the clock"]
    home = site.pages["index.html"]
    symbol = "source/linux/drivers/clock/clock.c/clock_init"
    leads = [site.target(home, href) for href in home.hrefs("//p/a")]
    assert leads[:4] == [
        (start.path, ""),
        (start.path, "clock_register"),
        (address(symbol), ""),
        (address("source/linux/drivers/clock/clock.c/clock_exit"), ""),
    ]
    graph = site.pages[address("graph")]
    boxes = graph.find('//*[has-class("callpath-node")]/@*[name()="xlink:href"]')
    assert (address(symbol), "") in [site.target(graph, href) for href in boxes]


def test_files_that_are_no_notes_stay_files(small):
    site = _built(small)
    assert (site.root / "kvm/data.yml").read_text(encoding="utf-8") == DATA
    assert [path for path in site.files if path.endswith((".yml", ".lock"))] == ["kvm/data.yml"]


def test_notes_stand_in_the_navigation_of_a_chinese_site(small):
    nav = [{"Home": "index.md"}, {"Clock": ["kvm/init.yml", {"The end": "kvm/exit.yml"}]}]
    small.configure(nav=nav, theme=_MATERIAL | {"language": "zh"})
    site = _built(small)
    assert site.pages["symbols/index.html"].texts("//h1") == ["符号索引"]
    home = site.pages["index.html"]
    links = home.find('//nav[has-class("md-nav--primary")]//a')
    entries = {" ".join(link.text_content().split()): link.get("href") for link in links}
    assert site.target(home, entries["Starting the clock"]) == ("kvm/init/index.html", "")
    assert site.target(home, entries["The end"]) == ("kvm/exit/index.html", "")


def test_only_a_note_can_be_edited(small):
    features = _MATERIAL | {"features": ["content.action.edit"]}
    small.configure(theme=features, repo_url="https://git.example/x", edit_uri="edit/docs/")
    site = _built(small)
    edit = '//a[@rel="edit"]'
    assert site.pages["kvm/init/index.html"].hrefs(edit) == [
        "https://git.example/x/edit/docs/kvm/init.yml"
    ]
    assert site.pages["source/linux/drivers/clock/clock.c/index.html"].hrefs(edit) == []


def test_an_anchor_that_is_wrong_is_told_once(small):
    small.replace("docs/index.md", "init.yml#clock_register", "init.yml#clock_regsiter")
    done = _build(small)
    assert done.status == 0
    (warning,) = done.warnings
    assert "'index.md'" in warning
    assert "'kvm/init.yml#clock_regsiter'" in warning
    assert _build(small, "--strict").status == 1


def test_the_check_sees_links_of_pages_to_notes_and_their_steps(small):
    small.replace("docs/index.md", "init.yml#clock_register", "init.yml#clock_regsiter")
    small.replace("docs/index.md", "(kvm/init.yml)", "(kvm/ini.yml)")
    done = callpath("check", at=small.root)
    assert done.status == 1
    assert "docs/index.md:3:22: error: there is no `kvm/ini.yml` in the notebook" in done.out
    assert "`kvm/init.yml` has no step `clock_regsiter`" in done.out
    assert "`clock_register`" in done.out


def test_a_link_in_text_that_is_included_is_a_warning_when_it_is_broken(small):
    small.configure(markdown_extensions=[{"pymdownx.snippets": {"base_path": ["parts"]}}])
    small.write(
        "parts/clock.md", "See [a](src:drivers/clock/clock.c#clock_ini), [b](src:clock.c).\n"
    )
    small.write("docs/clocks.md", '--8<-- "clock.md"\n')
    small.write(
        "docs/kvm/more.md", "# More\n\n[`clock_init`](src:drivers/clock/clock.c#clock_init)\n"
    )
    done = _build(small)
    included = [warning for warning in done.warnings if "included" in warning]
    assert len(included) == 2
    assert "docs/clocks.md:1:1: " in included[0]
    assert "`src:drivers/clock/clock.c#clock_ini`, which is not locked" in included[0]
    assert "`src:clock.c`, which is not `src:PATH#SYMBOL`" in included[1]
    assert _build(small, "--strict").status == 1
    small.write("parts/clock.md", "See [a](src:drivers/clock/clock.c#clock_init).\n")
    assert _build(small, "--strict").status == 0


def test_a_broken_link_of_the_pages_own_text_is_reported_once(small):
    small.write("docs/own.md", "# Own\n\n[a](src:drivers/clock/clock.c#clock_ini)\n")
    warnings = [one for one in _build(small).warnings if "clock_ini`" in one]
    assert len(warnings) == 1
    assert "docs/own.md:3:5: " in warnings[0]


def test_an_anchor_that_is_wrong_in_a_commentary_is_told_with_its_place(small):
    small.replace("docs/kvm/init.yml", "exit.yml#clock_exit", "exit.yml#clock_exti")
    warnings = _build(small).warnings
    place = "docs/kvm/init.yml:7:73: "
    (told,) = [warning for warning in warnings if place in warning]
    assert "clock_exti" in told
    assert "`clock_exit`" in told


def test_excluded_notes_and_drafts_are_no_pages(small):
    for name in ("drafts", "hidden"):
        text = (small.root / "docs/kvm/exit.yml").read_text(encoding="utf-8")
        text = text.replace("clock_exit", "quartz_setup").replace("clock.c", "quartz.c")
        small.write(f"docs/{name}/own.yml", text.replace("clock_ops", "vanished"))
    small.configure(draft_docs="drafts/", exclude_docs="hidden/")
    site = _built(small)
    assert not [path for path in site.files if path.startswith(("drafts/", "hidden/"))]
    assert site.faults() == []
    symbols = site.pages["symbols/index.html"].texts('//table[has-class("callpath-table")]//th')
    assert "quartz_setup" in symbols
    assert "vanished" not in symbols
    backlinks = '//ul[has-class("callpath-backlinks")]//a'
    page = site.pages["source/linux/drivers/clock/quartz.c/quartz_setup/index.html"]
    assert [site.target(page, href)[0] for href in page.hrefs(backlinks)] == ["kvm/init/index.html"]


def test_facts_that_only_a_draft_needs_are_not_stale(small):
    small.write("docs/drafts/exit.yml", (small.root / "docs/kvm/exit.yml").read_text("utf-8"))
    (small.root / "docs/kvm/exit.yml").unlink()
    small.replace("docs/kvm/init.yml", ", see also [the end](exit.yml#clock_exit)", "")
    small.configure(draft_docs="drafts/")
    assert callpath("check", at=small.root).status == 0
    assert _built(small).faults() == []


def test_a_page_of_the_users_own_wins_over_a_generated_one(small):
    small.write("docs/symbols.md", "# My own list\n")
    site = _built(small)
    assert site.pages["symbols/index.html"].texts("//h1") == ["My own list"]
    assert site.faults() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pin": "latest"}, ["latest"]),
        ({"pin": None}, ["pin", "v3.7"]),
        ({"pni": "v3.7"}, ["pni", "pin"]),
        ({"graph": {"engine": "paint"}}, ["paint", "graphviz-pure"]),
        ({"links": "gitlab"}, ["gitlab", "elixir"]),
        ({"lockfile": "../notes.lock"}, ["../notes.lock"]),
        ({"search_words": [1]}, ["`1`", "quotes"]),
    ],
    ids=str,
)
def test_bad_options_are_told_without_a_traceback(small, options, words):
    small.configure(plugins=_plugins(**options))
    done = _build(small)
    assert done.status == 1
    assert "Traceback" not in done.said
    errors = [line for line in done.said.splitlines() if line.startswith("ERROR")]
    assert errors
    for word in words:
        assert word in done.said


def test_a_lockfile_of_another_format_is_told_and_the_site_still_builds(small):
    small.write("docs/notes.lock", json.dumps({"format": 99}))
    done = _build(small)
    assert done.status == 0
    assert "docs/notes.lock" in done.warnings[0]
    site = BuiltSite(small.root / "site")
    assert site.faults() == []
    assert site.pages["kvm/init/index.html"].texts("//h1") == ["Starting the clock"]


def test_a_note_that_is_not_locked_says_so_in_place(small):
    (small.root / "docs/notes.lock").unlink()
    done = _build(small)
    assert done.status == 0
    (warning,) = done.warnings
    assert "docs/notes.lock" in warning
    assert "callpath lock" in warning
    site = BuiltSite(small.root / "site")
    assert site.faults() == []
    start = site.pages["kvm/init/index.html"]
    assert len(start.find('//h2/span[has-class("callpath-missing")]')) == 3


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("title: Stopping\nsteps:\n  - function: [clock_exit\n", "Stopping"),
        ("steps:\n\t- x: [\n", "kvm/exit.yml"),
    ],
    ids=["broken", "hopeless"],
)
def test_a_note_that_cannot_be_read_leaves_the_others_alone(small, text, title):
    small.write("docs/kvm/exit.yml", text)
    done = _build(small)
    assert done.status == 0
    assert "docs/kvm/exit.yml:" in done.warnings[0]
    site = BuiltSite(small.root / "site")
    faulty = site.pages["kvm/exit/index.html"]
    assert faulty.texts("//h1") == [title]
    (place, *_) = faulty.texts('//div[has-class("callpath-fault")]/p[has-class("callpath-quiet")]')
    assert place.startswith("docs/kvm/exit.yml:")
    assert len(site.pages["kvm/init/index.html"].find('//section[has-class("callpath-step")]')) == 3


def test_without_an_engine_graphs_are_open_lists_and_one_warning(small):
    small.configure(plugins=_plugins(graph={"engine": "none"}))
    done = _build(small)
    assert done.status == 0
    (warning,) = done.warnings
    assert "mkdocs.yml:1:1: graphs are switched off" in warning
    site = BuiltSite(small.root / "site")
    assert site.faults() == []
    for path in ("kvm/init/index.html", "kvm/exit/index.html", "graph/index.html"):
        page = site.pages[path]
        assert page.find('//*[has-class("callpath-graph")]') == []
        assert page.find('//details[has-class("callpath-outline")]/@open') != []
    assert _build(small, "--strict").status == 1


def test_search_words_that_find_nothing_are_told(small):
    small.configure(plugins=_plugins(search_words=["clock_init", "no_such_word"]))
    (warning,) = _build(small).warnings
    assert "search finds no page for `no_such_word`" in warning


def test_the_files_of_facts_are_not_published(small):
    head = {"callpath-eras": 1, "project": "linux", "tags": ["v3.7"]}
    small.write("docs/notes.eras", json.dumps(head) + "\n")
    _built(small)
    published = {path.name for path in (small.root / "site").rglob("*")}
    assert published.isdisjoint({"notes.lock", "notes.eras"})


def test_words_that_a_browser_is_to_show_are_no_anchor_that_lacks(small):
    small.replace("docs/kvm/exit.yml", "The other way round.", "See [it](#clock_exit:~:text=x).")
    small.write(
        "docs/more.md", "# More\n\n[a](#:~:text=More), [b](kvm/exit.yml#clock_exit:~:text=a)\n"
    )
    done = run("mkdocs", "build", "--strict", at=small.root)
    assert (done.status, done.warnings) == (0, []), done.said
    small.write("docs/more.md", "# More\n\n[a](#mroe:~:text=More)\n")
    (warning,) = run("mkdocs", "build", at=small.root).warnings
    assert "#mroe" in warning


def test_an_address_that_ends_the_build_is_told_with_its_place(small):
    small.write("docs/more.md", "# More\n\nSee [a](http://[not-an-ip/x).\n")
    done = run("mkdocs", "build", at=small.root)
    assert "docs/more.md:3:9: `http://[not-an-ip/x` is no address" in done.said

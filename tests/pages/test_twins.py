"""What a site has for other programs: JSON, texts, badges, graphs, the feed, heads of pages."""

import json
import os
import re
import subprocess
from itertools import pairwise
from urllib.parse import urljoin

import pytest
from built_site import ADDRESS, BuiltSite
from feed_rules import feed_faults
from jsonschema import Draft202012Validator
from lxml import etree
from notebook_schema import NOTEBOOK
from runs import ROOT, run

_MATERIAL = {"name": "material", "font": False}
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SYMBOL = "source/linux/drivers/clock/clock.c/clock_init"


def _build(site, *arguments):
    done = run("mkdocs", "build", "--strict", "-d", "site", *arguments, at=site.root)
    assert (done.status, done.warnings) == (0, []), done.said
    return BuiltSite(site.root / "site"), done.said


def _commit(site, subject, seconds):
    when = f"{seconds} +0000"
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "docs"], ["commit", "-qm", subject]):
        subprocess.run(
            ["git", *names, *words],
            cwd=site.root,
            check=True,
            env=os.environ | {"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when},
        )


def _read(site, path):
    return (site.root / path).read_text(encoding="utf-8")


def _leads(site, address):
    """Whether a whole address, or one relative to the site's root, leads to a place of the site."""
    path, fragment = site.target(site.pages["index.html"], urljoin(ADDRESS, address))
    return path in site.files and (not fragment or fragment in site.pages[path].ids)


def _addresses(value):
    """Every address in a JSON value, whole or relative to the site's root."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key in {"badge", "graph"} or key.endswith("address"):
                yield each
            else:
                yield from _addresses(each)
    elif isinstance(value, list):
        for each in value:
            yield from _addresses(each)


def _check(site, *, known: bool = True):
    """What holds of the twins of every site."""
    value = json.loads(_read(site, "notebook.json"))
    Draft202012Validator(NOTEBOOK).validate(value)
    assert value.get("site_url", "") == (ADDRESS if known else "")
    addresses = list(_addresses(value))
    assert len(addresses) > 10
    assert [each for each in addresses if not _leads(site, each)] == []
    for path in ("llms.txt", "llms-full.txt"):
        links = _LINK.findall(_read(site, path))
        own = [each for each in links if "elixir.bootlin.com" not in each]
        assert len(own) >= 5
        assert [each for each in own if not _leads(site, each)] == []
        assert known == all(each.startswith(ADDRESS) for each in own)
    for note in [*value["notes"], {"id": "notebook", "counts": value["counts"]}]:
        counts, badge = note["counts"], etree.parse(site.root / f"badges/{note['id']}.svg")
        assert f"{counts['proved']}/{counts['steps']}" in badge.getroot().get("aria-label")
        _check_graph(site, note["id"], known=known)
    return value


def _check_graph(site, name, *, known):
    picture = etree.parse(site.root / f"graphs/{name}.svg").getroot()
    assert float(picture.get("width").removesuffix("pt")) > 50
    boxes = [g for g in picture.iter(f"{_SVG}g") if "callpath-node" in g.get("class", "")]
    graph = json.loads(_read(site, f"graphs/{name}.json"))
    assert len(boxes) == len(graph["nodes"]) > 0
    assert all(box.find(f".//{_SVG}rect").get("fill") for box in boxes)
    hrefs = [anchor.get(_HREF) for anchor in picture.iter(f"{_SVG}a")]
    hrefs += [each["href"] for part in ("nodes", "edges") for each in graph[part]]
    own = [urljoin(f"{ADDRESS}graphs/{name}.svg", each) for each in hrefs if "elixir" not in each]
    assert len(own) >= 2 * len(boxes)
    assert [each for each in own if not _leads(site, each)] == []
    assert known == all(each.startswith("https://") for each in hrefs)


# --- a small site --------------------------------------------------------------------------------


@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_the_twins_of_a_small_site_lead_into_it(small, folders):
    small.configure(theme=_MATERIAL, use_directory_urls=folders)
    site, _ = _build(small)
    value = _check(site)
    assert [note["id"] for note in value["notes"]] == ["kvm/exit", "kvm/init"]
    steps = value["notes"][1]["steps"]
    assert [step["symbol"] for step in steps] == ["clock_init", "clock_register", "quartz_setup"]
    assert [step["parent"] for step in steps] == [None, "clock_init", "clock_init"]
    assert "edge" not in steps[0]
    assert steps[2]["edge"]["proof"] == "pointer"
    assert {site["role"] for site in steps[2]["edge"]["sites"]} == {"call", "binding"}
    assert steps[1]["errata"] == [{"said": "It allocates a page", "is": "It allocates nothing"}]
    assert "feed.xml" not in site.files


def test_without_an_address_links_are_relative(small):
    small.configure(theme=_MATERIAL, site_url="")
    _commit(small, "Begin", 1_700_000_000)
    site, _ = _build(small)
    _check(site, known=False)
    assert "feed.xml" not in site.files
    home = site.pages["index.html"]
    assert home.find('//meta[@property="og:url"]') == []


def test_the_text_holds_every_step_with_its_prose(small):
    site, _ = _build(small)
    text = _read(site, "llms-full.txt")
    order = ["# Small", "## Stopping the clock", "### 1. `clock_exit`", "## Starting the clock"]
    order += ["### 1. `clock_init`", "Called once.", "### 2. `clock_register`"]
    order += ["It allocates a page", "It allocates nothing", "### 3. `quartz_setup`"]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "Reached from 1. `clock_init`, through pointer `clock_ops->setup`, proved" in text
    assert f"[the end]({ADDRESS}kvm/exit/#clock_exit)" in text
    assert f"[a setting]({ADDRESS}source/linux/drivers/clock/clock.h/macro.CLOCK_RATE/)" in text


def test_notes_stand_in_the_order_of_the_navigation(small):
    small.configure(nav=[{"Home": "index.md"}, {"Clock": ["kvm/init.yml", "kvm/exit.yml"]}])
    site, _ = _build(small)
    ids = [note["id"] for note in json.loads(_read(site, "notebook.json"))["notes"]]
    assert ids == ["kvm/init", "kvm/exit"]
    overview = _read(site, "llms.txt")
    assert overview.index("Starting the clock") < overview.index("Stopping the clock")


def test_a_file_of_the_authors_own_wins(small):
    small.write("docs/llms.txt", "mine")
    small.write("docs/badges/kvm/init.svg", "<svg/>")
    site, _ = _build(small)
    assert _read(site, "llms.txt") == "mine"
    assert _read(site, "badges/kvm/init.svg") == "<svg/>"


def test_without_engine_there_are_no_pictures_but_the_rest(small):
    small.configure(plugins=["search", {"callpath": {"pin": "v3.7", "graph": {"engine": "none"}}}])
    done = run("mkdocs", "build", "-d", "site", at=small.root)
    assert done.status == 0
    assert len(done.warnings) == 1
    site = BuiltSite(small.root / "site")
    assert [path for path in site.files if path.startswith("graphs/") and ".svg" in path] == []
    assert {"graphs/kvm/init.json", "graphs/notebook.json", "notebook.json"} <= site.files


def test_two_builds_write_the_same_bytes(small):
    first, _ = _build(small)
    names = [path for path in first.files if not path.endswith((".html", ".gz", ".js"))]
    before = {path: (first.root / path).read_bytes() for path in names if "sitemap" not in path}
    second, _ = _build(small)
    assert {path: (second.root / path).read_bytes() for path in before} == before


# --- the feed ------------------------------------------------------------------------------------


def test_the_feed_tells_new_and_changed_notes(small):
    small.configure(theme=_MATERIAL, site_author="The clock maker")
    _commit(small, "Write <both> notes", 1_700_000_000)
    small.replace("docs/kvm/init.yml", "Puts the clock", "It puts the clock")
    _commit(small, "Mend a sentence", 1_700_000_100)
    site, _ = _build(small)
    feed = etree.parse(site.root / "feed.xml").getroot()
    assert feed_faults(feed, ADDRESS) == []
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert feed.xpath("a:entry/a:title/text()", namespaces=names) == [
        "Changed: Starting the clock",
        "New: Stopping the clock",
        "New: Starting the clock",
    ]
    assert feed.xpath("a:entry/a:updated/text()", namespaces=names) == [
        "2023-11-14T22:15:00Z",
        "2023-11-14T22:13:20Z",
        "2023-11-14T22:13:20Z",
    ]
    assert feed.xpath("a:entry[3]/a:summary/text()", namespaces=names) == [
        "Write <both> notes — How the clock starts."
    ]
    for link in feed.xpath("a:entry/a:link/@href", namespaces=names):
        assert _leads(site, link)
    for page in site.pages.values():
        if page.path != "404.html":
            (href,) = page.hrefs('//link[@rel="alternate"][@type="application/atom+xml"]')
            assert site.target(page, href) == ("feed.xml", "")


def test_a_shallow_clone_is_told_once_and_is_no_warning(small, tmp_path):
    _commit(small, "Begin", 1_700_000_000)
    (small.root / ".git/shallow").write_text(
        subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=small.root, check=True, capture_output=True, text=True
        ).stdout,
        encoding="utf-8",
    )
    site, said = _build(small)
    assert "feed.xml" not in site.files
    assert said.count("shallow clone") == 1


# --- heads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_every_kind_of_page_says_what_it_is(small, folders):
    small.write("docs/more.md", "# More\n\nWhat else *there* is. And so on.\n")
    small.write("docs/bare.md", "# Bare\n")
    small.write("docs/wrong.yml", "steps: [\n")
    small.configure(
        theme=_MATERIAL, use_directory_urls=folders, site_description="Notes on a clock"
    )
    done = run("mkdocs", "build", "-d", "site", at=small.root)
    assert done.status == 0
    site = BuiltSite(small.root / "site")

    def head(path):
        page = site.pages[f"{path}/index.html" if folders else f"{path}.html"]
        return _head(page)

    home = _head(site.pages["index.html"])
    assert home["og:type"] == "website"
    assert (home["og:title"], home["description"]) == ("Small", "Notes on a clock")
    note = head("kvm/init")
    assert (note["og:title"], note["description"]) == (
        "Starting the clock",
        "How the clock starts.",
    )
    assert head("kvm/exit")["description"] == (
        "From clock_exit to clock_ops, read at linux v3.7; steps: 2."
    )
    symbol = head(_SYMBOL)
    assert symbol["title"] == "clock_init · function · drivers/clock/clock.c - Small"
    assert symbol["og:title"] == "clock_init · function · drivers/clock/clock.c"
    assert symbol["description"] == (
        "function clock_init, drivers/clock/clock.c:5 (linux v3.7). Called once."
    )
    assert head("source/linux/drivers/clock/clock.h/macro.CLOCK_RATE")["description"] == (
        "macro CLOCK_RATE, drivers/clock/clock.h:1 (linux v3.7). #define CLOCK_RATE"
    )
    assert head("source/linux/drivers/clock/clock.c")["description"] == (
        "drivers/clock/clock.c in linux v3.7: the notes speak of 2 of its symbols: "
        "clock_init, clock_exit."
    )
    assert head("graph")["description"].startswith("All notes as one graph of 5 symbols.")
    assert head("more")["description"] == "What else there is."
    assert head("bare")["og:description"] == "Notes on a clock"
    _check_heads(site)


def _head(page):
    """The metadata of a page by name or property; none of it twice."""
    found = {"title": page.texts("/html/head/title")[0]}
    for element in page.find("/html/head/meta[@name or @property]"):
        name = element.get("name") or element.get("property")
        assert name not in found, (page.path, name)
        found[name] = element.get("content")
    return found


def _check_heads(site):
    """What holds of the head of every page."""
    titles, pages = {}, [page for path, page in site.pages.items() if path != "404.html"]
    for page in pages:
        head = _head(page)
        titles.setdefault(head["title"], []).append(page.path)
        for name in ("og:title", "og:description", "og:type", "og:site_name", "twitter:card"):
            assert head.get(name), (page.path, name)
        (canonical,) = page.hrefs('//link[@rel="canonical"]')
        assert head["og:url"] == canonical
        (notebook,) = page.hrefs('//link[@rel="alternate"][@type="application/json"]')
        assert site.target(page, notebook) == ("notebook.json", "")
        assert site.target(page, canonical)[0] == page.path
    assert [paths for paths in titles.values() if len(paths) > 1] == []


# --- the repository's notebook -------------------------------------------------------------------


def test_the_twins_of_the_notebook(notebook):
    value = _check(notebook)
    assert value["notes"][0]["id"] == "kvm/init"
    assert value["counts"]["steps"] == value["counts"]["proved"] > 200
    assert value["counts"]["edges"]["proved"] > 200


def test_the_notebook_tells_the_facts_of_refs(notebook, report):
    value = json.loads(_read(notebook, "notebook.json"))
    steps = {(note["id"], step["id"]): step for note in value["notes"] for step in note["steps"]}
    for one in report["references"]:
        if "link" not in one:
            told = steps[one["note"], one["step"]]["definition"]
            assert {key: one[key] for key in told if key != "condition"} == {
                key: each for key, each in told.items() if key != "condition"
            }
    edges = [step["edge"] for step in steps.values() if "edge" in step]
    assert len(edges) == len(report["edges"])
    for one in report["edges"]:
        assert any(
            one["proof"] == edge["proof"]
            and [s["line"] for s in one["sites"]] == [s["line"] for s in edge["sites"]]
            for edge in edges
        )


def test_the_heads_of_the_notebook(notebook):
    _check_heads(notebook)
    page = notebook.pages["kvm/init/index.html"]
    assert _head(page)["og:locale"] == "zh_CN"
    for page in notebook.pages.values():
        if page.path != "404.html":
            assert _head(page)["description"], page.path


def test_the_feed_of_the_notebook(notebook, notebook_log):
    if "feed.xml" not in notebook.files:
        is_work_tree = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=False
        )
        assert is_work_tree.returncode or "there is no feed" in notebook_log
        return
    feed = etree.parse(notebook.root / "feed.xml").getroot()
    assert feed_faults(feed, ADDRESS) == []
    dates = feed.xpath("*[local-name()='entry']/*[local-name()='updated']/text()")
    assert 1 <= len(dates) <= 30
    assert all(later >= earlier for later, earlier in pairwise(dates))

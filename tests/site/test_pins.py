"""Notes on several versions: their graphs and lists, each version by itself."""

import json
import re
from collections import Counter
from typing import Any

import made_sites
import pytest
from lxml import html as lxml_html

from callpath.addresses import GRAPH_PAGE, graph_file
from callpath.facts.lock import Lock
from callpath.graph.fold import MOST
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.exports.files import site_files
from callpath.site.graphs import GRAPH_SLOT, MOST_IN_PAGE
from callpath.site.pins import part_names, pin_parts
from callpath.site.site import Site
from kernel import PIN

HUB = "source/linux/a.c/hub.md"


def note(pin: str, *callees: str, caller: str = "start") -> bytes:
    """A note in which `hub` is reached from a caller and leads to callees."""
    text = "title: t\n" + (f"pin: {pin}\n" if pin else "")
    text += f"steps:\n  - function: {caller}\n    file: a.c\n    steps:\n"
    text += "      - function: hub\n        file: a.c\n        steps:\n"
    lines = (f"          - function: {name}\n            file: b.c\n" for name in callees)
    return (text + "".join(lines)).encode()


def site_of(**notes: bytes) -> Site:
    files = {f"{name}.yml": text for name, text in notes.items()}
    return made_sites.site_of(Notebook.load(files, PluginConfig(pin=PIN)), "auto")


def two() -> Site:
    later = note("v6.12", "both", "new", caller="new_start")
    return site_of(early=note("", "both", "old"), later=later)


def page_of(site: Site, path: str) -> Any:
    pages = {page.path: page for page in site.pages}
    html = str(pages[path].html("")) if path in pages else GRAPH_SLOT
    return lxml_html.fromstring(f"<main>{site.fill(path, html)}</main>")


def boxes(section: Any) -> set[str]:
    return set(section.xpath(".//figure/div//*[contains(@class,'callpath-node')]/text[1]/text()"))


# --- which versions there are ----------------------------------------------------------------


def test_the_sites_own_version_comes_first() -> None:
    site = site_of(a=note("v6.12", "x"), b=note("", "x"), c=note("v6.1", "x"), d=note("v6.12"))
    assert [(part.label, part.name) for part in site.context.pins] == [
        ("v3.7", "v3.7"),
        ("v6.12", "v6.12"),
        ("v6.1", "v6.1"),
    ]
    assert [len(part.index.notes) for part in site.context.pins] == [1, 2, 1]


def test_projects_are_named_where_there_are_several() -> None:
    site = site_of(a=note("", "x"), b=note("{project: redis, version: v3.7}", "x"))
    assert [part.label for part in site.context.pins] == ["linux v3.7", "redis v3.7"]
    assert [part.name for part in site.context.pins] == ["linux-v3.7", "redis-v3.7"]


def test_names_are_good_for_ids_and_files_and_unique() -> None:
    odd = ("rel/1 <b>", "rel 1 [b]", "rel-1-b", "..", "../..", "v6.12", "版本", "V6.12")
    names = part_names(odd)
    assert len({name.lower() for name in names}) == len(odd)  # some disks know no upper case
    assert all(re.fullmatch(r"[\w+-][\w.+-]*", name, re.ASCII) for name in names)
    assert names[5] == "v6.12"


def test_notes_on_one_version_are_the_whole_notebook() -> None:
    for notes in ({}, {"a": note("", "x")}, {"a": note("v6.12", "x"), "b": note("v6.12", "y")}):
        site = site_of(**notes)
        (part,) = pin_parts(site.notebook)
        assert (part.label, part.name) == ("", "")
        assert part.index is site.notebook.index


# --- the page of a symbol --------------------------------------------------------------------


def test_a_symbol_of_two_versions_has_a_graph_of_each() -> None:
    found = page_of(two(), HUB)
    early, later = found.xpath("//section")
    assert boxes(early) == {"start", "hub", "both", "old"}
    assert boxes(later) == {"new_start", "hub", "both", "new"}
    assert [each.xpath("string(h3)") for each in (early, later)] == ["v3.7", "v6.12"]
    assert found.xpath("//figure/div/@aria-label") == ["Around hub · v3.7", "Around hub · v6.12"]
    assert found.xpath("//figure//desc/text()") == ["Reached from 1, leads to 2."] * 2


def test_the_switch_leads_to_the_sections_without_a_script() -> None:
    found = page_of(two(), HUB)
    (switch,) = found.xpath("//nav[@class='callpath-releases']")
    assert switch.get("aria-label") == "By version"
    links = [(link.text, link.get("href")) for link in switch.xpath("p/a")]
    assert links == [("v3.7", "#call-graph-v3.7"), ("v6.12", "#call-graph-v6.12")]
    ids = found.xpath("//@id")
    assert {href.removeprefix("#") for _, href in links} <= set(ids)
    assert [name for name, count in Counter(ids).items() if count > 1] == []


def test_the_lists_of_a_symbol_are_of_one_version_each() -> None:
    found = page_of(two(), HUB)

    def listed(name: str) -> list[str]:
        (heading,) = found.xpath(f"//h3[@id='{name}']")
        names: list[str] = heading.getnext().xpath(".//a/code/text()")
        return names

    assert [listed(f"callers-{at}") for at in ("v3.7", "v6.12")] == [["start"], ["new_start"]]
    assert [listed(f"callees-{at}") for at in ("v3.7", "v6.12")] == [
        ["both", "old"],
        ["both", "new"],
    ]
    assert len(found.xpath("//h2[@id='callers']")) == len(found.xpath("//h2[@id='callees']")) == 1


def test_steps_on_a_symbol_say_their_version_where_there_are_two() -> None:
    said = "//ul[@class='callpath-backlinks']/li/span[@class='callpath-quiet']/text()"
    assert page_of(two(), HUB).xpath(said) == ["v3.7", "v6.12"]
    assert page_of(site_of(a=note("", "x")), HUB).xpath(said) == []


def test_a_symbol_of_one_version_has_no_switch_whatever_others_have() -> None:
    site, alone = two(), site_of(early=note("", "both", "old"))
    for path in ("source/linux/a.c/start.md", "source/linux/b.c/old.md"):
        pages = [
            lxml_html.tostring(page_of(each, path)).decode().replace("../", "")
            for each in (site, alone)
        ]
        assert "callpath-releases" not in pages[0]
        assert pages[0].count("<figure") == 1
        assert (
            pages[0].partition("callpath-neighbours")[0]
            == (pages[1].partition("callpath-neighbours")[0])
        )


def test_a_symbol_that_is_reached_in_one_of_two_versions_says_in_which() -> None:
    alone = b"title: Alone\npin: v6.12\nsteps:\n  - function: hub\n    file: a.c\n"
    found = page_of(site_of(early=note("", "x"), later=alone), HUB)
    assert found.xpath("//section/h3/text()") == ["v3.7"]
    assert not found.xpath("//nav[@class='callpath-releases']")
    assert found.xpath("//h3[starts-with(@id, 'callers')]/text()") == ["v3.7"]


def test_what_has_no_room_is_listed_under_its_version() -> None:
    many = [f"f{number}" for number in range(60)]
    found = page_of(site_of(early=note("", *many), later=note("v6.12", *many, "x")), HUB)
    counted = found.xpath("//a[contains(@class, 'callpath-rest')]/@*[name()='xlink:href']")
    assert counted == ["#callees-v3.7", "#callees-v6.12"]
    assert {href[1:] for href in counted} <= set(found.xpath("//@id"))


def test_the_page_of_a_file_has_a_graph_of_each_version() -> None:
    found = page_of(two(), "source/linux/b.c.md")
    assert [boxes(each) for each in found.xpath("//section")] == [
        {"hub", "both", "old"},
        {"hub", "both", "new"},
    ]
    assert len(found.xpath("//section//details[@class='callpath-outline']")) == 2


# --- the whole notebook ----------------------------------------------------------------------


def test_the_whole_graph_is_one_of_each_version() -> None:
    found = page_of(two(), GRAPH_PAGE)
    early, later = found.xpath("//section")
    assert boxes(early) == {"start", "hub", "both", "old"}
    assert boxes(later) == {"new_start", "hub", "both", "new"}
    assert found.xpath("//section/h2/text()") == ["v3.7", "v6.12"]
    assert found.xpath("string(//h1/following-sibling::p)").startswith(
        "All notes, one graph for each of the 2 versions"
    )
    assert (
        found.xpath("//figure//desc/text()")[1] == "The notes on v6.12 as one graph of 4 symbols."
    )
    listed = [
        each.xpath(".//details[@class='callpath-outline']//code/text()") for each in (early, later)
    ]
    assert "new" not in listed[0]
    assert "old" not in listed[1]
    ids = Counter(found.xpath("//@id"))
    assert [name for name, count in ids.items() if count > 1] == []


@pytest.mark.parametrize("path", ["index.md", "own/page.md"])
def test_a_page_that_shows_the_whole_graph_has_them_too(path: str) -> None:
    found = page_of(two(), path)
    assert found.xpath("//section/h3[contains(@id, 'call-graph')]/text()") == ["v3.7", "v6.12"]
    assert [boxes(each) for each in found.xpath("//section")][1] >= {"new", "new_start"}


def test_files_of_graphs_are_distinct_and_the_first_keeps_its_address() -> None:
    site = two()
    files = {file.path: file for file in site_files(site) if file.path.startswith("graphs/note")}
    assert sorted(files) == [
        "graphs/notebook.json",
        "graphs/notebook.svg",
        "graphs/notebook@v6.12.json",
        "graphs/notebook@v6.12.svg",
    ]
    labels = [
        {node["label"] for node in json.loads(files[f"graphs/{name}.json"].content())["nodes"]}
        for name in ("notebook", "notebook@v6.12")
    ]
    assert labels == [{"start", "hub", "both", "old"}, {"new_start", "hub", "both", "new"}]
    links = page_of(site, GRAPH_PAGE).xpath("//p[@class='callpath-downloads']/a/@href")
    assert [link.removeprefix("../") for link in links] == [
        "graphs/notebook.svg",
        "graphs/notebook.json",
        "graphs/notebook@v6.12.svg",
        "graphs/notebook@v6.12.json",
    ]


def test_a_note_that_is_called_like_such_a_file_has_another() -> None:
    assert graph_file("notebook@v6.12") == "graphs/notebook@v6.12.yml.svg"
    assert graph_file("", "svg", "v6.12") == "graphs/notebook@v6.12.svg"


def chain(pin: str, number: int) -> bytes:
    """A note of 60 steps, each reached from the one before, in a file of its own."""
    lines = [f"title: t{number}", f"pin: {pin}"]
    for depth in range(60):
        pad = "  " * depth
        lines += [f"{pad}steps:", f"{pad}- function: f{depth}", f"{pad}  file: d/f{number}.c"]
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("count", [MOST // 60 + 1, MOST_IN_PAGE // 60 + 2])
def test_parts_of_two_versions_are_told_apart(count: int) -> None:
    notes = {f"{at[1]}n{n}": chain(at, n) for at in ("v3.7", "v6.12") for n in range(count)}
    site = site_of(**notes)
    found = page_of(site, GRAPH_PAGE)
    parts = found.xpath("//template")
    names = [part.get("data-part") for part in parts]
    assert len(set(names)) == len(names) == 2 * count
    assert {name.startswith("v6.12/") for name in names} == {True, False}
    for figure in found.xpath("//figure"):
        own = {part.get("data-part") for part in figure.xpath("template")}
        assert set(figure.xpath("div//@data-opens")) == own
    sources = [part.get("data-src") for part in parts if part.get("data-src")]
    files = {file.path: file.content for file in site_files(site)}
    assert len(set(sources)) == len(sources)
    for name, source in zip(names, sources, strict=False):
        assert json.dumps(f"graph#{name}") in files[source.removeprefix("../")]()
    assert bool(sources) == (count > MOST_IN_PAGE // 60)


def test_a_lockfile_counts_for_the_notes_of_its_version(locked: Notebook) -> None:
    (part,) = pin_parts(locked)
    assert part.index is locked.index
    assert locked.lock != Lock()

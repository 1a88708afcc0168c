"""What a notebook refers to, where each mention stands, and what is wrong with how it does."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies as st

from callpath.findings import Location
from callpath.model import (
    Note,
    Reference,
    Symbol,
    SymbolKind,
)
from callpath.notes.parser import parse_note
from callpath.notes.references import (
    Mentions,
    PageLink,
    broken_links,
    note_mentions,
    page_mentions,
)
from kernel import PIN, said

NOTE = """\
title: Lamps
description: |
  Before all: [d](src:a.h#d).
steps:
  - function: f
    file: a.c
    commentary: |
      A first line.

      - 中文 [`x`](src:a.c#x) and `[y](src:a.c#y)`, then [y](src:a.c#y)
        and [far](../other/note.yml#g)
    errata:
      - said: |
          old [o](src:old.c#o)
        is: |
          new [n](src:new.c#n@2)
    steps:
      - field: s.m
        file: a.h
        occurrence: 3
        commentary: "one line [z](src:a.c#z)"
"""


def parsed(text: str) -> Note:
    note = parse_note("notes/kvm/lamp.yml", text.encode(), note_id="kvm/lamp", default_pin=PIN).note
    assert note is not None
    return note


def mentions(text: str) -> Mentions:
    return note_mentions(parsed(text), "kvm/lamp.yml")


def with_commentary(text: str) -> str:
    block = "".join(f"      {line}\n" for line in text.splitlines())
    return f"title: t\nsteps:\n  - function: f\n    file: a.c\n    commentary: |\n{block}"


def at(reference: Reference) -> str:
    return f"{reference.location.line}:{reference.location.column}"


def test_references_come_in_reading_order_with_the_place_of_each() -> None:
    found = mentions(NOTE).references
    assert [(each.symbol.name, each.step, at(each), each.link) for each in found] == [
        ("d", "", "3:19", True),
        ("f", "f", "5:15", False),
        ("x", "f", "10:18", True),
        ("y", "f", "10:60", True),
        ("o", "f", "14:19", True),
        ("n", "f", "16:19", True),
        ("s.m", "s-m", "18:16", False),
        ("z", "s-m", "21:35", True),
    ]
    assert all(each.location.file == "notes/kvm/lamp.yml" for each in found)
    assert all(each.note == "kvm/lamp" and each.pin == PIN for each in found)


def test_the_places_of_links_are_those_of_the_very_targets() -> None:
    lines = NOTE.splitlines()
    for reference in mentions(NOTE).references:
        if reference.link:
            line = lines[reference.location.line - 1]
            start = line[reference.location.column - 1 :]
            assert start.startswith(f"src:{reference.symbol.path}#{reference.symbol.name}")


def test_a_step_and_a_link_say_what_they_choose() -> None:
    by_name = {each.symbol.name: each for each in mentions(NOTE).references}
    assert by_name["s.m"].symbol == Symbol("a.h", "s.m", SymbolKind.FIELD)
    assert by_name["s.m"].occurrence == 3
    assert by_name["n"].symbol == Symbol("new.c", "n", "")
    assert by_name["n"].occurrence == 2


@pytest.mark.parametrize(
    ("href", "target", "anchor"),
    [
        ("fan.yml", "kvm/fan.yml", ""),
        ("fan.yml#step", "kvm/fan.yml", "step"),
        ("../index.md", "index.md", ""),
        ("../kvm/./fan.yml", "kvm/fan.yml", ""),
        ("../../out.md", "../out.md", ""),
        ("#f", "kvm/lamp.yml", "f"),
        ("?q=1", "kvm/lamp.yml", ""),
        ("a%20b.md#%E5%88%9D", "kvm/a b.md", "初"),
        ("deep/er.md", "kvm/deep/er.md", ""),
    ],
)
def test_links_between_pages(href: str, target: str, anchor: str) -> None:
    (link,) = mentions(with_commentary(f"see [it]({href})")).links
    place = Location("notes/kvm/lamp.yml", 6, 16)
    assert link == PageLink("kvm/lamp.yml", target, anchor, place)


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/a.md",
        "//example.org/a.md",
        "mailto:a@example.org",
        "/absolute.md",
        "http://[bad",
        "https://[::1",
        "//[x]y",
        "javascript:alert(1)",
    ],
)
def test_addresses_elsewhere_are_no_links_between_pages(href: str) -> None:
    assert mentions(with_commentary(f"see [it](<{href}>)")).links == ()


@pytest.mark.parametrize(
    "href", ["http://[bad", "https://[::1", "//[x]y", "ftp://a]b/", "//a\u2100b/"]
)
def test_what_no_program_reads_as_an_address_is_told_with_its_place(href: str) -> None:
    (found,) = mentions(with_commentary(f"see [it](<{href}>)")).findings
    assert found.rule == "unreadable-address"
    assert f"`{href}` is no address" in found.message
    (on_page,) = page_mentions("p.md", "notes/p.md", f"# P\n\nsee [it](<{href}>)\n", PIN).findings
    assert (on_page.rule, on_page.location.line) == ("unreadable-address", 3)
    with pytest.raises(ValueError, match=r"."):
        urlsplit(href)


@pytest.mark.parametrize(
    "href", ["http://[::1]/ok", "https://例子.example/", "https://a.example/[x]"]
)
def test_an_address_of_unusual_signs_is_one(href: str) -> None:
    assert mentions(with_commentary(f"see [it](<{href}>)")).findings == ()


@pytest.mark.parametrize(
    ("href", "anchor"),
    [
        ("#:~:text=is%20called%20once", ""),
        ("#lamp_set:~:text=once", "lamp_set"),
        ("fan.md#top:~:text=a&text=b", "top"),
    ],
)
def test_the_words_that_a_browser_is_to_show_are_no_anchor(href: str, anchor: str) -> None:
    (link,) = mentions(with_commentary(f"see [it](<{href}>)")).links
    assert link.anchor == anchor


@given(st.text(alphabet="abc:/[]#?%@.0\\ü ", max_size=12))
def test_no_address_is_too_malformed_to_be_read(href: str) -> None:
    found = mentions(with_commentary(f"see [it](<{href}>) and [it](src:{href})"))
    assert found.references[0].symbol.name == "f"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (
            "[a](src:a.c)",
            "notes/kvm/lamp.yml:6:11 invalid-source-link: "
            "`src:a.c` is not of the form `src:PATH#SYMBOL`\n"
            "  name the file and the symbol: `src:virt/kvm/kvm_main.c#kvm_init`",
        ),
        (
            "x\n  and [a](src:../../etc/passwd#root)",
            "notes/kvm/lamp.yml:7:17 invalid-path: "
            "`../../etc/passwd` leads upwards with `..`\n"
            "  start at the top of the source tree",
        ),
        (
            "[a](src:/etc/passwd#root)",
            "notes/kvm/lamp.yml:6:11 invalid-path: `/etc/passwd` is an absolute path\n"
            "  start at the top of the source tree, without `/`",
        ),
        (
            "a <div> b",
            "notes/kvm/lamp.yml:6:7 unclosed-html: "
            "a commentary opens `<div>` and does not close it\n"
            "  close the element, or write `&lt;` for a literal `<`",
        ),
        (
            "a\n\n</section>",
            "notes/kvm/lamp.yml:6:7 unclosed-html: "
            "a commentary closes `</section>`, which it did not open\n"
            "  remove the tag, or write `&lt;` for a literal `<`",
        ),
        (
            "```c\nint x;",
            "notes/kvm/lamp.yml:6:7 unclosed-code: a commentary does not close its code block\n"
            "  end the block with the fence that it starts with",
        ),
    ],
)
def test_findings_of_prose(text: str, finding: str) -> None:
    assert [said(found) for found in mentions(with_commentary(text)).findings] == [finding]


def test_a_faulty_link_does_not_hide_the_ones_beside_it() -> None:
    found = mentions(with_commentary("[a](src:a.c) [b](src:b.c#b) [c](src:/c.c#c)"))
    assert [each.symbol.name for each in found.references] == ["f", "b"]
    assert [each.rule for each in found.findings] == ["invalid-source-link", "invalid-path"]


def test_a_page_has_the_references_of_its_source_links_and_its_links_to_notes() -> None:
    text = "# Title\r\n\r\nSee [a](lamp.png) and [`f`](src:a.c#f), <div> [b](src:b.c)."
    found = page_mentions("kvm/page.md", "notes/kvm/page.md", text, PIN)
    (reference,) = found.references
    assert reference == Reference(
        PIN, Symbol("a.c", "f"), Location("notes/kvm/page.md", 3, 29), 0, "kvm/page.md", "", True
    )
    assert found.links == ()
    assert [said(each).splitlines()[0] for each in found.findings] == [
        "notes/kvm/page.md:3:51 invalid-source-link: `src:b.c` is not of the form `src:PATH#SYMBOL`"
    ]
    assert page_mentions("p.md", "notes/p.md", "# No link\n<div>", PIN) == Mentions()
    text = (
        "`[no](x.yml)` [a](../lamp.yml#on) [b](b.md#c), [c](https://a.example/c.yml) and [d][d]\n\n"
    )
    links = page_mentions("kvm/p.md", "notes/kvm/p.md", text + "[d]: d.YAML", PIN).links
    assert [(one.target, one.anchor, one.location.column) for one in links] == [
        ("lamp.yml", "on", 19),
        ("kvm/d.YAML", "", 6),
    ]


ANCHORS = {"kvm/lamp.yml": {"lamp_init", "lamp_set"}}
FILES = {"kvm/lamp.yml", "kvm/fan.md", "index.md", "symbols.md"}


@pytest.mark.parametrize(
    ("target", "anchor", "finding"),
    [
        ("kvm/lamp.yml", "", None),
        ("kvm/lamp.yml", "lamp_init", None),
        ("kvm/fan.md", "anything", None),
        ("symbols.md", "letter-L", None),
        (
            "kvm/lamp.yml",
            "lamp_inti",
            "`kvm/lamp.yml` has no step `lamp_inti`\n  did you mean `lamp_init`?",
        ),
        ("kvm/lamp.yml", "zzz", "`kvm/lamp.yml` has no step `zzz`"),
        (
            "kvm/lamp.yaml",
            "",
            "there is no `kvm/lamp.yaml` in the notebook\n  did you mean `kvm/lamp.yml`?",
        ),
        ("../out.md", "x", "there is no `../out.md` in the notebook"),
    ],
)
def test_broken_links(target: str, anchor: str, finding: str | None) -> None:
    link = PageLink("a.yml", target, anchor, Location("notes/a.yml", 4, 7))
    expected = [] if finding is None else [f"notes/a.yml:4:7 broken-link: {finding}"]
    assert [said(found) for found in broken_links([link], ANCHORS, FILES)] == expected

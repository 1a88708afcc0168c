"""Rewriting what is certain: from judgements and files to new files, and what they say then."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from callpath import rules
from callpath.findings import Location
from callpath.fixing.rewrite import (
    FileFix,
    Fixes,
    Rewriting,
    certain,
    misread,
    new_places,
    plan_fixes,
)
from callpath.mentions.model import Citation, Judgement, PlacedMention, SourceLink, Verdict
from callpath.mentions.placing import ReadText, page_text
from callpath.mentions.reading import read_mentions
from callpath.mentions.viewers import read_address
from callpath.model import Pin, Reference, Symbol

PIN = Pin("linux", "v6.12")
OLD = "https://github.com/torvalds/linux/blob/master/mm/slub.c"
NEW = OLD.replace("master", "v6.12")


def place_of(file: str, data: bytes, written: str, nth: int = 1) -> Location:
    text, at = data.decode("utf-8-sig"), -1
    for _ in range(nth):
        at = text.index(written, at + 1)
    line = text.replace("\r\n", "\n").count("\n", 0, text[:at].replace("\r\n", "\n").__len__())
    return Location(file, line + 1, at - (text.rfind("\n", 0, at) + 1) + 1)


def link(file: str, data: bytes, written: str = OLD, nth: int = 1) -> PlacedMention:
    address = read_address(written)
    assert address is not None
    return PlacedMention(
        SourceLink(0, 0, address), place_of(file, data, written, nth), written, PIN
    )


def citation(file: str, data: bytes, written: str) -> PlacedMention:
    path, _, line = written.partition(":")
    mention = Citation(0, 0, path, int(line), int(line))
    return PlacedMention(mention, place_of(file, data, written), written, PIN)


def fixed(
    data: bytes, *rewritings: Rewriting, mentions: Iterable[PlacedMention] | None = None
) -> Fixes:
    own = [one.placed for one in rewritings] if mentions is None else mentions
    return plan_fixes(rewritings, own, {"a.md": data})


def test_a_target_and_a_citation_are_rewritten_and_nothing_else() -> None:
    data = f"# Lamps\n\nSee [it]({OLD}) in `mm/slub.c:12`.  \n".encode()
    a, b = link("a.md", data), citation("a.md", data, "mm/slub.c:12")
    [fix] = fixed(data, Rewriting(a, NEW), Rewriting(b, "mm/slub.c:14")).files
    assert fix.after.decode() == f"# Lamps\n\nSee [it]({NEW}) in `mm/slub.c:14`.  \n"
    assert [one.placed for one in fix.rewritings] == [a, b]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_stay(ending: str, mark: bytes) -> None:
    text = f"ä{ending}{ending}<{OLD}> 灯{ending}"
    data = mark + text.encode()
    [fix] = fixed(data, Rewriting(link("a.md", data), NEW)).files
    assert fix.after == mark + text.replace(OLD, NEW).encode()


def test_each_of_two_equal_links_is_rewritten() -> None:
    data = f"[a]({OLD}) [b]({OLD})".encode()
    both = [Rewriting(link("a.md", data, nth=nth), NEW) for nth in (1, 2)]
    [fix] = fixed(data, *both).files
    assert fix.after.decode() == f"[a]({NEW}) [b]({NEW})"


def test_only_one_of_two_equal_links_is_rewritten() -> None:
    data = f"[a]({OLD}) [b]({OLD})".encode()
    both = [link("a.md", data, nth=nth) for nth in (1, 2)]
    [fix] = fixed(data, Rewriting(both[1], NEW), mentions=both).files
    assert fix.after.decode() == f"[a]({OLD}) [b]({NEW})"


def test_a_definition_that_all_its_links_need_alike_is_rewritten_once() -> None:
    data = f"[a][x] [b][x]\n\n[x]: {OLD}\n".encode()
    both = [Rewriting(link("a.md", data), NEW)] * 2
    [fix] = fixed(data, *both).files
    assert fix.after.decode() == f"[a][x] [b][x]\n\n[x]: {NEW}\n"


def test_a_definition_that_its_links_need_otherwise_is_left() -> None:
    data = f"[a][x] [b][x]\n\n[x]: {OLD}\n".encode()
    one = link("a.md", data)
    found = fixed(data, Rewriting(one, NEW), Rewriting(one, NEW + "#L3"))
    assert found.files == ()
    assert [each.location for each in found.left] == [one.location] * 2
    found = fixed(data, Rewriting(one, NEW), mentions=[one, one])
    assert (found.files, len(found.left)) == ((), 1)


@pytest.mark.parametrize(
    ("text", "location"),
    [
        (f"x {OLD}", Location("a.md", 1, 1)),
        (f"x {OLD}", Location("a.md", 7, 1)),
        (f"x {OLD}\n", Location("a.md", 1, 900)),
        ("", Location("a.md", 1, 1)),
    ],
)
def test_what_does_not_stand_at_its_place_is_left(text: str, location: Location) -> None:
    placed = replace(link("a.md", OLD.encode()), location=location)
    found = fixed(text.encode(), Rewriting(placed, NEW))
    assert found.files == ()
    assert [one.location for one in found.left] == [location]


def test_a_text_of_several_lines_is_left() -> None:
    data = OLD.encode()
    found = fixed(data, Rewriting(link("a.md", data), NEW + "\nmore"))
    assert (found.files, len(found.left)) == ((), 1)


def test_a_file_that_is_not_utf8_is_left() -> None:
    data = OLD.encode()
    found = fixed(data + b" \xff", Rewriting(link("a.md", data), NEW))
    assert (found.files, len(found.left)) == ((), 1)


def test_what_overlaps_is_left() -> None:
    data = b"mm/slub.c:12"
    outer = citation("a.md", data, "mm/slub.c:12")
    inner = replace(outer, location=Location("a.md", 1, 4), written="slub.c:12")
    found = fixed(data, Rewriting(outer, "mm/slub.c:14"), Rewriting(inner, "slub.c:15"))
    assert [fix.after for fix in found.files] == [b"mm/slub.c:14"]
    assert [one.location.column for one in found.left] == [4]


def test_only_what_a_finding_is_about_is_certain() -> None:
    placed = link("a.md", OLD.encode())
    finding = rules.FLOATING_LINK.at(placed.location, "it floats")
    right = Judgement(placed, Verdict.RIGHT, finding, NEW)
    given = [
        right,
        replace(right, finding=None),
        replace(right, replacement=""),
        replace(right, replacement=OLD),
    ]
    assert list(certain(given)) == [Rewriting(placed, NEW)]


# --- what was written, read back -------------------------------------------------------------


def read(data: bytes) -> ReadText:
    return page_text("a.md", "a.md", data.decode(), PIN, (), read_mentions)


def fix_of(data: bytes, after: bytes, *rewritten: Rewriting) -> FileFix:
    return FileFix("a.md", data, after, rewritten)


DATA = f"[a]({OLD}) and `mm/slub.c:12`\n".encode()
LINK, CITED = read(DATA).mentions
AFTER = DATA.replace(OLD.encode(), NEW.encode())
FIX = fix_of(DATA, AFTER, Rewriting(LINK, NEW))


def test_a_file_that_says_what_it_has_to_is_not_misread() -> None:
    assert not misread(FIX, [read(DATA)], [read(AFTER)])
    assert not misread(fix_of(DATA, DATA), [read(DATA)], [read(DATA)])


@pytest.mark.parametrize(
    "after",
    [
        DATA,
        AFTER + b"x",
        AFTER.replace(b"12", b"13"),
        AFTER.replace(b"[a]", b"[ab]"),
        b"    " + AFTER,
        AFTER.replace(b"`", b"'"),
    ],
)
def test_a_file_that_says_something_else_is_misread(after: bytes) -> None:
    assert misread(FIX, [read(DATA)], [read(after)])
    assert misread(FIX, [read(DATA)], [])


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/a",
        "https://github.com/torvalds/linux/blob/mm/slub.c",
        "https://github.com/qemu/qemu/blob/v9.0.0/a.c",
        "https://elixir.bootlin.com/linux/v6.12/source/mm/slub.c",
        "a b",
        "a)b",
        "<b",
        "",
    ],
)
def test_a_target_that_is_no_link_of_the_same_viewer_is_misread(target: str) -> None:
    after = DATA.replace(OLD.encode(), target.encode())
    assert misread(fix_of(DATA, after, Rewriting(LINK, target)), [read(DATA)], [read(after)])


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("mm/slub.c:14", "", False),
        ("mm/slab.c:12", "", True),
        ("mm/slab.c:12", "mm/slab.c", False),
        ("mm/slub.c:14", "mm/slab.c", True),
        ("many", "", True),
    ],
)
def test_a_citation_that_is_of_another_file_or_none_is_misread(
    text: str, path: str, *, expected: bool
) -> None:
    after = DATA.replace(b"mm/slub.c:12", text.encode())
    fix = fix_of(DATA, after, Rewriting(CITED, text, path=path))
    assert misread(fix, [read(DATA)], [read(after)]) is expected


def test_the_words_of_a_link_need_not_be_read_once_it_has_a_version() -> None:
    data = f"[`kmem_cache_free` in mm/slub.c:12]({OLD})\n".encode()
    [found] = [one for one in read(data).mentions if isinstance(one.mention, SourceLink)]
    other = NEW.replace("v6.12", "v6.11")  # of another version than the page
    after = data.replace(OLD.encode(), other.encode())
    assert len(read(after).mentions) < len(read(data).mentions)
    assert not misread(fix_of(data, after, Rewriting(found, other)), [read(data)], [read(after)])


def test_a_link_that_becomes_a_reference() -> None:
    symbol, target = Symbol("mm/slub.c", "kfree"), "src:mm/slub.c#kfree"
    after = DATA.replace(OLD.encode(), target.encode())
    fix = fix_of(DATA, after, Rewriting(LINK, target, symbol))
    texts = ([read(DATA)], [read(after)])
    became = Reference(PIN, symbol, LINK.location, note="a.md", link=True)
    other = replace(became, symbol=Symbol("mm/slub.c", "kmalloc"))
    assert not misread(fix, *texts, ([], [became]))
    assert not misread(fix, *texts, ([other], [became, other]))
    assert misread(fix, *texts, ([], []))
    assert misread(fix, *texts, ([], [other]))
    assert misread(fix, *texts, ([other], [became]))
    assert misread(fix, *texts, ([], [became, became]))


def test_a_place_behind_a_rewriting_moves() -> None:
    other, below = Location("b.md", 1, 60), Location("a.md", 2, 60)
    places = [LINK.location, CITED.location, other, below]
    assert [*new_places(FIX, places)] == [
        LINK.location,
        read(AFTER).mentions[1].location,
        other,
        below,
    ]


def test_files_that_are_left_are_told() -> None:
    fixes = Fixes((FIX,)).without({"a.md": "no"})
    assert fixes.files == ()
    assert [(one.location, one.reason) for one in fixes.left] == [(LINK.location, "no")]


def test_ten_thousand_links_are_rewritten_and_read_back() -> None:
    data = "".join(f"[a{number}]({OLD}) " for number in range(10_000)).encode()
    found = read(data).mentions
    assert len(found) == 10_000
    [fix] = plan_fixes([Rewriting(one, NEW) for one in found], found, {"a.md": data}).files
    assert fix.after == data.replace(OLD.encode(), NEW.encode())
    assert not misread(fix, [read(data)], [read(fix.after)])
    assert len([*new_places(fix, [one.location for one in found])]) == 10_000

"""Mentions and facts of a small invented tree, for tests of judgements.

`drivers/lamp.c` has 60 lines and defines `lamp_reset` on line 12 (11 to 19) and `lamp_set` on line
25 (25 to 40), which uses `lamp_reset` on line 30. `drivers/lamp.h` defines `struct lamp`.
"""

from callpath.facts.mentions import (
    LineFact,
    LineNature,
    MentionFacts,
    PathFact,
    PathNature,
    PlaceFact,
    WordFact,
    WordNature,
)
from callpath.findings import Location
from callpath.mentions.model import (
    Address,
    AddressKind,
    Citation,
    Mention,
    Name,
    NameForm,
    PlacedMention,
    SourceLink,
)
from callpath.model import Pin, SymbolKind

PIN = Pin("linux", "v3.7")
OTHER = Pin("linux", "v6.12")
LAMP = "drivers/lamp.c"
HEADER = "drivers/lamp.h"
TREE = ("linux", "v3.7")


def path(name, nature=PathNature.FILE, found=(), lines=0):
    return PathFact(*TREE, name, nature, found, lines)


def line(number, nature=LineNature.CODE, name="", of=LAMP):
    kind, occurrence = (SymbolKind.FUNCTION, 1) if name else ("", 0)
    return LineFact(*TREE, of, number, nature, f"{number:016x}", name, kind, occurrence)


def word(text, nature=WordNature.CODE, near=(), sign="", version="v3.7"):
    return WordFact("linux", version, text, nature, near, sign)


RESET = PlaceFact(*TREE, LAMP, "lamp_reset", ((12, 11, 19),), (12, 30))
SET = PlaceFact(*TREE, LAMP, "lamp_set", ((25, 25, 40),), (25, 42))
STRUCT = PlaceFact(*TREE, LAMP, "lamp", (), (12, 25), ((HEADER, 5),))
AWAY = PlaceFact(*TREE, LAMP, "lamp_level", (), (), ((HEADER, 9),))
NOWHERE = PlaceFact(*TREE, LAMP, "lamp_gone")

LINES = (
    line(2, LineNature.COMMENT),
    line(8),
    line(9, LineNature.COMMENT, "lamp_reset"),
    line(12, name="lamp_reset"),
    line(14, name="lamp_reset"),
    line(15, LineNature.BLANK, "lamp_reset"),
    line(16, LineNature.COMMENT, "lamp_reset"),
    line(19, LineNature.BRACE, "lamp_reset"),
    line(20, LineNature.BLANK),
    line(25, name="lamp_set"),
    line(30, name="lamp_set"),
    line(38, name="lamp_set"),
    line(40, LineNature.BRACE, "lamp_set"),
    line(50),
    line(61, LineNature.ABSENT),
    line(9999, LineNature.ABSENT),
)

FACTS = MentionFacts(
    [
        path("drivers", PathNature.FOLDER),
        path("kvm", PathNature.ABSENT),
        path(LAMP, lines=60),
        path(HEADER, lines=20),
        path("lamp.c", PathNature.ENDING, (LAMP,), 60),
    ],
    LINES,
    (RESET, SET, STRUCT, AWAY, NOWHERE),
    asked=[PIN],
)


def placed(mention: Mention, written: str = "", **values) -> PlacedMention:
    written = written or "x" * (mention.end - mention.start)
    here = {"location": Location("docs/page.md", 3, 5), "pin": PIN, "owner": "page.md"}
    return PlacedMention(mention, written=written, **{**here, **values})


def link(target=LAMP, first=0, last=0, *, named=(), near=(), revision="v3.7", **values):
    """A link to elixir; no revision is `latest`."""
    lines = f"#L{first}" + (f"-L{last}" if last else "") if first else ""
    written = f"https://elixir.bootlin.com/linux/{revision or 'latest'}/source/{target}{lines}"
    address = Address(
        "elixir",
        AddressKind.PATH,
        "linux",
        revision or "latest",
        not revision,
        target,
        first,
        last or first,
    )
    return placed(SourceLink(0, len(written), address, named, near), written, **values)


def page_of(name, *, revision="v3.7", family="", **values):
    """A link to elixir's page about an identifier."""
    version = revision or "latest"
    written = f"https://elixir.bootlin.com/linux/{version}/ident/{name}"
    kind = AddressKind.NAME
    address = Address("elixir", kind, "linux", version, not revision, name=name, family=family)
    return placed(SourceLink(0, len(written), address), written, **values)


def citation(target=LAMP, first=0, last=0, *, named=(), near=(), **values):
    """A citation as `path:12-20`."""
    lines = f"{first}" + (f"-{last}" if last else "") if first else ""
    written = f"{target}:{lines}" if lines else target
    start = len(target) + 1 if lines else 0
    where = (100 + start, 100 + len(written)) if lines else (0, 0)
    found = Citation(100, 100 + len(written), target, first, last or first, *where, named, near)
    return placed(found, written, **values)


def name(*words, form=NameForm.IDENTIFIER, **values):
    """A name in a code span."""
    written = "->".join(words)
    return placed(Name(0, len(written), written, form, words), written, **values)

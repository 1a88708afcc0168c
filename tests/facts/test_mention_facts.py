"""Facts that mentions ask for: how they are looked up, and how a lockfile keeps them."""

import pytest
from hypothesis import given, strategies as st

from callpath.facts.lock import format_lock, make_lock, parse_lock
from callpath.facts.mentions import (
    LineFact,
    LineNature,
    MentionFacts,
    PathFact,
    PathNature,
    PlaceFact,
    UnsaidFact,
    WordFact,
    WordNature,
)
from callpath.findings import LockfileError
from callpath.model import Pin, SymbolKind

TREE = ("linux", "v3.7")
FACTS = (
    PathFact(*TREE, "drivers/lamp.c", PathNature.FILE, (), 60),
    PathFact(*TREE, "drivers/lmap.c", PathNature.ABSENT, ("drivers/lamp.c",)),
    LineFact(
        *TREE,
        "drivers/lamp.c",
        12,
        LineNature.CODE,
        "0123456789abcdef",
        "lamp_reset",
        SymbolKind.FUNCTION,
        1,
    ),
    LineFact(*TREE, "drivers/lamp.c", 61, LineNature.ABSENT),
    PlaceFact(*TREE, "drivers/lamp.c", "lamp", (), (12, 25), (("drivers/lamp.h", 5),)),
    PlaceFact(*TREE, "drivers/lamp.c", "lamp_reset", ((12, 11, 19),), (12, 30)),
    WordFact(*TREE, "lamp_st", WordNature.ABSENT, ("lamp_set",), "v3.0 has it"),
    WordFact(*TREE, "灯", WordNature.TEXT),
    UnsaidFact(*TREE, "drivers/lamp.bin:3-3"),
)
TEXT = """\
{"callpath-lock": 1}
{"mentioned": "drivers/lamp.c", "project": "linux", "version": "v3.7", "is": "file", "lines": 60}
{"mentioned": "drivers/lmap.c", "project": "linux", "version": "v3.7", "is": "absent", \
"found": ["drivers/lamp.c"]}
{"on": "drivers/lamp.c", "line": 12, "project": "linux", "version": "v3.7", "is": "code", \
"digest": "0123456789abcdef", "name": "lamp_reset", "kind": "function", "occurrence": 1}
{"on": "drivers/lamp.c", "line": 61, "project": "linux", "version": "v3.7", "is": "absent"}
{"in": "drivers/lamp.c", "name": "lamp", "project": "linux", "version": "v3.7", \
"uses": [12, 25], "elsewhere": [["drivers/lamp.h", 5]]}
{"in": "drivers/lamp.c", "name": "lamp_reset", "project": "linux", "version": "v3.7", \
"definitions": [[12, 11, 19]], "uses": [12, 30]}
{"word": "lamp_st", "project": "linux", "version": "v3.7", "is": "absent", \
"near": ["lamp_set"], "sign": "v3.0 has it"}
{"word": "灯", "project": "linux", "version": "v3.7", "is": "text"}
{"unsaid": "drivers/lamp.bin:3-3", "project": "linux", "version": "v3.7"}
"""

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(1, 10**9)
SOME_WORDS = st.lists(WORDS, max_size=3).map(tuple)


def facts_of(fact, /, **fields):
    return st.builds(fact, project=WORDS, version=WORDS, **fields)


ANY_FACT = st.one_of(
    facts_of(
        PathFact,
        path=WORDS,
        nature=st.sampled_from(PathNature),
        found=SOME_WORDS,
        lines=st.integers(0, 10**9),
    ),
    facts_of(
        LineFact,
        path=WORDS,
        line=NUMBERS,
        nature=st.sampled_from(LineNature),
        digest=WORDS,
        name=WORDS,
        kind=st.sampled_from(["", *SymbolKind]),
        occurrence=st.integers(0, 9),
    ),
    facts_of(
        PlaceFact,
        path=WORDS,
        name=WORDS,
        definitions=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=3).map(tuple),
        uses=st.lists(NUMBERS, max_size=4).map(tuple),
        elsewhere=st.lists(st.tuples(WORDS, NUMBERS), max_size=3).map(tuple),
    ),
    facts_of(WordFact, word=WORDS, nature=st.sampled_from(WordNature), near=SOME_WORDS, sign=WORDS),
    facts_of(UnsaidFact, what=WORDS),
)


def test_the_text_is_canonical():
    assert format_lock(make_lock([], [], mentions=reversed(FACTS))) == TEXT
    lock = parse_lock("notes.lock", TEXT)
    assert lock.mentions == FACTS
    assert format_lock(lock) == TEXT


@given(st.lists(ANY_FACT, max_size=6))
def test_what_is_written_is_read(facts):
    lock = make_lock([], [], mentions=facts)
    assert parse_lock("notes.lock", format_lock(lock)) == lock


def test_a_lockfile_without_mentions_is_as_before():
    lock = parse_lock("notes.lock", '{"callpath-lock": 1}\n')
    assert lock.mentions == ()
    assert len(lock.mention_facts) == 0
    assert format_lock(lock) == '{"callpath-lock": 1}\n'


def test_the_facts_of_a_lockfile_say_that_they_are_locked():
    found = parse_lock("notes.lock", TEXT).mention_facts
    assert found.is_locked
    assert tuple(found) == FACTS
    pin = Pin(*TREE)
    assert found.path(pin, "drivers/lamp.c") == FACTS[0]
    assert found.line(pin, "drivers/lamp.c", 12) == FACTS[2]
    assert found.place(pin, "drivers/lamp.c", "lamp") == FACTS[4]
    assert found.word(pin, "灯") == FACTS[7]
    assert found.unsaid(pin, "drivers/lamp.bin:3-3") == FACTS[8]
    assert found.word(Pin("linux", "v3.8"), "灯") is None
    assert not found.was_asked(pin)


@pytest.mark.parametrize(
    "line",
    [
        '{"word": "a", "project": "p", "version": "v", "is": "nowhere"}',
        '{"word": "a", "project": "p", "version": "v"}',
        '{"on": "a.c", "line": 0, "project": "p", "version": "v", "is": "code"}',
        '{"on": "a.c", "line": 1, "project": "p", "version": "v", "is": "code", "kind": "x"}',
        '{"in": "a.c", "name": "x", "project": "p", "version": "v", "uses": ["1"]}',
        '{"in": "a.c", "name": "x", "project": "p", "version": "v", "definitions": [[1, 2]]}',
        '{"mentioned": "a.c", "project": "p", "version": "v", "is": "file", "lines": -1}',
    ],
)
def test_a_damaged_fact_is_refused_with_its_line(line):
    with pytest.raises(LockfileError, match=r"`notes\.lock:2:1` holds no fact"):
        parse_lock("notes.lock", f'{{"callpath-lock": 1}}\n{line}\n')


def test_of_two_facts_of_one_thing_the_last_counts():
    first, last = WordFact(*TREE, "a", WordNature.TEXT), WordFact(*TREE, "a", WordNature.CODE)
    assert MentionFacts([first, last]).words == (last,)
    assert make_lock([], [], mentions=[first, last]).mentions == (last,)
    merged = MentionFacts([first]).merged(MentionFacts([last], asked=[Pin("p", "v")]))
    assert (merged.words, merged.asked) == ((last,), {("p", "v")})

"""The lockfile: canonical text, what it refuses, and how references find their facts."""

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from callpath.facts.lock import (
    Lock,
    LockedDefinition,
    LockedEdge,
    LockedFile,
    StatedEdge,
    StatedSymbol,
    format_lock,
    lock_edge,
    make_lock,
    parse_lock,
)
from callpath.facts.proof import EdgeStatus, Proof, Verdict
from callpath.findings import Location, LockfileError
from callpath.lock_state import lock_state
from callpath.model import Definition, Pin, Reference, Symbol, SymbolKind, note_edges
from callpath.notebook import Notebook
from callpath.notes.parser import parse_note
from kernel import PIN

ROOT = Path(__file__).parents[2]
RESET = LockedDefinition(
    "linux",
    "v3.7",
    Definition(
        "drivers/lamp.c",
        "lamp_reset",
        SymbolKind.FUNCTION,
        line=6,
        start=5,
        end=9,
        signature='static int lamp_reset(const char *name) /* "灯" */',
        digest="0123456789abcdef",
        condition="CONFIG_LAMP",
    ),
)
CLAMP = LockedDefinition(
    "linux",
    "v3.7",
    Definition("lamp.h", "clamp", SymbolKind.MACRO, 3, 3, 3, "#define clamp(x)", "f" * 16),
    occurrence=2,
    of=2,
)
FILE = LockedFile("linux", "v3.7", "drivers/lamp.c", "b" * 40)
LOCK = make_lock([FILE], [RESET, CLAMP])

TEXT = """\
{"callpath-lock": 1}
{"file": "drivers/lamp.c", "project": "linux", "version": "v3.7", "blob": \
"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}
{"name": "lamp_reset", "kind": "function", "project": "linux", "version": "v3.7", "path": \
"drivers/lamp.c", "line": 6, "start": 5, "end": 9, "digest": "0123456789abcdef", "signature": \
"static int lamp_reset(const char *name) /* \\"灯\\" */", "condition": "CONFIG_LAMP"}
{"name": "clamp", "kind": "macro", "project": "linux", "version": "v3.7", "path": "lamp.h", \
"line": 3, "start": 3, "end": 3, "digest": "ffffffffffffffff", "signature": \
"#define clamp(x)", "occurrence": 2, "of": 2}
"""

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(1, 10**9)
FILES = st.builds(LockedFile, WORDS, WORDS, WORDS, WORDS)
DEFINITIONS = st.builds(
    Definition,
    path=WORDS,
    name=WORDS,
    kind=st.sampled_from(SymbolKind),
    line=NUMBERS,
    start=NUMBERS,
    end=NUMBERS,
    signature=WORDS,
    digest=WORDS,
    condition=WORDS,
)
OCCURRENCES = st.sampled_from([(1, 1), (1, 2), (2, 2), (3, 9)])
LOCKED = st.builds(
    lambda project, version, found, which: LockedDefinition(project, version, found, *which),
    WORDS,
    WORDS,
    DEFINITIONS,
    OCCURRENCES,
)


def reference(
    name: str, kind: str = "", occurrence: int = 0, *, path: str = "drivers/lamp.c", pin: Pin = PIN
) -> Reference:
    symbol = Symbol(path, name, SymbolKind(kind) if kind else "")
    return Reference(pin, symbol, Location("notes/a.yml"), occurrence)


def test_the_text_is_one_fact_a_line() -> None:
    assert format_lock(LOCK) == TEXT
    assert parse_lock("notes/notes.lock", TEXT) == LOCK


def test_an_empty_lock_is_its_head() -> None:
    assert format_lock(Lock()) == '{"callpath-lock": 1}\n'
    assert parse_lock("notes.lock", '{"callpath-lock": 1}\n') == Lock()


@given(st.lists(FILES, max_size=4), st.lists(LOCKED, max_size=4))
def test_what_is_written_is_read_back(
    files: list[LockedFile], definitions: list[LockedDefinition]
) -> None:
    lock = make_lock(files, definitions)
    text = format_lock(lock)
    assert parse_lock("notes.lock", text) == lock
    assert format_lock(parse_lock("notes.lock", text)) == text


@given(st.data(), st.lists(FILES, max_size=4), st.lists(LOCKED, max_size=4))
def test_the_text_does_not_depend_on_the_order_of_what_was_found(
    data: st.DataObject, files: list[LockedFile], definitions: list[LockedDefinition]
) -> None:
    definitions = list({locked.key: locked for locked in definitions}.values())
    others = data.draw(st.permutations(definitions))
    other_files = data.draw(st.permutations(files + files))
    assert format_lock(make_lock(other_files, [*others, *others])) == format_lock(
        make_lock(files, definitions)
    )


@pytest.mark.parametrize(
    "changes",
    [{"line": 7}, {"digest": "0" * 16}, {"signature": "int f(void)"}, {"condition": ""}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_changed_fact_is_a_changed_line(changes: dict[str, object]) -> None:
    changed = replace(RESET, definition=replace(RESET.definition, **changes))  # type: ignore[arg-type]
    old, new = TEXT.splitlines(), format_lock(make_lock([FILE], [changed, CLAMP])).splitlines()
    assert [number for number in range(len(old)) if old[number] != new[number]] == [2]
    assert len(new) == len(old)


def test_a_new_fact_is_a_new_line() -> None:
    more = replace(RESET, definition=replace(RESET.definition, name="lamp_set"))
    new = format_lock(make_lock([FILE], [more, RESET, CLAMP])).splitlines()
    assert len(new) == 5
    assert [line for line in TEXT.splitlines() if line not in new] == []


# --- reading ------------------------------------------------------------------------------------


def refusal(text: str) -> LockfileError:
    with pytest.raises(LockfileError) as caught:
        parse_lock("notes/notes.lock", text)
    return caught.value


NEWER = "use the Callpath that wrote it, or a newer one"
OLDER = "make it again with `callpath lock --source SPEC`"


@pytest.mark.parametrize(
    ("version", "hint"), [(2, NEWER), (0, OLDER), ("1", NEWER), (None, NEWER), ([1], NEWER)]
)
def test_an_unknown_format_is_refused_by_its_name(version: object, hint: str) -> None:
    error = refusal(json.dumps({"callpath-lock": version}) + "\n")
    assert error.message == (
        f"`notes/notes.lock` has lockfile format {version!r}; this Callpath knows format 1"
    )
    assert error.hint == hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "<<<<<<< HEAD\n" + TEXT,
        "\ufeff" + TEXT,
        "version = 1\n",
        "[1]\n",
        "null\n",
        '{"lock": 1}\n',
        "[" * 100_000,
        "9" * 10_000,
        "\0",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_what_is_no_lockfile_is_called_so(text: str) -> None:
    error = refusal(text)
    assert error.message == "`notes/notes.lock` is not a Callpath lockfile"
    assert error.hint == "make it with `callpath lock --source SPEC`"


def with_value(key: str, value: object) -> str:
    fact = json.loads(TEXT.splitlines()[2])
    fact[key] = value
    return json.dumps(fact)


def without(key: str) -> str:
    return json.dumps({k: v for k, v in json.loads(TEXT.splitlines()[2]).items() if k != key})


@pytest.mark.parametrize(
    "line",
    [
        "<<<<<<< HEAD",
        "{",
        "[]",
        "1",
        '"file"',
        "null",
        "{}",
        '{"file": 1, "project": "linux", "version": "v3.7", "blob": "b"}',
        '{"file": "a.c"}',
        *[without(key) for key in ("name", "kind", "path", "line", "end", "digest", "signature")],
        with_value("kind", "klass"),
        with_value("kind", ["function"]),
        with_value("line", 0),
        with_value("line", -1),
        with_value("line", 1.5),
        with_value("line", "6"),
        with_value("line", True),
        with_value("name", None),
        with_value("signature", "half \ud800 a pair"),
        with_value("condition", 1),
        with_value("occurrence", 0),
        "[" * 100_000,
        '{"name": ' + "9" * 10_000 + "}",
    ],
    ids=lambda line: ascii(line[:20]),
)
def test_a_damaged_line_is_named(line: str) -> None:
    error = refusal(f"{TEXT}{line}\n")
    assert error.message == "`notes/notes.lock:5:1` holds no fact that can be read"
    assert "callpath lock --source SPEC" in error.hint


def test_line_ends_of_other_systems_and_empty_lines_do_no_harm() -> None:
    assert parse_lock("notes.lock", TEXT.replace("\n", "\r\n")) == LOCK
    assert parse_lock("notes.lock", TEXT.replace("\n", "\n\n").rstrip("\n")) == LOCK


@given(st.text(max_size=60) | st.text(alphabet='{}[]":,1 afile\n', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, '{"callpath-lock": 1}\n' + text):
        try:
            lock = parse_lock("notes.lock", whole)
        except LockfileError as error:
            told = error.message
        else:
            told = f"`notes.lock: {len(lock.definitions)}`"
        assert told.startswith("`notes.lock")


def test_proved_edges_are_facts_too(locked: Notebook) -> None:
    lock = locked.lock
    assert lock is not None
    assert [(edge.stated.caller.name, edge.stated.callee.name) for edge in lock.edges] == [
        ("fan_start", "lamp_reset"),
        ("lamp_init", "lamp_register"),
        ("lamp_register", "lamp_reset"),
        ("lamp_set", "lamp_clamp"),
    ]
    text = format_lock(lock)
    assert parse_lock("notes.lock", text) == lock
    facts = (lock.files, lock.definitions, lock.edges, (), (), lock.mentions)
    others = make_lock(*map(reversed, map(list, facts)))
    assert format_lock(others) == text
    assert [lock.find_edge(edge) for edge in locked.edges] == list(lock.edges)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("status", "unproved"),
        ("status", 1),
        ("proof", "hearsay"),
        ("sites", [{"path": "a.c", "line": 0, "role": "call"}]),
        ("sites", [{"path": "a.c", "line": 1, "role": "gossip"}]),
        ("sites", 1),
        ("from", ["a.c", "f"]),
        ("to", None),
        ("via", 1),
        ("via", "half \ud800 a pair"),
        ("others", -1),
    ],
)
def test_a_damaged_edge_is_named(locked: Notebook, key: str, value: object) -> None:
    lines = format_lock(locked.lock or Lock()).splitlines()
    number = next(number for number, line in enumerate(lines) if '"caller"' in line)
    lines[number] = json.dumps(json.loads(lines[number]) | {key: value})
    error = refusal("\n".join(lines))
    assert error.message == f"`notes/notes.lock:{number + 1}:1` holds no fact that can be read"


def occurrence_edges(*numbers: int) -> list[LockedEdge]:
    """Edges that differ only in the occurrence of the caller."""
    ends = [StatedSymbol("lamp.c", "lamp_set", "function", number) for number in numbers]
    verdict = Verdict(EdgeStatus.PROVED, Proof.CALL)
    callee = StatedSymbol("lamp.c", "lamp_reset", "function", 0)
    return [LockedEdge("linux", "v3.7", StatedEdge(end, callee), verdict) for end in ends]


def test_occurrences_are_in_the_order_of_numbers() -> None:
    lock = make_lock([], [], occurrence_edges(10, 2, 1))
    assert [edge.stated.caller.occurrence for edge in lock.edges] == [1, 2, 10]


# --- looking up ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (reference("lamp_reset", "function"), RESET),
        (reference("lamp_reset"), RESET),
        (reference("lamp_reset", "function", 1), RESET),
        (reference("lamp_reset", "function", 2), None),
        (reference("lamp_reset", "macro"), None),
        (reference("lamp_set", "function"), None),
        (reference("lamp_reset", "function", path="lamp.c"), None),
        (reference("lamp_reset", "function", pin=Pin("linux", "v3.8")), None),
        (reference("lamp_reset", "function", pin=Pin("qemu", "v3.7")), None),
        (reference("lamp_reset", "function", pin=Pin("linux", "v3.7", "c" * 40)), RESET),
        (reference("clamp", "macro", 2, path="lamp.h"), CLAMP),
        (reference("clamp", "macro", 1, path="lamp.h"), None),
        (reference("clamp", "macro", path="lamp.h"), None),
    ],
)
def test_what_a_reference_finds(asked: Reference, found: LockedDefinition | None) -> None:
    assert LOCK.find(asked) == found


def test_an_edge_that_depends_on_the_symbol_above_finds_its_own_fact() -> None:
    note = (
        "title: t\nsteps:\n- function: top\n  file: a.c\n  steps:\n  - function: init\n"
        "    file: a.c\n    steps:\n    - {function: run, file: a.c, when: later}\n"
    )
    parsed = parse_note("a.yml", note.encode(), note_id="a", default_pin=PIN).note
    assert parsed is not None
    *_, edge = note_edges(parsed)
    half = lock_edge(edge, Verdict(EdgeStatus.HALF))
    proved = lock_edge(edge, Verdict(EdgeStatus.PROVED, Proof.CALLBACK, above="top"))
    assert make_lock([], [], [half, proved]).find_edge(edge) == proved
    assert make_lock([], [], [half]).find_edge(edge) == half
    assert make_lock([], [], [proved]).find_edge(replace(edge, ancestors=())) is None


def test_a_reference_without_kind_finds_nothing_when_several_are_meant() -> None:
    struct = replace(RESET, definition=replace(RESET.definition, kind=SymbolKind.STRUCT))
    lock = make_lock([], [RESET, struct])
    assert lock.find(reference("lamp_reset")) is None
    assert lock.find(reference("lamp_reset", "struct")) == struct


@pytest.mark.parametrize(
    ("asked", "stale"),
    [
        ([], ["lamp_reset", "clamp"]),
        ([reference("clamp", "macro", 2, path="lamp.h")], ["lamp_reset"]),
        # It says no occurrence, which is a finding of its own.
        ([reference("lamp_reset"), reference("clamp", path="lamp.h")], []),
    ],
)
def test_what_nobody_refers_to_is_stale(asked: list[Reference], stale: list[str]) -> None:
    found = lock_state(LOCK, "notes.lock", asked, [], lambda pin: (), complete=True)
    messages = [each.message for each in found.findings if each.rule == "stale-lock"]
    assert [message.split("`")[1] for message in messages] == stale[:1]
    assert ["; 1 more fact is stale" in message for message in messages] == [
        len(stale) == 2 for _ in stale[:1]
    ]


def test_the_notebooks_own_lockfile_is_canonical() -> None:
    text = (ROOT / "notes/notes.lock").read_text(encoding="utf-8")
    assert format_lock(parse_lock("notes.lock", text)) == text

"""Ranges of releases, and the file that holds them."""

import json
from pathlib import Path
from typing import Any

import pytest

from callpath.facts.eras import (
    Eras,
    ReleaseStatus,
    Statement,
    eras_of,
    format_eras,
    make_eras,
    parse_eras,
    status_of_symbol,
    status_of_verdict,
)
from callpath.facts.lock import StatedEdge, StatedSymbol
from callpath.facts.proof import (
    EdgeStatus,
    Proof,
    Verdict,
)
from callpath.findings import ErasError
from callpath.model import (
    Definition,
    Edge,
    Pin,
    SymbolKind,
    note_edges,
)
from callpath.notes.parser import parse_note

TAGS = ("v1", "v2", "v3", "v4")
H, W, U, A = ReleaseStatus
INIT, RESET = StatedSymbol("a.c", "init", "function", 0), StatedSymbol("a.c", "reset", "", 2)


def ends(above: str = "", via: str = "") -> StatedEdge:
    return StatedEdge(INIT, RESET, via=via, above=above)


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        ([A, A, A, A], ()),
        ([H, H, H, H], (("v1", "v4"),)),
        ([A, H, H, A], (("v2", "v3"),)),
        ([H, A, H, H], (("v1", "v1"), ("v3", "v4"))),
        ([U, A, W, H], (("v4", "v4"),)),
    ],
)
def test_releases_that_follow_are_one_era(
    statuses: list[ReleaseStatus], found: tuple[tuple[str, str], ...]
) -> None:
    assert eras_of(TAGS, statuses) == found


def test_every_status_has_its_ranges() -> None:
    eras = make_eras("linux", TAGS, {INIT: [H, U, U, A], ends(): [W, H, A, A]})
    assert eras.symbols[INIT] == Statement((("v1", "v1"),), (), (("v2", "v3"),))
    assert eras.edges[ends()] == Statement((("v2", "v2"),), (("v1", "v1"),))


def edge(**step: str) -> Edge:
    lines = "".join(f"        {key}: {value}\n" for key, value in step.items())
    note = (
        "title: t\nsteps:\n  - function: init\n    file: a.c\n    steps:\n"
        f"      - function: reset\n        file: a.c\n{lines}"
    )
    parsed = parse_note("a.yml", note.encode(), note_id="a", default_pin=Pin("linux", "v1"))
    assert parsed.note is not None
    return next(note_edges(parsed.note))


@pytest.mark.parametrize(
    ("verdict", "step", "status"),
    [
        (Verdict(EdgeStatus.PROVED, Proof.CALL), {}, H),
        (Verdict(EdgeStatus.UNPROVED), {}, A),
        (Verdict(EdgeStatus.UNPROVED, wrong_via=True), {"via": "ops.reset"}, W),
        (Verdict(EdgeStatus.HALF), {"via": "ops.reset"}, A),
        (Verdict(EdgeStatus.HALF), {"when": "later", "by": "run"}, U),
        (Verdict(EdgeStatus.NOT_SEARCHED), {}, U),
        (Verdict(EdgeStatus.ASSERTED), {"asserted": "it is"}, U),
    ],
)
def test_a_verdict_has_its_status(
    verdict: Verdict, step: dict[str, str], status: ReleaseStatus
) -> None:
    assert status_of_verdict(verdict, edge(**step)) is status


@pytest.mark.parametrize(
    ("kind", "occurrence", "status"),
    [("", 0, H), ("function", 0, H), ("macro", 0, A), ("function", 2, H), ("function", 3, A)],
)
def test_a_symbol_holds_as_its_kind_and_so_often(
    kind: str, occurrence: int, status: ReleaseStatus
) -> None:
    twins = [
        Definition("a.c", "reset", SymbolKind.FUNCTION, line, line, line, "", "") for line in (1, 5)
    ]
    assert status_of_symbol(twins, kind, occurrence) is status


def test_who_stands_above_is_told_only_where_it_matters() -> None:
    same = make_eras("linux", TAGS, {ends("f"): [H, A, A, A], ends("g"): [H, A, A, A]})
    assert list(same.edges) == [ends()]
    other = make_eras("linux", TAGS, {ends("f"): [H, A, A, A], ends("g"): [A, A, A, A]})
    assert list(other.edges) == [ends("f"), ends("g")]


def some() -> Eras:
    return make_eras(
        "linux",
        TAGS,
        {
            RESET: [H, A, H, U],
            INIT: [A, A, A, A],
            ends("f"): [H, A, W, U],
            ends("g"): [A, A, A, A],
            ends(via="ops.reset"): [H, H, H, H],
        },
    )


def test_the_file_is_canonical_and_gives_back_what_was_written() -> None:
    text = format_eras(some())
    assert parse_eras("notes.eras", text) == some()
    head, *facts = map(json.loads, text.splitlines())
    assert head == {"callpath-eras": 1, "project": "linux", "tags": ["v1", "v2", "v3", "v4"]}
    assert facts[1] == {
        "symbol": "reset", "kind": "", "path": "a.c", "occurrence": 2,
        "eras": [["v1", "v1"], ["v3", "v3"]], "unknown": [["v4", "v4"]],
    }  # fmt: skip
    lines = text.splitlines(keepends=True)
    assert format_eras(parse_eras("notes.eras", lines[0] + "".join(lines[:0:-1]))) == text


def test_the_notebooks_own_file_is_canonical() -> None:
    text = (Path(__file__).parents[2] / "notes/notes.eras").read_text(encoding="utf-8")
    assert format_eras(parse_eras("notes.eras", text)) == text


HEAD = {"callpath-eras": 1, "project": "linux", "tags": ["v1", "v2"]}
FACT = {"symbol": "f", "kind": "function", "path": "a.c", "eras": [["v1", "v2"]]}
EDGE = {
    "caller": "init", "callee": "reset", "from": list(INIT), "to": list(RESET), "eras": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "fact",
    [
        FACT | {"eras": [["v2", "v1"]]},
        FACT | {"eras": [["v1", "v9"]]},
        FACT | {"eras": [["v1"]]},
        FACT | {"eras": "v1"},
        FACT | {"eras": {"v1": "v2"}},
        FACT | {"eras": [["v1", "v1"], ["v1", "v1"]]},
        FACT | {"unknown": [["v2", "v2"]]},
        FACT | {"kind": "funktion"},
        FACT | {"occurrence": -1},
        FACT | {"occurrence": True},
        FACT | {"symbol": 1},
        FACT | {"text": "int f(void)"},
        {key: value for key, value in FACT.items() if key != "eras"},
        EDGE | {"caller": "other"},
        EDGE | {"via": 1},
        EDGE | {"from": ["a.c", "init"]},
        EDGE | {"era": []},
        [],
    ],
    ids=json.dumps,
)
def test_what_the_format_does_not_allow_is_refused(fact: Any) -> None:
    text = f"{json.dumps(HEAD)}\n{json.dumps(FACT | {'symbol': 'g'})}\n{json.dumps(fact)}\n"
    with pytest.raises(ErasError, match=r"notes\.eras:3:1` holds no fact"):
        parse_eras("notes.eras", text)


def test_a_fact_is_told_once() -> None:
    with pytest.raises(ErasError, match=":3:1"):
        parse_eras("notes.eras", "\n".join(map(json.dumps, [HEAD, FACT, FACT])))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("", "is not a Callpath eras file"),
        ("[]", "is not a Callpath eras file"),
        ('{"callpath-lock": 1}', "is not a Callpath eras file"),
        ('{"callpath-eras": 2, "project": "linux", "tags": ["v1"]}', "has eras file format 2; "),
        ('{"callpath-eras": 0, "project": "linux", "tags": ["v1"]}', "has eras file format 0; "),
        ('{"callpath-eras": 1, "project": "linux"}', "which releases"),
        ('{"callpath-eras": 1, "project": "linux", "tags": []}', "which releases"),
        ('{"callpath-eras": 1, "project": "linux", "tags": ["v1", "v1"]}', "which releases"),
        ('{"callpath-eras": 1, "project": "linux", "tags": [1]}', "which releases"),
    ],
)
def test_a_wrong_head_is_refused(head: str, message: str) -> None:
    with pytest.raises(ErasError, match=message):
        parse_eras("notes.eras", f"{head}\n")

"""Properties of the note parser: it is total, its places are exact, and no fault escapes it."""

import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from bad_notes import bad_notes, valid_note
from callpath.findings import Finding, SettingsError
from callpath.model import (
    Pin,
    Text,
    visits,
)
from callpath.notes.parser import (
    ParsedNote,
    is_note,
    parse_note,
)
from callpath.options import read_site_file, site_settings

SEED = int(os.environ.get("CALLPATH_SEED", "20120812"))
COUNT = 1000
GOLDENS = sorted((Path(__file__).parent / "note_cases").glob("*.txt"))
_LINE_END = re.compile(rb"\r\n|\n|\r")


def parsed(data: bytes) -> ParsedNote:
    return parse_note("notes/n.yml", data, note_id="n", default_pin=Pin("linux", "v6.12"))


def assert_sound(data: bytes, findings: tuple[Finding, ...]) -> None:
    """Every finding has its place in the file, and says something in one line."""
    last = len(_LINE_END.findall(data)) + 1
    for found in findings:
        assert found.location.file == "notes/n.yml"
        assert 1 <= found.location.line <= last + 1
        assert found.location.column >= 1
        assert found.message
        assert "\n" not in found.message + found.hint
        assert not found.message.endswith(".")


PIECES = (
    *("title: ", "steps:", "- ", "function: f", "file: a.c", "commentary: ", "errata:", "said: x"),
    *(
        "is: y",
        "id: a",
        "pin: ",
        "v3.7",
        "\n",
        "\n  ",
        "\n    ",
        "\t",
        "\r",
        " ",
        ": ",
        ", ",
        "中",
        "~",
    ),
    *(
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        "*a",
        "&a ",
        "!t ",
        "<<: ",
        "#",
        "---",
        "...",
        "|",
        "|2-",
        ">+\n",
    ),
    *("\ufeff", "\0", "\u2028", "?", "@", "%", "null", "\\", "~", ">+\n"),
)
yaml_like = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def read_settings(data: bytes) -> None:
    """Read settings, which may be refused."""
    with suppress(SettingsError):
        site_settings(read_site_file("mkdocs.yml", data, {}))


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_read(data: bytes) -> None:
    assert_sound(data, parsed(data).findings)
    is_note(data)
    read_settings(data)


@given(yaml_like)
@settings(max_examples=600, deadline=None)
def test_anything_like_yaml_is_read(text: str) -> None:
    data = text.encode()
    assert_sound(data, parsed(data).findings)
    is_note(data)
    read_settings(b"plugins:\n- callpath:\n    pin: x\n" + data)


@given(st.integers(0, 10_000), st.data())
@settings(max_examples=200, deadline=None)
def test_a_note_cut_anywhere_keeps_its_first_steps(seed: int, data: st.DataObject) -> None:
    whole = valid_note(seed)
    ids = [visit.step.id for visit in visits(parsed(whole).note)]  # type: ignore[arg-type]
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    result = parsed(cut)
    assert_sound(cut, result.findings)
    kept = [visit.step.id for visit in visits(result.note)] if result.note else []
    # The last step may be cut in the middle of its name.
    assert kept[:-1] == ids[: max(len(kept) - 1, 0)]


block_lines = st.lists(
    st.text("ab 中𠮷`:#-\t\"'|>{é", max_size=12).filter(lambda line: not line[:1].isspace()),
    min_size=1,
    max_size=6,
)


@given(
    lines=block_lines,
    depth=st.integers(1, 6),
    extra=st.integers(0, 3),
    explicit=st.booleans(),
    chomp=st.sampled_from(["", "-", "+"]),
    leading=st.integers(0, 2),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
)
@settings(max_examples=400, deadline=None)
def test_places_in_a_block_are_exact(
    lines: list[str],
    depth: int,
    extra: int,
    explicit: bool,
    chomp: str,
    leading: int,
    end: str,
    mark: str,
) -> None:
    margin = " " * depth
    head = ["title: 标题", "steps:", "- function: f", "  file: a.c", "  errata:"]
    head += [f"  {margin}- is: x", f"  {margin}  said: |{depth if explicit else ''}{chomp}  # 注"]
    more = " " * extra if explicit else ""
    body = [f"  {margin}  {margin}{more}{line}" if line else "" for line in lines]
    text = mark + end.join(head + [""] * leading + body) + end
    result = parsed(text.encode())
    if not any(lines):
        return
    assert result.note is not None
    assert not result.findings
    said = result.note.steps[0].errata[0].said
    assert said.literal
    assert_exact(said, text.removeprefix("\ufeff").split(end))


def assert_exact(text: Text, file_lines: list[str]) -> None:
    for offset, character in enumerate(text.value):
        if character == "\n":
            continue
        place = text.location_at(offset)
        assert file_lines[place.line - 1][place.column - 1] == character


@given(st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_places_in_whole_notes_are_exact(seed: int) -> None:
    data = valid_note(seed)
    lines = data.decode().split("\n")
    note = parsed(data).note
    assert note is not None
    for visit in visits(note):
        step = visit.step
        assert lines[step.location.line - 1][step.location.column - 1 :] == step.symbol.name
        assert (
            lines[step.path_location.line - 1][step.path_location.column - 1 :] == step.symbol.path
        )
        assert_exact(step.commentary, lines)
        for erratum in step.errata:
            assert lines[erratum.said.location.line - 1].endswith(erratum.said.value)


def test_valid_notes_are_clean() -> None:
    for seed in range(SEED, SEED + 200):
        data = valid_note(seed)
        result = parsed(data)
        assert result.findings == ()
        assert is_note(data)
        assert result.note is not None
        steps = [visit.step for visit in visits(result.note)]
        assert [step.ordinal for step in steps] == list(range(1, len(steps) + 1))
        assert len({step.id for step in steps}) == len(steps)


def test_no_fault_escapes() -> None:
    missed = []
    seen: Counter[str] = Counter()
    for bad in bad_notes(SEED, COUNT):
        found = parsed(bad.data).findings
        assert_sound(bad.data, found)
        seen[bad.fault] += 1
        if not any(
            each.rule in bad.expected_rules and bad.expected_line in (None, each.location.line)
            for each in found
        ):
            told = [f"{each.location.line}: {each.rule}: {each.message}" for each in found[:5]]
            missed.append(f"{bad.name} (line {bad.expected_line}): {told}")
    assert not missed, f"CALLPATH_SEED={SEED}: {missed}"
    assert sum(seen.values()) == COUNT
    assert len(seen) >= 50


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_the_python_parser_finds_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def findings(data: bytes) -> set[tuple[str, int]]:
        # What follows a fault differs: the two parsers do not stop at the same character.
        return {(found.rule, found.location.line) for found in parsed(data).findings[:1]}

    # Nesting and many values are slow to read in Python.
    files = [bad.data for bad in bad_notes(seed, 120) if len(bad.data) < 20_000]
    files += [path.read_bytes().partition(b"=== findings")[0][9:] for path in GOLDENS]
    fast = [findings(data) for data in files]
    monkeypatch.setattr("callpath.notes.yaml._LOADER", yaml.BaseLoader)
    for data, expected in zip(files, fast, strict=True):
        assert findings(data) == expected, data


@pytest.mark.parametrize(
    ("written", "is_exact"),
    [
        ("see `a.c` 中 #1", True),
        ("'see `a.c`: it'  # 注", True),
        ('"see `a.c`: it"', True),
        ("'it''s `a.c`'", False),
        (r'"a\tb `a.c`"', False),
        ("see\n    `a.c`", False),
        (">\n    see `a.c`", False),
        ("&x see `a.c`", False),
    ],
)
def test_places_in_a_text_on_one_line_are_exact(written: str, is_exact: bool) -> None:
    text = f"\ufefftitle: t\nsteps:\n- function: f\n  file: a.c\n  commentary: {written}\n"
    note = parsed(text.encode()).note
    assert note is not None
    commentary = note.steps[0].commentary
    assert commentary.literal is is_exact
    if is_exact:
        assert_exact(commentary, text.removeprefix("\ufeff").split("\n"))

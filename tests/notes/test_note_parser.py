"""Golden cases: a note's text, the findings, and what could be read of it, in one file a case.

A case file has three parts: `=== note`, `=== findings` (line:column, rule, message, hint) and
`=== reading` (pin, title, steps with their ids and places). `--update-goldens` rewrites the last
two.
"""

import re
from pathlib import Path

import pytest

from callpath.findings import (
    Finding,
    Location,
)
from callpath.model import (
    Note,
    Pin,
    Step,
    visits,
)
from callpath.notes.parser import (
    ParsedNote,
    is_note,
    parse_note,
)
from callpath.rules import RULES

CASES = sorted((Path(__file__).parent / "note_cases").glob("*.txt"))
SITE_PIN = Pin("linux", "v6.12", "c" * 40)
_PARTS = re.compile(r"\A=== note\n(.*)=== findings\n(.*)=== reading\n(.*)\Z", re.DOTALL)

# Rules of the text whose input is no readable text file; their cases are in this module.
TESTED_HERE = {"too-large", "empty-note", "invalid-encoding"}
RULES_OF_NOTES = {
    *("invalid-encoding", "too-large", "invalid-yaml", "yaml-alias", "duplicate-key"),
    *("empty-note", "unknown-key", "missing-key", "wrong-type", "invalid-value"),
    *("invalid-path", "duplicate-step"),
}


def parsed(data: bytes) -> ParsedNote:
    return parse_note("notes/case.yml", data, note_id="case", default_pin=SITE_PIN)


def steps_of(note: Note | None) -> list[Step]:
    assert note is not None
    return [visit.step for visit in visits(note)]


def finding(found: Finding) -> str:
    head = f"{found.location.line}:{found.location.column} {found.rule}: {found.message}\n"
    related = "".join(f"    also {place.line}:{place.column}\n" for place in found.related)
    return head + (f"    hint: {found.hint}\n" if found.hint else "") + related


def reading(note: Note | None) -> str:
    if note is None:
        return "nothing\n"
    pin = " ".join(filter(None, (note.pin.project, note.pin.version, note.pin.commit[:7])))
    return f"{note.title} ({pin})\n" + "".join(outline(step) for step in steps_of(note))


def outline(step: Step) -> str:
    more = "".join(
        f" {name}={getattr(step, name)!r}"
        for name in ("occurrence", "via", "when", "by", "asserted")
        if getattr(step, name)
    )
    text = f" commentary={step.commentary.value!r}" if step.commentary.value else ""
    errata = "".join(f" said={e.said.value!r} is={e.correction.value!r}" for e in step.errata)
    at = f"{step.location.line}:{step.location.column}"
    head = f"{'  ' * step.depth}{step.ordinal}. #{step.id} {step.symbol.kind} {step.symbol.name}"
    return f"{head} in {step.symbol.path} at {at}{more}{errata}{text}\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, *, update_goldens: bool) -> None:
    match = _PARTS.match(path.read_text(encoding="utf-8"))
    assert match, f"{path.name} lacks a part"
    result = parsed(match.group(1).encode())
    findings = "".join(finding(found) for found in result.findings)
    read = reading(result.note)
    if update_goldens:
        text = f"=== note\n{match.group(1)}=== findings\n{findings}=== reading\n{read}"
        path.write_text(text, encoding="utf-8")
        return
    assert findings == match.group(2)
    assert read == match.group(3)


def test_every_rule_of_the_text_has_a_case() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in CASES)
    told = set(re.findall(r"^\d+:\d+ ([a-z-]+):", text, re.MULTILINE))
    assert told | TESTED_HERE == RULES_OF_NOTES
    assert RULES.keys() >= RULES_OF_NOTES


def test_the_rules_own_examples_break_them() -> None:
    prose = {"invalid-encoding", "too-large"}
    for name in RULES_OF_NOTES - prose:
        example = RULES[name].example
        if example.startswith("- "):
            example = f"title: KVM\nsteps:\n{example}"
        elif not re.search(r"^(title|steps|pin):", example, re.MULTILINE):
            example = f"title: KVM\nsteps:\n  - function: svm_init\n    {example}"
        rules = {found.rule for found in parsed(example.encode()).findings}
        assert name in rules, f"{name}: {rules}"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "1:1 empty-note: the file is empty"),
        (b"\xef\xbb\xbf", "1:1 empty-note: the file is empty"),
        (b"# only\n# comments\n", "1:1 empty-note: the file is empty"),
        (b"---\n...\n", "1:1 empty-note: the file is empty"),
        (
            "\ufefftitle: x".encode("utf-16-le"),
            "1:1 invalid-encoding: the file is UTF-16, not UTF-8",
        ),
        (b"title: \xe4\xb8\xad\xff", "1:9 invalid-encoding: the byte 0xff is not UTF-8"),
        (b"\xc3", "1:1 invalid-encoding: the byte 0xc3 is not UTF-8"),
        (b"a: 1\r\nb: \xed\xa0\x80", "2:4 invalid-encoding: the byte 0xed is not UTF-8"),
        (
            b"title: \x00x\x01\n",
            "1:8 invalid-encoding: the character U+0000 is not allowed in a note (and 1 more)",
        ),
        (
            "title: 甲\u2028乙\n".encode(),
            "1:9 invalid-encoding: the character U+2028 is not allowed in a note",
        ),
        (
            b"#" * (1024 * 1024 + 1),
            "1:1 too-large: the file has 1,048,577 bytes, more than 1,048,576",
        ),
        (
            b"title: x\ndescription: " + b"x" * (256 * 1024 + 1),
            "2:14 too-large: the text has 262,145 bytes, more than 262,144",
        ),
        (
            b"title: " + b"[" * 100_000,
            "1:138 too-large: lists and mappings are nested more than 131 levels deep",
        ),
        (b"a: [" + b"b," * 100_001, "1:199999 too-large: the file has more than 100,000 values"),
        (
            b"title: x\n" + b"".join(b"k%d: x\n" % number for number in range(100)),
            "101:1 too-large: the mapping has 101 keys, more than 100",
        ),
    ],
)
def test_bytes_that_are_no_good_text(data: bytes, expected: str) -> None:
    told = [
        f"{found.location.line}:{found.location.column} {found.rule}: {found.message}"
        for found in parsed(data).findings
    ]
    assert expected in told


def test_gb18030_is_recognised() -> None:
    data = "title: 初始化\n".encode("gb18030")
    hints = {found.rule: found.hint for found in parsed(data).findings}
    assert "GB18030" in hints["invalid-encoding"]


def test_a_byte_order_mark_takes_no_column() -> None:
    result = parsed("\ufefftitle: 初始化\nsteps: 1\n".encode())
    assert result.note is not None
    assert [found.location for found in result.findings] == [Location("notes/case.yml", 2, 8)]


def nested(depth: int) -> bytes:
    lines = ["title: deep", "steps:"]
    for level in range(depth):
        margin = "  " * (2 * level)
        lines += [f"{margin}- function: f{level}", f"{margin}  file: a.c", f"{margin}  steps:"]
    return "\n".join(lines[:-1]).encode()


def test_64_steps_may_stand_below_one_another() -> None:
    assert not parsed(nested(64)).findings
    note = parsed(nested(100)).note
    assert [step.depth for step in steps_of(note)][-1] == 64


def test_2000_steps_are_enough() -> None:
    step = b"  - function: f\n    file: a.c\n"
    assert not parsed(b"title: long\nsteps:\n" + step * 2000).findings
    result = parsed(b"title: long\nsteps:\n" + step * 2001)
    assert [found.rule for found in result.findings] == ["too-large"]
    assert len(steps_of(result.note)) == 2000
    assert len({step.id for step in steps_of(result.note)}) == 2000


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"steps: []", True),
        (b"{steps: []}", True),
        (b"'steps': 1", True),
        (b"\xef\xbb\xbftitle: x\r\nsteps:\r\n", True),
        ("\ufeffsteps: []".encode("utf-16-le"), True),
        (b"title: \x00\nsteps: []", True),
        (b"a: &a\n  - b\nsteps: *a", True),
        (b"a: [broken\nsteps:\n", True),
        (b"#" * 2_000_000 + b"\nsteps:\n", False),
        (b"steps:\n" + b"#" * 2_000_000, True),
        (b"a:\n  steps: []", False),
        (b"- steps: []", False),
        (b"a: steps", False),
        (b"[steps, b]", False),
        (b"? {steps: 1}\n: b", False),
        (b"steps", False),
        (b"", True),
        (b"# a comment\n---\n", True),
        (b"title: x\nSteps: []\n", True),
        (b"title: x\nother: []\n", False),
        (b"title: [broken\n", True),
        # The line `steps:` is lost: its steps have become a part of another text, or of nothing.
        (b"title: x\ndescription: |\n  y\n  - function: f\n    file: a.c\n", True),
        (b"title: x\ndescription: y\n", True),
        (b"title: x\npin: v3.7\n", True),
        (b"title: x\nauthor: y\ndescription: z\n", False),
        (b"title: x\nway:\n  - function: f\n    file: a.c\n", True),
        (b"way:\n  - macro: F\n    file: a.h\n", True),
        (b"way:\n  - function: f\n  - file: a.c\n", False),
        (b"- a\n- b\n", False),
        (b"a: [broken\n  steps:\n", False),
        (b"\xff\xfe\x00", False),
    ],
)
def test_is_note(data: bytes, *, expected: bool) -> None:
    assert is_note(data) is expected


def test_the_sites_pin_keeps_its_commit() -> None:
    def pin(text: str) -> Pin:
        note = parsed(f"title: x\npin: {text}\nsteps: [{{function: f, file: a.c}}]".encode()).note
        assert note is not None
        return note.pin

    assert pin("v6.12") == SITE_PIN
    assert pin("v3.7") == Pin("linux", "v3.7")
    assert pin("6.10") == Pin("linux", "6.10")
    assert pin("{version: 6.10}") == Pin("linux", "6.10")
    assert pin("{project: qemu, version: v8.2.0}") == Pin("qemu", "v8.2.0")
    assert pin(f"{{version: v6.12, commit: {'d' * 40}}}") == Pin("linux", "v6.12", "d" * 40)

"""A reference against a parsed file: what it resolves to, and what is said when it does not."""

import pytest

from callpath.c.file import read_code
from callpath.findings import Location, nearest_name
from callpath.model import (
    Definition,
    Reference,
    Symbol,
    SymbolKind,
)
from callpath.proof.resolve import (
    Absent,
    Ambiguous,
    NoSuchOccurrence,
    OnlyDeclared,
    OtherKind,
    Resolved,
    bare_name,
    diagnose,
    resolve,
)
from kernel import LAMP_H, PIN, said

PATH = "include/linux/lamp.h"
FILE = read_code(PATH, LAMP_H.encode()).facts
PASTING = read_code(
    "trace.h",
    b"TRACE_EVENT(lamp_set, TP_PROTO(int x));\n"
    b"EXPORT_SYMBOL(fan_start);\n"
    b"int fan_start(void) { return 0; }\n",
).facts


def symbol(name: str, kind: str = "") -> Symbol:
    return Symbol(PATH, name, SymbolKind(kind) if kind else "")


def reference(name: str, kind: str = "", occurrence: int = 0, *, link: bool = False) -> Reference:
    place = Location("notes/a.yml", 5, 9)
    return Reference(PIN, symbol(name, kind), place, occurrence, "a", "s", link)


def definition(path: str, line: int, kind: SymbolKind, name: str = "lamp_register") -> Definition:
    return Definition(path, name, kind, line, line, line, name, "0" * 16)


@pytest.mark.parametrize(
    ("name", "kind", "occurrence", "line", "which"),
    [
        ("lamp", "struct", 0, 11, (1, 1)),
        ("lamp", "struct", 1, 11, (1, 1)),
        ("lamp", "", 0, 11, (1, 1)),
        ("lamp.level", "field", 0, 13, (1, 1)),
        ("lamp_word.level", "", 0, 17, (1, 1)),
        ("lamp_word", "union", 0, 16, (1, 1)),
        ("lamp_level", "enum", 0, 4, (1, 1)),
        ("LAMP_DIM", "enumerator", 0, 4, (1, 1)),
        ("lamp_level_t", "typedef", 0, 21, (1, 1)),
        ("LAMP_NAME", "macro", 0, 29, (1, 1)),
        ("lamp_clamp", "macro", 1, 24, (1, 2)),
        ("lamp_clamp", "macro", 2, 26, (2, 2)),
        ("lamp_clamp", "", 2, 26, (2, 2)),
    ],
)
def test_what_is_defined_resolves(
    name: str, kind: str, occurrence: int, line: int, which: tuple[int, int]
) -> None:
    found = resolve(symbol(name, kind), occurrence, FILE)
    assert isinstance(found, Resolved)
    assert (found.definition.line, (found.occurrence, found.of)) == (line, which)
    assert diagnose(reference(name, kind, occurrence), found) is None


def test_definitions_of_several_kinds_are_counted_by_kind() -> None:
    file = read_code("a.c", b"struct lamp { int a; };\nint lamp;\n#define lamp 1\n").facts
    variable = resolve(Symbol("a.c", "lamp", SymbolKind.VARIABLE), 0, file)
    assert isinstance(variable, Resolved)
    assert (variable.definition.line, variable.occurrence, variable.of) == (2, 1, 1)
    any_kind = resolve(Symbol("a.c", "lamp"), 0, file)
    assert isinstance(any_kind, Ambiguous)
    assert [each.line for each in any_kind.candidates] == [1, 2, 3]
    third = resolve(Symbol("a.c", "lamp"), 3, file)
    assert isinstance(third, Resolved)
    assert (third.definition.kind, third.occurrence, third.of) == (SymbolKind.MACRO, 1, 1)


@pytest.mark.parametrize(
    ("asked", "outcome", "finding"),
    [
        (
            reference("lamp_clamp", "macro"),
            Ambiguous,
            "ambiguous-symbol: `lamp_clamp` is defined 2 times in `include/linux/lamp.h`: "
            "1: line 24 (CONFIG_DIMMER), 2: line 26 (!CONFIG_DIMMER)\n"
            "  choose one with `occurrence`",
        ),
        (
            reference("lamp_clamp", link=True),
            Ambiguous,
            "ambiguous-symbol: `lamp_clamp` is defined 2 times in `include/linux/lamp.h`: "
            "1: line 24 (CONFIG_DIMMER), 2: line 26 (!CONFIG_DIMMER)\n"
            "  choose one: `src:include/linux/lamp.h#lamp_clamp@1`",
        ),
        (
            reference("lamp_clamp", "macro", 3),
            NoSuchOccurrence,
            "no-such-occurrence: `include/linux/lamp.h` has no definition 3 of `lamp_clamp`, "
            "only 2\n  1: line 24 (CONFIG_DIMMER), 2: line 26 (!CONFIG_DIMMER)",
        ),
        (
            reference("LAMP_NAME", "function"),
            OtherKind,
            "wrong-kind: `LAMP_NAME` is a macro, not a function, at `include/linux/lamp.h:29`\n"
            "  write `macro: LAMP_NAME`",
        ),
        (
            reference("lamp_level", "struct"),
            OtherKind,
            "wrong-kind: `lamp_level` is an enum, not a struct, at `include/linux/lamp.h:4`\n"
            "  write `enum: lamp_level`",
        ),
        (
            reference("lamp_register", "function"),
            OnlyDeclared,
            "not-a-definition: `include/linux/lamp.h:31` only declares `lamp_register`\n"
            "  name the file that defines it",
        ),
        (
            reference("lamp_count", "variable"),
            OnlyDeclared,
            "not-a-definition: `include/linux/lamp.h:32` only declares `lamp_count`\n"
            "  name the file that defines it",
        ),
        (
            reference("lamp_word_", "union"),
            Absent,
            "undefined-symbol: `include/linux/lamp.h` has no union `lamp_word_`, "
            "nor has any other file\n  did you mean `lamp_word`?",
        ),
        (
            reference("LAMP_NAMES"),
            Absent,
            "undefined-symbol: `include/linux/lamp.h` has no symbol `LAMP_NAMES`, "
            "nor has any other file\n  did you mean `LAMP_NAME`?",
        ),
        (
            reference("quite_something_else", "function"),
            Absent,
            "undefined-symbol: `include/linux/lamp.h` has no function `quite_something_else`, "
            "nor has any other file",
        ),
    ],
)
def test_what_does_not_resolve_says_why(asked: Reference, outcome: type, finding: str) -> None:
    found = resolve(asked.symbol, asked.occurrence, FILE)
    assert isinstance(found, outcome)
    reported = diagnose(asked, found)
    assert reported is not None
    assert said(reported) == f"notes/a.yml:5:9 {finding}"


def test_a_prototype_is_no_declaration_of_a_macro() -> None:
    assert isinstance(resolve(symbol("lamp_register", "macro"), 0, FILE), Absent)
    assert isinstance(resolve(symbol("lamp_register"), 0, FILE), OnlyDeclared)


@pytest.mark.parametrize(
    ("name", "kind", "elsewhere", "finding"),
    [
        (
            "lamp_registers",
            "function",
            [("a.c", 7, SymbolKind.FUNCTION)],
            "defined-elsewhere: `include/linux/lamp.h` does not define `lamp_registers`; "
            "`a.c:7` does\n  write `a.c`",
        ),
        (
            "lamp_registers",
            "function",
            [("a.c", 7, SymbolKind.FUNCTION), ("b.c", 1, SymbolKind.FUNCTION)],
            "defined-elsewhere: `include/linux/lamp.h` does not define `lamp_registers`; "
            "`a.c:7` does (and 1 more)\n  write `a.c`",
        ),
        (
            "lamp_registers",
            "function",
            [("a.h", 7, SymbolKind.ENUM)],
            "defined-elsewhere: `include/linux/lamp.h` does not define `lamp_registers`; "
            "`a.h:7` does as an enum",
        ),
        (
            "lamp_register",
            "function",
            [("a.c", 7, SymbolKind.FUNCTION)],
            "not-a-definition: `include/linux/lamp.h` only declares `lamp_register`; "
            "`a.c:7` does\n  write `a.c`",
        ),
    ],
)
def test_what_another_file_defines_is_said_with_it(
    name: str, kind: str, elsewhere: list[tuple[str, int, SymbolKind]], finding: str
) -> None:
    asked = reference(name, kind)
    others = [definition(path, line, which, name) for path, line, which in elsewhere]
    found = diagnose(asked, resolve(asked.symbol, 0, FILE), others)
    assert found is not None
    assert said(found) == f"notes/a.yml:5:9 {finding}"


def test_elsewhere_counts_for_nothing_when_the_file_has_the_name() -> None:
    asked = reference("LAMP_NAME", "function")
    found = diagnose(
        asked, resolve(asked.symbol, 0, FILE), [definition("a.c", 1, SymbolKind.FUNCTION)]
    )
    assert found is not None
    assert found.rule == "wrong-kind"


def test_a_name_that_a_macro_may_paste_together_is_said_to_be_so() -> None:
    asked = Reference(
        PIN, Symbol("trace.h", "trace_lamp_set", SymbolKind.FUNCTION), Location("n", 1)
    )
    found = diagnose(asked, resolve(asked.symbol, 0, PASTING))
    assert found is not None
    assert found.hint == "`TRACE_EVENT` may make it from pasted tokens, which no parser sees"


def test_the_nearest_names_come_nearest_first_and_only_near_ones() -> None:
    names = ["lamp_reset", "lamp_resets", "lamp_rest", "fan", "lamp_set"]
    assert nearest_name("lamp_reset", names)[:2] == ("lamp_reset", "lamp_resets")
    assert len(nearest_name("lamp_reset", names)) == 3
    assert nearest_name("lamp_reset", names, limit=1) == ("lamp_reset",)
    assert nearest_name("zzzzzz", names) == ()
    assert nearest_name("x", []) == ()


@pytest.mark.parametrize(
    ("name", "kind", "bare"),
    [("lamp.level", "field", "level"), ("lamp", "struct", "lamp"), ("a.b", "", "a.b")],
)
def test_the_name_to_search_a_tree_for(name: str, kind: str, bare: str) -> None:
    assert bare_name(symbol(name, kind)) == bare

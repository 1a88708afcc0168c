"""What an `#if` is worth by its own text, and what that makes of the code under it."""

import pytest

from callpath.c.file import read_code
from callpath.c.preprocessor.constants import value_of
from callpath.model import SymbolKind

FALSE = [
    "0", "(0)", "((0))", "!1", "!!0", "0x0", "0X0u", "00", "0L", "0b0", "(1 - 1)", "1 == 2",
    "LAMP && 0", "0 && LAMP", "defined(LAMP) && 0", "0 && lit(LAMP, (x))", "lit(LAMP) && (0)",
    "1 ? 0 : 1", "LAMP ? 0 : 0", "0 ? LAMP : 0", "(0) || (0)", "2 > 1 && 3 < 2", "7 % 4 - 3",
    "LAMP * 0", "0 & LAMP", "~0 + 1", "1 << 1 >> 2", "-1 > 0", "10 / 3 - 3", "5 ^ 5", "4 | 0 && 0",
    "__has_include(<lamp.h>) && 0",
]  # fmt: skip
TRUE = ["1", "!0", "LAMP || 1", "1 || LAMP", "(2)", "0x10", "1 ? 1 : 0", "!(LAMP && 0)", "3 >= 3"]
UNKNOWN = [
    "LAMP", "!LAMP", "defined LAMP", "defined(LAMP)", "LAMP == 0", "0 || LAMP", "1 && LAMP",
    "1 / 0", "1 % 0", "1 << 64", "1 << -1", "'a' == 97", "08", "1 +", "1 0", "",
    "0.5", '"a"', ")", "(",
    "LAMP ? 0 : 1", "defined", "1 ?", "lit(", "0 == LAMP", "LAMP(0",
    "\N{LATIN SMALL LETTER E WITH ACUTE}",
]  # fmt: skip


@pytest.mark.parametrize("text", FALSE)
def test_false_by_its_own_text(text: str) -> None:
    assert value_of(text, {}) == 0


@pytest.mark.parametrize("text", TRUE)
def test_true_by_its_own_text(text: str) -> None:
    assert value_of(text, {})


@pytest.mark.parametrize("text", UNKNOWN)
def test_anything_else_is_not_known(text: str) -> None:
    assert value_of(text, {}) is None


@pytest.mark.parametrize(
    "text",
    ["(" * 5_000 + "0" + ")" * 5_000, "!" * 100_000 + "0", "1 ? " * 5_000, "1 + " * 50_000 + "1"],
    ids=lambda text: text[:4],
)
def test_deep_and_long_expressions_are_not_followed(text: str) -> None:
    assert value_of(text, {}) is None


def test_macros_that_are_known() -> None:
    known = {"OFF": "0", "VIA": "(OFF)", "GONE": None, "ROUND": "ROUND", "EMPTY": ""}
    assert value_of("VIA", known) == value_of("GONE", known) == value_of("defined GONE", known) == 0
    assert value_of("defined(OFF)", known) == value_of("defined EMPTY", known) == 1
    assert value_of("ROUND", known) is None
    assert value_of("EMPTY", known) is None


def calls_of(text: str) -> list[str]:
    file = read_code("a.c", text.encode())
    [found] = [each for each in file.named("on") if each.kind is SymbolKind.FUNCTION]
    return [call.name for call in file.body(found).calls]


def body(lines: str, before: str = "") -> str:
    return f"{before}int on(int x)\n{{\n{lines}\treturn x;\n}}\n"


@pytest.mark.parametrize("text", FALSE)
def test_code_under_a_false_condition_is_none(text: str) -> None:
    assert calls_of(body(f"#if {text}\n\tdim(x);\n#else\n\tlit(x);\n#endif\n")) == ["lit"]
    assert calls_of(body(f"#if LAMP\n\tlit(x);\n#elif {text}\n\tdim(x);\n#endif\n")) == ["lit"]


@pytest.mark.parametrize("text", TRUE)
def test_code_beside_a_true_condition_is_none(text: str) -> None:
    assert calls_of(body(f"#if {text}\n\tlit(x);\n#else\n\tdim(x);\n#endif\n")) == ["lit"]
    lines = f"#if DESK\n\ta(x);\n#elif {text}\n\tlit(x);\n#elif HALL\n\tdim(x);\n#endif\n"
    assert calls_of(body(lines)) == ["a", "lit"]


def test_a_false_condition_hides_what_is_nested_in_it() -> None:
    lines = "#if (0)\n#if LAMP\n\tdim(x);\n#else\n\tdim(x);\n#endif\n\tdim(x);\n#endif\n\tlit(x);\n"
    assert calls_of(body(lines)) == ["lit"]


@pytest.mark.parametrize(
    ("before", "condition"),
    [
        ("#define LAMP 0\n", "#if LAMP"),
        ("#define LAMP (1 - 1)\n", "#if LAMP && DESK"),
        ("#define LAMP 1\n", "#ifndef LAMP"),
        ("#undef LAMP\n", "#ifdef LAMP"),
        ("#undef LAMP\n", "#if defined(LAMP) && LAMP > 2"),
        ("#define DESK LAMP\n#define LAMP 0\n", "#if DESK"),
    ],
)
def test_what_the_file_itself_switches_off_in_a_body_is_no_code(
    before: str, condition: str
) -> None:
    assert calls_of(body(f"{condition}\n\tdim(x);\n#endif\n\tlit(x);\n", before)) == ["lit"]


@pytest.mark.parametrize(
    ("before", "condition"),
    [
        ("#ifdef DESK\n#define LAMP 0\n#endif\n", "#if LAMP"),
        ("#define LAMP 0\n#ifdef DESK\n#undef LAMP\n#define LAMP 1\n#endif\n", "#if LAMP"),
        ('#undef LAMP\n#include "lamp.h"\n', "#ifdef LAMP"),
        ("#define LAMP(x) 0\n", "#if LAMP(1)"),
        ("#if 0\n#define LAMP 0\n#endif\n", "#if LAMP"),
    ],
)
def test_what_may_be_switched_on_elsewhere_is_code(before: str, condition: str) -> None:
    assert calls_of(body(f"{condition}\n\tdim(x);\n#endif\n", before)) == ["dim"]


def test_a_whole_definition_that_the_file_switches_off_is_still_one() -> None:
    text = b"#define LAMP 0\n#if LAMP\nint on(void) { return 0; }\n#endif\n"
    [_, found] = read_code("a.c", text).facts.definitions
    assert (found.name, found.condition) == ("on", "LAMP")


def test_a_definition_under_a_constant_is_none() -> None:
    text = b"#if LAMP && 0\nint on(void) { return 0; }\n#define OFF\n#endif\nint after;\n"
    assert [each.name for each in read_code("a.c", text).facts.definitions] == ["after"]

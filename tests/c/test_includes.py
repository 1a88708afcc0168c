"""What is seen of a file without a parse: its includes, and what it may make of a word."""

import pytest

from callpath.c.facts import Glance, Include
from callpath.c.preprocessor.includes import glance, read_includes


def spelled(text: str) -> list[str]:
    return [each.spelled for each in read_includes(text.encode())]


def test_an_include_has_its_line_its_form_and_its_condition() -> None:
    text = (
        b'#include "a.h"\n#ifdef LAMP\n # include <sys/b.h> // why\n#else\n#include "c.h"\n#endif\n'
    )
    assert read_includes(text) == (
        Include("a.h", 1, quoted=True),
        Include("sys/b.h", 3, condition="LAMP"),
        Include("c.h", 5, quoted=True, condition="!(LAMP)"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "#ifndef A_H\n#define A_H\n#include <x.h>\n#endif\n",
        "/* text\n * more */\n\n// text\n#ifndef A_H\n# define A_H 1\n#include <x.h>\n#endif\n",
        "#if !defined(A_H)\n#define A_H\n#include <x.h>\n#endif\n",
        "#pragma once\n#include <x.h>\n",
        "#ifndef __ASSEMBLY__\n#include <x.h>\n#endif\n",
        "#if 1\n#include <x.h>\n#endif\n",
        "#if 0\n#else\n#include <x.h>\n#endif\n",
        "#ifdef A\n#endif\n#include <x.h>\n",
    ],
)
def test_what_is_always_included_has_no_condition(text: str) -> None:
    assert [each.condition for each in read_includes(text.encode())] == [""]


@pytest.mark.parametrize(
    "text",
    [
        "#if 0\n#include <x.h>\n#endif\n",
        "#if 0\n#ifdef A\n#include <x.h>\n#endif\n#endif\n",
        "#if 1\n#else\n#include <x.h>\n#endif\n",
        "#ifdef __cplusplus\n#include <x.h>\n#endif\n",
        "/*\n#include <x.h>\n*/\n",
        "#include HEADER\n",
        '// see #include "x.h"\n',
    ],
)
def test_what_is_never_included_is_left_out(text: str) -> None:
    assert spelled(text) == []


@pytest.mark.parametrize("text", ["#endif\n#include <x.h>\n", "#else\n#include <x.h>\n#elif A\n"])
def test_directives_without_a_group_do_no_harm(text: str) -> None:
    assert spelled(text) == ["x.h"]


def test_deep_nesting_is_read_in_linear_time() -> None:
    text = "#ifdef A\n#include <x.h>\n" * 20_000
    assert len(spelled(text)) == 20_000


@pytest.mark.parametrize(
    "text",
    [
        "#define lamp 1",
        "#  undef lamp",
        "#define lamp(x) x",
        "static inline int lamp(int x) { return x; }",
        "static int\nlamp(int (*f)(int (*)(int)),\n     int y)\n{\n}",
        "int lamp(int x) __attribute__((cold)) {}",
        "extern int (*lamp)(int);",
        "enum { dark, lamp };",
        "enum {\n\tlamp = 1,\n};",
        "static int lamp;",
        "int lamp[3];",
        "int lamp = 1;",
        "int lamp __read_mostly;",
        "typedef int lamp;",
    ],
)
def test_what_may_define_a_word_is_seen(text: str) -> None:
    assert glance(text.encode(), "lamp").defines


@pytest.mark.parametrize(
    "text",
    [
        "int lamp(int x);",
        "static inline int f(void) { if (lamp(1)) { return lamp(2) + 1; } return g(lamp(3)); }",
        "/* lamp is on */",
        "#define clamp 1",
        "int lamps;",
    ],
)
def test_a_mere_use_defines_nothing(text: str) -> None:
    assert glance(text.encode(), "lamp") == Glance()


@pytest.mark.parametrize(
    "text", ["#define desk lamp", "#define desk(x) lamp(x)", "#define desk(x, y) (lamp((x), y))"]
)
def test_a_macro_that_stands_for_a_word(text: str) -> None:
    assert glance(text.encode(), "lamp").renamed == ("desk",)


def test_a_hostile_text_is_looked_at_in_linear_time() -> None:
    assert not glance(b"lamp(" * 50_000, "lamp").defines

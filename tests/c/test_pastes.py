"""What macros paste together."""

import pytest

from callpath.c.preprocessor.pastes import Pastes


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("#define LAMP(name) int lamp_##name;", "lamp_on", "on"),
        ("#define LAMP(name) int name##_lamp;", "old_lamp", "old"),
        ("# define  LAMP( a, name ) a test_##name ## _lamp(void)", "test_old_lamp", "old"),
        ("#define LAMP(name) \\\n\tint one; \\\n\tint lamp_ ## \\\n\tname;\n", "lamp_on", "on"),
        (
            "int x;\n#define LAMP(name, ...) do { f(lamp_##name, ##__VA_ARGS__); } while (0)\n",
            "lamp_x",
            "x",
        ),
        ("#define A 1\\\n2\n#define LAMP(n) lamp_##n\n", "lamp_on", "on"),
    ],
)
def test_an_argument_of_a_pasted_name(text: str, name: str, argument: str) -> None:
    pastes = Pastes()
    pastes.read(text.encode())
    assert list(pastes.arguments(name)) == [argument]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#define LAMP(name) lamp_##name", "lamp_"),
        ("#define LAMP(name) lamp_##name", "old_lamp"),
        ("#define LAMP(a, b) a##_##b", "lamp_on"),  # it says nothing
        ("#define LAMP(name) __##name", "__lamp"),
        ("#define LAMP(name) lamp_##name##_##name", "lamp_a_a"),
        ("/* lamp_##name */", "lamp_on"),
        ("#define LAMP name##_lamp", "old_lamp"),
        ("##", "x"),
    ],
)
def test_what_no_macro_pastes(text: str, name: str) -> None:
    pastes = Pastes()
    pastes.read(text.encode())
    assert list(pastes.arguments(name)) == []

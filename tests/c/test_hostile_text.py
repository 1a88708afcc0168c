"""Text that is made to take long: the work grows with its length, and no faster."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from callpath.c.lexer import lex
from callpath.c.masking.items import read_items
from callpath.c.masking.makers import Makers
from callpath.c.masking.mask import mask
from callpath.c.masking.masked import MaskedSource
from callpath.c.preprocessor.conditions import read_conditions, select
from callpath.c.preprocessor.constants import value_of

LENGTH = 400


@contextmanager
def counted() -> Iterator[list[int]]:
    """Counts the calls of functions, in Python and in C."""
    calls = [0]

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        calls[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def work(text: bytes) -> int:
    """How many calls it takes to mask a text, and how many bytes are looked at in items."""
    with counted() as calls:
        lexed = lex(text)
        conditions = read_conditions(lexed)
        masked = mask(select(lexed.code, conditions, 0), makers=Makers(lexed.directives))
    return calls[0] + read(masked)


def read(masked: MaskedSource) -> int:
    """How many bytes the parts of all items have, counted as often as an item has them."""
    items = read_items(masked, masked.source)
    return sum(part.end - part.start for item in items for part in item.parts)


REPEATED = [
    b"lamp(a) int a; ",
    b"lamp(a)\nint b;\n",
    b"int lamp(a, b)\nint a;\n",
    b"LAMP(x)\n",
    b"LAMP(x) ",
    b"LAMP ",
    b"lamp ",
    b"struct ",
    b"struct a ",
    b"struct a b {",
    b"struct A(1) ",
    b"int a[",
    b"int a[1] ",
    b"LAMP(",
    b"a(b) {",
    b"({",
    b"int x = {",
    b"int (*",
    b"int (A *",
    b"typedef ",
    b"int a ATTR, ",
    b"A(x) = ",
    b"a OF((",
    b"a OF((b)) ",
    b"FNAME(a)(",
    b"enum { A(1), ",
    b"#define A(x) x ## A(x)\nA(b) { }\n",
    b"#if A\n#define B 0\n#elif B\n{\n",
    b"#if (((((\n#endif\n",
    b"int f(x) int x; { }\n",
    b'extern "C" {\n',
    b"\n\n\n   ",
    b"*",
    b",",
    b"int a:",
]


@pytest.mark.parametrize("piece", REPEATED, ids=lambda piece: piece.decode().strip())
def test_twice_the_text_is_at_most_twice_the_work(piece: bytes) -> None:
    once, twice = work(piece * LENGTH), work(piece * LENGTH * 2)
    assert twice <= 2.2 * once + 1_000


def test_a_macro_that_stands_for_itself_is_not_followed_for_ever() -> None:
    text = b"#define A(x) B(x, x)\n#define B(x, y) A(y)\nA(lamp) { }\n"
    with counted() as calls:
        mask(lex(text).code, makers=Makers(lex(text).directives))
    assert calls[0] < 5_000


def test_macros_that_double_each_other_are_followed_a_few_steps() -> None:
    known = {f"A{n}": f"A{n + 1} + A{n + 1}" for n in range(30)}
    with counted() as calls:
        assert value_of("A0", known) is None
    assert calls[0] < 10_000

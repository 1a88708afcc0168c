"""What an `#if` is worth as far as its own text says: integers, and what is known of macros.

A value that depends on anything else is None; `X && 0` is 0 all the same.
"""

import operator
import re
from collections.abc import Callable, Mapping
from itertools import islice

_WORD = re.compile(
    r"\s*(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlLzZ]*(?![\w.])|'([^'\\])'|([A-Za-z_]\w*)"
    r"|(<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>&^|!~?:()])|(\S))"
)
_MOST_WORDS = 1024
_DEEPEST = 64  # how many brackets and `?` are followed into each other
_MOST_STEPS = 16  # how many macros are followed that stand for each other
_BITS = 64


def _divided(left: int, right: int) -> int | None:
    quotient = abs(left) // abs(right) if right else None
    return -quotient if quotient is not None and (left < 0) != (right < 0) else quotient


def _rest(left: int, right: int) -> int | None:
    quotient = _divided(left, right)
    return None if quotient is None else left - quotient * right


def _shifted(left: int, right: int) -> int | None:
    return left << right if 0 <= right < _BITS else None


def _shifted_back(left: int, right: int) -> int | None:
    return left >> right if 0 <= right < _BITS else None


_LEVELS: tuple[Mapping[str, Callable[[int, int], int | None]], ...] = (
    {"||": lambda left, right: int(bool(left or right))},
    {"&&": lambda left, right: int(bool(left and right))},
    {"|": operator.or_},
    {"^": operator.xor},
    {"&": operator.and_},
    {"==": operator.eq, "!=": operator.ne},
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge},
    {"<<": _shifted, ">>": _shifted_back},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": _divided, "%": _rest},
)
"""The operators with two sides, those that bind least first."""
_LEVEL = {mark: level for level, marks in enumerate(_LEVELS) for mark in marks}
_DECIDED = {"||": 1, "&&": 0, "&": 0, "*": 0}
"""What a side can be that decides the whole; for `||` it is any value but 0."""


class UnreadableError(Exception):
    """An expression that is none, or that is nested too deeply."""


def value_of(text: str, known: Mapping[str, str | None]) -> int | None:
    """The value of an expression; None if its text does not say it.

    Parameters:
        text: The expression, without comments.
        known: What the file has said of macros before: the text of each that is surely defined,
            None for each that surely is not.
    """
    if not text.isascii():
        return None
    return _value(text, known, {}, 0)


def _value(
    text: str, known: Mapping[str, str | None], values: dict[str, int | None], steps: int
) -> int | None:
    words = [match.group().strip() for match in islice(_WORD.finditer(text), _MOST_WORDS)]
    if len(words) == _MOST_WORDS:
        return None
    reader = _Expression(words, known, values, steps)
    try:
        value = reader.whole(0)
    except UnreadableError:
        return None
    return value if reader.is_done() else None


class _Expression:
    def __init__(
        self,
        words: list[str],
        known: Mapping[str, str | None],
        values: dict[str, int | None],
        steps: int,
    ) -> None:
        self._words = words
        self._known = known
        self._values = values  # of the macros that are read already, so that each is read once
        self._steps = steps
        self._position = 0

    def is_done(self) -> bool:
        return self._position == len(self._words)

    def whole(self, depth: int) -> int | None:
        """An expression with its `? :`."""
        if depth > _DEEPEST:
            raise UnreadableError
        condition = self._binary(0, depth)
        if self._next() != "?":
            return condition
        self._take()
        first = self.whole(depth + 1)
        self._expect(":")
        second = self.whole(depth + 1)
        if condition is None:
            return first if first == second else None
        return first if condition else second

    def _binary(self, least: int, depth: int) -> int | None:
        """An expression whose operators bind at least as strongly as some level."""
        values, marks = [self._unary(depth)], list[str]()
        while (level := _LEVEL.get(self._next(), -1)) >= least:
            while marks and _LEVEL[marks[-1]] >= level:
                _reduce(values, marks)
            marks.append(self._take())
            values.append(self._unary(depth))
        while marks:
            _reduce(values, marks)
        return values[0]

    def _unary(self, depth: int) -> int | None:
        signs: list[str] = []
        while self._next() in ("!", "~", "-", "+"):
            signs.append(self._take())
        value = self._primary(depth)
        for sign in reversed(signs):
            if value is not None:
                value = _wrapped(_SIGNS[sign](value))
        return value

    def _primary(self, depth: int) -> int | None:
        word = self._take()
        if word == "(":
            value = self.whole(depth + 1)
            self._expect(")")
            return value
        if word[0].isdigit():
            return _number(word)
        if word[0] == "'":
            return None  # the compiler's characters need not be those of this text
        if word == "defined":
            return self._defined()
        if not (word[0].isalpha() or word[0] == "_"):
            raise UnreadableError
        if self._next() == "(":
            self._skip_brackets()
            return None
        return self._macro(word)

    def _defined(self) -> int | None:
        name = self._take()
        if name == "(":
            name = self._take()
            self._expect(")")
        return int(self._known[name] is not None) if name in self._known else None

    def _macro(self, name: str) -> int | None:
        if name not in self._known:
            return None
        text = self._known[name]
        if text is None:
            return 0
        if name not in self._values and self._steps < _MOST_STEPS:
            self._values[name] = None  # what it is while it is read: it may stand for itself
            self._values[name] = _value(text, self._known, self._values, self._steps + 1)
        return self._values.get(name)

    def _skip_brackets(self) -> None:
        depth = 0
        while True:
            word = self._take()
            depth += (word == "(") - (word == ")")
            if not depth:
                return

    def _next(self) -> str:
        return self._words[self._position] if self._position < len(self._words) else ""

    def _take(self) -> str:
        word = self._next()
        if not word:
            raise UnreadableError
        self._position += 1
        return word

    def _expect(self, word: str) -> None:
        if self._take() != word:
            raise UnreadableError


_SIGNS: Mapping[str, Callable[[int], int]] = {
    "!": operator.not_,
    "~": operator.invert,
    "-": operator.neg,
    "+": operator.pos,
}


def _reduce(values: list[int | None], marks: list[str]) -> None:
    """Join the last two values."""
    mark, right, left = marks.pop(), values.pop(), values.pop()
    values.append(_joined(mark, left, right))


def _joined(mark: str, left: int | None, right: int | None) -> int | None:
    if left is not None and right is not None:
        value = _LEVELS[_LEVEL[mark]][mark](left, right)
        return None if value is None else _wrapped(int(value))
    one = right if left is None else left
    if one is None or mark not in _DECIDED:
        return None
    if mark == "||":
        return 1 if one else None
    return None if one else 0


def _wrapped(value: int) -> int:
    half = 1 << (_BITS - 1)
    return (int(value) + half) % (1 << _BITS) - half


def _number(word: str) -> int | None:
    digits = word.rstrip("uUlLzZ")
    try:
        if digits[:2].lower() in ("0x", "0b"):
            return _wrapped(int(digits, 0))
        is_octal = digits.startswith("0")
        return _wrapped(int(digits, 8 if is_octal else 10)) if len(digits) < _BITS else None
    except ValueError:
        return None

"""Whether some `#if` conditions together always hold, as those of all branches of a group do."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

_MOST_ASKED = 6  # how many different questions are tried with every answer
_LONGEST = 1000  # how many bytes of conditions are read
_SIGN = re.compile(r"&&|\|\||!(?!=)|[()]")
_CALL = re.compile(r"\w\s*$")
_BINDING = {"||": 1, "&&": 2, "!": 3}


@lru_cache(maxsize=4096)
def are_exhaustive(conditions: tuple[str, ...]) -> bool:
    """Whether at least one of some conditions always holds, as far as their text says it.

    What is neither `!`, `&&`, `||` nor a bracket is a question that has the same answer each time.
    """
    if "" in conditions:
        return True
    if len(conditions) < 2 or sum(map(len, conditions)) > _LONGEST:
        return False
    read = [tuple(_postfix(each)) for each in conditions]
    asked = sorted({item for each in read for item in each if item not in _BINDING})
    if len(asked) > _MOST_ASKED:
        return False
    every = product((False, True), repeat=len(asked))
    answers = (dict(zip(asked, each, strict=True)) for each in every)
    return all(any(_holds(each, answer) for each in read) for answer in answers)


def _holds(items: tuple[str, ...], answers: dict[str, bool]) -> bool:
    """The value of a condition; false if it is not well formed."""
    values: list[bool] = []
    for item in items:
        if item == "!" and values:
            values.append(not values.pop())
        elif item in ("&&", "||") and len(values) > 1:
            right, left = values.pop(), values.pop()
            values.append(left and right if item == "&&" else left or right)
        elif item in _BINDING:
            return False
        else:
            values.append(answers[item])
    return len(values) == 1 and values[0]


def _postfix(condition: str) -> Iterator[str]:
    """The questions of a condition, each operator behind what it is of."""
    waiting: list[str] = []
    for item in _items(condition):
        if item == ")":
            while waiting and (last := waiting.pop()) != "(":
                yield last
        elif item in ("&&", "||"):
            while waiting and _BINDING.get(waiting[-1], 0) >= _BINDING[item]:
                yield waiting.pop()
            waiting.append(item)
        elif item in ("!", "("):
            waiting.append(item)
        else:
            yield item
    yield from reversed(waiting)


def _items(condition: str) -> Iterator[str]:
    """Operators, brackets, and what stands between; a call is one with its brackets."""
    start, depth = 0, 0
    for match in _SIGN.finditer(condition):
        sign = match.group()
        between = condition[start : match.start()]
        if depth or (sign == "(" and _CALL.search(between)):
            depth += (sign == "(") - (sign == ")")
            continue
        if question := between.strip():
            yield question
        yield sign
        start = match.end()
    if question := condition[start:].strip():
        yield question

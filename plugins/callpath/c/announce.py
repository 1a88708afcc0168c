"""What a file says by its text alone, without a parse: what it defines, announces and binds.

A cheap rule looks at the words around a name. It may take a file for one that defines a name
and does not, such as one that shows it in a comment: the parsed file has the last word.
"""

import re
from collections.abc import Callable, Iterator

from callpath.c.bodies.expansion import may_make_names

_WORD = re.compile(rb"\w")
_NEAR = 200  # bytes before a name that are looked at

_BODY = re.compile(rb"\s*+(?:/\*[^*]*+\*/\s*+|__\w++(?:\([^;{}]{0,80}?\)++)?\s*+)*+\{")
_TAGGED = re.compile(rb"\b(?:struct|union)\b[^;{}*=]*$")
_END = re.compile(
    rb"\s*+(?:\[[^\]\n]*+\]\s*+|/\*[^*]*+\*/\s*+|__\w++(?:\([^;{}]{0,80}?\)++)?\s*+)*+[;,=]"
)
_TYPEDEF = re.compile(rb"\btypedef\b[^;]*$")
_FORWARD = re.compile(rb"\btypedef\s+(?:struct|union)\s+(\w+)\s+$")
_CLOSED = re.compile(rb"\}[^;{}()]*$")
_AT_FILE_LEVEL = re.compile(rb"(?:[A-Za-z_][^;{}()=#]*)?$")
_DECLARED = re.compile(rb"DECLARE_\w+\([^;]*$")
_FORWARDS = re.compile(rb"\s*(?:struct|union|enum)\s+$")
_CALLED = re.compile(rb"\s*+\(")


def defines_type(text: bytes, word: str) -> bool:
    """Whether a text seems to define a struct or union of a tag, or a typedef of a name."""
    return _any(text, word, _is_type)


def announces(text: bytes, word: str) -> bool:
    """Whether a text seems to define a type of a name, or to declare a variable or function."""
    return _any(text, word, lambda *place: _is_type(*place) or _is_declared(*place))


def may_bind(text: bytes, word: str) -> bool:
    """Whether a text may put a function of a name somewhere: it does more than call and declare it.

    Where macros make names, the name may be put somewhere without standing there.
    """
    places = _occurrences(text, word.encode())
    return any(not _CALLED.match(text, end) for _, end in places) or may_make_names(text)


_QUOTED = rb"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'"
_INSIDE = rb"[^(){};#\"']|" + _QUOTED  # what brackets of a call can hold that are followed
_BRACKETS = rb"\((?:%(i)s|\((?:%(i)s|\((?:%(i)s|\((?:%(i)s)*+\))*+\))*+\))*+\)" % {b"i": _INSIDE}
_ONLY_CALLED = re.compile(rb"\s*+%b\s*+(?:[;,)<>&|?:+*.%%^!\]}-]|([={]))" % _BRACKETS)
_INDENTED = re.compile(rb"[ \t]++")
_ENDED = (b";", b"{", b"}", b")")


def may_make(text: bytes, word: str) -> bool:
    """Whether a text may define something of a name, or announce a variable of it.

    It does not if it only calls it, and declares functions of it; nor without it. What it has only
    as a part of other words, a macro may make a name of.
    """
    places = list(_occurrences(text, word.encode()))
    return any(_is_making(text, *place) for place in places) if places else word.encode() in text


def _is_making(text: bytes, start: int, end: int) -> bool:
    """Whether a name stands for more than a call or a prototype, or behind `#define`."""
    call = _ONLY_CALLED.match(text, end)
    if call is None:
        return True
    first = text.rfind(b"\n", 0, start) + 1
    before = text[first:start]
    if call.group(1):  # `for_each_cpu(cpu) {`, `per_cpu(counter, cpu) = 1`
        above = text[max(0, start - _NEAR) : start].rstrip()[-1:]
        return above not in _ENDED or not _INDENTED.fullmatch(before)
    typedef = text.rfind(b"typedef", 0, start)
    return b"define" in before or (typedef >= 0 and text.find(b";", typedef, start) < 0)


_TAG = re.compile(rb"\b(?:struct|union|enum)\s+$")
_TAG_DEFINED = re.compile(rb"\b(?:struct|union|enum)\b[^;{}=]*$")
_OPENED = re.compile(rb"[^;{}=]*\{")


def is_more_than_tag(text: bytes, word: str) -> bool:
    """Whether a text has a word elsewhere than directly behind `struct`, `union` or `enum`."""
    return _any(text, word, lambda *place: not _TAG.search(_before(*place)))


def may_define_tag(text: bytes, word: str) -> bool:
    """Whether a text may define a struct, union or enum of a tag, or have a macro do it."""
    return may_make_names(text) or _any(text, word, _is_tag_defined)


def _is_tag_defined(text: bytes, start: int, end: int, word: str) -> bool:
    before = _before(text, start, end, word)
    return bool(_TAG_DEFINED.search(before) and _OPENED.match(text, end))


def _before(text: bytes, start: int, end: int, word: str) -> bytes:
    del end, word
    return text[max(0, start - _NEAR) : start]


def _any(text: bytes, word: str, rule: Callable[[bytes, int, int, str], bool]) -> bool:
    return any(rule(text, start, end, word) for start, end in _occurrences(text, word.encode()))


def _occurrences(text: bytes, word: bytes) -> Iterator[tuple[int, int]]:
    start = text.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        is_whole = not _WORD.match(text, end) and not _WORD.match(text[max(0, start - 1) : start])
        if is_whole:
            yield start, end
        start = text.find(word, end)


def _is_type(text: bytes, start: int, end: int, word: str) -> bool:
    before = text[max(0, start - _NEAR) : start]
    if _BODY.match(text, end):
        return _TAGGED.search(before) is not None
    if not _END.match(text, end):
        return False
    if _CLOSED.search(before):
        return True
    forward = _FORWARD.search(before)
    is_alias = forward is None or forward.group(1) != word.encode()
    return is_alias and _TYPEDEF.search(before) is not None


def _is_declared(text: bytes, start: int, end: int, word: str) -> bool:
    del word
    line = text[text.rfind(b"\n", 0, start) + 1 : start]
    if _DECLARED.match(line):
        return True
    if _FORWARDS.match(line):
        return False
    is_ended = _END.match(text, end) or _CALLED.match(text, end)
    return is_ended is not None and _AT_FILE_LEVEL.match(line) is not None

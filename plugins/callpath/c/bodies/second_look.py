"""The words that the tree does not show, or takes for something else: looked at as mere text."""

import re

from callpath.c.bodies.walk import CALLED, PLAIN, UsageContext, Walk
from callpath.c.facts import Handed, Role
from callpath.c.vocabulary import KEYWORDS, MEMBERS, UNEVALUATED

_WORD = re.compile(rb"(\w++)(?:\s*+(\())?+")
_KEYWORDS = frozenset(word.encode() for word in KEYWORDS)
_UNEVALUATED = frozenset(word.encode() for word in UNEVALUATED)
_DIGITS = frozenset(b"0123456789")
_ARGUMENT = re.compile(rb"\s*+(&?)\s*+([A-Za-z_]\w*+)\s*+")
_CALL = re.compile(rb"\s*+\(")
_POINTER = re.compile(rb"\s*+[*^]")
_OTHER, _TYPE = Role.OTHER, Role.TYPE  # named for each word: members are looked up anew each time


def look_again(walk: Walk, start: int, end: int, body: int) -> None:
    """Note what has not been seen between two offsets; calls are calls from `body` on."""
    construct = walk.construct
    base = construct.masked.base
    silent = 0
    source, seen = construct.source, walk.seen
    limit = end - base
    for match in _WORD.finditer(source, start - base, limit):
        at, past = match.span()
        offset = at + base
        word = match[1]
        if match.lastindex == 1 and past < limit:
            if offset in seen or word in _KEYWORDS:
                continue
            inside = 0
        else:
            inside = _past_bracket(match, limit)
            past = at + len(word)
        if inside and word in _UNEVALUATED:
            brackets = construct.masked.call(past)
            silent = max(silent, brackets[1] + base if brackets else 0)
        if word in _KEYWORDS or _is_literal(source, at, past):
            continue
        if offset in seen and (offset < body or not _is_missed(walk, offset, inside)):
            continue
        name = construct.unit.name(offset, past + base)
        if _is_member(source, at):
            walk.note(offset, name, PLAIN.as_member(""))
        elif offset < silent or not inside:
            walk.note(offset, name, PLAIN)
        else:
            walk.note(offset, name, CALLED)
            if offset >= body:
                _note_call(walk, offset, name, past)


def _past_bracket(word: re.Match[bytes], limit: int) -> int:
    """The offset past the bracket that follows a word, also behind a limit; 0 for none."""
    if word.lastindex != 1 or word.end() < limit:
        return word.end() if word.lastindex != 1 else 0
    opening = _CALL.match(word.string, limit)
    return opening.end() if opening is not None else 0


def _is_missed(walk: Walk, offset: int, inside: int) -> bool:
    """Whether the tree takes a call for something else: a type, a prototype, a mere value.

    Parameters:
        inside: The offset in the variant's code past the bracket that follows; 0 for none.
    """
    known = walk.mentions.get(offset)
    role = known.role if known is not None else None
    if not inside or (role is not _OTHER and role is not _TYPE):
        return False
    if offset in walk.settled:
        return False
    return role is _OTHER or _POINTER.match(walk.construct.source, inside) is None


_QUOTES = frozenset((b'"', b"'"))


def _is_literal(code: bytes, start: int, end: int) -> bool:
    """Whether a word is of a number or a text: `1`, the `f` of `1.f`, the `L` of `L"x"`."""
    is_fraction = start > 1 and code[start - 1] == ord(".") and code[start - 2] in _DIGITS
    return code[start] in _DIGITS or is_fraction or code[end : end + 1] in _QUOTES


def _is_member(code: bytes, start: int) -> bool:
    while start and code[start - 1] in b" \n":
        start -= 1
    before = code[max(0, start - 3) : start]
    return before.endswith(b"->") or (before.endswith(b".") and before != b"...")


def _note_call(walk: Walk, offset: int, name: str, end: int) -> None:
    masked = walk.construct.masked
    walk.direct_call(offset, name)
    brackets = masked.call(end)
    if brackets is None or not masked.source[brackets[0] + 1 : brackets[1]].strip():
        return
    spans = masked.arguments(*brackets)
    marks = [start - 1 for start, _ in spans]
    walk.places[offset] = [mark + masked.base for mark in (*marks, brackets[1])]
    for position, span in enumerate(spans):
        sink = walk.sink(offset)
        match = _ARGUMENT.fullmatch(masked.source, *span)
        if match is None:
            continue
        use = UsageContext(Role.ARGUMENT, name, sink, address=bool(match.group(1)))
        if MEMBERS.get(name) == position:
            use = PLAIN.as_member("")
        _hand_over(walk, match.start(2) + masked.base, match.end(2) + masked.base, use)


def _hand_over(walk: Walk, start: int, end: int, use: UsageContext) -> None:
    """Note the name that is a whole argument, unless the tree knows better."""
    known = walk.mentions.get(start)
    name = walk.construct.unit.name(start, end)
    if known is None or known.role in (Role.OTHER, Role.TYPE):
        walk.note(start, name, use)
    elif use.sink is not None and known.role is Role.LOCAL:
        use.sink.append(Handed(name, use.address, local=True))

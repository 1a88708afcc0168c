"""The second look: names that the tree does not show, or not as the calls that they are.

Knows tokens only: macros that head a loop, macros that declare, what stands in `typeof(…)`, calls
of macros with a type among the arguments, which look like declarations to a parser.
"""

import re

from callpath.core.c_parser.body_facts import Call, CallForm, Handed, Role
from callpath.core.c_parser.body_vocabulary import KEYWORDS, MEMBERS, UNEVALUATED
from callpath.core.c_parser.roles import Ledger, Use

_WORD = re.compile(rb"(?<!\w)(?<!\d\.)([A-Za-z_]\w*+)(?![\"'])")
_SPACE = b" \n"
_ARGUMENT = re.compile(rb"\s*+(&?)\s*+([A-Za-z_]\w*+)\s*+")
_CALL = re.compile(rb"\s*+\(")
_CALL_NO_POINTER = re.compile(rb"\s*+\((?!\s*+[*^])")
_ARROW = b"->"


def look_again(ledger: Ledger, start: int, end: int, body: int) -> None:
    """Note what has not been seen between two offsets of the file.

    Parameters:
        ledger: Where to write.
        start: Offset of the first byte.
        end: Offset past the last byte.
        body: Offset from which on calls are calls.
    """
    stretch = ledger.stretch
    shift = stretch.outer - stretch.inner
    silent = 0
    for match in _WORD.finditer(stretch.source, start - shift, end - shift):
        offset = match.start(1) + shift
        word = match.group(1).decode()
        if word in UNEVALUATED:
            brackets = stretch.sheet.call(match.end())
            silent = max(silent, brackets[1] + shift if brackets else 0)
        if offset in ledger.seen and not (offset >= body and _is_missed(ledger, offset, match)):
            continue
        name = stretch.text(offset, match.end() + shift)
        if _is_member(stretch.source, match.start(1)):
            ledger.name(offset, name, Use(Role.FIELD))
        elif offset < silent or word in KEYWORDS or not _CALL.match(stretch.source, match.end()):
            ledger.name(offset, name, Use())
        else:
            ledger.name(offset, name, Use(Role.CALLED))
            if offset >= body:
                _note_call(ledger, offset, name, match.end())


def _is_missed(ledger: Ledger, offset: int, match: re.Match[bytes]) -> bool:
    """Whether the tree takes a call for something else: a type, a prototype, a mere value."""
    known = ledger.mentions.get(offset)
    if known is None or offset in ledger.settled or known.role not in (Role.OTHER, Role.TYPE):
        return False
    pattern = _CALL if known.role is Role.OTHER else _CALL_NO_POINTER
    return pattern.match(match.string, match.end()) is not None


def _is_member(code: bytes, start: int) -> bool:
    """Whether a word stands behind `.` or `->`."""
    while start and code[start - 1] in _SPACE:
        start -= 1
    before = code[max(0, start - 3) : start]
    return before.endswith(_ARROW) or (before.endswith(b".") and before != b"...")


def _note_call(ledger: Ledger, offset: int, name: str, end: int) -> None:
    """Note a call that the tree does not show, with the names that it hands over."""
    stretch = ledger.stretch
    ledger.call(offset, Call(CallForm.DIRECT, name, 0))
    brackets = stretch.sheet.call(end)
    if brackets is None or not stretch.source[brackets[0] + 1 : brackets[1]].strip():
        return
    shift = stretch.outer - stretch.inner
    for place, span in enumerate(stretch.sheet.arguments(*brackets)):
        sink = ledger.sink(offset)
        match = _ARGUMENT.fullmatch(stretch.source, *span)
        if match is None:
            continue
        _hand_over(
            ledger,
            match.start(2) + shift,
            match.end(2) + shift,
            _use(name, place, sink, address=bool(match.group(1))),
        )


def _use(name: str, place: int, sink: list[Handed], *, address: bool) -> Use:
    """How a macro uses the name that is its argument at a place."""
    if MEMBERS.get(name) == place:
        return Use(Role.FIELD)
    return Use(Role.ARGUMENT, name, sink, address=address)


def _hand_over(ledger: Ledger, start: int, end: int, use: Use) -> None:
    """Note the name that is a whole argument, unless the tree knows better."""
    known = ledger.mentions.get(start)
    name = ledger.stretch.text(start, end)
    if known is None or known.role in (Role.OTHER, Role.TYPE):
        ledger.name(start, name, use)
    elif use.sink is not None and known.role is Role.LOCAL:
        use.sink.append(Handed(name, use.address))

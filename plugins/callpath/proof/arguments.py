"""What macros do with their arguments: what a macro drops or only measures never happens."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from callpath.c.facts import Body, Call, CallForm, Mention, Role
from callpath.c.vocabulary import CLASS_MAKERS, CLEANUPS, DROPPING
from callpath.facts.proof import ProofSite, SiteRole
from callpath.model import SymbolKind
from callpath.proof.code import Code, Target, site_of

_MACROS_DEEP = 8  # through how many macros an argument is followed
_MOST_MACROS = 32  # how many macros are looked at for one call
_ASSERTS = re.compile(r"(?i)assert|(?<![a-z])(?:warn|bug|check)(?![a-z])")


class _Place(Struct, frozen=True):
    """Where a macro is expanded: what its name means there is what counts, also in a macro."""

    path: str
    line: int  # 0 if any counts: in a macro's text, which is expanded elsewhere
    depth: int = 0  # in how many macros it is

    def deeper(self) -> "_Place":
        """The same place in the text of a macro."""
        return replace(self, depth=self.depth + 1)


def is_dropped(code: Code, path: str, body: Body, found: Call | Mention) -> bool:
    """Whether a macro around a call or a name drops it, only measures it or turns it into text."""
    return _is_lost(code, _Place(path, 0 if body.text else found.line), body, found)


def _is_lost(code: Code, at: _Place, body: Body, found: Call | Mention) -> bool:
    return any(_drops(code, at, name, index) for name, index in _around(body, found))


def _around(body: Body, found: Call | Mention) -> Iterator[tuple[str, int]]:
    """The calls by name whose arguments hold something, each with which argument it is."""
    place = (found.line, found.column)
    for call in body.calls:
        if call.places and not call.wrapped and call.places[0] < place < call.places[-1]:
            yield call.name, bisect_right(call.places, place) - 1


def _drops(code: Code, at: _Place, name: str, index: int) -> bool:
    """Whether a macro drops an argument: in all its definitions, or in one if it asserts on it."""
    if at.depth >= _MACROS_DEEP or code.symbol(at.path, name, SymbolKind.FUNCTION).definitions:
        return False
    macros = list(code.macros(at.path, name, at.line))
    if not macros:
        return name in DROPPING
    keeping = [body for _, body in macros if _evaluates(code, at, body, index)]
    if len(keeping) == len(macros):
        return False
    return bool(_ASSERTS.search(name)) or all(_only_asserts(body, index) for body in keeping)


def _evaluates(code: Code, at: _Place, body: Body, index: int) -> bool:
    """Whether a macro's text evaluates one of its arguments."""
    if not _parameter(body, index):
        names = [mention.name for mention in body.mentions]
        return len(names) != 1 or not _drops(code, at.deeper(), names[0], index)
    return any(
        not (use.measured or _is_lost(code, at.deeper(), body, use)) for use in _uses(body, index)
    )


def _only_asserts(body: Body, index: int) -> bool:
    """Whether a macro's text does no more with one of its arguments than to assert on it."""
    return all(
        any(_ASSERTS.search(name) for name, _ in _around(body, use)) for use in _uses(body, index)
    )


def _uses(body: Body, index: int) -> Iterator[Mention]:
    """Where a macro's text names one of its arguments."""
    parameter = _parameter(body, index)
    for mention in body.mentions:
        if mention.name == parameter and mention.role is Role.LOCAL:
            yield mention


def _parameter(body: Body, index: int) -> str:
    """The parameter that takes an argument; the last one takes all that are left over."""
    return "".join(body.parameters[min(index, len(body.parameters) - 1) :][:1])


def calls_made(code: Code, caller: Target) -> Iterator[Call]:
    """The calls through members that macros make where a function's body calls them by name."""
    file = code.file(caller.path)
    for definition in caller.definitions if file else ():
        body = file.body(definition) if file else Body()
        for call in body.calls:
            if call.form is not CallForm.DIRECT or call.local or call.wrapped or not call.places:
                continue
            texts = _making_calls(code, caller.path, call)
            if file and texts is not None and not is_dropped(code, caller.path, body, call):
                yield from file.calls_made(definition, call, texts)


def _making_calls(code: Code, path: str, call: Call) -> tuple[str, ...] | None:
    """The definitions of other files that a macro call needs; None if it has no member."""
    pending, seen = [call.name], {call.name}
    texts: list[str] = []
    is_making = False
    while pending and len(seen) < _MOST_MACROS:
        name = pending.pop()
        if code.symbol(path, name, SymbolKind.FUNCTION).definitions:
            continue
        for where, body in code.macros(path, name, call.line):
            is_making = is_making or any(each.role is Role.FIELD for each in body.mentions)
            inner = [each.name for each in body.calls if each.form is CallForm.DIRECT]
            pending += [each for each in dict.fromkeys(inner) if each not in seen]
            seen.update(inner)
            file = code.file(where) if where != path else None
            texts += file.macro_texts(name) if file else ()
    return tuple(dict.fromkeys(texts)) if is_making else None


def at_scope_end(code: Code, caller: Target, body: Body, callee: str) -> Iterator[ProofSite]:
    """The places of a body that have a function called when a scope is left, by a macro.

    That is `__free(name)` with `DEFINE_FREE(name, …)`, and a macro for the attribute `cleanup`.
    """
    for mention in body.mentions:
        if mention.role is Role.CLASS:
            for path, line in _classes(code, caller.path, mention, callee):
                yield site_of(caller.path, mention, SiteRole.CALL)
                yield ProofSite(path, line, SiteRole.USE, name=mention.name)
        elif mention.name == callee and _cleans_up(code, caller.path, body, mention):
            yield site_of(caller.path, mention, SiteRole.CALL)


def _classes(code: Code, path: str, mention: Mention, callee: str) -> Iterator[tuple[str, int]]:
    """Where the class that a body names is made with a call of a function."""
    makers = CLASS_MAKERS.get(mention.callee, frozenset())
    for where in code.visible(path, mention.name):
        is_maker = any(code.files.has(where, maker) for maker in sorted(makers))
        file = code.file(where) if is_maker else None
        for use in file.uses if file else ():
            is_class = use.macro in makers and use.names[:1] == (mention.name,)
            if is_class and callee in use.called:
                yield where, use.line


def _cleans_up(code: Code, path: str, body: Body, mention: Mention) -> bool:
    """Whether a name is the argument of a macro that stands for the attribute `cleanup`."""
    if mention.role is Role.CALLED:
        return False
    return any(
        call.name == _parameter(macro, index) and call.macro in CLEANUPS
        for name, index in _around(body, mention)
        for _, macro in code.macros(path, name)
        for call in macro.calls
        if call.form is CallForm.DIRECT
    )

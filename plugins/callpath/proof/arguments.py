"""What macros do with their arguments: what a macro drops or only measures never happens."""

from bisect import bisect_right
from collections.abc import Iterator

from callpath.c.facts import Body, Call, CallForm, Mention, Role
from callpath.c.vocabulary import CLASS_MAKERS, CLEANUPS, DROPPING
from callpath.facts.proof import ProofSite, SiteRole
from callpath.model import SymbolKind
from callpath.proof.code import Code, Target, site_of

_MACROS_DEEP = 8  # through how many macros an argument is followed


def is_dropped(code: Code, path: str, body: Body, found: Call | Mention, depth: int = 0) -> bool:
    """Whether a macro around a call or a name drops it, only measures it or turns it into text."""
    return any(_drops(code, path, name, index, depth) for name, index in _around(body, found))


def _around(body: Body, found: Call | Mention) -> Iterator[tuple[str, int]]:
    """The calls by name whose arguments hold something, each with which argument it is."""
    place = (found.line, found.column)
    for call in body.calls:
        if call.places and call.places[0] < place < call.places[-1]:
            yield call.name, bisect_right(call.places, place) - 1


def _drops(code: Code, path: str, name: str, index: int, depth: int) -> bool:
    if depth >= _MACROS_DEEP or code.symbol(path, name, SymbolKind.FUNCTION).definitions:
        return False
    macros = list(code.macros(path, name))
    if not macros:
        return name in DROPPING
    return not any(_evaluates(code, where, body, index, depth) for where, body in macros)


def _evaluates(code: Code, path: str, body: Body, index: int, depth: int) -> bool:
    """Whether a macro's text evaluates one of its arguments."""
    parameter = _parameter(body, index)
    if not parameter:
        names = [mention.name for mention in body.mentions]
        return len(names) != 1 or not _drops(code, path, names[0], index, depth + 1)
    uses = (mention for mention in body.mentions if mention.name == parameter)
    return any(
        not (use.measured or is_dropped(code, path, body, use, depth + 1))
        for use in uses
        if use.role is Role.LOCAL
    )


def _parameter(body: Body, index: int) -> str:
    """The parameter that takes an argument; the last one takes all that are left over."""
    return "".join(body.parameters[min(index, len(body.parameters) - 1) :][:1])


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
        file = code.file(where)
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

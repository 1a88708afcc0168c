"""What an object holds: the way from a variable to a function that its initialiser binds."""

from collections import deque
from collections.abc import Iterator

from callpath.core.c_parser.body_facts import Body
from callpath.core.model import Symbol, SymbolKind
from callpath.core.proof import Site, SiteRole
from callpath.core.prover.code import Code, Target
from callpath.core.prover.direct import hidden_by

OBJECTS_DEEP = 3
"""Through how many objects a callee is looked for."""


def object_path(code: Code, name: str, path: str, callee: Target) -> tuple[Site, ...]:
    """The sites from an object to the callee, through at most three objects; the shortest way.

    Parameters:
        code: The code.
        name: The object's name.
        path: The file that names it.
        callee: A function.

    Returns:
        One site for each object; nothing when there is no such way.
    """
    pending: deque[tuple[str, str, tuple[Site, ...]]] = deque([(name, path, ())])
    seen: set[tuple[str, str]] = set()
    while pending:
        current, where, sites = pending.popleft()
        if (current, where) in seen or len(sites) >= OBJECTS_DEEP:
            continue
        seen.add((current, where))
        for target, body in _initialisers(code, current, where):
            for binding in body.bindings:
                role = SiteRole.BINDING if binding.target == callee.name else SiteRole.OBJECT
                site = Site(target.path, binding.line, role, binding.condition, current)
                if role is SiteRole.OBJECT:
                    pending.append((binding.target, target.path, (*sites, site)))
                elif hidden_by(code, callee, target.path) is None:
                    return (*sites, site)
    return ()


def _initialisers(code: Code, name: str, path: str) -> Iterator[tuple[Target, Body]]:
    """The initialisers of a file-level variable: in the file that names it, else in another.

    The tree is not searched: a body hands over many variables, and only few are objects.
    """
    own = code.symbol(Symbol(path, name, SymbolKind.VARIABLE))
    if own.definitions:
        yield from ((own, body) for _, body in code.bodies(own))
        return
    for at_hand in code.at_hand():
        if not code.files.has(at_hand, name):
            continue
        other = code.symbol(Symbol(at_hand, name, SymbolKind.VARIABLE))
        if other.definitions and not other.is_static:
            yield from ((other, body) for _, body in code.bodies(other))
            return

"""The proof of a callback: the callee is handed over, itself or in an object."""

from collections.abc import Iterator, Sequence

from callpath.core.c_parser.body_facts import Binding, Body, CallForm, Handed, Mention, Role
from callpath.core.model import Step, Symbol, SymbolKind
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.prover.code import Code, Target
from callpath.core.prover.direct import hidden_by

_HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
_OBJECTS_DEEP = 3
_PASSED_ON = 3  # functions that a parameter is followed through


def prove_callback(
    code: Code, caller: Target, callee: Target, above: Sequence[Step]
) -> Verdict | None:
    """The callee is handed over in the caller's body, or in the body of the caller's own caller.

    Parameters:
        code: The code.
        caller: The caller.
        callee: A function.
        above: The steps above the caller, nearest first.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    found = _handed_in(code, caller, callee)
    if found is None and above and caller.kind in (SymbolKind.FUNCTION, SymbolKind.MACRO):
        found = _handed_by(code, code.target(above[0]), caller, callee)
    return found


def _handed_in(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """By itself, or inside of an object."""
    if hidden_by(code, callee, caller.path) is None:
        mentions = [
            mention
            for _, body in code.bodies(caller)
            for mention in body.mentions
            if mention.name == callee.name and mention.role in _HANDING
        ]
        if mentions:
            sites = {_site(caller.path, mention) for mention in mentions}
            return Verdict(EdgeStatus.PROVED, Proof.CALLBACK, tuple(sorted(sites)))
    for _, body in code.bodies(caller):
        for mention in body.mentions:
            if mention.role in _HANDING and mention.address:
                path = _object_path(code, mention.name, caller.path, callee)
                if path:
                    first = Site(
                        caller.path,
                        mention.line,
                        SiteRole.HAND_OVER,
                        mention.condition,
                        mention.name,
                    )
                    return Verdict(EdgeStatus.PROVED, Proof.CALLBACK, (first, *path))
    return None


def _site(path: str, mention: Mention) -> Site:
    return Site(path, mention.line, SiteRole.HAND_OVER, mention.condition)


def _handed_by(code: Code, above: Target, caller: Target, callee: Target) -> Verdict | None:
    """The caller's own caller hands the callee over in its call of the caller."""
    hidden = hidden_by(code, callee, above.path) is not None
    for _, body in code.bodies(above):
        for call in body.calls:
            if call.form is not CallForm.DIRECT or call.name != caller.name:
                continue
            for handed in (name for argument in call.arguments for name in argument):
                rest = _reaches(code, handed, above.path, callee, hidden=hidden)
                if rest is not None:
                    first = Site(above.path, call.line, SiteRole.HAND_OVER, call.condition)
                    return Verdict(
                        EdgeStatus.PROVED, Proof.CALLBACK, (first, *rest), above=above.name
                    )
    return None


def _reaches(
    code: Code, handed: Handed, path: str, callee: Target, *, hidden: bool
) -> tuple[Site, ...] | None:
    if handed.name == callee.name and not hidden:
        return ()
    if handed.address:
        return _object_path(code, handed.name, path, callee) or None
    return None


def _object_path(code: Code, name: str, path: str, callee: Target) -> tuple[Site, ...]:
    """The sites from an object to the callee, through at most three objects."""
    stack: list[tuple[str, str, tuple[Site, ...]]] = [(name, path, ())]
    seen: set[str] = set()
    while stack:
        current, where, sites = stack.pop()
        if current in seen or len(sites) >= _OBJECTS_DEEP:
            continue
        seen.add(current)
        for target, body in _initialisers(code, current, where):
            for binding in body.bindings:
                role = SiteRole.BINDING if binding.target == callee.name else SiteRole.OBJECT
                site = Site(target.path, binding.line, role, binding.condition, current)
                if role is SiteRole.OBJECT:
                    stack.append((binding.target, target.path, (*sites, site)))
                elif hidden_by(code, callee, target.path) is None:
                    return (*sites, site)
    return ()


def _initialisers(code: Code, name: str, path: str) -> Iterator[tuple[Target, Body]]:
    """The initialisers of a file-level variable: in the file at hand, else in one nearby."""
    for candidate in (path, *code.nearby):
        target = code.symbol(Symbol(candidate, name, SymbolKind.VARIABLE))
        if target.definitions and (candidate == path or not target.is_static):
            yield from ((target, body) for _, body in code.bodies(target))
            return


# --- the other half: who runs it later ----------------------------------------------------------


def prove_later(code: Code, found: Verdict, caller: Target, callee: Target, by: str) -> Verdict:
    """Add the other half to a hand-over: the function `by` calls what was handed over.

    Returns:
        The hand-over with the call in `by`; a half when that is not found.
    """
    kept = _kept(code, caller, callee)
    runners = list(_functions(code, by))
    for runner in runners:
        for _, body in code.bodies(runner):
            for call in body.calls:
                if call.name in kept or (
                    call.form is CallForm.DIRECT and call.name in body.parameters
                ):
                    site = Site(runner.path, call.line, SiteRole.CALL, call.condition)
                    return Verdict(found.status, found.proof, (*found.sites, site), found.member)
    status = EdgeStatus.HALF if runners or code.can_search() else EdgeStatus.NOT_SEARCHED
    reason = f"`{by}` is not seen to call what is handed over" if runners else f"there is no `{by}`"
    return Verdict(status, found.proof, found.sites, reason=reason)


def _functions(code: Code, name: str) -> Iterator[Target]:
    """The functions of a name: those in the files at hand, else all of the tree."""
    for file in code.searched(name):
        target = code.symbol(Symbol(file.facts.path, name, SymbolKind.FUNCTION))
        if target.definitions:
            yield target


def _kept(code: Code, caller: Target, callee: Target) -> frozenset[str]:
    """The members and variables that may hold the callee after it was handed over."""
    kept: set[str] = set()
    for _, body in code.bodies(caller):
        kept |= _slots(code, body.bindings, callee.name)
        for call in body.calls:
            for position, argument in enumerate(call.arguments):
                if any(handed.name == callee.name for handed in argument):
                    kept |= _kept_by(code, call.name, position)
    for file in code.searched(callee.name, callee.path):
        kept |= _slots(code, file.bindings, callee.name)
    return frozenset(kept)


def _slots(code: Code, bindings: Sequence[Binding], name: str) -> set[str]:
    """The members that are filled with a name."""
    found = (code.slot(binding) for binding in bindings if binding.target == name)
    return {slot for slot in found if slot}


def _kept_by(code: Code, name: str, position: int) -> set[str]:
    """The members that a function stores a parameter in, also through the functions it calls."""
    kept: set[str] = set()
    todo = [(name, position, 0)]
    while todo:
        function, place, depth = todo.pop()
        if depth >= _PASSED_ON:
            continue
        for target in list(_functions(code, function))[:1]:
            for _, body in code.bodies(target):
                if place >= len(body.parameters):
                    continue
                parameter = body.parameters[place]
                kept.update(b.member for b in body.bindings if b.target == parameter and b.member)
                todo += [
                    (call.name, number, depth + 1)
                    for call in body.calls
                    for number, argument in enumerate(call.arguments)
                    if call.form is CallForm.DIRECT
                    and any(handed.name == parameter for handed in argument)
                ]
    return kept

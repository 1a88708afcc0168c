"""The proof of a callback: the callee is handed over, itself or in an object, and runs later."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from callpath.c.facts import Binding, Body, Call, CallForm, Mention, Role
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.model import Step, Symbol, SymbolKind
from callpath.proof.code import Code, Target, proved, site_of
from callpath.proof.direct import hidden_by, is_local
from callpath.proof.pointer import Fit, compare, owner_tag, receiver_tag, slot

_HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""The uses of a name that hand it over whole."""
_OBJECTS_DEEP = 3
"""Through how many objects a callee is looked for."""
_PASSED_ON = 3
"""Through how many functions a parameter is followed."""


def prove_callback(
    code: Code, caller: Target, callee: Target, above: Sequence[Step] = ()
) -> Verdict | None:
    """The callee is handed over in the caller's body, or in the body of the caller's own caller.

    Parameters:
        callee: A function.
        above: The steps above the caller, nearest first.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    found = _handed_in(code, caller, callee) or _handed_in_object(code, caller, callee)
    if found is None and above and caller.kind in (SymbolKind.FUNCTION, SymbolKind.MACRO):
        found = _handed_by(code, code.target(above[0]), caller, callee)
    return found


def _handed_in(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """By its own name."""
    if hidden_by(code, callee, caller.path) is not None:
        return None
    handed = (each for each in _handed(code, caller) if each.name == callee.name)
    sites = {site_of(caller.path, mention, SiteRole.HAND_OVER) for mention in handed}
    return proved(Proof.CALLBACK, sorted(sites))


def _handed_in_object(code: Code, caller: Target, callee: Target) -> Verdict | None:
    for mention in _handed(code, caller):
        if rest := _object_path(code, mention.name, caller.path, callee):
            first = site_of(caller.path, mention, SiteRole.HAND_OVER, mention.name)
            return proved(Proof.CALLBACK, (first, *rest))
    return None


def _handed(code: Code, caller: Target) -> Iterator[Mention]:
    for _, body in code.bodies(caller):
        yield from (mention for mention in body.mentions if mention.role in _HANDING)


def _handed_by(code: Code, above: Target, caller: Target, callee: Target) -> Verdict | None:
    """The caller's own caller hands the callee over in its call of the caller."""
    hidden = hidden_by(code, callee, above.path) is not None
    for _, body in code.bodies(above):
        for call in body.calls:
            if call.form is not CallForm.DIRECT or call.name != caller.name:
                continue
            first = site_of(above.path, call, SiteRole.HAND_OVER)
            for handed in (name for argument in call.arguments for name in argument):
                itself = handed.name == callee.name and not hidden
                rest = () if itself else _object_path(code, handed.name, above.path, callee)
                if itself or rest:
                    return proved(Proof.CALLBACK, (first, *rest), above=above.name)
    return None


def _object_path(code: Code, name: str, path: str, callee: Target) -> tuple[ProofSite, ...]:
    """The sites from an object to the callee, one for each object; the shortest way, or empty.

    Parameters:
        name: The object's name.
        path: The file that names it.
        callee: A function.
    """
    pending: deque[tuple[str, str, tuple[ProofSite, ...]]] = deque([(name, path, ())])
    seen: set[tuple[str, str]] = set()
    while pending:
        current, where, sites = pending.popleft()
        if (current, where) in seen or len(sites) >= _OBJECTS_DEEP:
            continue
        seen.add((current, where))
        for target, body in _initialisers(code, current, where):
            for binding in body.bindings:
                role = SiteRole.BINDING if binding.target == callee.name else SiteRole.OBJECT
                site = site_of(target.path, binding, role, current)
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
        if code.files.has(at_hand, name):
            other = code.symbol(Symbol(at_hand, name, SymbolKind.VARIABLE))
            if other.definitions and not other.is_static:
                yield from ((other, body) for _, body in code.bodies(other))
                return


# --- who runs what was handed over ---


@dataclass(slots=True)
class _Kept:
    """Where the callee may be after it was handed over.

    Attributes:
        members: The members that it is stored in, each with the tag of its struct, or empty.
        variables: The file-level variables and arrays that it is stored in.
        parameters: Functions and the names of their parameters that it is handed to.
    """

    members: set[tuple[str, str]] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    parameters: set[tuple[str, str]] = field(default_factory=set)


def prove_later(code: Code, found: Verdict, caller: Target, callee: Target, by: str) -> Verdict:
    """Add the other half to a hand-over: the function `by` calls what was handed over.

    Returns:
        The hand-over with the call in `by`; a half if that is not found.
    """
    hands = [caller]
    if found.above:
        hands.append(code.symbol(Symbol(found.sites[0].path, found.above)))
    kept = _kept(code, hands, callee)
    runner: Target | None = None
    for runner in _functions(code, by):
        for _, body in code.bodies(runner):
            for call in body.calls:
                if _is_kept(code, runner, body, call, kept):
                    site = site_of(runner.path, call, SiteRole.CALL)
                    return replace(found, sites=(*found.sites, site))
    status = EdgeStatus.HALF if runner or code.files.searchable else EdgeStatus.NOT_SEARCHED
    reason = f"`{by}` is not seen to call what is handed over" if runner else f"there is no `{by}`"
    return replace(found, status=status, reason=reason)


def _is_kept(code: Code, runner: Target, body: Body, call: Call, kept: _Kept) -> bool:
    """Whether a call goes through a place that the callee may be in."""
    if call.form is CallForm.DIRECT and (runner.name, call.name) in kept.parameters:
        return True
    if call.form is CallForm.DIRECT:
        return call.name in kept.variables and not is_local(body, call.name)
    if call.form is CallForm.ARRAY and not call.receiver:
        return call.name in kept.variables
    tag = receiver_tag(code, runner.path, call)
    return any(
        call.name == member and compare(code, runner.path, tag, owner) is not Fit.DIFFERENT
        for owner, member in kept.members
    )


def _functions(code: Code, name: str) -> Iterator[Target]:
    """The functions of a name: those in the files at hand, else those of the tree."""
    for file in code.searched(name):
        target = code.symbol(Symbol(file.facts.path, name, SymbolKind.FUNCTION))
        if target.definitions:
            yield target


def _kept(code: Code, hands: Sequence[Target], callee: Target) -> _Kept:
    """Where the callee may be after one of the symbols handed it over."""
    kept = _Kept()
    todo = [
        each
        for hand in hands
        for _, body in code.bodies(hand)
        for each in _handed_on(body, callee.name, 0)
    ]
    for file in code.naming(callee):
        _keep(code, file.facts.path, file.bindings_beside(callee.name), callee.name, kept)
    while todo:
        name, position, depth = todo.pop()
        for target in islice(_functions(code, name), 1):
            for _, body in code.bodies(target):
                if position < len(body.parameters) and depth < _PASSED_ON:
                    parameter = body.parameters[position]
                    kept.parameters.add((name, parameter))
                    _keep(code, target.path, body.bindings, parameter, kept)
                    todo += _handed_on(body, parameter, depth + 1)
    return kept


def _handed_on(body: Body, name: str, depth: int) -> list[tuple[str, int, int]]:
    """The functions that a body hands a name to, as which argument, and how deep that is."""
    return [
        (call.name, position, depth)
        for call in body.calls
        for position, argument in enumerate(call.arguments)
        if call.form is CallForm.DIRECT and any(handed.name == name for handed in argument)
    ]


def _keep(code: Code, path: str, bindings: Sequence[Binding], name: str, kept: _Kept) -> None:
    for binding in bindings:
        if binding.target == name:
            if member := slot(code, path, binding) or "".join(binding.path[-1:]):
                kept.members.add((owner_tag(code, path, binding), member))
            else:
                kept.variables.add(binding.owner)

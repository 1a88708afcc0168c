"""The proof of a callback: the callee is handed over, itself or in an object, and runs later."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from callpath.c.facts import Binding, Body, Call, CallForm, Mention, Role
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.model import Step, SymbolKind
from callpath.proof.code import Code, Target, proved, site_of
from callpath.proof.direct import hidden_by
from callpath.proof.pointer import Fit, compare, owner_tag, receiver_tag, slot

_HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""The uses of a name that hand it over whole."""
_OBJECTS_DEEP = 3  # through how many objects a callee is looked for
_PASSED_ON = 3  # through how many functions a parameter is followed


def prove_callback(
    code: Code, caller: Target, callee: Target, above: Sequence[Step] = ()
) -> Verdict | None:
    """The function is handed over in the caller's body, or in that of the caller's own caller.

    `above` are the steps above the caller, nearest first.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    found = _handed_in(code, caller, callee)
    if found is None and above and caller.kind in (SymbolKind.FUNCTION, SymbolKind.MACRO):
        found = _handed_by(code, code.target(above[0]), caller, callee)
    return found


def _handed_in(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """By its own name wherever that is, else in the first object that leads to it."""
    mentions = chain.from_iterable(body.mentions for body in code.bodies(caller))
    handed = [mention for mention in mentions if mention.role in _HANDING]
    own = (mention for mention in handed if mention.name == callee.name)
    means = (each for each in own if not hidden_by(code, callee, caller.path, each))
    if sites := {site_of(caller.path, mention, SiteRole.HAND_OVER) for mention in means}:
        return proved(Proof.CALLBACK, sorted(sites))
    for mention in handed:
        if rest := _object_path(code, mention.name, caller.path, callee):
            first = site_of(caller.path, mention, SiteRole.HAND_OVER, mention.name)
            return proved(Proof.CALLBACK, (first, *rest))
    return None


def _handed_by(code: Code, above: Target, caller: Target, callee: Target) -> Verdict | None:
    """The caller's own caller hands the callee over in its call of the caller."""
    for call in chain.from_iterable(body.calls for body in code.bodies(above)):
        if call.form is not CallForm.DIRECT or call.name != caller.name:
            continue
        first = site_of(above.path, call, SiteRole.HAND_OVER)
        for handed in chain.from_iterable(call.arguments):
            itself = handed.name == callee.name and not handed.local
            itself = itself and not hidden_by(code, callee, above.path, _as_value(callee, call))
            rest = () if itself else _object_path(code, handed.name, above.path, callee)
            if itself or rest:
                return proved(Proof.CALLBACK, (first, *rest), above=above.name)
    return None


def _as_value(callee: Target, call: Call) -> Mention:
    """A mention of the callee among the arguments of a call."""
    return Mention(callee.name, Role.ARGUMENT, call.line)


def _object_path(code: Code, name: str, path: str, callee: Target) -> tuple[ProofSite, ...]:
    """The sites from an object that a file names to the callee, one for each object on the way.

    The shortest way; empty if there is none.
    """
    pending: deque[tuple[str, str, tuple[ProofSite, ...]]] = deque([(name, path, ())])
    seen: set[tuple[str, str]] = set()
    while pending:
        current, where, sites = pending.popleft()
        if (current, where) in seen or len(sites) >= _OBJECTS_DEEP:
            continue
        seen.add((current, where))
        variable = _object(code, current, where)
        for binding in chain.from_iterable(body.bindings for body in code.bodies(variable)):
            role = SiteRole.BINDING if binding.target == callee.name else SiteRole.OBJECT
            site = site_of(variable.path, binding, role, current)
            if role is SiteRole.OBJECT:
                pending.append((binding.target, variable.path, (*sites, site)))
            elif hidden_by(code, callee, variable.path, binding) is None:
                return (*sites, site)
    return ()


def _object(code: Code, name: str, path: str) -> Target:
    """The file-level variable that a name means in a file: its own, else another file's.

    The tree is not searched: a body hands over many variables, and only few are objects.
    """
    own = code.symbol(path, name, SymbolKind.VARIABLE)
    if own.definitions:
        return own
    paths = (each for each in code.at_hand() if code.files.has(each, name))
    others = (code.symbol(each, name, SymbolKind.VARIABLE) for each in paths)
    links = code.files.linkage.links.links
    linked = (each for each in others if links(path, each.path) and not each.is_static)
    return next((each for each in linked if each.definitions), own)


@dataclass(slots=True)
class _Kept:
    """Where the callee may be after it was handed over."""

    members: set[tuple[str, str]] = field(default_factory=set)  # the struct's tag, or empty; name
    variables: set[str] = field(default_factory=set)  # of file level, also arrays
    parameters: set[tuple[str, str]] = field(default_factory=set)  # function and parameter


def prove_later(code: Code, found: Verdict, caller: Target, callee: Target, by: str) -> Verdict:
    """A hand-over with its other half, the call in `by`; a half if that is not found."""
    hands = [caller]
    if found.above:
        hands.append(code.symbol(found.sites[0].path, found.above))
    kept = _kept(code, hands, callee)
    runner: Target | None = None
    for runner in _functions(code, by):
        for body in code.bodies(runner):
            for call in body.calls:
                if _is_kept(code, runner, call, kept):
                    site = site_of(runner.path, call, SiteRole.CALL)
                    return replace(found, sites=(*found.sites, site))
    status = EdgeStatus.HALF if runner or code.files.searchable else EdgeStatus.NOT_SEARCHED
    reason = f"`{by}` is not seen to call what is handed over" if runner else f"there is no `{by}`"
    return replace(found, status=status, reason=reason)


def _is_kept(code: Code, runner: Target, call: Call, kept: _Kept) -> bool:
    """Whether a call goes through a place that the callee may be in."""
    if call.form is CallForm.DIRECT:
        is_parameter = (runner.name, call.name) in kept.parameters
        return is_parameter or (call.name in kept.variables and not call.local)
    if call.form is CallForm.ARRAY and not call.receiver:
        return call.name in kept.variables
    tag = receiver_tag(code, runner.path, call)
    owners = (owner for owner, member in kept.members if member == call.name)
    return any(compare(code, runner.path, tag, owner) is not Fit.DIFFERENT for owner in owners)


def _functions(code: Code, name: str) -> Iterator[Target]:
    """The functions of a name: those in the files at hand, else those of the tree."""
    paths = (file.facts.path for file in code.searched(name))
    found = (code.symbol(path, name, SymbolKind.FUNCTION) for path in paths)
    return (target for target in found if target.definitions)


def _kept(code: Code, hands: Sequence[Target], callee: Target) -> _Kept:
    kept = _Kept()
    bodies = chain.from_iterable(map(code.bodies, hands))
    todo = [each for body in bodies for each in _handed_on(body, callee.name, 0)]
    for file in code.naming(callee):
        _keep(code, file.facts.path, file.bindings_beside(callee.name), callee.name, kept)
    while todo:
        name, position, depth = todo.pop()
        for target in islice(_functions(code, name), 1):
            for body in code.bodies(target) if depth < _PASSED_ON else ():
                for parameter in body.parameters[position : position + 1]:
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

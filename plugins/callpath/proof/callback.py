"""The proof of a callback: the callee is handed over, itself or in an object, and runs later."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from msgspec import Struct, field
from msgspec.structs import replace

from callpath.c.facts import Binding, Body, Call, CallForm, Mention, Role
from callpath.c.vocabulary import RUNNERS
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict, Via
from callpath.model import Step, SymbolKind
from callpath.proof.arguments import is_dropped
from callpath.proof.code import Code, Target, proved, site_of
from callpath.proof.direct import hidden_by
from callpath.proof.pointer import bindings_of, compare, owner_tag, receiver_tag, slot
from callpath.proof.types import Fit

_HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""The uses of a name that hand it over whole."""
_TAKING = (SymbolKind.FUNCTION, SymbolKind.MACRO)
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
    handed = [
        (mention, body)
        for body in code.bodies(caller)
        for mention in body.mentions
        if mention.role in _HANDING
    ]
    sites = {
        site_of(caller.path, mention, SiteRole.HAND_OVER)
        for mention, body in handed
        if mention.name == callee.name
        and not hidden_by(code, callee, caller.path, mention)
        and not is_dropped(code, caller.path, body, mention)
    }
    if sites:
        return proved(Proof.CALLBACK, sorted(sites))
    for mention, body in handed:
        rest = _object_path(code, mention.name, caller.path, callee)
        if rest and not is_dropped(code, caller.path, body, mention):
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
        for binding in _filled(code, variable):
            role = SiteRole.BINDING if binding.target == callee.name else SiteRole.OBJECT
            site = site_of(variable.path, binding, role, current)
            if role is SiteRole.OBJECT:
                pending.append((binding.target, variable.path, (*sites, site)))
            elif hidden_by(code, callee, variable.path, binding) is None:
                return (*sites, site)
    return ()


def _filled(code: Code, variable: Target) -> Iterator[Binding]:
    """What a variable's initialiser binds, also that of one that only a macro names."""
    seen: set[Binding] = set()
    for binding in chain.from_iterable(body.bindings for body in code.bodies(variable)):
        seen.add(binding)
        yield binding
    for binding in code.objects(variable.path, variable.name):
        if binding not in seen:
            yield binding


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


class _Kept(Struct):
    """Where the callee may be after it was handed over."""

    members: set[tuple[str, str]] = field(default_factory=set)  # the struct's tag, or empty; name
    variables: set[str] = field(default_factory=set)  # of file level, also arrays
    parameters: set[tuple[str, str]] = field(default_factory=set)  # function and parameter


def prove_later(code: Code, found: Verdict, caller: Target, callee: Target, by: str) -> Verdict:
    """A hand-over with its other half, the call in `by`; a half if that is not found.

    Of a known runner that the source does not have, the table of runners is that half.
    """
    hands = [caller]
    if found.above:
        hands.append(code.symbol(found.sites[0].path, found.above))
    kept = _kept(code, hands, callee)
    runner: Target | None = None
    for runner in _functions(code, by, SymbolKind.FUNCTION):
        for body in code.bodies(runner):
            for call in body.calls:
                if _is_kept(code, runner, call, kept) or _runs(runner, body, call, kept):
                    site = site_of(runner.path, call, SiteRole.CALL)
                    return replace(found, sites=(*found.sites, site))
    if runner is None and code.files.is_searched(by) and _table(by, kept):
        return found  # the source does not have the runner, so the table of runners decides
    status = EdgeStatus.HALF if runner or code.files.searchable else EdgeStatus.NOT_SEARCHED
    reason = f"`{by}` is not seen to call what is handed over" if runner else f"there is no `{by}`"
    return replace(found, status=status, reason=reason)


def prove_runner(
    code: Code, caller: Target, callee: Target, via: Via | None = None
) -> Verdict | None:
    """A known runner calls a copy of the member that the callee is bound to."""
    known = RUNNERS.get(caller.name)
    if not known or caller.kind is not SymbolKind.FUNCTION:
        return None
    bound = [
        each
        for each in bindings_of(code, callee, caller.path)
        if (each.tag, each.member) in known
        and (via is None or (via.member == each.member and via.owner in ("", each.tag, each.owner)))
    ]
    kept = _Kept(members={(each.tag, each.member) for each in bound})
    calls = {
        site_of(caller.path, call, SiteRole.CALL)
        for body in code.bodies(caller)
        for call in body.calls
        if _runs(caller, body, call, kept)
    }
    if not calls:
        return None
    tables = sorted({each.site() for each in bound})
    return proved(Proof.POINTER, (*sorted(calls), *tables), member=bound[0].member)


def _table(runner: str, kept: _Kept) -> set[str]:
    """The members that a known runner runs and that the callee may be in."""
    known = RUNNERS.get(runner, frozenset())
    return {member for tag, member in known if {(tag, member), ("", member)} & kept.members}


def _runs(runner: Target, body: Body, call: Call, kept: _Kept) -> bool:
    """Whether a call in a known runner is one of what it runs, by a copy or a parameter.

    The table says which member that is; the runner's text, that it calls a copy of it.
    """
    members = _table(runner.name, kept)
    if not members or call.form not in (CallForm.DIRECT, CallForm.MEMBER):
        return False
    if call.form is CallForm.DIRECT and not call.local:
        return False
    if call.form is CallForm.DIRECT and call.name in body.parameters:
        return True
    copies = {each.line for each in body.mentions if each.name == call.name}
    taken = (each for each in body.mentions if each.role is Role.FIELD and each.name in members)
    return any(each.line in copies and each.line <= call.line for each in taken)


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


def _functions(code: Code, name: str, *kinds: SymbolKind) -> Iterator[Target]:
    """The functions or macros of a name: those in the files at hand, else those of the tree."""
    for path in code.searched(name):
        for kind in kinds:
            target = code.symbol(path, name, kind)
            if target.definitions:
                yield target


def _kept(code: Code, hands: Sequence[Target], callee: Target) -> _Kept:
    kept = _Kept()
    todo: list[tuple[str, int, int]] = []
    for target in hands:
        for body in code.bodies(target):
            for name in (callee.name, *_local_copies(body, callee.name)):
                todo += _handed_on(body, name, 0)
                if name != callee.name:
                    _keep(code, target.path, body.bindings, name, kept)
    for file in code.naming(callee):
        _keep(code, file.facts.path, file.bindings_beside(callee.name), callee.name, kept)
    while todo:
        name, position, depth = todo.pop()
        for target in islice(_functions(code, name, *_TAKING), 1):
            for body in code.bodies(target) if depth < _PASSED_ON else ():
                for parameter in body.parameters[position : position + 1]:
                    kept.parameters.add((name, parameter))
                    _keep(code, target.path, body.bindings, parameter, kept)
                    todo += _handed_on(body, parameter, depth + 1)
    return kept


def _local_copies(body: Body, name: str) -> list[str]:
    """The locals that a body puts a function into: `handler = on_irq; request_irq(1, handler)`."""
    whole = (each for each in body.bindings if each.target == name and not each.member)
    return sorted({each.owner for each in whole if each.owner in body.types})


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

"""The other half of a callback that runs later: who calls what was handed over.

What is handed over is followed: into the parameter of a function, on through the functions that
pass it on, into the member that it is stored in or that an object has it in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from callpath.core.c_parser.body_facts import Binding, Body, Call, CallForm
from callpath.core.model import Symbol, SymbolKind
from callpath.core.proof import EdgeStatus, Site, SiteRole, Verdict
from callpath.core.prover.code import Code, Target
from callpath.core.prover.struct_types import Fit, compare, owner_tag, receiver_tag, slot

_PASSED_ON = 3  # functions that a parameter is followed through


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
        The hand-over with the call in `by`; a half when that is not found.
    """
    kept = _kept(code, [caller, *_above(code, found)], callee)
    runner: Target | None = None
    for runner in _functions(code, by):
        for _, body in code.bodies(runner):
            for call in body.calls:
                if _is_kept(code, runner, body, call, kept):
                    site = Site(runner.path, call.line, SiteRole.CALL, call.condition)
                    return replace(found, sites=(*found.sites, site))
    status = EdgeStatus.HALF if runner or code.can_search() else EdgeStatus.NOT_SEARCHED
    reason = f"`{by}` is not seen to call what is handed over" if runner else f"there is no `{by}`"
    return replace(found, status=status, reason=reason)


def _above(code: Code, found: Verdict) -> Iterator[Target]:
    """Who hands it over, when that is the caller's own caller."""
    if found.above:
        yield code.symbol(Symbol(found.sites[0].path, found.above))


def _is_kept(code: Code, runner: Target, body: Body, call: Call, kept: _Kept) -> bool:
    """Whether a call goes through a place that the callee may be in."""
    if call.form is CallForm.DIRECT:
        is_own = call.name in body.parameters or call.name in body.types
        return (runner.name, call.name) in kept.parameters or (
            call.name in kept.variables and not is_own
        )
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
    todo: list[tuple[str, int, int]] = []
    for hand in hands:
        for _, body in code.bodies(hand):
            todo += _handed_on(body, callee.name, 0)
    for file in code.naming(callee):
        _keep(code, file.facts.path, file.bindings_beside(callee.name), callee.name, kept)
    while todo:
        todo += _follow(code, kept, *todo.pop())
    return kept


def _follow(
    code: Code, kept: _Kept, name: str, place: int, depth: int
) -> Iterator[tuple[str, int, int]]:
    """Follow what a function gets as an argument; yields where it is passed on to."""
    for target in islice(_functions(code, name), 1):
        for _, body in code.bodies(target):
            if place < len(body.parameters) and depth < _PASSED_ON:
                parameter = body.parameters[place]
                kept.parameters.add((name, parameter))
                _keep(code, target.path, body.bindings, parameter, kept)
                yield from _handed_on(body, parameter, depth + 1)


def _handed_on(body: Body, name: str, depth: int) -> list[tuple[str, int, int]]:
    """The functions that a body hands a name to, at which place, and how deep that is."""
    return [
        (call.name, place, depth)
        for call in body.calls
        for place, argument in enumerate(call.arguments)
        if call.form is CallForm.DIRECT and any(handed.name == name for handed in argument)
    ]


def _keep(code: Code, path: str, bindings: Sequence[Binding], name: str, kept: _Kept) -> None:
    """Note where a name is put."""
    for binding in bindings:
        if binding.target == name:
            if member := slot(code, path, binding) or "".join(binding.path[-1:]):
                kept.members.add((owner_tag(code, path, binding), member))
            else:
                kept.variables.add(binding.owner)

"""Whether a call through a pointer and a binding belong together, by names and by types."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callpath.core.c_parser.body_facts import Call, CallForm
from callpath.core.model import Symbol, SymbolKind
from callpath.core.prover.code import Code, Target
from callpath.core.prover.pointer_halves import Bound
from callpath.core.prover.struct_types import Fit, compare, receiver_tag
from callpath.core.prover.via import Via, without_indexes

_OPS = "_ops"
_CALL = "_call"


@dataclass(frozen=True, slots=True)
class Match:
    """A call and a binding whose names fit."""

    path: str
    call: Call
    bound: Bound
    fit: Fit


def matches_of(
    code: Code, caller: Target, calls: Sequence[Call], bindings: Sequence[Bound], via: Via | None
) -> list[Match]:
    """The calls and bindings that go together by name, and through the pointer that is named."""
    found = (
        Match(caller.path, call, bound, _fit(code, caller.path, call, bound))
        for call in calls
        for bound in bindings
        if _names_fit(code, caller, call, bound)
    )
    return [match for match in found if via is None or _is_via(code, via, match)]


def _names_fit(code: Code, caller: Target, call: Call, bound: Bound) -> bool:
    if call.form is CallForm.MEMBER:
        return call.name == bound.member
    if call.form is CallForm.DISPATCH:
        member = call.name.rpartition(".")[2]
        is_member = member == bound.member or call.name.endswith(f"_{bound.member}")
        return is_member if bound.member else call.name == bound.owner
    if call.form is CallForm.ARRAY and call.receiver:
        return call.name in (bound.member, bound.array)
    wanted = bound.array if call.form is CallForm.ARRAY else bound.owner
    is_whole = bool(bound.array) == (call.form is CallForm.ARRAY) and not bound.member
    return call.name == wanted and is_whole and _is_same_variable(code, caller, bound)


def _is_same_variable(code: Code, caller: Target, bound: Bound) -> bool:
    """Whether a variable of that name in the caller can be the one that is filled."""
    filling = code.symbol(Symbol(bound.path, bound.function, SymbolKind.FUNCTION))
    for target in (caller, filling):
        if any(bound.owner in body.types for _, body in code.bodies(target)):
            return (bound.path, bound.function) == (caller.path, caller.name)
    if caller.path == bound.path:
        return True
    there = code.symbol(Symbol(bound.path, bound.owner, SymbolKind.VARIABLE))
    here = code.symbol(Symbol(caller.path, bound.owner, SymbolKind.VARIABLE))
    return not there.is_static and not here.is_static


def _fit(code: Code, path: str, call: Call, bound: Bound) -> Fit:
    if call.form is CallForm.DISPATCH:
        return _dispatch_fit(call, bound)
    if not call.receiver:
        return Fit.SAME  # a variable or an array is known by its name
    if _is_other_table(code, path, call, bound):
        return Fit.DIFFERENT
    return compare(code, path, receiver_tag(code, path, call), bound.tag)


def _dispatch_fit(call: Call, bound: Bound) -> Fit:
    """`static_call(kvm_x86_run)` and `kvm_x86_call(run)` are of `kvm_x86_ops.run`."""
    if not bound.member:
        return Fit.SAME
    stem = call.name.removesuffix(f"_{bound.member}")
    if call.name == bound.member:
        stem = call.macro.removesuffix(_CALL)
    owners = (bound.tag, bound.owner)
    named = {name for owner in owners if owner for name in (owner, owner.removesuffix(_OPS))}
    return Fit.SAME if stem.rstrip(".") in named else Fit.UNKNOWN


def _is_other_table(code: Code, path: str, call: Call, bound: Bound) -> bool:
    """Whether the call is of a member of one table, and that table has another function there."""
    if call.receiver_path or call.receiver != call.receiver_root:
        return False
    file = code.file(path)
    filled = [
        binding
        for binding in (file.bindings_beside(call.name) if file else ())
        if binding.owner == call.receiver
        and binding.member == call.name
        and not binding.function
        and not binding.path
    ]
    return bool(filled) and not (bound.path == path and bound.owner == call.receiver)


def _is_via(code: Code, via: Via, match: Match) -> bool:
    """Whether the pointer that the author names is the one that was found."""
    call, bound = match.call, match.bound
    if via.member not in (call.name, bound.member, bound.array):
        return False
    if via.index and _other_indexes(code, via, bound):
        return False
    return not via.owner or via.owner in (
        without_indexes(call.receiver),
        call.receiver_root,
        receiver_tag(code, match.path, call),
        bound.owner,
        bound.tag,
    )


def _other_indexes(code: Code, via: Via, bound: Bound) -> bool:
    """Whether the index that is named is that of another element of the array."""
    return via.index != bound.index and via.index in _indexes(code, bound)


def _indexes(code: Code, bound: Bound) -> Iterator[str]:
    file = code.file(bound.path)
    for binding in file.bindings_beside(bound.owner) if file else ():
        if binding.owner == bound.owner and binding.index:
            yield binding.index

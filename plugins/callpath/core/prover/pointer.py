"""The proof of a call through a pointer: a call of a member here, a table that binds it there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callpath.core.c_parser import CodeFile
from callpath.core.c_parser.body_facts import Binding, Call, CallForm
from callpath.core.model import SymbolKind
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.prover.code import Code, Target

_SPLIT = re.compile(r"->|\.")
_INDEX = re.compile(r"\[[^\]]*\]$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Via:
    """Which pointer an author says a call goes through.

    Attributes:
        owner: What stands before the member: an expression, a variable or a struct's tag; may be
            empty.
        member: The member, or the array's name.
        array: Whether it is an element of an array.
    """

    owner: str
    member: str
    array: bool = False


def read_via(text: str) -> Via | None:
    """What a step's `via` says; nothing when it says nothing."""
    plain = _SPACE.sub("", text)
    if not plain:
        return None
    array = bool(_INDEX.search(plain))
    plain = _INDEX.sub("", plain)
    parts = list(_SPLIT.finditer(plain))
    if not parts:
        return Via("", plain, array)
    return Via(plain[: parts[-1].start()], plain[parts[-1].end() :], array)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A binding of the callee, where it stands, and the member that it fills."""

    path: str
    binding: Binding
    member: str
    tag: str


@dataclass(frozen=True, slots=True)
class _Match:
    """A call and a binding that fit. `mismatch`: both types are known and differ."""

    path: str
    call: Call
    bound: _Bound
    mismatch: bool


def prove_pointer(code: Code, caller: Target, callee: Target, via: Via | None) -> Verdict | None:
    """A call through a member, an array or a dispatch macro, and a table that binds it.

    Returns:
        A proof; a half when only one of the two is found and `via` says that it is a pointer;
        nothing when there is no trace of either.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    calls = [(path, call) for path, call in _pointer_calls(code, caller) if _meant(call, via)]
    if not calls and via is None:
        return None
    bindings = list(_bindings(code, caller, callee)) if calls or via else []
    matches = [
        _Match(path, call, bound, _differ(code, call, bound))
        for path, call in calls
        for bound in bindings
        if _fits(call, bound)
    ]
    fitting = [match for match in matches if not match.mismatch]
    if via is not None:
        fitting = [match for match in (fitting or matches) if _owner_fits(code, via, match)]
    if fitting:
        return _proved(code, fitting, callee)
    return _half(code, calls, bindings, via, matches)


def _pointer_calls(code: Code, caller: Target) -> Iterator[tuple[str, Call]]:
    for _, body in code.bodies(caller):
        for call in body.calls:
            if call.form is not CallForm.DIRECT:
                yield caller.path, call


def _meant(call: Call, via: Via | None) -> bool:
    return via is None or call.name == via.member or call.name.endswith("_" + via.member)


def _bindings(code: Code, caller: Target, callee: Target) -> Iterator[_Bound]:
    """Every place that puts the callee into a member, its own file first."""
    for file in _files(code, callee, caller.path):
        path = file.facts.path
        if not _seen_from(code, callee, path):
            continue
        for binding in file.bindings:
            if binding.target == callee.name:
                yield _Bound(path, binding, code.slot(binding), code.owner_tag(binding))


def _files(code: Code, callee: Target, *first: str) -> Iterator[CodeFile]:
    """The files that can bind the callee: only its own when it is static."""
    if callee.is_static:
        own = code.file(callee.path)
        return iter((own,) if own else ())
    return code.searched(callee.name, callee.path, *first)


def _seen_from(code: Code, callee: Target, path: str) -> bool:
    """Whether the callee's name means the callee in a file."""
    if path == callee.path:
        return True
    return not callee.is_static and code.twin(callee.name, path, (SymbolKind.FUNCTION,)) is None


def _fits(call: Call, bound: _Bound) -> bool:
    """Whether a call goes through what the binding fills, by name."""
    if call.form is CallForm.MEMBER:
        return call.name == bound.member
    if call.form is CallForm.DISPATCH:
        tag, _, member = call.name.rpartition(".")
        return bool(bound.member) and (
            call.name in (bound.member, f"{bound.tag}_{bound.member}")
            or (member == bound.member and tag in ("", bound.tag))
        )
    return call.name in (bound.binding.owner, bound.member)


def _differ(code: Code, call: Call, bound: _Bound) -> bool:
    if call.form is not CallForm.MEMBER:
        return False
    tag = code.receiver_tag(call)
    return bool(tag and bound.tag) and tag != bound.tag


def _owner_fits(code: Code, via: Via, match: _Match) -> bool:
    """Whether the pointer that the author names is the one that was found."""
    if match.call.name != via.member and match.bound.member != via.member:
        return False
    return not via.owner or via.owner in (
        match.call.receiver,
        match.call.receiver_root,
        code.receiver_tag(match.call),
        match.bound.binding.owner,
        match.bound.tag,
    )


def _proved(code: Code, matches: Sequence[_Match], callee: Target) -> Verdict:
    calls = {
        Site(match.path, match.call.line, SiteRole.CALL, match.call.condition) for match in matches
    }
    bindings = {
        Site(
            match.bound.path,
            match.bound.binding.line,
            SiteRole.BINDING,
            match.bound.binding.condition,
            match.bound.binding.owner,
        )
        for match in matches
    }
    first = matches[0]
    return Verdict(
        EdgeStatus.PROVED,
        Proof.POINTER,
        (*sorted(calls), *sorted(bindings)),
        member=first.bound.member or first.call.name,
        others=len(_rivals(code, first, callee)),
        type_mismatch=all(match.mismatch for match in matches),
    )


def _rivals(code: Code, match: _Match, callee: Target) -> set[str]:
    """Other functions that the same member of the same struct is bound to, in the note's files."""
    member, tag = match.bound.member, match.bound.tag
    found: set[str] = set()
    for path in dict.fromkeys((callee.path, *code.nearby)) if member and tag else ():
        file = code.file(path)
        for binding in file.bindings if file else ():
            if code.slot(binding) == member and code.owner_tag(binding) == tag:
                found.add(binding.target)
    return found - {callee.name, "NULL"}


def _half(
    code: Code,
    calls: Sequence[tuple[str, Call]],
    bindings: Sequence[_Bound],
    via: Via | None,
    matches: Sequence[_Match],
) -> Verdict | None:
    """What there is of a pointer when the two halves do not come together."""
    if matches:
        return _mismatch(code, matches[0], via)
    if via is None:
        return None
    if calls:
        path, call = calls[0]
        site = Site(path, call.line, SiteRole.CALL, call.condition)
        status = EdgeStatus.HALF if code.can_search() else EdgeStatus.NOT_SEARCHED
        reason = f"{path}:{call.line} calls `{call.name}`, but no table binds it there"
        return Verdict(status, Proof.POINTER, (site,), member=via.member, reason=reason)
    if bindings:
        bound = bindings[0]
        line = bound.binding.line
        site = Site(bound.path, line, SiteRole.BINDING, name=bound.binding.owner)
        slot = bound.member or bound.binding.index
        owner = bound.binding.owner or bound.tag
        reason = f"`{owner}` binds it to `{slot}` at {bound.path}:{line}"
        return Verdict(EdgeStatus.HALF, Proof.POINTER, (site,), member=slot, reason=reason)
    return None


def _mismatch(code: Code, match: _Match, via: Via | None) -> Verdict:
    call, bound = match.call, match.bound
    tag = code.receiver_tag(call) or call.receiver
    reason = (
        f"the call at {match.path}:{call.line} goes through `{call.name}` of `{tag}`, and "
        f"`{bound.binding.owner}` at {bound.path}:{bound.binding.line} fills one of `{bound.tag}`"
    )
    status = EdgeStatus.UNPROVED if via is None else EdgeStatus.HALF
    return Verdict(status, reason=reason, type_mismatch=True)

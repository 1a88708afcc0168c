"""The proof of a call through a pointer: a call of a member here, a table that binds it there."""

from collections.abc import Sequence

from callpath.core.c_parser.body_facts import Call
from callpath.core.model import SymbolKind
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.prover.code import Code, Target
from callpath.core.prover.pointer_halves import Bound, bindings_of, pointer_calls
from callpath.core.prover.pointer_matches import Match, matches_of
from callpath.core.prover.struct_types import Fit, owner_tag, receiver_tag, slot
from callpath.core.prover.via import Via


def prove_pointer(code: Code, caller: Target, callee: Target, via: Via | None) -> Verdict | None:
    """A call through a member, an array or a dispatch macro, and a table that binds it.

    Returns:
        A proof; a half when only one of the two is found and `via` says that it is a pointer, or
        when nothing but `via` could tell that they belong together; what is unproved and has a
        reason when their types differ; nothing when there is no trace of either.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    calls = list(pointer_calls(code, caller, via))
    if not calls and via is None:
        return None
    bindings = list(bindings_of(code, callee, caller.path))
    matches = matches_of(code, caller, calls, bindings, via)
    fits = (Fit.SAME,) if via is None else (Fit.SAME, Fit.UNKNOWN)
    if fitting := [match for match in matches if match.fit in fits]:
        return _proved(code, fitting, callee)
    return _half(code, caller, calls, bindings, via, matches)


def _proved(code: Code, matches: Sequence[Match], callee: Target) -> Verdict:
    calls = {
        Site(match.path, match.call.line, SiteRole.CALL, match.call.condition) for match in matches
    }
    bindings = {
        Site(
            match.bound.path,
            match.bound.line,
            SiteRole.BINDING,
            match.bound.condition,
            match.bound.owner,
        )
        for match in matches
    }
    first = matches[0]
    return Verdict(
        EdgeStatus.PROVED,
        Proof.POINTER,
        (*sorted(calls), *sorted(bindings)),
        member=first.bound.member or first.call.name,
        others=len(_rivals(code, first.bound, callee)),
    )


def _rivals(code: Code, bound: Bound, callee: Target) -> set[str]:
    """Other functions that the same member of the same struct is bound to, in the note's files."""
    found: set[str] = set()
    is_asked = bound.member and bound.tag and not code.brief
    for path in dict.fromkeys((callee.path, *code.nearby)) if is_asked else ():
        file = code.file(path) if code.files.has(path, bound.tag) else None
        for binding in file.bindings if file else ():
            if (
                slot(code, path, binding) == bound.member
                and owner_tag(code, path, binding) == bound.tag
            ):
                found.add(binding.target)
    return found - {callee.name, "NULL"}


def _half(
    code: Code,
    caller: Target,
    calls: Sequence[Call],
    bindings: Sequence[Bound],
    via: Via | None,
    matches: Sequence[Match],
) -> Verdict | None:
    """What there is of a pointer when the two halves do not come together."""
    if matches:
        return _doubtful(code, matches[0], via)
    if via is None:
        return None
    bound = f", and {bindings[0].told()}" if bindings else ", and no table binds the callee"
    if calls:
        call, path = calls[0], caller.path
        site = Site(path, call.line, SiteRole.CALL, call.condition)
        status = EdgeStatus.HALF if code.can_search() else EdgeStatus.NOT_SEARCHED
        reason = f"{path}:{call.line} calls through `{call.name}`{bound}"
        return Verdict(status, Proof.POINTER, (site,), member=via.member, reason=reason)
    if bindings:
        first = bindings[0]
        site = Site(first.path, first.line, SiteRole.BINDING, name=first.owner)
        reason = f"`{caller.name}` has no call through `{via.member}`{bound}"
        return Verdict(EdgeStatus.HALF, Proof.POINTER, (site,), member=via.member, reason=reason)
    return None


def _doubtful(code: Code, match: Match, via: Via | None) -> Verdict:
    """A call and a table whose types differ, or cannot be told while nobody names the pointer."""
    call, bound = match.call, match.bound
    place = f"the call at {match.path}:{call.line} goes through `{call.name}`"
    if match.fit is Fit.DIFFERENT:
        tag = receiver_tag(code, match.path, call)
        owner = f"`{bound.owner}` at {bound.path}:{bound.line}"
        of = f"`{call.receiver}`" if tag in ("", bound.tag) else f"`struct {tag}`"
        reason = f"{place} of {of}, and {owner} fills one of `struct {bound.tag}`"
        status = EdgeStatus.UNPROVED if via is None else EdgeStatus.HALF
        return Verdict(status, reason=reason, type_mismatch=True)
    site = Site(match.path, call.line, SiteRole.CALL, call.condition)
    reason = f"{place}, and {bound.told()}: name the pointer with `via` if it is that one"
    status = EdgeStatus.HALF if code.can_search() else EdgeStatus.NOT_SEARCHED
    return Verdict(status, Proof.POINTER, (site,), member=call.name, reason=reason)

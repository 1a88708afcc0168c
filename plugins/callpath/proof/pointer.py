"""The proof of a call through a pointer: a call of a member here, a table that binds it there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from callpath.c.facts import Binding, Body, Call, CallForm
from callpath.c.file import CodeFile
from callpath.facts.proof import (
    EdgeStatus,
    Proof,
    ProofSite,
    SiteRole,
    Verdict,
    Via,
    without_indexes,
)
from callpath.languages import language_of
from callpath.model import Symbol, SymbolKind
from callpath.proof.code import Code, Target

_MOST_ALIASES = 8


def receiver_tag(code: Code, path: str, call: Call) -> str:
    """The tag of the struct that a called member belongs to, or empty.

    Parameters:
        code: The code.
        path: The file that the call stands in.
        call: The call.
    """
    if call.receiver_tag:
        return call.receiver_tag
    tag = call.root_tag or _variable_tag(code, path, call.receiver_root)
    return _follow(code, path, tag, call.receiver_path)


def owner_tag(code: Code, path: str, binding: Binding) -> str:
    """The tag of the struct that a binding fills a member of, or empty."""
    if binding.owner_tag:
        return binding.owner_tag
    if not binding.member:
        return ""
    tag = _local_tag(code, path, binding) or _variable_tag(code, path, binding.owner)
    return _follow(code, path, tag, binding.path)


def slot(code: Code, path: str, binding: Binding) -> str:
    """The member that a binding fills, also one that is filled by its position; or empty."""
    if binding.member or binding.position < 0 or not binding.owner_tag:
        return binding.member
    for file in _telling(code, path, binding.owner_tag):
        order = file.member_order.get(binding.owner_tag, ())
        if order:
            return order[binding.position] if binding.position < len(order) else ""
    return ""


class Fit(Enum):
    """How the struct that is called through and the struct that is filled compare."""

    SAME = auto()
    UNKNOWN = auto()
    DIFFERENT = auto()


def compare(code: Code, path: str, receiver: str, owner: str) -> Fit:
    """Whether two tags, as they are written in a file, are those of one struct.

    Typedefs are looked through. They differ only when something defines the receiver's: a name
    that nothing defines may be a typedef of anything.
    """
    if not receiver or not owner:
        return Fit.UNKNOWN
    if receiver == owner:
        return Fit.SAME
    struct = _resolved(code, path, receiver)
    if not struct:
        return Fit.UNKNOWN
    same = struct in (owner, _resolved(code, path, owner))
    return Fit.SAME if same else Fit.DIFFERENT


def _resolved(code: Code, path: str, tag: str) -> str:
    """The struct that a tag or a typedef stands for; empty when nothing defines it."""
    for _ in range(_MOST_ALIASES):
        following = ""
        for file in _telling(code, path, tag):
            if tag in file.member_tags:
                return tag
            if following := file.typedef_tags.get(tag, ""):
                break
        if not following:
            break
        tag = following
    return ""


def _follow(code: Code, path: str, tag: str, members: Sequence[str]) -> str:
    for member in members:
        if not tag:
            break
        tag = _member_tag(code, path, tag, member)
    return tag


def _member_tag(code: Code, path: str, tag: str, member: str) -> str:
    struct = _resolved(code, path, tag)
    return _first(code, path, struct, lambda file: file.member_tags.get(struct, {}).get(member, ""))


def _variable_tag(code: Code, path: str, name: str) -> str:
    return _first(code, path, name, lambda file: file.variable_tags.get(name, ""))


def _local_tag(code: Code, path: str, binding: Binding) -> str:
    """The tag of what a parameter or local is, in the function that binds."""
    function = code.symbol(Symbol(path, binding.function, SymbolKind.FUNCTION))
    found = (body.types.get(binding.owner, "") for _, body in code.bodies(function))
    return next((tag for tag in found if tag), "")


def _first(code: Code, path: str, word: str, tell: Callable[[CodeFile], str]) -> str:
    found = (tell(file) for file in (_telling(code, path, word) if word else ()))
    return next((tag for tag in found if tag), "")


def _telling(code: Code, path: str, word: str) -> Iterator[CodeFile]:
    """The files that may tell what a name is in a file: that file, then headers.

    The tag of an unnamed struct is `outer.member`, and it is told where the outer one is.
    """
    word = word.partition(".")[0]
    own = code.file(path)
    if own is not None:
        yield own
    headers = (each for each in code.at_hand() if language_of(each).is_header(each))
    for each in (*headers, *code.files.defining(word, path)):
        file = code.file(each) if each != path else None
        if file is not None:
            yield file


STATIC_CALL = "DEFINE_STATIC_CALL"
"""`DEFINE_STATIC_CALL(name, function)` binds a static call (include/linux/static_call.h)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A place that puts the callee into a member, an element or a variable.

    Attributes:
        path: The file.
        line: The line.
        owner: The variable.
        tag: The tag of the struct that the member belongs to, or empty.
        member: The member, or empty.
        index: The text of an array designator, or empty.
        array: The name of the array that it is an element of, or empty.
        function: The function that does it, or empty for an initialiser at file level.
        condition: The condition that it stands under.
    """

    path: str
    line: int
    owner: str = ""
    tag: str = ""
    member: str = ""
    index: str = ""
    array: str = ""
    function: str = ""
    condition: str = ""

    def told(self) -> str:
        """It as a clause."""
        slot = self.member or self.index or self.array or self.owner
        owner = f"`{self.owner or self.tag}`" if self.owner or self.tag else "a table"
        what = "holds the callee" if slot == self.owner else f"binds the callee to `{slot}`"
        return f"{owner} {what} at {self.path}:{self.line}"


def pointer_calls(code: Code, caller: Target, via: Via | None) -> Iterator[Call]:
    """The calls in a caller that go through a pointer, and through the one that is named."""
    for _, body in code.bodies(caller):
        for call in body.calls:
            if _is_pointer(code, caller, body, call, via) and _is_named(call, via):
                yield call


def _is_pointer(code: Code, caller: Target, body: Body, call: Call, via: Via | None) -> bool:
    if call.form is not CallForm.DIRECT:
        return True
    if call.name in body.types or (via is not None and not via.owner):
        return True
    return code.twin(call.name, caller.path, (SymbolKind.VARIABLE,)) is not None


def _is_named(call: Call, via: Via | None) -> bool:
    return via is None or call.name == via.member or call.name.endswith("_" + via.member)


def bindings_of(code: Code, callee: Target, *first: str) -> Iterator[Bound]:
    """Every place that puts the callee somewhere, its own file first."""
    for file in code.naming(callee, *first):
        path = file.facts.path
        for binding in file.bindings_beside(callee.name):
            if binding.target == callee.name:
                yield _bound(code, path, binding)
        for use in file.uses:
            if use.macro == STATIC_CALL and use.names[1:2] == (callee.name,):
                yield Bound(path, use.line, use.names[0], condition=use.condition)


def _bound(code: Code, path: str, binding: Binding) -> Bound:
    member = slot(code, path, binding)
    is_element = bool(binding.index) or binding.position >= 0
    array = (binding.path[-1:] or (binding.owner,))[0] if is_element and not member else ""
    return Bound(
        path,
        binding.line,
        binding.owner,
        owner_tag(code, path, binding),
        member,
        binding.index,
        array,
        binding.function,
        binding.condition,
    )


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
        ProofSite(match.path, match.call.line, SiteRole.CALL, match.call.condition)
        for match in matches
    }
    bindings = {
        ProofSite(
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
        site = ProofSite(path, call.line, SiteRole.CALL, call.condition)
        status = EdgeStatus.HALF if code.can_search() else EdgeStatus.NOT_SEARCHED
        reason = f"{path}:{call.line} calls through `{call.name}`{bound}"
        return Verdict(status, Proof.POINTER, (site,), member=via.member, reason=reason)
    if bindings:
        first = bindings[0]
        site = ProofSite(first.path, first.line, SiteRole.BINDING, name=first.owner)
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
    site = ProofSite(match.path, call.line, SiteRole.CALL, call.condition)
    reason = f"{place}, and {bound.told()}: name the pointer with `via` if it is that one"
    status = EdgeStatus.HALF if code.can_search() else EdgeStatus.NOT_SEARCHED
    return Verdict(status, Proof.POINTER, (site,), member=call.name, reason=reason)

"""The proof of a call through a pointer: a call of a member here, a table that binds it there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain

from callpath.c.facts import Binding, Body, Call, CallForm, FileTypes
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
from callpath.model import SymbolKind
from callpath.proof.arguments import is_dropped
from callpath.proof.code import Code, Target, proved, site_of


def prove_pointer(code: Code, caller: Target, callee: Target, via: Via | None) -> Verdict | None:
    """A call through a member, an array or a dispatch macro, and a table that binds it.

    That is a proof; a half if only one of the two is found and `via` says that it is a pointer, or
    if nothing but `via` could say that they belong together; unproved with a reason if their types
    differ; None if there is no trace of either.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    calls = list(_pointer_calls(code, caller, via))
    if not calls and via is None:
        return None
    bindings = list(bindings_of(code, callee, caller.path))
    matches = list(_matches(code, caller, calls, bindings, via))
    fits = (Fit.SAME,) if via is None else (Fit.SAME, Fit.UNKNOWN)
    if fitting := [(call, bound) for call, bound, fit in matches if fit in fits]:
        sites = {site_of(caller.path, call, SiteRole.CALL) for call, _ in fitting}
        tables = {bound.site() for _, bound in fitting}
        call, bound = fitting[0]
        return proved(
            Proof.POINTER,
            (*sorted(sites), *sorted(tables)),
            member=bound.member or call.name,
            others=len(_rivals(code, bound, callee)),
        )
    if matches:
        return _doubtful(code, caller.path, matches[0], via)
    return _half(code, caller, calls, bindings, via) if via is not None else None


def _rivals(code: Code, bound: "Bound", callee: Target) -> set[str]:
    """Other functions that the same member of the same struct is bound to, in the note's files."""
    found: set[str] = set()
    is_asked = bound.member and bound.tag and not code.brief
    for path in dict.fromkeys((callee.path, *code.nearby)) if is_asked else ():
        file = code.file(path) if code.files.has(path, bound.tag) else None
        for binding in file.bindings if file else ():
            same_member = slot(code, path, binding) == bound.member
            if same_member and owner_tag(code, path, binding) == bound.tag:
                found.add(binding.target)
    return found - {callee.name, "NULL"}


def _half(
    code: Code, caller: Target, calls: Sequence[Call], bindings: Sequence["Bound"], via: Via
) -> Verdict | None:
    """One of the two halves, if there is one."""
    bound = f", and {bindings[0].clause()}" if bindings else ", and no table binds the callee"
    if calls:
        call, path = calls[0], caller.path
        reason = f"{path}:{call.line} calls through `{call.name}`{bound}"
        return _open(code, site_of(path, call, SiteRole.CALL), via.member, reason)
    if bindings:
        first = bindings[0]
        site = ProofSite(first.path, first.binding.line, SiteRole.BINDING, name=first.owner)
        reason = f"`{caller.name}` has no call through `{via.member}`{bound}"
        return Verdict(EdgeStatus.HALF, Proof.POINTER, (site,), member=via.member, reason=reason)
    return None


def _doubtful(code: Code, path: str, match: "Match", via: Via | None) -> Verdict:
    """A call and a table whose types differ, or are not known while nobody names the pointer."""
    call, bound, fit = match
    through = f"the call at {path}:{call.line} goes through `{call.name}`"
    if fit is Fit.DIFFERENT:
        tag = receiver_tag(code, path, call)
        owner = f"`{bound.owner}` at {bound.path}:{bound.binding.line}"
        of = f"`{call.receiver}`" if tag in ("", bound.tag) else f"`struct {tag}`"
        reason = f"{through} of {of}, and {owner} fills one of `struct {bound.tag}`"
        status = EdgeStatus.UNPROVED if via is None else EdgeStatus.HALF
        return Verdict(status, reason=reason, type_mismatch=True)
    reason = f"{through}, and {bound.clause()}: name the pointer with `via` if it is that one"
    return _open(code, site_of(path, call, SiteRole.CALL), call.name, reason)


def _open(code: Code, site: ProofSite, member: str, reason: str) -> Verdict:
    """A call whose table is not found: half a proof, if the whole tree was searched."""
    status = EdgeStatus.HALF if code.files.searchable else EdgeStatus.NOT_SEARCHED
    return Verdict(status, Proof.POINTER, (site,), member=member, reason=reason)


_STATIC_CALL = "DEFINE_STATIC_CALL"
"""`DEFINE_STATIC_CALL(name, function)` binds a static call (include/linux/static_call.h)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A place that puts the callee into a member, an element or a variable."""

    path: str
    binding: Binding  # what that file says
    tag: str = ""  # that of the struct that the member belongs to, or empty
    member: str = ""  # also one that is filled by its position; or empty

    @property
    def owner(self) -> str:
        """The variable that is filled."""
        return self.binding.owner

    @property
    def array(self) -> str:
        """The name of the array that an element is filled of, or empty."""
        binding = self.binding
        is_element = bool(binding.index) or binding.position >= 0
        return (binding.path[-1:] or (binding.owner,))[0] if is_element and not self.member else ""

    def site(self) -> ProofSite:
        """The place as a site."""
        return site_of(self.path, self.binding, SiteRole.BINDING, self.owner)

    def clause(self, callee: str = "the callee") -> str:
        """The place as a clause."""
        filled = self.member or self.binding.index or self.array or self.owner
        owner = f"`{self.owner or self.tag}`" if self.owner or self.tag else "a table"
        what = f"holds {callee}" if filled == self.owner else f"binds {callee} to `{filled}`"
        return f"{owner} {what} at {self.path}:{self.binding.line}"


def bindings_of(code: Code, callee: Target, *first: str) -> Iterator[Bound]:
    """Every place that puts the callee somewhere, its own file first."""
    for file in code.naming(callee, *first):
        path = file.facts.path
        for binding in code.bindings_beside(path, callee.name):
            if binding.target == callee.name:
                tag, member = owner_tag(code, path, binding), slot(code, path, binding)
                yield Bound(path, binding, tag, member)
        for use in file.uses:
            if use.macro == _STATIC_CALL and use.names[1:2] == (callee.name,):
                target, owner, condition = callee.name, use.names[0], use.condition
                yield Bound(path, Binding(target, use.line, owner, condition=condition))


def _pointer_calls(code: Code, caller: Target, via: Via | None) -> Iterator[Call]:
    """The calls in a caller that go through a pointer, and through the one that is named."""
    for body in code.bodies(caller):
        for call in body.calls:
            is_named = via is None or f"_{call.name}".endswith(f"_{via.member}")
            if not (is_named and _is_pointer(code, caller, body, call, via)):
                continue
            if not is_dropped(code, caller.path, body, call):
                yield call


def _is_pointer(code: Code, caller: Target, body: Body, call: Call, via: Via | None) -> bool:
    if call.form is not CallForm.DIRECT or call.name in body.types:
        return True
    is_any = via is not None and not via.owner
    return is_any or bool(code.symbol(caller.path, call.name, SymbolKind.VARIABLE).definitions)


class Fit(Enum):
    """How the struct that is called through and the struct that is filled compare."""

    SAME = auto()
    UNKNOWN = auto()
    DIFFERENT = auto()


Match = tuple[Call, Bound, Fit]  # a call and a binding whose names fit, and whether their types do


def _matches(
    code: Code, caller: Target, calls: Sequence[Call], bindings: Sequence[Bound], via: Via | None
) -> Iterator[Match]:
    """The calls and bindings that go together by name, and through the pointer that is named."""
    for call in calls:
        for bound in bindings:
            if _names_fit(code, caller, call, bound):
                fit = _fit(code, caller.path, call, bound)
                if via is None or _is_via(code, via, caller.path, call, bound):
                    yield call, bound, fit


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
    function = bound.binding.function
    filling = code.symbol(bound.path, function, SymbolKind.FUNCTION)
    for target in (caller, filling):
        if any(bound.owner in body.types for body in code.bodies(target)):
            return (bound.path, function) == (caller.path, caller.name)
    if caller.path == bound.path:
        return True
    paths = (bound.path, caller.path)
    variables = (code.symbol(path, bound.owner, SymbolKind.VARIABLE) for path in paths)
    return not any(variable.is_static for variable in variables)


def _is_via(code: Code, via: Via, path: str, call: Call, bound: Bound) -> bool:
    if via.member not in (call.name, bound.member, bound.array):
        return False
    if via.index and via.index != bound.binding.index and via.index in _indexes(code, bound):
        return False
    return not via.owner or via.owner in (
        without_indexes(call.receiver),
        call.receiver_root,
        receiver_tag(code, path, call),
        bound.owner,
        bound.tag,
    )


def _indexes(code: Code, bound: Bound) -> set[str]:
    file = code.file(bound.path)
    bindings = file.bindings_beside(bound.owner) if file else ()
    return {each.index for each in bindings if each.owner == bound.owner}


_MOST_ALIASES = 8


def _fit(code: Code, path: str, call: Call, bound: Bound) -> Fit:
    if call.form is CallForm.DISPATCH:
        return _operations_fit(code, path, call, bound) or _dispatch_fit(call, bound)
    if not call.receiver:
        return Fit.SAME  # a variable or an array is known by its name
    if _is_other_table(code, path, call, bound):
        return Fit.DIFFERENT
    return compare(code, path, receiver_tag(code, path, call), bound.tag)


def _operations_fit(code: Code, path: str, call: Call, bound: Bound) -> Fit | None:
    """`v4l2_subdev_call(sd, core, s_power)` is of the struct that some struct's `core` is of."""
    if not call.receiver_path or not bound.tag:
        return Fit.UNKNOWN if call.receiver_path else None
    every = (types.members.values() for types in _types_saying(code, path, bound.tag))
    found = {
        _resolved(code, path, members[call.receiver_path[0]])
        for members in chain.from_iterable(every)
        if call.receiver_path[0] in members
    }
    if not found:
        return Fit.UNKNOWN
    return Fit.SAME if _resolved(code, path, bound.tag) in found else Fit.DIFFERENT


def _dispatch_fit(call: Call, bound: Bound) -> Fit:
    """`static_call(kvm_x86_run)` and `kvm_x86_call(run)` are of `kvm_x86_ops.run`."""
    if not bound.member:
        return Fit.SAME
    stem = call.name.removesuffix(f"_{bound.member}")
    if call.name == bound.member:
        stem = call.macro.removesuffix("_call")
    owners = [owner for owner in (bound.tag, bound.owner) if owner]
    named = {*owners, *(owner.removesuffix("_ops") for owner in owners)}
    return Fit.SAME if stem.rstrip(".") in named else Fit.UNKNOWN


def _is_other_table(code: Code, path: str, call: Call, bound: Bound) -> bool:
    """Whether the call is of a member of one table, and that table has another function there."""
    is_table = not call.receiver_path and call.receiver == call.receiver_root
    file = code.file(path) if is_table else None
    is_filled = any(
        (binding.owner, binding.member) == (call.receiver, call.name)
        and not (binding.function or binding.path)
        for binding in (file.bindings_beside(call.name) if file else ())
    )
    return is_filled and (bound.path, bound.owner) != (path, call.receiver)


def compare(code: Code, path: str, receiver: str, owner: str) -> Fit:
    """Whether two tags, as they are written in a file, are those of one struct.

    Typedefs are looked through. They differ only if something defines the receiver's: a name
    that nothing defines may be a typedef of anything.
    """
    if not receiver or not owner:
        return Fit.UNKNOWN
    if receiver == owner:
        return Fit.SAME
    struct = _resolved(code, path, receiver)
    if not struct:
        return Fit.UNKNOWN
    return Fit.SAME if struct in (owner, _resolved(code, path, owner)) else Fit.DIFFERENT


def receiver_tag(code: Code, path: str, call: Call) -> str:
    """The tag of the struct that a called member belongs to, given the call's file; or empty."""
    if call.receiver_tag:
        return call.receiver_tag
    tag = call.root_tag or _variable_tag(code, path, call.receiver_root)
    return _follow(code, path, tag, call.receiver_path)


def owner_tag(code: Code, path: str, binding: Binding) -> str:
    """The tag of the struct that a binding fills a member of, or empty."""
    if binding.owner_tag or not binding.member:
        return binding.owner_tag
    function = code.symbol(path, binding.function, SymbolKind.FUNCTION)
    local = _first(body.types.get(binding.owner) for body in code.bodies(function))
    tag = local or _variable_tag(code, path, binding.owner)
    return _follow(code, path, tag, binding.path)


def slot(code: Code, path: str, binding: Binding) -> str:
    """The member that a binding fills, also one that is filled by its position; or empty."""
    tag, position = binding.owner_tag, binding.position
    if binding.member or position < 0:
        return binding.member
    orders = (types.order.get(tag, ()) for types in _types_saying(code, path, tag))
    return "".join(next(filter(None, orders), ())[position : position + 1])


def _follow(code: Code, path: str, tag: str, members: Sequence[str]) -> str:
    for member in members:
        struct = _resolved(code, path, tag)
        tag = _first(
            types.members.get(struct, {}).get(member) for types in _types_saying(code, path, struct)
        )
    return tag


def _resolved(code: Code, path: str, tag: str) -> str:
    """The struct that a tag or a typedef stands for; empty if nothing defines it."""
    for _ in range(_MOST_ALIASES):
        for types in _types_saying(code, path, tag):
            if tag in types.members:
                return tag
            if following := types.typedefs.get(tag):
                tag = following
                break
        else:
            break
    return ""


def _variable_tag(code: Code, path: str, name: str) -> str:
    return _first(types.variables.get(name) for types in _types_saying(code, path, name))


def _first(texts: Iterable[str | None]) -> str:
    return next(filter(None, texts), "")


def _types_saying(code: Code, path: str, word: str) -> Iterator[FileTypes]:
    """What the files say that may say what a name is in a file: that file, then headers.

    The tag of an unnamed struct is `outer.member`, and the file of the outer one has it.
    """
    if not word:
        return
    word = word.partition(".")[0]
    headers = (each for each in code.at_hand() if language_of(each).is_header(each))
    own = code.file(path)
    if own is not None:
        yield own.types
    for each in (*headers, *code.files.defining(word, path)):
        file = code.file(each) if each != path else None
        if file is not None:
            yield file.types

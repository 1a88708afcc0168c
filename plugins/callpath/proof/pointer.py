"""The proof of a call through a pointer: a call of a member here, a table that binds it there."""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from callpath.c.facts import Binding, Body, Call, CallForm, Role
from callpath.facts.proof import (
    EdgeStatus,
    Proof,
    ProofSite,
    SiteRole,
    Verdict,
    Via,
    without_indexes,
)
from callpath.model import SymbolKind
from callpath.proof.arguments import calls_made, is_dropped
from callpath.proof.code import Code, Target, proved, site_of
from callpath.proof.types import (
    NO_STRUCT,
    Fit,
    Inside,
    StructType,
    compare_structs,
    inside_of,
    member_of,
    member_order,
    struct_of,
    variable_struct,
)


def prove_pointer(code: Code, caller: Target, callee: Target, via: Via | None) -> Verdict | None:
    """A call through a member, an array or a dispatch macro, and a table that binds it.

    That is a proof; a half if only one of the two is found and `via` says that it is a pointer, or
    if nothing but `via` could say that they belong together; unproved with a reason if their types
    differ; None if there is no trace of either.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    return _prove(code, caller, callee, via, list(_pointer_calls(code, caller, via)))


def prove_in_macro(code: Code, caller: Target, callee: Target, via: Via | None) -> Verdict | None:
    """The same of the calls through members that macros in the caller's body make."""
    if callee.kind is not SymbolKind.FUNCTION or caller.kind is not SymbolKind.FUNCTION:
        return None
    made = dict.fromkeys(calls_made(code, caller))
    calls = [call for call in made if via is None or call.name == via.member]
    return _prove(code, caller, callee, via, calls) if calls else None


def _prove(
    code: Code, caller: Target, callee: Target, via: Via | None, calls: Sequence[Call]
) -> Verdict | None:
    if not calls and via is None:
        return None
    bindings = list(bindings_of(code, callee, caller.path))
    known = [call for call in calls if not is_local_call(code, caller, call)]
    matches = list(_matches(code, caller, known, bindings, via))
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
        struct = receiver_struct(code, path, call)
        owner = f"`{bound.owner}` at {bound.path}:{bound.binding.line}"
        is_twin = struct.tag == bound.tag and compare_structs(code, struct, bound.struct) is fit
        of = f"`{call.receiver}`" if struct.tag in ("", bound.tag) else f"`struct {struct.tag}`"
        filled = f"{'another' if is_twin else 'one of'} `struct {bound.tag}`"
        reason = f"{through} of {of}, and {owner} fills {filled}"
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


class Bound(Struct, frozen=True):
    """A place that puts the callee into a member, an element or a variable."""

    path: str
    binding: Binding  # what that file says
    struct: StructType = NO_STRUCT  # the one that the member belongs to
    member: str = ""  # also one that is filled by its position; or empty

    @property
    def tag(self) -> str:
        """That of the struct, or empty."""
        return self.struct.tag

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
            named = binding.target == callee.name and not binding.local
            if named and code.means(callee, path, binding.line):
                struct, member = owner_struct(code, path, binding), slot(code, path, binding)
                if any(map(str.isdigit, binding.path)):
                    binding = replace(binding, path=_filled(code, path, binding).names)
                yield Bound(path, binding, struct, member)
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
    return is_any or is_pointer_variable(code, caller, call.name)


def is_local_call(code: Code, caller: Target, call: Call) -> bool:
    """Whether a call goes through a parameter or local itself, which `copies` follows."""
    place = (call.name, call.line, call.column)
    return not call.receiver and any(
        mention.role is Role.LOCAL and (mention.name, mention.line, mention.column) == place
        for body in code.bodies(caller)
        if call.name in body.types or call.name in body.parameters
        for mention in body.mentions
    )


def is_pointer_variable(code: Code, caller: Target, name: str) -> bool:
    """Whether a called name is that of a variable in the caller's file, also an announced one."""
    if code.symbol(caller.path, name, SymbolKind.VARIABLE).definitions:
        return True
    file = code.file(caller.path)
    return file is not None and name in file.types.variables


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
    return is_same_variable(code, bound.path, caller.path, bound.owner)


def is_same_variable(code: Code, one: str, other: str, name: str) -> bool:
    """Whether two files can mean one file-level variable by a name."""
    if one == other:
        return True
    variables = (code.symbol(path, name, SymbolKind.VARIABLE) for path in (one, other))
    return not any(variable.is_static for variable in variables)


def place_fit(code: Code, here: Target, call: Call, bound: Bound) -> Fit | None:
    """How a place in a function and one that is filled compare; None if their names differ.

    The place is that of what a call there would go through.
    """
    return _fit(code, here.path, call, bound) if _names_fit(code, here, call, bound) else None


def _is_via(code: Code, via: Via, path: str, call: Call, bound: Bound) -> bool:
    if via.member not in (call.name, bound.member, bound.array):
        return False
    if is_other_element(code, via, bound):
        return False
    return not via.owner or via.owner in (
        without_indexes(call.receiver),
        call.receiver_root,
        receiver_tag(code, path, call),
        bound.owner,
        bound.tag,
    )


def is_other_element(code: Code, via: Via, bound: Bound) -> bool:
    """Whether `via` names another element of the array than the one that is filled."""
    is_other = bool(via.index) and via.index != bound.binding.index
    return is_other and via.index in _indexes(code, bound)


def _indexes(code: Code, bound: Bound) -> set[str]:
    file = code.file(bound.path)
    bindings = file.bindings_beside(bound.owner) if file else ()
    return {each.index for each in bindings if each.owner == bound.owner}


def _fit(code: Code, path: str, call: Call, bound: Bound) -> Fit:
    if call.form is CallForm.DISPATCH:
        return _operations_fit(code, path, call, bound) or _dispatch_fit(call, bound)
    if not call.receiver:
        return Fit.SAME  # a variable or an array is known by its name
    if _is_other_table(code, path, call, bound):
        return Fit.DIFFERENT
    if call.macro and call.receiver_tag == bound.struct.tag:
        return Fit.SAME  # both are what the kernel's macros say
    return compare_structs(code, receiver_struct(code, path, call), bound.struct)


def _operations_fit(code: Code, path: str, call: Call, bound: Bound) -> Fit | None:
    """`v4l2_subdev_call(sd, core, s_power)` is of the struct that some struct's `core` is of."""
    if not call.receiver_path:
        return None
    member, found = call.receiver_path[0], set[str]()
    for home in dict.fromkeys((*bound.struct.homes, path)):
        file = code.file(home)
        every = file.types.members.values() if file else ()
        tags = {members[member] for members in every if member in members}
        found.update(struct_of(code, (home, path), tag).tag for tag in tags)
    if not found or not bound.struct.tag:
        return Fit.UNKNOWN
    return Fit.SAME if bound.struct.tag in found else Fit.DIFFERENT


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
    """Whether two tags, as they are written in a file, are those of one struct."""
    return compare_structs(code, *(struct_of(code, (path,), tag) for tag in (receiver, owner)))


def receiver_struct(code: Code, path: str, call: Call) -> StructType:
    """The struct that a called member belongs to, given the call's file."""
    if call.receiver_tag:
        return struct_of(code, (path,), call.receiver_tag)
    if call.root_tag:
        return member_of(code, struct_of(code, (path,), call.root_tag), call.receiver_path)
    root = variable_struct(code, path, call.receiver_root)
    if root == NO_STRUCT and call.receiver_root:
        root = _macro_struct(code, path, call.receiver_root)
    return member_of(code, root, call.receiver_path)


def _macro_struct(code: Code, path: str, name: str) -> StructType:
    """The struct that a macro stands for which is a variable, or members from there on.

    `#define the_algo the_repository->algo`; of several definitions the first counts that is one.
    """
    for _, body in code.macros(path, name):
        mentions = [each for each in body.mentions if each.role is not Role.TAG]
        is_access = not body.calls and all(each.role is Role.FIELD for each in mentions[1:])
        if mentions and is_access and mentions[0].role is Role.OTHER and not body.parameters:
            variable = mentions[0].name
            members = [each.name for each in mentions[1:]]
            return member_of(code, variable_struct(code, path, variable), members)
    return NO_STRUCT


def receiver_tag(code: Code, path: str, call: Call) -> str:
    """Its tag; or empty."""
    return call.receiver_tag or receiver_struct(code, path, call).tag


def owner_struct(code: Code, path: str, binding: Binding) -> StructType:
    """The struct that a binding fills a member of."""
    if binding.owner_tag:
        return struct_of(code, (path,), binding.owner_tag)
    return _filled(code, path, binding).struct if binding.member or binding.path else NO_STRUCT


def _filled(code: Code, path: str, binding: Binding) -> Inside:
    """What the members before the one that is filled lead to."""
    function = code.symbol(path, binding.function, SymbolKind.FUNCTION)
    locals_ = (body.types.get(binding.owner) for body in code.bodies(function))
    if local := next(filter(None, locals_), ""):
        return inside_of(code, struct_of(code, (path,), local), binding.path)
    return inside_of(code, variable_struct(code, path, binding.owner), binding.path)


def owner_tag(code: Code, path: str, binding: Binding) -> str:
    """Its tag; or empty."""
    return binding.owner_tag or owner_struct(code, path, binding).tag


def slot(code: Code, path: str, binding: Binding) -> str:
    """The member that a binding fills, also one that is filled by its position; or empty."""
    position = binding.position
    if binding.member or position < 0:
        return binding.member
    if binding.owner_tag:
        struct = struct_of(code, (path,), binding.owner_tag)
    elif binding.path and not (filled := _filled(code, path, binding)).is_array:
        struct = filled.struct
    else:
        return ""
    return "".join(member_order(code, struct)[position : position + 1])

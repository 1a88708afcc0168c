"""The two halves of a call through a pointer: the calls of a body, the bindings of a callee."""

from collections.abc import Iterator
from dataclasses import dataclass

from callpath.core.c_parser.body_facts import Binding, Body, Call, CallForm
from callpath.core.model import SymbolKind
from callpath.core.prover.code import Code, Target
from callpath.core.prover.struct_types import owner_tag, slot
from callpath.core.prover.via import Via

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

"""One walk through a definition: how each name in it is used, and what it calls.

`handlers` decides where the walk goes and how the parts of an expression are used.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace
from tree_sitter import Node

from callpath.c.facts import Call, CallForm, Handed, Mention, Role
from callpath.c.types import Scopes
from callpath.c.variants import Construct
from callpath.c.vocabulary import KEYWORDS, DispatchMacro

_TAGS = tuple(
    (keyword.decode(), re.compile(rb"%b(?<!\w%b)\s+([A-Za-z_]\w*)" % (keyword, keyword)))
    for keyword in (b"struct", b"union", b"enum")  # each begins with plain bytes: that is fast
)
# Members of an enumeration are looked up anew each time they are named.
_ARGUMENT, _CLASS, _FIELD = Role.ARGUMENT, Role.CLASS, Role.FIELD
_LOCAL, _TAG = Role.LOCAL, Role.TAG
_DIRECT = CallForm.DIRECT
NAMELESS = frozenset({"number_literal", "string_literal", "char_literal", "comment"})
"""Kinds of nodes in which there are no names."""


class UsageContext(Struct, frozen=True, gc=False):
    """How the value of an expression is used."""

    role: Role = Role.OTHER  # the role of a name that is the whole value
    callee: str = ""  # what it is handed to
    sink: list[Handed] | None = None  # where names go that are handed over whole
    address: bool = False  # whether its address is taken
    member: str = ""  # the member that is taken of it
    tag: str = ""  # for members: the tag of the struct that they belong to
    evaluated: bool = True

    def inside(self) -> "UsageContext":
        """The use of a part of the value."""
        return PLAIN if self.evaluated else UNEVALUATED

    def inside_as(self, role: Role) -> "UsageContext":
        """The use of a part of the value that has a role of its own."""
        return UsageContext(role, evaluated=self.evaluated)

    def as_member(self, tag: str) -> "UsageContext":
        """The use of a member's name."""
        return UsageContext(_FIELD, tag=tag, evaluated=self.evaluated)


PLAIN = UsageContext()
UNEVALUATED = UsageContext(evaluated=False)
CALLED = UsageContext(Role.CALLED)


class Walk(Struct):
    """A walk through one definition, and what it has found; offsets are those of the file."""

    construct: Construct
    scopes: Scopes
    dispatch: Mapping[str, DispatchMacro]
    outside: int  # offset at which the definition stands: its conditions go without saying
    # The tag of the struct for the offset of each designator, as far as it is known.
    designated: Mapping[int, str]
    tagged: Mapping[int, str]  # which keyword stands before a tag, by the tag's offset
    mentions: dict[int, Mention] = field(default_factory=dict)  # the names, by offset
    # The calls, by the offset of the name; the arguments are still being collected.
    calls: dict[int, Call] = field(default_factory=dict)
    # The arguments of these calls.
    arguments: dict[int, list[list[Handed]]] = field(default_factory=dict)
    # The offsets of their brackets and of the commas between, for calls by name.
    places: dict[int, list[int]] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)  # offsets of words that need no second look
    # Offsets of names that are no calls although `(` may follow: those of prototypes, and what is
    # not evaluated.
    settled: set[int] = field(default_factory=set)
    # The nodes to walk through, each with its kind, the next one last.
    pending: list[tuple[str, Node, UsageContext]] = field(default_factory=list)
    # Whether some of it stands under a condition that not all of it stands under.
    is_divided: bool = True
    # Whether a mask has put something there.
    is_masked: bool = True

    def __post_init__(self) -> None:
        """Look whether conditions and masks must be looked at."""
        construct = self.construct
        self.is_masked = not construct.is_original(construct.node)
        start, end = construct.span(construct.node)
        self.is_divided = construct.unit.conditions.change_between(start, end)

    def push(self, node: Node | None, use: UsageContext) -> None:
        """Walk through a node later; what is pushed last comes first."""
        if node is not None:
            self.pending.append((node.type, node, use))

    def every(self, node: Node, use: UsageContext) -> None:
        """Walk through the children of a node later."""
        pending = self.pending
        for child in reversed(node.named_children):
            pending.append((child.type, child, use))

    def plainly(self, node: Node, use: UsageContext) -> None:
        """Walk through the children of a node later, of which nothing is handed over."""
        pending = self.pending
        for child in reversed(node.named_children):
            kind = child.type
            if kind == "identifier":
                self.name(child, use)
            elif kind not in NAMELESS:
                pending.append((kind, child, use))

    def parts(self, node: Node, rest: UsageContext, field: str, use: UsageContext) -> None:
        """Walk through the children of a node later; that of one field has its own use."""
        own = node.child_by_field_name(field)
        special = own.id if own is not None else 0
        pending = self.pending
        for child in reversed(node.named_children):
            pending.append((child.type, child, use if child.id == special else rest))

    def name(self, node: Node, use: UsageContext) -> None:
        """Note the name that a node is; what a mask has put there is none."""
        construct = self.construct
        start, outer = node.start_byte, construct.outer
        offset = start + outer
        if offset in self.seen:
            return
        end, unit = node.end_byte, construct.unit
        if self.is_masked:
            inner = construct.inner
            if construct.code[start:end] != construct.source[start + inner : end + inner]:
                return
        past = end + outer
        name = unit.names.get(unit.text[offset:past])
        self.note(offset, unit.name(offset, past) if name is None else name, use)

    def is_local(self, node: Node) -> bool:
        """Whether a name is that of a parameter or local."""
        offset = self.construct.offset(node)
        return self.scopes.local(self.construct.name(node), offset) is not None

    def note(self, offset: int, name: str, use: UsageContext) -> None:
        """Note one name."""
        self.seen.add(offset)
        if not use.evaluated:
            self.settled.add(offset)
        if not name or name in KEYWORDS:
            return
        role, callee, tag, address = use.role, "", "", use.address
        if offset in self.tagged:
            role, tag, address = _TAG, self.tagged[offset], False
        elif role is _FIELD:
            tag = use.tag
        else:
            local = name in self.scopes.spans and self.scopes.local(name, offset) is not None
            if use.sink is not None:
                use.sink.append(Handed(name, address, use.member, local))
            if local:
                role = _LOCAL
            elif role is _ARGUMENT or role is _CLASS:
                callee = use.callee
        lines = self.construct.unit.lines
        line = bisect_right(lines, offset)
        column = offset - lines[line - 1] + 1
        condition = self._condition(offset) if self.is_divided else ""
        self.mentions[offset] = Mention(name, role, line, column, callee, tag, address, condition)

    def call(self, offset: int, call: Call) -> None:
        """Note one call; line, column and condition are filled in."""
        line, column = self.construct.unit.position(offset)
        condition = self._condition(offset) if self.is_divided else ""
        local = call.form is _DIRECT and self.scopes.local(call.name, offset) is not None
        placed = replace(call, line=line, column=column, condition=condition, local=local)
        self.calls[offset] = placed
        self.arguments[offset] = []

    def direct_call(self, offset: int, name: str) -> None:
        """Note one call by name."""
        self.call(offset, Call(_DIRECT, name, 0))

    def place(self, offset: int, marks: list[int]) -> None:
        """Note where the arguments of a call by name stand: their brackets and commas."""
        call = self.calls.get(offset)
        if call is not None and call.form is _DIRECT:
            self.places[offset] = marks

    def sink(self, offset: int) -> list[Handed]:
        """A new argument of a call."""
        sink: list[Handed] = []
        self.arguments[offset].append(sink)
        return sink

    def _condition(self, offset: int) -> str:
        """The conditions of an offset that are not those of the whole definition."""
        return self.construct.unit.conditions.inside(offset, self.outside)

    def finished_calls(self) -> dict[int, Call]:
        """The calls with their arguments, without those of names that the parser made up."""
        return {
            offset: replace(
                call,
                arguments=tuple(map(tuple, self.arguments[offset])),
                places=self._placed(offset, call),
            )
            for offset, call in self.calls.items()
            if call.name
        }

    def _placed(self, offset: int, call: Call) -> tuple[tuple[int, int], ...]:
        """The lines and columns of a call's brackets and commas, mostly on the line of its name."""
        marks = self.places.get(offset)
        if not marks:
            return ()
        unit, line = self.construct.unit, call.line
        start = offset - call.column + 1
        is_on_line = line < len(unit.lines) and start <= marks[0] <= marks[-1] < unit.lines[line]
        if is_on_line:
            return tuple([(line, mark - start + 1) for mark in marks])
        return tuple(map(unit.position, marks))


def find_tags(construct: Construct, start: int, end: int) -> dict[int, str]:
    """The tags between two offsets of the file, each with the keyword before it."""
    base, source = construct.masked.base, construct.source
    return {
        match.start(1) + base: keyword
        for keyword, pattern in _TAGS
        for match in pattern.finditer(source, start - base, end - base)
    }

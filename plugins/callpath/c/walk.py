"""How the value of an expression is used, and the facts that a walk through a body collects."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from callpath.c.facts import Call, Handed, Mention, Role
from callpath.c.types import Scopes, specified
from callpath.c.variants import SourceMap
from callpath.c.vocabulary import CONTAINING, KEYWORDS, TRANSPARENT, DispatchMacro

_TAG = re.compile(rb"(?<!\w)(struct|union|enum)\s+([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class UsageContext:
    """How a value is used.

    Attributes:
        role: The role of a name that is the whole value.
        callee: What it is handed to.
        sink: Where names go that are handed over whole.
        address: Whether its address is taken.
        member: The member that is taken of it.
        tag: For members: the tag of the struct that they belong to.
        evaluated: Whether it is evaluated at all.
    """

    role: Role = Role.OTHER
    callee: str = ""
    sink: list[Handed] | None = None
    address: bool = False
    member: str = ""
    tag: str = ""
    evaluated: bool = True

    def inside(self) -> "UsageContext":
        """The use of a part of the value."""
        return PLAIN if self.evaluated else UNEVALUATED

    def as_member(self, tag: str) -> "UsageContext":
        """The use of a member's name."""
        return UsageContext(Role.FIELD, tag=tag, evaluated=self.evaluated)


PLAIN = UsageContext()
UNEVALUATED = UsageContext(evaluated=False)
HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""Roles of a value that is handed over whole."""


@dataclass(slots=True)
class BodyFacts:
    """What is known of one definition so far; offsets are those of the file.

    Attributes:
        stretch: The construct that is being read.
        scopes: Its parameters and locals.
        outside: Offset at which the definition stands: its conditions go without saying.
        mentions: The names, by offset.
        calls: The calls, by the offset of the name; the arguments are still being collected.
        arguments: The arguments of these calls.
        seen: Offsets of words that need no second look.
        settled: Offsets of names that are no calls although `(` may follow: those of prototypes,
            and what is not evaluated.
        tagged: Which keyword stands before a tag, by the tag's offset.
    """

    stretch: SourceMap
    scopes: Scopes
    outside: int
    mentions: dict[int, Mention] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    arguments: dict[int, list[list[Handed]]] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    tagged: Mapping[int, str] = field(default_factory=dict)

    def name(self, offset: int, name: str, use: UsageContext) -> None:
        """Note one name."""
        self.seen.add(offset)
        if not use.evaluated:
            self.settled.add(offset)
        if not name or name in KEYWORDS:
            return
        keyword = self.tagged.get(offset, "")
        if keyword:
            self._mention(offset, name, Role.TAG, UsageContext(tag=keyword))
        elif use.role is Role.FIELD:
            self._mention(offset, name, use.role, use)
        else:
            local = self.scopes.local(name, offset) is not None
            self._mention(offset, name, Role.LOCAL if local else use.role, use)
            if use.sink is not None:
                use.sink.append(Handed(name, use.address, use.member))

    def _mention(self, offset: int, name: str, role: Role, use: UsageContext) -> None:
        """Note one name with its role."""
        line, column = self.stretch.position(offset)
        callee = use.callee if role is Role.ARGUMENT else ""
        tag = use.tag if role in (Role.TAG, Role.FIELD) else ""
        self.mentions[offset] = Mention(
            name, role, line, column, callee, tag, use.address, self.condition(offset)
        )

    def call(self, offset: int, call: Call) -> None:
        """Note one call; line, column and condition are filled in."""
        line, column = self.stretch.position(offset)
        condition = self.condition(offset)
        self.calls[offset] = replace(call, line=line, column=column, condition=condition)
        self.arguments[offset] = []

    def sink(self, offset: int) -> list[Handed]:
        """A new argument of a call."""
        sink: list[Handed] = []
        self.arguments[offset].append(sink)
        return sink

    def condition(self, offset: int) -> str:
        """The conditions of an offset that are not those of the whole definition."""
        return self.stretch.unit.conditions.inside(offset, self.outside)

    def finished_calls(self) -> dict[int, Call]:
        """The calls with their arguments, without those of names that the parser made up."""
        return {
            offset: replace(call, arguments=tuple(map(tuple, self.arguments[offset])))
            for offset, call in self.calls.items()
            if call.name
        }


def find_tags(stretch: SourceMap, start: int, end: int) -> dict[int, str]:
    """The tags between two offsets of the file, each with the keyword before it."""
    shift = stretch.outer - stretch.inner
    return {
        match.start(2) + shift: match.group(1).decode()
        for match in _TAG.finditer(stretch.source, start - shift, end - shift)
    }


class Walk:
    """One walk through a definition; it writes into the ledger.

    Parameters:
        ledger: Where to write.
        handlers: What to do with each kind of node; parts of any other kind are used plainly.
        dispatch: The macros that dispatch, by name.
        designated: The tag of the struct for the offset of each designator, as far as it is known.
    """

    def __init__(
        self,
        ledger: BodyFacts,
        handlers: Mapping[str, "Handler"],
        dispatch: Mapping[str, DispatchMacro],
        designated: Mapping[int, str],
    ) -> None:
        self.ledger = ledger
        self.stretch = ledger.stretch
        self.dispatch = dispatch
        self.designated = designated
        self._handlers = handlers
        self._pending: list[tuple[Node, UsageContext]] = []

    def read(self, nodes: Iterable[tuple[Node, UsageContext]]) -> None:
        """Walk through some nodes, each used in a given way."""
        self._pending.extend(nodes)
        while self._pending:
            node, use = self._pending.pop()
            handler = self._handlers.get(node.type)
            if handler is not None:
                handler(self, node, use)
            elif node.named_child_count:
                self.rest(node, use.inside())

    def push(self, node: Node | None, use: UsageContext) -> None:
        """Walk through a node later; what is pushed last comes first."""
        if node is not None:
            self._pending.append((node, use))

    def rest(self, node: Node, use: UsageContext, but: Node | None = None) -> None:
        """Walk through the children of a node, perhaps but one, later."""
        for child in reversed(node.named_children):
            if but is None or child != but:
                self._pending.append((child, use))

    def name(self, node: Node, use: UsageContext) -> None:
        """Note the name that a node is; what a mask has put there is none."""
        offset = self.stretch.offset(node)
        if offset not in self.ledger.seen and self.stretch.is_original(node):
            self.ledger.name(offset, self.stretch.name(node), use)


Handler = Callable[[Walk, Node, UsageContext], None]
"""What to do with one kind of node."""


_MOST_STEPS = 24
_THROUGH = {
    "field_expression": "argument",
    "subscript_expression": "argument",
    "pointer_expression": "argument",
}


@dataclass(frozen=True, slots=True)
class Access:
    """An expression that reaches an object.

    Attributes:
        root: The identifier that it starts with; empty when it starts with anything else.
        root_tag: The tag of what it starts with: a variable, a cast, a function's result.
        path: The members from there on.
        tag: The tag of the struct that it is or points to.
    """

    root: str = ""
    root_tag: str = ""
    path: tuple[str, ...] = ()
    tag: str = ""


def read_access(stretch: SourceMap, scopes: Scopes, expression: Node | None) -> Access:
    """Follow an expression down to where it starts, and its types back up."""
    path: list[str] = []
    node = expression
    root = root_tag = ""
    for _ in range(_MOST_STEPS):
        if node is None or node.type == "identifier":
            break
        if node.type == "field_expression":
            member = node.child_by_field_name("field")
            path.append(stretch.name(member) if member is not None else "")
        following = _through(stretch, node)
        if following is None:
            root_tag = result_tag(stretch, scopes, node)
            if node.type == "cast_expression":
                node = _bare(stretch, node.child_by_field_name("value"))
            break
        node = following
    if node is not None and node.type == "identifier":
        root = stretch.name(node)
        root_tag = root_tag or scopes.shape(root, stretch.offset(node)).tag
    path.reverse()
    return Access(root, root_tag, tuple(path), scopes.table.follow(root_tag, path))


def _through(stretch: SourceMap, node: Node) -> Node | None:
    """The expression inside of one that reaches the same object, or one that holds it."""
    if node.type in _THROUGH:
        return node.child_by_field_name(_THROUGH[node.type])
    if node.type == "parenthesized_expression":
        return next(iter(node.named_children), None)
    if node.type == "call_expression":
        function = node.child_by_field_name("function")
        if function is not None and function.type == "identifier":
            place = TRANSPARENT.get(stretch.name(function))
            return None if place is None else argument(node, place)
    return None


def _bare(stretch: SourceMap, node: Node | None) -> Node | None:
    """What a cast is applied to, without brackets, addresses and accessors; no member's object."""
    for _ in range(_MOST_STEPS):
        if node is None or node.type == "field_expression":
            return None
        following = _through(stretch, node)
        if following is None:
            return node
        node = following
    return None


def result_tag(stretch: SourceMap, scopes: Scopes, node: Node) -> str:
    """The tag of a cast, a compound literal or a call, as far as the file tells."""
    if node.type in ("cast_expression", "compound_literal_expression"):
        return member_owner(scopes, node.child_by_field_name("type"))
    function = node.child_by_field_name("function")
    if node.type != "call_expression" or function is None or function.type != "identifier":
        return ""
    name = stretch.name(function)
    if name in CONTAINING:
        arguments = node.child_by_field_name("arguments")
        return written_tag(stretch, scopes, arguments, CONTAINING[name])
    return scopes.table.resolve(scopes.table.functions.get(name, ""))


def written_tag(stretch: SourceMap, scopes: Scopes, arguments: Node | None, place: int) -> str:
    """The tag of a type among the arguments of a macro: `struct t`, or a typedef."""
    for index, words in enumerate(argument_words(stretch, arguments)):
        if index == place and words:
            tagged = words[0] in (b"struct", b"union") and len(words) > 1
            return scopes.table.resolve(words[1 if tagged else 0].decode("ascii", "replace"))
    return ""


def argument_words(stretch: SourceMap, arguments: Node | None) -> list[list[bytes]]:
    """The words of each argument; brackets inside of an argument are not looked into."""
    if arguments is None:
        return []
    start = arguments.start_byte + stretch.inner
    closing = stretch.sheet.brackets.closing.get(start)
    if closing is None:
        return []
    return [
        stretch.source[left:right].replace(b"*", b" ").split()
        for left, right in stretch.sheet.arguments(start, closing)
    ]


def argument(call: Node, place: int) -> Node | None:
    """One argument of a call, counted from 0 by its commas."""
    arguments = call.child_by_field_name("arguments")
    index = 0
    for child in arguments.children if arguments is not None else ():
        if child.type == ",":
            index += 1
        elif child.is_named and index == place:
            return child
    return None


def member_owner(scopes: Scopes, written: Node | None) -> str:
    """The tag of a written type whose member is named next to it."""
    specifier = written.child_by_field_name("type") if written is not None else None
    return scopes.table.resolve(specified(specifier))

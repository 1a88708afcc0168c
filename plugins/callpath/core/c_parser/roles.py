"""How the value of an expression is used, and the facts that a walk through a body collects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from callpath.core.c_parser.body_facts import Call, Handed, Mention, Role
from callpath.core.c_parser.body_vocabulary import KEYWORDS
from callpath.core.c_parser.scopes import Scopes
from callpath.core.c_parser.stretch import Stretch

_TAG = re.compile(rb"(?<!\w)(struct|union|enum)\s+([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Use:
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

    def inside(self) -> "Use":
        """The use of a part of the value."""
        return PLAIN if self.evaluated else UNEVALUATED

    def as_member(self, tag: str) -> "Use":
        """The use of a member's name."""
        return Use(Role.FIELD, tag=tag, evaluated=self.evaluated)


PLAIN = Use()
UNEVALUATED = Use(evaluated=False)
HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""Roles of a value that is handed over whole."""


@dataclass(slots=True)
class Ledger:
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

    stretch: Stretch
    scopes: Scopes
    outside: int
    mentions: dict[int, Mention] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    arguments: dict[int, list[list[Handed]]] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    tagged: Mapping[int, str] = field(default_factory=dict)

    def name(self, offset: int, name: str, use: Use) -> None:
        """Note one name."""
        self.seen.add(offset)
        if not use.evaluated:
            self.settled.add(offset)
        if not name or name in KEYWORDS:
            return
        keyword = self.tagged.get(offset, "")
        if keyword:
            self._mention(offset, name, Role.TAG, Use(tag=keyword))
        elif use.role is Role.FIELD:
            self._mention(offset, name, use.role, use)
        else:
            local = self.scopes.local(name, offset) is not None
            self._mention(offset, name, Role.LOCAL if local else use.role, use)
            if use.sink is not None:
                use.sink.append(Handed(name, use.address, use.member))

    def _mention(self, offset: int, name: str, role: Role, use: Use) -> None:
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


def find_tags(stretch: Stretch, start: int, end: int) -> dict[int, str]:
    """The tags between two offsets of the file, each with the keyword before it."""
    shift = stretch.outer - stretch.inner
    return {
        match.start(2) + shift: match.group(1).decode()
        for match in _TAG.finditer(stretch.source, start - shift, end - shift)
    }

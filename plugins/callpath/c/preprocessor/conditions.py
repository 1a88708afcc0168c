"""Which text the preprocessor's conditions leave, and under which conditions an offset stands."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import takewhile

from msgspec import Struct, field

from callpath.c.lexer import Directive, Lexed, blank
from callpath.c.preprocessor.constants import value_of

_MOST_CONDITIONS = 32
"""How many nested conditions, and how many denied branches before one, are listed."""
_NEVER_C = frozenset({"__cplusplus", "__ASSEMBLY__", "__ASSEMBLER__"})
"""Macros that are set for other languages only."""
_ALWAYS_C = frozenset(f"!{name}" for name in _NEVER_C)
_OPENING = frozenset({b"if", b"ifdef", b"ifndef"})
_DIVIDING = frozenset({b"elif", b"elifdef", b"elifndef", b"else"})
_SIMPLE = re.compile(r"!?(?:defined )?\w+(?: ?\([^()]*\))?")
_DEFINED = re.compile(r"(!?) ?defined ?\(? ?(\w+) ?\)?")
_BRACKET = re.compile(rb"[(){}]")
_MACRO = re.compile(rb"[A-Za-z_]\w*+")
_NUMBER = re.compile(r"(?<!\w)\d")
_SAYING = frozenset({b"define", b"undef", b"include"})


class Branch(Struct):
    """The text between two directives of one `#if` group."""

    conditions: tuple[str, ...]  # when it is compiled, outermost first
    start: int  # offset past its opening directive; `end` is that of the closing one
    end: int = 0
    dead: bool = False  # never compiled (`#if 0`), or inside of such a branch
    foreign: bool = False  # compiled for another language only (`__ASSEMBLY__`)
    net: int = 0  # brackets that its code leaves open, minus those that it closes
    low: int = 0  # the smallest value of that count inside, at most 0
    last: int = 0  # the last byte of its code, or 0

    def absorb(self, net: int, low: int, last: int) -> None:
        """Continue with code of this shape."""
        self.low = min(self.low, self.net + low)
        self.net += net
        self.last = last or self.last

    def is_whole(self) -> bool:
        """Whether its code can be read together with that of another branch."""
        return not self.net and not self.low and self.last in b";},:"


class _Group(Struct):
    """An `#if` … `#endif` group: its branches, and their conditions negated."""

    branches: list[Branch] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)


class Conditions(Struct, frozen=True):
    """The conditional groups of one file."""

    offsets: list[int]  # where the condition changes, ascending
    branches: list[Branch | None]  # the innermost branch from each of these offsets on
    hidden: list[Branch]  # branches whose code is not read: dead and foreign ones
    # Groups whose branches are alternatives in the middle of a construct, so that only one can be
    # parsed at a time: each is the list of its branches that have code.
    split: list[list[Branch]]

    def at(self, offset: int) -> str:
        """The conditions of an offset, outermost first, joined by ` && `."""
        branch = self._branch_at(offset)
        return _joined(branch.conditions) if branch is not None else ""

    def change_between(self, start: int, end: int) -> bool:
        """Whether two offsets do not stand under the same branch, or something between them."""
        return bisect_right(self.offsets, start) != bisect_right(self.offsets, end)

    def inside(self, offset: int, outer: int) -> str:
        """The conditions of an offset that another offset does not stand under."""
        branch, around = self._branch_at(offset), self._branch_at(outer)
        if branch is None or branch is around:
            return ""
        known = around.conditions if around is not None else ()
        both = zip(known, branch.conditions, strict=False)
        same = len(list(takewhile(lambda pair: pair[0] == pair[1], both)))
        return _joined(branch.conditions[same:])

    def is_dead(self, offset: int) -> bool:
        """Whether an offset is never compiled."""
        branch = self._branch_at(offset)
        return branch is not None and branch.dead

    def _branch_at(self, offset: int) -> Branch | None:
        index = bisect_right(self.offsets, offset) - 1
        return self.branches[index] if index >= 0 else None


def read_conditions(lexed: Lexed) -> Conditions:
    """Read the conditional groups of a file."""
    reader = _Reader(lexed)
    for directive in lexed.directives:
        reader.read(directive)
    return reader.finish()


def select(code: bytes, conditions: Conditions, variant: int) -> bytes:
    """The code with one branch of each split group; what else is hidden is blank.

    `variant` says which branch, 0-based; a group with fewer branches keeps its first.
    """
    selected = bytearray(code)
    unread = list(conditions.hidden)
    for branches in conditions.split:
        kept = branches[variant if variant < len(branches) else 0]
        unread.extend(branch for branch in branches if branch is not kept)
    for branch in unread:
        selected[branch.start : branch.end] = blank(code[branch.start : branch.end])
    return bytes(selected)


class _Reader:
    def __init__(self, lexed: Lexed) -> None:
        self._code = lexed.code
        self._guard = _include_guard(lexed)
        self._groups: list[_Group] = []
        self._around: list[Branch] = []
        self._position = 0
        # What says something of macros so far, each with the branch that it stands in; and what is
        # surely known of them from that: their text, None for `#undef`.
        self._said: list[tuple[Directive, Branch | None]] = []
        self._known: dict[str, str | None] = {}
        self._open = 0  # how many braces are open at the offset up to which they are counted
        self._counted = 0
        self._found = Conditions([], [], [], [])

    def read(self, directive: Directive) -> None:
        if directive.name in _OPENING:
            self._absorb_until(directive.start)
            self._groups.append(_Group())
            self._enter(directive)
        elif directive.name in _DIVIDING and self._groups:
            self._absorb_until(directive.start)
            self._around.pop().end = directive.start
            self._enter(directive)
        elif directive.name == b"endif" and self._groups:
            self._leave_group(directive.start)
            self._mark(directive.end)
        elif directive.name in _SAYING:
            self._said.append((directive, self._around[-1] if self._around else None))

    def _learn(self, directive: Directive, around: Branch | None) -> None:
        """Note what a directive says of a macro.

        What stands under a condition, and what an included file may say, makes it unknown.
        """
        if directive.name == b"include":
            self._known = {name: text for name, text in self._known.items() if text is not None}
            return
        match = _MACRO.match(directive.rest)
        if match is None or (around is not None and around.dead):
            return
        name = match.group().decode()
        if around is not None and around.conditions:
            self._known.pop(name, None)
        elif directive.name == b"undef":
            self._known[name] = None
        else:
            text = directive.rest[match.end() :].decode("utf-8", "replace")
            self._known[name] = text.strip()

    def finish(self) -> Conditions:
        while self._groups:
            self._leave_group(len(self._code))
        return self._found

    def _enter(self, directive: Directive) -> None:
        group = self._groups[-1]
        own = "" if directive is self._guard else self._own_condition(directive)
        told = [part for part in (*group.denied, own) if part not in {"", "!0", *_ALWAYS_C}]
        outer = self._around[-1] if self._around else Branch((), 0)
        branch = Branch(
            (*outer.conditions, _joined(told))[:_MOST_CONDITIONS] if told else outer.conditions,
            directive.end,
            dead=outer.dead or "0" in (own, *group.denied),
            foreign=not _NEVER_C.isdisjoint((own, *group.denied)),
        )
        group.branches.append(branch)
        if directive.name != b"else" and len(group.denied) < _MOST_CONDITIONS:
            group.denied.append(_negated(own))
        self._around.append(branch)
        self._mark(directive.end)

    def _own_condition(self, directive: Directive) -> str:
        """What one directive itself asks; empty for what always holds, `0` for what never does."""
        own = _own_condition(directive)
        if not own or directive.name == b"else":
            return own
        value = value_of(own, {}) if _NUMBER.search(own) else None
        if value is None and self._said and self._is_in_braces(directive.start):
            for each in self._said:
                self._learn(*each)
            self._said.clear()
            value = value_of(_as_expression(directive), self._known)
        return own if value is None else "" if value else "0"

    def _is_in_braces(self, offset: int) -> bool:
        """Whether an offset is inside of a body, by the braces before it.

        What the file's own macros switch off there is not compiled. A whole definition that they
        switch off is still one that is read: the switch is there to be turned.
        """
        opened, closed = (self._code.count(mark, self._counted, offset) for mark in (b"{", b"}"))
        self._open += opened - closed
        self._counted = offset
        return self._open > 0

    def _leave_group(self, end: int) -> None:
        """End the innermost group, and decide which of its branches are read together."""
        self._absorb_until(end)
        self._around.pop().end = end
        branches = self._groups.pop().branches
        shown = [b for b in branches if b.last and not b.dead and not b.foreign]
        self._found.hidden.extend(b for b in branches if b.dead or b.foreign)
        if len(shown) > 1 and not all(branch.is_whole() for branch in shown):
            self._found.split.append(shown)
            shown = shown[:1]
        for branch in shown if self._around else ():
            self._around[-1].absorb(branch.net, branch.low, branch.last)

    def _mark(self, offset: int) -> None:
        self._found.offsets.append(offset)
        self._found.branches.append(self._around[-1] if self._around else None)

    def _absorb_until(self, offset: int) -> None:
        """Add the code up to an offset to the innermost branch."""
        if self._around:
            self._around[-1].absorb(*_shape(self._code[self._position : offset]))
        self._position = offset


def _own_condition(directive: Directive) -> str:
    """What one directive itself asks; empty for what always holds."""
    text = directive.rest.decode("utf-8", "replace")
    if directive.name in (b"ifdef", b"elifdef"):
        return text or "0"
    if directive.name in (b"ifndef", b"elifndef"):
        return f"!{text}" if text else ""
    if directive.name == b"else" or text == "1":
        return ""
    match = _DEFINED.fullmatch(text)
    return f"{match[1]}{match[2]}" if match and match[2] in _NEVER_C else text


def _as_expression(directive: Directive) -> str:
    text = directive.rest.decode("utf-8", "replace")
    if directive.name in (b"ifdef", b"elifdef"):
        return f"defined {text}"
    return f"!defined {text}" if directive.name in (b"ifndef", b"elifndef") else text


def _negated(condition: str) -> str:
    if not condition:
        return "0"
    if _SIMPLE.fullmatch(condition):
        return condition[1:] if condition.startswith("!") else f"!{condition}"
    return f"!({condition})"


def _joined(conditions: Iterable[str]) -> str:
    """Conditions as one, in brackets where `&&` would bind stronger."""
    parts = tuple(conditions)
    if len(parts) == 1:
        return parts[0]
    return " && ".join(f"({part})" if "||" in part or "?" in part else part for part in parts)


def _shape(code: bytes) -> tuple[int, int, int]:
    """Brackets left open, the lowest count inside, and the last byte that is not space."""
    net = low = 0
    for match in _BRACKET.finditer(code):
        net += 1 if match.group() in b"({" else -1
        low = min(low, net)
    stripped = code.rstrip()
    return net, low, stripped[-1] if stripped else 0


def _include_guard(lexed: Lexed) -> Directive | None:
    """The directive that opens a header's include guard.

    It is the first condition, before any code; the next directive defines what it asks for; no
    code follows its `#endif`, and either the definition is empty or no directive follows.
    """
    directives = lexed.directives
    first = next((i for i, d in enumerate(directives) if d.name in _OPENING), len(directives))
    if first + 1 >= len(directives) or lexed.code[: directives[first].start].strip():
        return None
    opening, define = directives[first : first + 2]
    name, _, value = define.rest.partition(b" ")
    if define.name != b"define" or not _asks_undefined(opening, name):
        return None
    depth = 0
    for index in range(first, len(directives)):
        depth += (directives[index].name in _OPENING) - (directives[index].name == b"endif")
        if not depth:
            tail = lexed.code[directives[index].end :].strip()
            return opening if not tail and (not value or index + 1 == len(directives)) else None
    return opening


def _asks_undefined(directive: Directive, name: bytes) -> bool:
    if directive.name == b"ifndef":
        return directive.rest == name
    pattern = rb"! ?defined ?\(? ?" + re.escape(name) + rb"\b"
    return directive.name == b"if" and re.search(pattern, directive.rest) is not None

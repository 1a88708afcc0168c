"""The inside of one definition: what it binds, names and calls, joined from the file's variants."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace
from tree_sitter import Node

from callpath.c.copies import read_copies
from callpath.c.definitions import Found, FoundGroup
from callpath.c.expansion import (
    ExpandedConstruct,
    Macros,
    parse_expanded,
    replacement_of,
    tokens_of,
)
from callpath.c.facts import Binding, Body, Call, CallForm, Copy, Handed, Mention, Role
from callpath.c.handlers import members_called, walk_through
from callpath.c.lexer import Directive
from callpath.c.types import (
    Captures,
    Scopes,
    Shape,
    TypeTable,
    capture,
    descend,
    into,
    read_access,
    read_declarator,
    result_tag,
    specified,
)
from callpath.c.variants import Construct, Unit, anew
from callpath.c.vocabulary import CLASSES, KEYWORDS, MEMBERS, UNEVALUATED, DispatchMacro
from callpath.c.walk import CALLED, PLAIN, UsageContext, Walk, find_tags
from callpath.model import SymbolKind

_TYPES = (SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM)
_TAGGED = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


class BodyReader(Struct, frozen=True):
    """Reads the inside of definitions of one file."""

    _table: TypeTable
    _dispatch: Mapping[str, DispatchMacro]
    _leaving: "ScopeEnds"
    _macros: Macros

    def read(self, name: str, group: FoundGroup) -> Body:
        """The inside of one definition, over all variants that it is found in."""
        calls: dict[int, Call] = {}
        mentions: dict[int, Mention] = {}
        bindings: dict[Place, Binding] = {}
        types: dict[str, str] = {}
        parameters: tuple[str, ...] = ()
        for found in group:
            bound = self.bindings(name, found)
            walk = self._walk(found, bound.scopes, bound.designated)
            _initialised(walk, bound)
            calls = walk.finished_calls() | calls
            mentions = walk.mentions | mentions
            bindings = bound.found | bindings
            types = bound.scopes.types | types
            parameters = parameters or bound.scopes.parameters
        return Body(
            tuple(map(calls.__getitem__, sorted(calls))) if group[0].kind not in _TYPES else (),
            tuple(map(mentions.__getitem__, sorted(mentions))),
            tuple(map(bindings.__getitem__, sorted(bindings))),
            parameters,
            types,
        )

    def copies(self, name: str, group: FoundGroup) -> tuple[Copy, ...]:
        """Where pointers go in a function, over all variants that it is found in."""
        copies: dict[int, tuple[Copy, ...]] = {}
        for found in group:
            if found.kind is SymbolKind.FUNCTION:
                construct = found.construct.whole
                scopes = Scopes(construct, self._table, construct.node)
                read = read_copies(construct, scopes, name, found.offset)
                copies = {**read, **copies}
        return tuple(copy for offset in sorted(copies) for copy in copies[offset])

    def bindings(self, name: str, found: Found) -> "BindingReader":
        """The bindings in one definition as one variant shows it."""
        construct = found.construct.whole
        function = construct.node if found.kind is SymbolKind.FUNCTION else None
        captured = capture(function) if function is not None else {}
        scopes = Scopes(construct, self._table, function, captured)
        inside = name if function is not None else ""
        reader = BindingReader(construct, scopes, inside, self._macros)
        if function is not None:
            reader.read(captured)
            start, end = (offset - construct.masked.base for offset in found.whole)
            reader.expand_calls(start, end)
        elif found.kind is SymbolKind.VARIABLE:
            declarator = _declarator(found)
            if declarator is not None and declarator.child_by_field_name("value") is not None:
                reader.initialiser(declarator)
            else:
                start, end = (offset - construct.masked.base for offset in found.whole)
                reader.expand(start, end, name)
        return reader

    def member_calls(
        self, group: FoundGroup, macro: bytes, place: tuple[int, int], macros: Macros
    ) -> Iterator[Call]:
        """The calls through members that one macro call in a function makes.

        Parameters:
            place: The line and the column of the macro's name, which those calls get too.
            macros: The macros that are known there.
        """
        pattern = re.compile(rb"(?<!\w)%b(?=\s*+\()" % re.escape(macro))
        for found in group:
            construct = found.construct.whole
            masked, unit = construct.masked, construct.unit
            start, end = (offset - masked.base for offset in found.whole)
            for match in pattern.finditer(masked.source, start, end):
                brackets = masked.call(match.end())
                if brackets and unit.position(match.start() + masked.base) == place:
                    tokens = list(
                        tokens_of(masked.source, match.start(), brackets[1] + 1, masked.base)
                    )
                    scopes = Scopes(construct, self._table, construct.node)
                    for alternative in range(macros.alternatives([macro])):
                        expanded = macros.expand(tokens, alternative)
                        within = parse_expanded(unit, b"", expanded)
                        walk = Walk(within, scopes, self._dispatch, found.offset, {}, {})
                        yield from (
                            replace(each, line=place[0], column=place[1])
                            for each in members_called(walk)
                        )

    def made(self, construct: Construct, start: int, end: int) -> "BindingReader":
        """The bindings of what a macro call at file level makes, given its span in the variant."""
        reader = BindingReader(construct, Scopes(construct, self._table, None), "", self._macros)
        reader.expand(start, end)
        return reader

    def _walk(self, found: Found, scopes: Scopes, designated: Mapping[int, str]) -> Walk:
        construct = found.construct.whole
        tagged = find_tags(construct, *found.whole)
        walk = Walk(construct, scopes, self._dispatch, found.offset, designated, tagged)
        walk.seen.add(found.offset)
        body = construct.node.child_by_field_name("body")
        if found.kind is SymbolKind.FUNCTION and body is not None:
            self._leaving.note(walk, construct.offset(body), found.whole[1])
        parts = _parts(found)
        for node in parts:
            walk_through(walk, node)
        if found.kind is not SymbolKind.FUNCTION:
            for node in parts:
                start, end = construct.span(node)
                _look_again(walk, start, min(end, found.whole[1]), start)
        elif body is not None:
            _look_again(walk, *found.whole, construct.offset(body))
        return walk


def _parts(found: Found) -> list[Node]:
    node = anew(found.construct.whole.node)
    if found.kind is SymbolKind.FUNCTION:
        return [node]
    if found.kind in _TYPES:
        specifier = _specifier(found)
        return [specifier] if specifier is not None else []
    declarator = _declarator(found)
    others = [each for each in node.children_by_field_name("declarator") if each != declarator]
    return [child for child in node.named_children if child not in others]


def _declarator(found: Found) -> Node | None:
    for declarator in found.construct.whole.node.children_by_field_name("declarator"):
        start, end = found.construct.whole.span(declarator)
        if start <= found.offset < end:
            return declarator
    return None


def _specifier(found: Found) -> Node | None:
    """The node of a struct, union or enum, which may stand inside of another."""
    start, end = (offset - found.construct.whole.outer for offset in found.whole)
    node = found.construct.whole.node.descendant_for_byte_range(start, max(end - 1, start))
    while node is not None and node.type not in _TAGGED:
        node = node.parent
    return node


def macro_bindings(unit: Unit, directive: Directive) -> tuple[Binding, ...]:
    """What a macro's text assigns or makes, given its `#define`, on whose line that is."""
    macro = replacement_of(directive)
    if macro is None or not any(token.text == b"=" for token in macro.tokens):
        return ()
    tokens = [replace(token, offset=directive.start + n) for n, token in enumerate(macro.tokens)]
    construct = parse_expanded(unit, b"", tokens)
    reader = BindingReader(construct, Scopes(construct, TypeTable(), None), "")
    reader.read(capture(construct.node))
    return tuple(reader.found[place] for place in sorted(reader.found))


_VALUE_KINDS = """
    identifier pointer_expression cast_expression conditional_expression parenthesized_expression
    compound_literal_expression initializer_list assignment_expression comma_expression
"""
_VALUES = frozenset(_VALUE_KINDS.split())  # what a value can be that binds a name
_PARTS: Mapping[str, tuple[str, ...]] = {
    "cast_expression": ("value",),
    "conditional_expression": ("consequence", "alternative"),
    "assignment_expression": ("right",),
    "comma_expression": ("right",),
}
"""The parts of an expression that can be its value."""
_MOST_DESIGNATORS = 64
_NO_SHAPE = Shape()
_INTO_ASSIGNED = into({"parenthesized_expression": "", "subscript_expression": "argument"})


class _Slot(Struct, frozen=True, gc=False):
    """Where a value is put: as in the `Binding` that is made of it, and what is put there."""

    owner: str = ""
    tag: str = ""
    path: tuple[str, ...] = ()
    member: str = ""
    position: int = -1
    index: str = ""
    shape: Shape = _NO_SHAPE
    address: bool = False
    is_unnamed: bool = False  # whether its position is that of a member this file does not name

    def below(self) -> tuple[str, ...]:
        """The members down to what is put there."""
        member = str(self.position) if self.is_unnamed else self.member
        is_deep = self.is_unnamed and len(self.path) >= _MOST_DESIGNATORS
        return (*self.path, member) if member and not is_deep else self.path


Place = tuple[int, str, str]
"""What tells bindings apart: the offset of the bound name, that name, and the member."""


class BindingReader(Struct):
    """Reads the bindings of one construct."""

    construct: Construct
    scopes: Scopes
    function: str = ""  # the function whose body it is, or empty
    macros: Macros | None = None  # the macros that are replaced first; None in what they stand for
    found: dict[Place, Binding] = field(default_factory=dict)  # the bindings so far
    # For the offset of each designator the tag of the struct, as far as it is known.
    designated: dict[int, str] = field(default_factory=dict)

    # The places of those that a macro makes.
    made: set[int] = field(default_factory=set)

    def expand_calls(self, start: int, end: int) -> None:
        """Read what macro calls between two offsets of the variant's code make or assign."""
        masked = self.construct.masked
        past = start
        for match in self.macros.binding(masked.source, start, end) if self.macros else ():
            brackets = masked.call(match.end())
            if brackets is not None and match.start() >= past:
                past = brackets[1] + 1
                self.expand(match.start(), past)

    def expand(self, start: int, end: int, owner: str = "") -> None:
        """Read what a span of the variant's code makes, or only what it makes of one variable."""
        for inner in self._expanded(start, end, b""):
            known = set(inner.found)
            inner.read(capture(inner.construct.node))
            for place in set(inner.found) - known:
                if owner and inner.found[place].owner != owner:
                    del inner.found[place]
                else:
                    self.made.add(place[0])

    def _expanded(self, start: int, end: int, before: bytes) -> Iterator["BindingReader"]:
        """Readers of a span after its macros are replaced, one for each way to do that."""
        masked, macros = self.construct.masked, self.macros
        names = macros.are_in(masked.source, start, end) if macros is not None else []
        if macros is None or not names:
            return
        tokens = list(tokens_of(masked.source, start, end, masked.base))
        for alternative in range(macros.alternatives(names)):
            expanded = macros.expand(tokens, alternative)
            construct = parse_expanded(self.construct.unit, before, expanded)
            inner = BindingReader(construct, self.scopes, self.function)
            inner.found, inner.designated = self.found, self.designated
            yield inner

    def _placed(self, value: Node, slot: _Slot) -> None:
        """Read a value that is put somewhere, after its macros are replaced."""
        start, end = self._span(value)
        is_expanded = False
        for inner in self._expanded(start, end, b"int x ="):
            declarators = capture(inner.construct.node)
            for declarator in _in_order(declarators.get("initialiser", []))[:1]:
                known = set(inner.found)
                within = declarator.child_by_field_name("value")
                if within is not None and within.type in _VALUES:
                    is_expanded = True
                    inner._value(within, slot)
                self.made.update(place[0] for place in set(inner.found) - known)
        if not is_expanded and value.type in _VALUES:
            self._value(value, slot)

    def read(self, captured: Captures) -> None:
        """Read everything that was captured in a node."""
        for declarator in _in_order(captured.get("initialiser", [])):
            self.initialiser(declarator)
        for assignment in _in_order(captured.get("assignment", [])):
            right = assignment.child_by_field_name("right")
            if right is not None and self._may_bind(right):
                left = assignment.child_by_field_name("left")
                if left is not None:
                    self._placed(right, self._assigned(left))
        for literal in _in_order(captured.get("literal", [])):
            self._value(literal, _Slot())

    def initialiser(self, declarator: Node) -> None:
        """Read one variable's initialiser."""
        value = declarator.child_by_field_name("value")
        if value is None or not self._may_bind(value):
            return
        declared = read_declarator(declarator)
        if declared is None:
            return
        owner = self.construct.name(declared.name)
        shape = self.scopes.shape(owner, self.construct.offset(declared.name))
        if isinstance(self.construct, ExpandedConstruct) and declarator.parent is not None:
            tag = specified(declarator.parent.child_by_field_name("type"))
            shape = self.scopes.table.resolved(declared.shape(tag)) if tag else shape
        self._placed(value, _Slot(owner, shape=shape))

    def _may_bind(self, value: Node) -> bool:
        """Whether a value may bind a name; a call does only where a macro is replaced."""
        kind = value.type
        if kind in _VALUES:
            return True
        source = self.construct.source
        macros = self.macros if kind == "call_expression" else None
        return macros is not None and macros.are_any_in(source, *self._span(value))

    def _span(self, value: Node) -> tuple[int, int]:
        """The offsets of a value in the variant's code, also where the parser was lost in it."""
        start = value.start_byte + self.construct.inner
        end = value.end_byte + self.construct.inner
        if value.has_error:
            end = _balanced(self.construct.source, start, max(end, self.construct.limit))
        return start, end

    def _assigned(self, left: Node) -> _Slot:
        *wrappers, node = descend(left, _INTO_ASSIGNED)
        subscripts = [each for each in wrappers if each.type == "subscript_expression"]
        subscript = subscripts[-1].child_by_field_name("index") if subscripts else None
        index = self.construct.quoted(subscript) if subscript is not None else ""
        member = node.child_by_field_name("field") if node.type == "field_expression" else None
        if member is None:
            access = read_access(self.construct, self.scopes, node)
            return _Slot(access.root, index=index)
        access = read_access(self.construct, self.scopes, node.child_by_field_name("argument"))
        name = self.construct.name(member)
        return _Slot(access.root, access.tag, access.path, name, index=index)

    def _value(self, node: Node, slot: _Slot) -> None:
        pending: list[tuple[Node | None, _Slot]] = [(node, slot)]
        while pending:
            part, slot = pending.pop()
            if part is None:
                continue
            if part.type == "identifier":
                self._bind(part, slot)
            elif part.type == "initializer_list":
                pending.extend(self._elements(part, slot))
            else:
                pending.extend(self._parts(part, slot))

    def _parts(self, node: Node, slot: _Slot) -> Iterator[tuple[Node | None, _Slot]]:
        kind = node.type
        if kind == "compound_literal_expression":
            tag = result_tag(self.construct, self.scopes, node)
            shape = Shape(tag, 1 if _is_array_type(node) else 0)
            yield node.child_by_field_name("value"), replace(slot, shape=shape)
        elif kind == "parenthesized_expression":
            yield from ((child, slot) for child in node.named_children[:1])
        elif kind == "pointer_expression":
            if self.construct.takes_address(node) and not self.construct.label(node):
                yield node.child_by_field_name("argument"), replace(slot, address=True)
        elif kind in ("field_expression", "subscript_expression"):
            if slot.address:
                yield node.child_by_field_name("argument"), slot
        else:
            for name in _PARTS.get(kind, ()):
                yield node.child_by_field_name(name), slot

    def _elements(self, node: Node, slot: _Slot) -> Iterator[tuple[Node | None, _Slot]]:
        position = 0
        order = self.scopes.table.order.get(slot.shape.tag, [])
        for child in node.named_children:
            if child.type == "initializer_pair":
                inner = self._designated(child, slot)
                if inner.member in order:
                    position = order.index(inner.member)
                yield child.child_by_field_name("value"), inner
            elif child.type in _VALUES:
                yield child, self._positional(slot, position, order)
            position += child.type not in ("comment", "ERROR")

    def _positional(self, slot: _Slot, position: int, order: list[str]) -> _Slot:
        shape = slot.shape
        if shape.dimensions:
            inner = _Slot(slot.owner, path=slot.below(), index=slot.index, shape=shape.element())
        else:
            member = order[position] if position < len(order) else ""
            held = self.scopes.table.member(shape.tag, member)
            inner = _Slot(slot.owner, shape.tag, slot.below(), index=slot.index, shape=held)
            inner = replace(inner, is_unnamed=not member)
        return replace(inner, position=position)

    def _designated(self, pair: Node, slot: _Slot) -> _Slot:
        shape = slot.shape
        inner = _Slot(slot.owner, path=slot.below(), index=slot.index)
        for designator in pair.children_by_field_name("designator")[:_MOST_DESIGNATORS]:
            if designator.type in ("subscript_designator", "subscript_range_designator"):
                inner = replace(inner, index=self.construct.quoted(designator).strip("[]"))
                shape = shape.element()
                continue
            member = designator if designator.type == "field_identifier" else None
            member = member or next(iter(designator.named_children), None)
            if member is None:
                continue
            name = self.construct.name(member)
            self.designated[self.construct.offset(member)] = shape.tag
            inner = replace(inner, tag=shape.tag, path=inner.below(), member=name)
            shape = self.scopes.table.member(shape.tag, name)
        return replace(inner, shape=shape)

    def _bind(self, node: Node, slot: _Slot) -> None:
        target, offset = self.construct.name(node), self.construct.offset(node)
        is_placed = slot.owner or slot.member or slot.tag
        # What a macro is given once may be put into several members.
        is_expanded = isinstance(self.construct, ExpandedConstruct)
        place = (offset, target, slot.member if is_expanded else "")
        if place in self.found or target in KEYWORDS or not is_placed:
            return
        if not is_expanded and offset in self.made:
            return
        whole = not slot.member and slot.position < 0 and not slot.index
        if whole and all(self.scopes.local(name, offset) for name in (slot.owner, target)):
            return
        self.found[place] = Binding(
            target,
            self.construct.unit.line(offset),
            slot.owner,
            slot.tag,
            slot.member,
            slot.position,
            slot.index,
            self.function,
            slot.address,
            self.construct.unit.conditions.at(offset),
            slot.path,
            local=self.scopes.local(target, offset) is not None,
        )


def _balanced(code: bytes, start: int, end: int) -> int:
    """The offset past a value that begins at an offset: up to `,` or `;` outside of brackets."""
    depth = 0
    for match in _ENDING.finditer(code, start, end):
        mark = match.group()
        if mark in b"([{":
            depth += 1
        elif mark in b")]}":
            depth -= 1
        if depth < 0 or (not depth and mark in b",;"):
            return match.start()
    return end


_ENDING = re.compile(rb"[][(){},;]")


def _initialised(walk: Walk, bound: BindingReader) -> None:
    """Names that a macro puts into an object are handed over."""
    for offset, target, _ in bound.found if bound.made else ():
        known = walk.mentions.get(offset) if offset in bound.made else None
        if known is not None and known.name == target and known.role is Role.OTHER:
            walk.mentions[offset] = replace(known, role=Role.INITIALISER)


def _in_order(captured: list[Node]) -> list[Node]:
    """Nodes from outside to inside, left to right; tree-sitter gives captures in any order."""
    return sorted(captured, key=lambda node: (node.start_byte, -node.end_byte))


def _is_array_type(literal: Node) -> bool:
    """Whether a compound literal is one of an array: `(struct foo[]){ … }`."""
    written = literal.child_by_field_name("type")
    declarator = written.child_by_field_name("declarator") if written is not None else None
    return declarator is not None and declarator.type == "abstract_array_declarator"


_CLEANUP = re.compile(rb"(?<!\w)(?:cleanup|__cleanup__)\s*+\(\s*+([A-Za-z_]\w*+)\s*+\)")
_IN_BRACKETS = re.compile(rb"\s*+\(\s*+([A-Za-z_]\w*+)\s*+\)")
_BEFORE_COMMA = re.compile(rb"\s*+\(\s*+([A-Za-z_]\w*+)\s*+,")
_BEFORE_VARIABLE = re.compile(rb"\s*+\(\s*+([A-Za-z_]\w*+)\s*+,\s*+[A-Za-z_]\w*+\s*+\)\s*+\(")
_CLASS_FORMS = {
    b"scoped_guard": _BEFORE_COMMA,
    b"scoped_cond_guard": _BEFORE_COMMA,
    b"CLASS": _BEFORE_VARIABLE,
}


class ScopeEnds:
    """Finds what variables run when their scope is left, in the bodies of one file."""

    def __init__(self, code: bytes, cleanups: Mapping[str, str]) -> None:
        """Take the file's code, and the macros that stand for the attribute `cleanup`.

        Each of these comes with the function in it; for its own argument with an empty name.
        """
        self._cleanups = cleanups
        words = [word for word in (*CLASSES, *map(str.encode, cleanups)) if word in code]
        forms = [rb"(?P<attribute>__attribute(?:__)?+\s*+\(|\[\[)"] if b"cleanup" in code else []
        forms += [rb"(?P<word>%b)(?!\w)" % b"|".join(sorted(words))] if words else []
        self._pattern = re.compile(rb"(?<!\w)(?:%b)" % b"|".join(forms)) if forms else None

    def note(self, walk: Walk, start: int, end: int) -> None:
        """Note what is run between two offsets of a body."""
        source, base = walk.construct.source, walk.construct.masked.base
        found = self._pattern.finditer(source, start - base, end - base) if self._pattern else ()
        for match in found:
            kinds = match.groupdict()
            if kinds.get("attribute"):
                _attribute(walk, match)
            else:
                self._word(walk, match)

    def _word(self, walk: Walk, match: re.Match[bytes]) -> None:
        word = match["word"]
        argument = _CLASS_FORMS.get(word, _IN_BRACKETS).match(match.string, match.end())
        base = walk.construct.masked.base
        if word in CLASSES and argument is not None:
            offset, past = (each + base for each in argument.span(1))
            name = walk.construct.unit.name(offset, past)
            walk.note(offset, name, UsageContext(Role.CLASS, word.decode()))
        elif known := self._cleanups.get(word.decode()):
            walk.call(match.start() + base, Call(CallForm.DIRECT, known, 0))
        elif word not in CLASSES and argument is not None:
            _note_cleanup(walk, *argument.span(1))


def _attribute(walk: Walk, match: re.Match[bytes]) -> None:
    """Note the function that an attribute in full has run."""
    if match["attribute"] == b"[[":
        past = match.string.find(b"]]", match.end())
    else:
        brackets = walk.construct.masked.call(match.end() - 1)
        past = brackets[1] if brackets else 0
    named = _CLEANUP.search(match.string, match.end(), max(past, 0))
    if named is not None:
        _note_cleanup(walk, *named.span(1))


def _note_cleanup(walk: Walk, start: int, end: int) -> None:
    """Note a call of the function that a span of the variant's code names."""
    offset, past = start + walk.construct.masked.base, end + walk.construct.masked.base
    name = walk.construct.unit.name(offset, past)
    walk.note(offset, name, CALLED)
    walk.direct_call(offset, name)


_WORD = re.compile(rb"(\w++)(?:\s*+(\())?+")
_KEYWORDS = frozenset(word.encode() for word in KEYWORDS)
_UNEVALUATED = frozenset(word.encode() for word in UNEVALUATED)
_DIGITS = frozenset(b"0123456789")
_ARGUMENT = re.compile(rb"\s*+(&?)\s*+([A-Za-z_]\w*+)\s*+")
_CALL = re.compile(rb"\s*+\(")
_POINTER = re.compile(rb"\s*+[*^]")
_OTHER, _TYPE = Role.OTHER, Role.TYPE  # named for each word: members are looked up anew each time


def _look_again(walk: Walk, start: int, end: int, body: int) -> None:
    """Note what has not been seen between two offsets; calls are calls from `body` on."""
    construct = walk.construct
    base = construct.masked.base
    silent = 0
    source, seen = construct.source, walk.seen
    limit = end - base
    for match in _WORD.finditer(source, start - base, limit):
        at, past = match.span()
        offset = at + base
        word = match[1]
        if match.lastindex == 1 and past < limit:
            if offset in seen or word in _KEYWORDS:
                continue
            inside = 0
        else:
            inside = _past_bracket(match, limit)
            past = at + len(word)
        if inside and word in _UNEVALUATED:
            brackets = construct.masked.call(past)
            silent = max(silent, brackets[1] + base if brackets else 0)
        if word in _KEYWORDS or _is_literal(source, at, past):
            continue
        if offset in seen and (offset < body or not _is_missed(walk, offset, inside)):
            continue
        name = construct.unit.name(offset, past + base)
        if _is_member(source, at):
            walk.note(offset, name, PLAIN.as_member(""))
        elif offset < silent or not inside:
            walk.note(offset, name, PLAIN)
        else:
            walk.note(offset, name, CALLED)
            if offset >= body:
                _note_call(walk, offset, name, past)


def _past_bracket(word: re.Match[bytes], limit: int) -> int:
    """The offset past the bracket that follows a word, also behind a limit; 0 for none."""
    if word.lastindex != 1 or word.end() < limit:
        return word.end() if word.lastindex != 1 else 0
    opening = _CALL.match(word.string, limit)
    return opening.end() if opening is not None else 0


def _is_missed(walk: Walk, offset: int, inside: int) -> bool:
    """Whether the tree takes a call for something else: a type, a prototype, a mere value.

    Parameters:
        inside: The offset in the variant's code past the bracket that follows; 0 for none.
    """
    known = walk.mentions.get(offset)
    role = known.role if known is not None else None
    if not inside or (role is not _OTHER and role is not _TYPE):
        return False
    if offset in walk.settled:
        return False
    return role is _OTHER or _POINTER.match(walk.construct.source, inside) is None


_QUOTES = frozenset((b'"', b"'"))


def _is_literal(code: bytes, start: int, end: int) -> bool:
    """Whether a word is of a number or a text: `1`, the `f` of `1.f`, the `L` of `L"x"`."""
    is_fraction = start > 1 and code[start - 1] == ord(".") and code[start - 2] in _DIGITS
    return code[start] in _DIGITS or is_fraction or code[end : end + 1] in _QUOTES


def _is_member(code: bytes, start: int) -> bool:
    while start and code[start - 1] in b" \n":
        start -= 1
    before = code[max(0, start - 3) : start]
    return before.endswith(b"->") or (before.endswith(b".") and before != b"...")


def _note_call(walk: Walk, offset: int, name: str, end: int) -> None:
    masked = walk.construct.masked
    walk.direct_call(offset, name)
    brackets = masked.call(end)
    if brackets is None or not masked.source[brackets[0] + 1 : brackets[1]].strip():
        return
    spans = masked.arguments(*brackets)
    marks = [start - 1 for start, _ in spans]
    walk.places[offset] = [mark + masked.base for mark in (*marks, brackets[1])]
    for position, span in enumerate(spans):
        sink = walk.sink(offset)
        match = _ARGUMENT.fullmatch(masked.source, *span)
        if match is None:
            continue
        use = UsageContext(Role.ARGUMENT, name, sink, address=bool(match.group(1)))
        if MEMBERS.get(name) == position:
            use = PLAIN.as_member("")
        _hand_over(walk, match.start(2) + masked.base, match.end(2) + masked.base, use)


def _hand_over(walk: Walk, start: int, end: int, use: UsageContext) -> None:
    """Note the name that is a whole argument, unless the tree knows better."""
    known = walk.mentions.get(start)
    name = walk.construct.unit.name(start, end)
    if known is None or known.role in (Role.OTHER, Role.TYPE):
        walk.note(start, name, use)
    elif use.sink is not None and known.role is Role.LOCAL:
        use.sink.append(Handed(name, use.address, local=True))

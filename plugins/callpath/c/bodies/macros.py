"""What macros say: their replacement text, read as tokens, and their calls at file level.

A replacement text is no code yet, so no parser can read it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Set

from msgspec import Struct
from msgspec.structs import replace

from callpath.c.facts import Body, Call, CallForm, FileUse, Handed, Mention, Role
from callpath.c.lexer import Directive, readable
from callpath.c.masking.masked import FILE_LEVEL_CALL, MacroCall, MaskedSource, last_visible
from callpath.c.variants import Unit
from callpath.c.vocabulary import CLEANUPS, KEYWORDS, UNEVALUATED, DispatchMacro

_TOKEN = re.compile(
    rb"""
    /\*(?:[^*]|\*(?!/))*+(?:\*/)? | //(?:\\\r?\n|[^\n])*+ | \\\r?\n | \s++
  | (?:[LuU]|u8)?"(?:\\.|[^"\\])*+"? | (?:[LuU])?'(?:\\.|[^'\\])*+'?
  | (?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff]*+)
  | \.?\d(?:[eEpP][+-]|[\w.])*+
  | (?P<mark>\#\#|->|\.\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_HEAD = re.compile(rb"\s*+\#\s*+define\b")
_TAGS = frozenset({"struct", "union", "enum"})
_MOST_STEPS = 64


class _Token(Struct, frozen=True):
    text: str
    offset: int
    is_word: bool


def read_macro(unit: Unit, directive: Directive, dispatch: Mapping[str, DispatchMacro]) -> Body:
    """The inside of a macro, given its `#define` and the macros that dispatch, by name."""
    parameters, tokens = _split(list(_tokens(unit.text, directive)))
    reader = _Reader(unit, tokens, dispatch)
    reader.read(parameters)
    return Body(
        calls=tuple(reader.calls),
        mentions=tuple(reader.mentions),
        parameters=tuple(parameters),
        types=dict.fromkeys(parameters, ""),
        text=True,
    )


def cleanups(unit: Unit, directives: Iterable[Directive]) -> dict[str, str]:
    """The macros that stand for the attribute `cleanup`, each with the function in it.

    The function's name is empty for the argument of the macro.
    """
    found: dict[str, str] = {}
    for directive in directives:
        if unit.text.find(b"cleanup", directive.start, directive.end) < 0:
            continue
        tokens = list(_tokens(unit.text, directive))
        parameters, rest = _split(tokens)
        for index in range(len(rest) - 3):
            if rest[index].text in CLEANUPS and rest[index + 3].text == ")":
                name = rest[index + 2].text
                found.setdefault(tokens[0].text, "" if name in parameters else name)
    return found


def _tokens(text: bytes, directive: Directive) -> Iterator[_Token]:
    """The words and marks behind `#define`; comments and texts are left out."""
    head = _HEAD.match(text, directive.start, directive.end)
    position = head.end() if head is not None else directive.end
    for match in _TOKEN.finditer(text, position, directive.end):
        if match["word"] is not None:
            yield _Token(readable(match["word"]), match.start(), is_word=True)
        elif match["mark"] is not None:
            mark = match["mark"].decode("ascii", "replace")
            yield _Token(mark, match.start(), is_word=False)


def _split(tokens: list[_Token]) -> tuple[list[str], list[_Token]]:
    if len(tokens) < len("m(") or tokens[1].text != "(":
        return [], tokens[1:]
    if tokens[1].offset != tokens[0].offset + len(tokens[0].text.encode()):
        return [], tokens[1:]
    parameters: list[str] = []
    for index, token in enumerate(tokens):
        if token.text == ")":
            return parameters, tokens[index + 1 :]
        if index > 1 and token.is_word:
            parameters.append(token.text)
        elif token.text == "..." and tokens[index - 1].text in "(,":
            parameters.append("__VA_ARGS__")
    return [], []


class _Reader:
    def __init__(
        self, unit: Unit, tokens: list[_Token], dispatch: Mapping[str, DispatchMacro]
    ) -> None:
        self.calls: list[Call] = []
        self.mentions: list[Mention] = []
        self._unit = unit
        self._tokens = tokens
        self._dispatch = dispatch
        self._closing = _closings(tokens)
        self._silent = 0
        self._parameters: Collection[str] = ()
        self._dispatched: dict[int, str] = {}

    def read(self, parameters: Collection[str]) -> None:
        self._parameters = parameters
        for index, token in enumerate(self._tokens):
            if token.is_word and not self._is_pasted(index):
                self._word(index, token.text, is_parameter=token.text in parameters)
        self.calls.sort(key=lambda call: (call.line, call.column))

    def _text(self, index: int) -> str:
        """A token, empty before the first and past the last."""
        return self._tokens[index].text if 0 <= index < len(self._tokens) else ""

    def _is_pasted(self, index: int) -> bool:
        """Whether a word is only a part of a name, or becomes a string."""
        before = self._text(index - 1)
        is_optional = before == "##" and self._text(index - 2) == ","  # `, ##__VA_ARGS__`
        return (before in ("#", "##") and not is_optional) or self._text(index + 1) == "##"

    def _word(self, index: int, name: str, *, is_parameter: bool) -> None:
        closing = self._closing.get(index + 1)
        if name in UNEVALUATED and closing is not None:
            self._silent = max(self._silent, closing)
        if name in KEYWORDS:
            return
        if name in CLEANUPS and closing == index + 3 and self._tokens[index + 2].is_word:
            line, column = self._unit.position(self._tokens[index + 2].offset)
            function = self._text(index + 2)
            self.calls.append(Call(CallForm.DIRECT, function, line, column, macro=name))
        before = self._text(index - 1)
        is_member = before in (".", "->")
        if before in _TAGS:
            self._mention(index, Role.TAG, before)
        elif is_member:
            self._mention(index, Role.FIELD)
        elif is_parameter:
            self._mention(index, Role.LOCAL)
        else:
            silent = index < self._silent
            called = index in self._dispatched or (closing is not None and not silent)
            self._mention(index, Role.CALLED if called else Role.OTHER)
        if index >= self._silent:
            self._call(index, name, closing, is_member=is_member)

    def _mention(self, index: int, role: Role, tag: str = "") -> None:
        line, column = self._unit.position(self._tokens[index].offset)
        found = Mention(self._tokens[index].text, role, line, column, tag=tag)
        address = self._text(index - 1) == "&"
        measured = index < self._silent and self._text(index - 2) not in CLEANUPS
        self.mentions.append(replace(found, address=address, measured=measured))

    def _call(self, index: int, name: str, closing: int | None, *, is_member: bool) -> None:
        line, column = self._unit.position(self._tokens[index].offset)
        macro = self._dispatched.get(index)
        if macro is not None:
            known = self._dispatch[macro]
            form, called = CallForm.DISPATCH, name.removeprefix(known.prefix) or name
            if known.defining is not None and known.defining.position == known.position:
                form, called = CallForm.DIRECT, known.defining.prefix + name
            call = Call(form, called, line, column)
            self.calls.append(replace(call, macro=macro, arguments=self._arguments(closing)))
        elif closing is not None and not self._dispatches(index, name, closing):
            arguments, local = self._arguments(index + 1), name in self._parameters
            call = Call(CallForm.DIRECT, name, line, column, arguments=arguments, local=local)
            call = call if is_member else replace(call, places=self._places(index + 1))
            self.calls.append(self._received(call, index) if is_member else call)

    def _dispatches(self, index: int, name: str, closing: int) -> bool:
        """Whether a word is a dispatch macro that is called; then its argument is what is."""
        known = self._dispatch.get(name)
        if known is None or self._text(closing + 1) != "(":
            return False
        for place, (start, end) in enumerate(self._spans(index + 1)):
            if place == known.position and end == start + 1 and self._tokens[start].is_word:
                self._dispatched[start] = name
                self._closing[start] = closing + 1
                return True
        return False

    def _received(self, call: Call, index: int) -> Call:
        """A call through a member, with what stands before it as far as that is plain."""
        path: list[str] = []
        words: list[str] = []
        place = index
        for _ in range(_MOST_STEPS):
            mark, holder = self._text(place - 1), place - 2
            if mark not in (".", "->"):
                break
            if holder < 0 or not self._tokens[holder].is_word:
                return replace(call, form=CallForm.MEMBER)
            words[:0] = [self._text(holder), mark]
            path.insert(0, self._text(holder))
            place = holder
        receiver, root = "".join(words[:-1]), path[0] if path else ""
        member = replace(call, form=CallForm.MEMBER, receiver=receiver)
        return replace(member, receiver_root=root, receiver_path=tuple(path[1:]))

    def _spans(self, opening: int) -> Iterator[tuple[int, int]]:
        """The arguments in a pair of brackets: indices of their tokens, half-open."""
        closing = self._closing[opening]
        start = index = opening + 1
        while index < closing:
            if self._text(index) == ",":
                yield start, index
                start = index + 1
            index = self._closing.get(index, index) + 1
        if start < closing or start > opening + 1:
            yield start, closing

    def _places(self, opening: int) -> tuple[tuple[int, int], ...]:
        """Line and column of a pair of brackets and of the commas between."""
        spans = list(self._spans(opening))
        marks = [opening, *(start - 1 for start, _ in spans[1:]), self._closing[opening]]
        return tuple(self._unit.position(self._tokens[mark].offset) for mark in marks)

    def _arguments(self, opening: int | None) -> tuple[tuple[Handed, ...], ...]:
        if opening is None:
            return ()
        handed: list[tuple[Handed, ...]] = []
        for first, past in self._spans(opening):
            start, end = first, past
            while start < end and self._closing.get(start) == end - 1:
                start, end = start + 1, end - 1
            address = self._text(start) == "&"
            name = start + address
            whole = end == name + 1 and self._tokens[name].is_word
            whole = whole and self._text(name) not in KEYWORDS
            local = self._text(name) in self._parameters
            handed.append((Handed(self._text(name), address, local=local),) if whole else ())
        return tuple(handed)


def _closings(tokens: list[_Token]) -> dict[int, int]:
    closing: dict[int, int] = {}
    pending: list[int] = []
    for index, token in enumerate(tokens):
        if token.text == "(":
            pending.append(index)
        elif token.text == ")" and pending:
            closing[pending.pop()] = index
    return closing


_NAME = re.compile(rb"(?<!\w)[A-Za-z_]\w*+(?![\"'])")


def file_uses(unit: Unit, variants: Iterable[MaskedSource], functions: Set[int]) -> list[FileUse]:
    """The macro calls at file level, in order, without the names of functions at some offsets."""
    found: dict[int, FileUse] = {}
    for masked in variants:
        for call in (*_unmasked_calls(masked), *masked.calls):
            offset = call.offset + masked.base
            if offset not in found and offset not in functions:
                names = list(_names(unit, masked, call))
                found[offset] = FileUse(
                    unit.name(offset, offset + len(call.name)),
                    unit.line(offset),
                    tuple(name for name, _ in names),
                    unit.conditions.at(offset),
                    tuple(dict.fromkeys(name for name, is_called in names if is_called)),
                )
    return [found[offset] for offset in sorted(found)]


def _unmasked_calls(masked: MaskedSource) -> Iterator[MacroCall]:
    """The calls at file level, whatever masking has made of them."""
    handled = 0
    for match in FILE_LEVEL_CALL.finditer(masked.source):
        start = match.start(1)
        if start < handled or not masked.brackets.at_file_level(start):
            continue
        if last_visible(masked.source, handled, match.start()) not in (b";", b"}"):
            continue
        for call in masked.calls_from(match, masked.source):
            handled = call.closing + 1
            yield call


def _names(unit: Unit, masked: MaskedSource, call: MacroCall) -> Iterator[tuple[str, bool]]:
    """The names among the arguments of a call, and whether brackets follow them."""
    for match in _NAME.finditer(masked.source, call.opening, call.closing):
        name = unit.name(match.start() + masked.base, match.end() + masked.base)
        if name not in KEYWORDS:
            yield name, masked.call(match.end()) is not None

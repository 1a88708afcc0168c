"""Replaces macros by their texts where a table or an object is made.

These are the macros of the file, and those that are built in.
Not a preprocessor: what it does not know stays as it is, and a name keeps its place in the file.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from msgspec import Struct, field
from tree_sitter import Node, Parser

from callpath.c.lexer import WORD_BYTES, Directive, lex, pair_brackets, words_of
from callpath.c.masking.masked import MaskedSource
from callpath.c.variants import LANGUAGE, Construct, Unit
from callpath.c.vocabulary import ANNOTATION_CALLS, ANNOTATIONS, DEFINITIONS

_TOKEN = re.compile(
    rb"""
    (?:[LuU]|u8)?"(?:\\.|[^"\\])*+"? | (?:[LuU])?'(?:\\.|[^'\\])*+'?
  | (?P<word>[A-Za-z_\x80-\xff][\w\x80-\xff]*+)
  | \.?\d(?:[eEpP][+-]|[\w.])*+
  | \#\#|->|\.\.\.|\+\+|--|<<=?|>>=?|&&|\|\||[-+*/%&|^!=<>]=|\S
    """,
    re.VERBOSE | re.DOTALL,
)
_MOST_TOKENS = 20_000  # how many tokens one expansion may make
_DEEPEST = 32  # how many macros and arguments may lie within each other
_MOST_ALTERNATIVES = 3  # how many definitions of one macro are tried
_VARIADIC = b"__VA_ARGS__"


class Token(Struct, frozen=True, gc=False):
    """A token, and the offset in the file of what it comes from."""

    text: bytes
    offset: int
    is_word: bool = False


class Replacement(Struct, frozen=True):
    """What a macro stands for."""

    parameters: tuple[bytes, ...] | None  # None for a macro without brackets
    tokens: tuple[Token, ...]
    variadic: bool = False  # whether the last parameter takes all arguments that are left

    @property
    def makes_names(self) -> bool:
        """Whether it makes names that do not stand where it is called.

        It pastes them, or calls one of its parameters: `#define OPS(X) X(run) X(stop)`.
        """
        called = {here.text for here, after in pairwise(self.tokens) if after.text == b"("}
        pastes = any(token.text == b"##" for token in self.tokens)
        return pastes or not called.isdisjoint(self.parameters or ())


def tokens_of(code: bytes, start: int, end: int, base: int = 0) -> Iterator[Token]:
    """The tokens of a span of code; their offsets are counted from `base`."""
    for match in _TOKEN.finditer(code, start, end):
        is_word = match["word"] is not None
        yield Token(match.group(), match.start() + base, is_word)


class Macros:
    """The macros that are known in a file: its own, else those that are built in."""

    def __init__(
        self,
        own: Mapping[bytes, Sequence[bytes]],
        code: bytes = b"",
        functions: Collection[bytes] = (),
    ) -> None:
        """Take the texts of the file's own macros, its code, and the names of its functions."""
        self._own = own
        self._functions = functions
        self._read: dict[bytes, Sequence[Replacement]] = {}
        known = (own.keys() | _built_in().keys()) - set(functions)
        self._named = known.intersection(words_of(code)) | (own.keys() & set(functions))
        binding = sorted(word for word in self._named if self._binds(word))
        # Words begin the pattern: a search that looks back first is slow.
        self._binding = re.compile(rb"(?:%b)(?=\s*+\()" % b"|".join(binding))
        self._is_binding = bool(binding)
        self._pasting: re.Pattern[bytes] | None = None

    def of(self, name: bytes) -> Sequence[Replacement]:
        """The definitions of a macro, or none."""
        if name not in self._own:
            return () if name in self._functions else _built_in().get(name, ())
        if name not in self._read:
            self._read[name] = [_replacement(text, len(name)) for text in self._own[name]]
        return self._read[name]

    def are_in(self, code: bytes, start: int, end: int) -> list[bytes]:
        """The known macros that a span of the file's code names, each once."""
        if not self._named:
            return []
        words = dict.fromkeys(_WORD.findall(code, start, end))
        return [word for word in words if word in self._named]

    def are_any_in(self, code: bytes, start: int, end: int) -> bool:
        """Whether a span of the file's code names a known macro."""
        return bool(self._named) and not self._named.isdisjoint(_WORD.findall(code, start, end))

    def binding(self, code: bytes, start: int, end: int) -> Iterator[re.Match[bytes]]:
        """The calls in a span of macros that may make an object or assign to one."""
        for match in self._binding.finditer(code, start, end) if self._is_binding else ():
            start = match.start()
            if not start or code[start - 1] not in WORD_BYTES:
                yield match

    def _binds(self, name: bytes) -> bool:
        pending, seen = [name], set[bytes]()
        while pending:
            name = pending.pop()
            for each in self.of(name) if name not in seen else ():
                if each.parameters and any(token.text == b"=" for token in each.tokens):
                    return True
                pending.extend(token.text for token in each.tokens if token.is_word)
            seen.add(name)
        return False

    def has_any(self, texts: Iterable[bytes], code: bytes, start: int, end: int) -> bool:
        """Whether a span of code names one of some macros, given by their texts."""
        names = {head.group() for text in texts if (head := _WORD.match(text))}
        return not names.isdisjoint(_WORD.findall(code, start, end))

    def makes_names(self, code: bytes, start: int, end: int) -> bool:
        """Whether macros in a span of the file's code make names that do not stand there."""
        if self._pasting is None:
            pasting = sorted(word for word in self._named if self._makes(word))
            words = b"|".join(pasting)
            self._pasting = re.compile(rb"(?<!\w)(?:%b)(?!\w)" % words if pasting else rb"(?!)")
        return self._pasting.search(code, start, end) is not None

    def _makes(self, name: bytes) -> bool:
        """Whether a macro makes names, perhaps by others that it names."""
        pending, seen = [name], set[bytes]()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            for each in self.of(name):
                if each.makes_names or any(one.text in self._functions for one in each.tokens):
                    return True
                pending.extend(token.text for token in each.tokens if token.is_word)
        return False

    def alternatives(self, names: Iterable[bytes]) -> int:
        """How many ways there are to expand these macros: the most definitions that one has."""
        return min(max((len(self.of(name)) for name in names), default=0), _MOST_ALTERNATIVES)

    def expand(self, tokens: Sequence[Token], alternative: int = 0) -> list[Token]:
        """Code with its macros replaced, taking that one of their definitions."""
        return _Expansion(self, alternative).expand(tokens, frozenset(), 0)


_WORD = re.compile(rb"[A-Za-z_]\w*+")


def read_macros(
    directives: Iterable[Directive], code: bytes = b"", functions: Collection[bytes] = ()
) -> Macros:
    """The macros that some directives of a file define, given its code and its functions."""
    return Macros(_texts(directives), code, functions)


def replacement_of(directive: Directive) -> Replacement | None:
    """What a macro stands for, given its `#define`."""
    head = _WORD.match(directive.rest)
    return _replacement(directive.rest, head.end()) if head is not None else None


def may_make_names(text: bytes) -> bool:
    """Whether macros may make names in a file's text that do not stand there, by a glance at it."""
    return b"##" in text or _makers().search(text) is not None


@cache
def _makers() -> re.Pattern[bytes]:
    """The built-in macros that make names."""
    names = b"|".join(sorted(filter(Macros({})._makes, _built_in())))
    return re.compile(rb"(?<!\w)(?:%b)(?!\w)" % names if names else rb"(?!)")


@cache
def _built_in() -> Mapping[bytes, Sequence[Replacement]]:
    texts = _texts(lex(DEFINITIONS).directives)
    return {name: [_replacement(each, len(name)) for each in texts[name]] for name in texts}


def _texts(directives: Iterable[Directive]) -> Mapping[bytes, Sequence[bytes]]:
    """The texts of each macro that some directives define."""
    found: dict[bytes, list[bytes]] = {}
    for directive in directives:
        if directive.name == b"define" and (head := _WORD.match(directive.rest)):
            found.setdefault(head.group(), []).append(directive.rest)
    return found


def _replacement(text: bytes, end: int) -> Replacement:
    """What a macro stands for, given its definition and where its name ends there."""
    closing = text.find(b")", end)
    if text[end : end + 1] != b"(" or closing < 0:
        return Replacement(None, tuple(tokens_of(text, end, len(text))))
    names: list[bytes] = []
    variadic = False
    for written in text[end + 1 : closing].split(b","):
        name = written.strip()
        variadic = name.endswith(b"...")
        name = name.removesuffix(b"...").strip() or (_VARIADIC if variadic else b"")
        names += [name] if name else []
    return Replacement(tuple(names), tuple(tokens_of(text, closing + 1, len(text))), variadic)


class _Expansion(Struct):
    macros: Macros
    alternative: int
    left: int = _MOST_TOKENS

    def expand(self, tokens: Sequence[Token], hidden: frozenset[bytes], depth: int) -> list[Token]:
        result: list[Token] = []
        index = 0
        while index < len(tokens):
            token = tokens[index]
            index += 1
            known = self.macros.of(token.text) if token.is_word and depth < _DEEPEST else ()
            if not known or token.text in hidden or self.left <= 0:
                result.append(token)
                self.left -= 1
                continue
            macro = known[min(self.alternative, len(known) - 1)]
            arguments: list[Sequence[Token]] = []
            if macro.parameters is not None:
                arguments, past = _arguments(tokens, index)
                if past == index:
                    result.append(token)
                    continue
                index = past
            inner = self._substituted(macro, arguments, token.offset, hidden, depth)
            result += self.expand(inner, hidden | {token.text}, depth + 1)
        return result

    def _substituted(
        self,
        macro: Replacement,
        arguments: Sequence[Sequence[Token]],
        offset: int,
        hidden: frozenset[bytes],
        depth: int,
    ) -> list[Token]:
        given = _bound(macro, arguments)
        result: list[Token] = []
        pastes = False
        written = macro.tokens
        for index, token in enumerate(written):
            following = written[index + 1].text if index + 1 < len(written) else b""
            value = given.get(token.text) if token.is_word else None
            if token.text in (b"##", b"#"):
                pastes = token.text == b"##" or pastes
                continue
            if value is None:
                part: Sequence[Token] = (Token(token.text, offset, token.is_word),)
            elif index and written[index - 1].text == b"#":
                part = (Token(b'""', offset),)
            elif pastes or following == b"##":
                part = value
            else:
                part = self.expand(value, hidden, depth + 1)
            self.left -= len(part)
            if self.left <= 0:
                break
            _append(result, part, pastes=pastes)
            pastes = False
        return result


def _append(result: list[Token], part: Sequence[Token], *, pastes: bool) -> None:
    """Add tokens, perhaps pasting the first one to what is there."""
    if not pastes or not result:
        result.extend(part)
    elif result[-1].text == b",":
        result[-1:] = (result[-1], *part) if part else ()
    elif part:
        last, first = result.pop(), part[0]
        offset = max(last.offset, first.offset)
        result.append(Token(last.text + first.text, offset, is_word=last.is_word or first.is_word))
        result.extend(part[1:])


def _bound(
    macro: Replacement, arguments: Sequence[Sequence[Token]]
) -> Mapping[bytes, Sequence[Token]]:
    """The argument of each parameter."""
    parameters = macro.parameters or ()
    bound = dict.fromkeys(parameters, tuple[Token, ...]())
    last = len(parameters) - 1
    for index, argument in enumerate(arguments):
        if index < last or (index == last and not macro.variadic):
            bound[parameters[index]] = tuple(argument)
        elif last >= 0 and macro.variadic:
            comma = (Token(b",", argument[0].offset),) if argument and index > last else ()
            bound[parameters[last]] += (*comma, *argument)
    return bound


def _arguments(tokens: Sequence[Token], start: int) -> tuple[list[Sequence[Token]], int]:
    """The arguments in the brackets at an index, and the index past them, or the same if none."""
    if start >= len(tokens) or tokens[start].text != b"(":
        return [], start
    found: list[Sequence[Token]] = []
    depth = 0
    first = start + 1
    for index in range(start, len(tokens)):
        text = tokens[index].text
        if text in (b"(", b"[", b"{"):
            depth += 1
        elif text in (b")", b"]", b"}"):
            depth -= 1
            if not depth:
                found.append(tokens[first:index])
                return found, index + 1
        elif text == b"," and depth == 1:
            found.append(tokens[first:index])
            first = index + 1
    return [], start


class ExpandedConstruct(Construct, eq=False):
    """Code after expansion, whose nodes lie in the file where their tokens come from."""

    starts: list[int] = field(default_factory=list)  # where each token begins in the code
    origins: list[int] = field(default_factory=list)  # and its offset in the file

    def offset(self, node: Node) -> int:
        """The offset of what a node comes from in the file."""
        index = bisect_right(self.starts, node.start_byte) - 1
        return self.origins[max(index, 0)] if self.origins else 0

    def span(self, node: Node) -> tuple[int, int]:
        """The offsets of what a node comes from in the file."""
        start = self.offset(node)
        return start, start + node.end_byte - node.start_byte

    def name(self, node: Node) -> str:
        """The name that a node is."""
        return self.source[node.start_byte : node.end_byte].decode("ascii", "replace")


def parse_expanded(unit: Unit, before: bytes, tokens: Sequence[Token]) -> ExpandedConstruct:
    """Parse expanded code, with some code before it, as the content of a function."""
    head = b"void f(void) { " + before
    pieces: list[bytes] = []
    starts: list[int] = []
    tokens = list(_without_annotations(tokens))
    position = len(head)
    for token in tokens:
        starts.append(position)
        pieces.append(token.text)
        position += len(token.text) + 1
    code = head + b" ".join(pieces) + b" ; }"
    masked = MaskedSource(code, pair_brackets(code), 0, bytearray(code))
    node = Parser(LANGUAGE).parse(code).root_node
    origins = [token.offset for token in tokens]
    return ExpandedConstruct(unit, masked, node, 0, len(code), code, starts=starts, origins=origins)


def _without_annotations(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without words that say nothing about names."""
    past = 0
    for index, token in enumerate(tokens):
        if index < past:
            continue
        if token.text in ANNOTATION_CALLS:
            past = max(_arguments(tokens, index + 1)[1], index + 1)
        elif token.text not in ANNOTATIONS:
            yield token

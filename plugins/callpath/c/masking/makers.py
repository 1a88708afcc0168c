"""Which name a macro gives to the function that its call heads: `DEFINE_ENTRY(name) { … }`.

What is asked, in this order: what a site says of the macro, what is known of the kernel's, and the
macro's own text where the file defines it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from callpath.c.lexer import Directive
from callpath.c.vocabulary import DEFINING, KEYWORDS, DefiningMacro

_DEFINED = re.compile(rb"([A-Za-z_]\w*+)(?:\(([^()]*+)\))? ?(.*)")
_TOKEN = re.compile(rb"[A-Za-z_]\w*+|\#\#|\S")
_WORD = re.compile(rb"[A-Za-z_]\w*+")
_KEYWORDS = frozenset(word.encode() for word in KEYWORDS)
_MOST_TEXTS = 8  # how many definitions of one macro are read
_MOST_TOKENS = 400  # how much of a macro's text is read: the head of a function stands in front


class Made(NamedTuple):
    """The name that a call of a macro gives to a function."""

    argument: int  # which argument has the name in it, 0-based; -1 for none
    name: bytes


class _Text(NamedTuple):
    parameters: tuple[bytes, ...]
    tokens: tuple[bytes, ...]


class _Candidate(NamedTuple):
    made: Made
    pieces: int  # of how many words the name is pasted
    arguments: tuple[bytes, ...]  # the words in the brackets behind it
    is_head: bool  # whether these surely are parameters


class Makers:
    """The macros that make functions, as one file sees them."""

    def __init__(
        self,
        directives: Iterable[Directive] = (),
        added: Mapping[bytes, DefiningMacro] | None = None,
    ) -> None:
        self._directives = directives
        self._added = added or {}
        self._read: dict[bytes, list[_Text]] = {}

    @cached_property
    def _defined(self) -> dict[bytes, list[bytes]]:
        """What the file's `#define`s say, by the name of the macro."""
        found: dict[bytes, list[bytes]] = {}
        for directive in self._directives:
            if directive.name == b"define" and (match := _WORD.match(directive.rest)):
                found.setdefault(match.group(), []).append(directive.rest)
        return found

    def _texts(self, word: bytes) -> list[_Text]:
        """The texts of a macro that the file defines."""
        if word not in self._read:
            found = map(_DEFINED.fullmatch, self._defined.get(word, ())[:_MOST_TEXTS])
            self._read[word] = [_text_of(match) for match in found if match is not None]
        return self._read[word]

    def knows(self, word: bytes) -> bool:
        """Whether it is known that a macro makes functions, or the file itself defines it."""
        return word in self._added or word in DEFINING or word in self._defined

    def pasting(self) -> dict[str, DefiningMacro]:
        """The file's macros that only put a prefix before a name: `#define H(name) help_##name`."""
        found: dict[str, DefiningMacro] = {}
        for word, said in self._defined.items():
            texts = self._texts(word) if len(said) == 1 and b"##" in said[0] else []
            if not texts:
                continue
            first = texts[0]
            made = _joined(first, first.parameters)
            if made is not None and made.name.endswith(first.parameters[made.argument]):
                prefix = made.name.removesuffix(first.parameters[made.argument])
                found[word.decode()] = DefiningMacro(made.argument, prefix.decode())
        return found

    def made(self, word: bytes, arguments: Sequence[bytes]) -> Made | None:
        """The name that a call gives to a function, as far as it is known."""
        known = self._added.get(word) or DEFINING.get(word)
        if known is None and (texts := self._texts(word)):
            names = {self._expanded(text, arguments, {word}) for text in texts}
            return names.pop() if len(names) == 1 else None
        if known is None or known.position >= len(arguments):
            return None
        name = arguments[known.position]
        if _WORD.fullmatch(name) is None:
            return None
        return Made(known.position, known.prefix.encode() + name)

    def pasted(self, word: bytes, arguments: Sequence[bytes]) -> Made | None:
        """The name that a call stands for: `int HELPER(name)(int a)`; None if it is not known."""
        known = self._added.get(word) or DEFINING.get(word)
        if known is not None and known.position < len(arguments):
            return Made(known.position, known.prefix.encode() + arguments[known.position])
        names = {_joined(text, arguments) for text in self._texts(word)}
        if len(names) == 1 and (only := names.pop()) is not None:
            return only
        is_plain = len(arguments) == 1 and _WORD.fullmatch(arguments[0])
        return Made(0, arguments[0]) if is_plain else None

    def _expanded(
        self, text: _Text, arguments: Sequence[bytes], followed: set[bytes]
    ) -> Made | None:
        """The function whose head a macro's text ends with, or that has an argument for a name.

        Macros in the text are followed, each once.
        """
        values = dict(zip(text.parameters, enumerate(arguments), strict=False))
        candidates = list(_candidates(text.tokens, values))
        by_argument = [each for each in candidates if each.made.argument >= 0]
        whole = [each for each in by_argument if each.pieces == 1]
        if whole or by_argument:
            return (whole or by_argument[-1:])[0].made
        for candidate in candidates:
            texts = self._texts(candidate.made.name)
            if len(texts) != 1 or candidate.made.name in followed or len(followed) > _MOST_TEXTS:
                continue
            followed.add(candidate.made.name)
            positions = [values.get(word, (-1, word)) for word in candidate.arguments]
            made = self._expanded(texts[0], [value for _, value in positions], followed)
            if made is not None and 0 <= made.argument < len(positions):
                return Made(positions[made.argument][0], made.name)
        plain = [
            each for each in candidates if each.is_head and each.made.name not in self._defined
        ]
        return plain[-1].made if plain else None


def _text_of(match: re.Match[bytes]) -> _Text:
    parameters = (part.strip() for part in (match.group(2) or b"").split(b","))
    return _Text(tuple(parameters), tuple(_tokens(match.group(3))))


def _joined(text: _Text, arguments: Sequence[bytes]) -> Made | None:
    """The name that a macro pastes of its argument and words of its own."""
    values = dict(zip(text.parameters, enumerate(arguments), strict=False))
    words, marks = text.tokens[::2], text.tokens[1::2]
    used = [values[word][0] for word in words if word in values]
    if len(used) != 1 or any(mark != b"##" for mark in marks):
        return None
    name = b"".join(values[word][1] if word in values else word for word in words)
    return Made(used[0], name) if _WORD.fullmatch(name) else None


def _tokens(text: bytes) -> Iterator[bytes]:
    for count, match in enumerate(_TOKEN.finditer(text)):
        if count == _MOST_TOKENS:
            break
        yield match.group()


def _candidates(
    tokens: Sequence[bytes], values: Mapping[bytes, tuple[int, bytes]]
) -> Iterator[_Candidate]:
    """The words before a bracket that is inside of no other."""
    depth = 0
    pieces: list[bytes] = []
    pasting = False
    for index, token in enumerate(tokens):
        if token in (b"(", b"{", b"["):
            if token == b"(" and not depth and pieces:
                yield _candidate(pieces, values, tokens, index)
            depth += 1
            pieces = []
        elif token in (b")", b"}", b"]"):
            depth = max(0, depth - 1)
            pieces = []
        elif token == b"##":
            pasting = bool(pieces)
        elif _WORD.match(token) and (pasting or token not in _KEYWORDS):
            pieces = [*pieces, token] if pasting else [token]
            pasting = False
        else:
            pieces, pasting = [], False


def _candidate(
    pieces: list[bytes], values: Mapping[bytes, tuple[int, bytes]], tokens: Sequence[bytes], at: int
) -> _Candidate:
    argument = next((values[piece][0] for piece in pieces if piece in values), -1)
    name = b"".join(values[piece][1] if piece in values else piece for piece in pieces)
    if _WORD.fullmatch(name) is None:
        argument = -1
    inside: list[bytes] = []
    for token in tokens[at + 1 :]:
        if token == b")":
            break
        if _WORD.match(token):
            inside.append(token)
    first = tokens[at + 1 : at + 2]
    is_head = first == (b")",) or first[0] in _KEYWORDS if first else False
    return _Candidate(Made(argument, name), len(pieces), tuple(inside), is_head)

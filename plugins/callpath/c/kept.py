"""A C file with kept answers: it is parsed only for what was not asked before."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from callpath.c.announce import may_make
from callpath.c.facts import (
    Binding,
    Body,
    Call,
    Copy,
    Declaration,
    FileTypes,
    FileUse,
    Glance,
    Include,
    SourceFile,
)
from callpath.c.file import CodeFile
from callpath.c.preprocessor.includes import glance, read_includes
from callpath.c.vocabulary import FUNCTION_MACROS
from callpath.model import Definition


class KeptFacts(Struct, omit_defaults=True):
    """The answers on one file that are known so far."""

    words: dict[str, bool] = field(default_factory=dict)
    """Whether the text has an identifier in it, for those that were asked for."""
    facts: SourceFile | None = None
    bodies: dict[int, Body] = field(default_factory=dict)
    """The inside of definitions, by their index in `facts.definitions`."""
    bindings: dict[str, tuple[Binding, ...]] = field(default_factory=dict)
    """`CodeFile.bindings_beside` by the word; the bindings of the whole file by the empty word."""
    copies: dict[int, tuple[Copy, ...]] = field(default_factory=dict)
    """Where pointers go in definitions, by their index in `facts.definitions`."""
    copies_beside: dict[str, tuple[Copy, ...]] = field(default_factory=dict)
    uses: tuple[FileUse, ...] | None = None
    types: FileTypes | None = None
    includes: tuple[Include, ...] | None = None
    glances: dict[str, Glance] = field(default_factory=dict)
    """What the text may make of words, for those that were asked for."""
    open_macros: tuple[str, ...] | None = None
    made: tuple[Binding, ...] | None = None
    macro_texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bindings_made: dict[str, tuple[Binding, ...]] = field(default_factory=dict)
    """By the digest of the texts of macros of other files."""
    calls_made: dict[str, tuple[Call, ...]] = field(default_factory=dict)
    """By the digest of a definition's place, a call, and such texts."""


_KEPT = msgspec.msgpack.Decoder(KeptFacts)


def kept_data(kept: KeptFacts) -> bytes:
    """The answers as MessagePack."""
    return msgspec.msgpack.encode(kept)


def read_kept(data: bytes, path: str) -> KeptFacts:
    """The answers from MessagePack, for the file at a path; ValueError if they are damaged."""
    kept = _KEPT.decode(data)
    if kept.facts is not None and kept.facts.path != path:  # the same text at another path
        kept.facts = SourceFile(
            path,
            tuple(replace(each, path=path) for each in kept.facts.definitions),
            tuple(replace(each, path=path) for each in kept.facts.declarations),
            kept.facts.pasted,
            kept.facts.removals,
            kept.facts.weak,
            kept.facts.static,
        )
    return kept


def merged(before: bytes | None, data: bytes) -> bytes:
    """The answers on one file of two that asked it; those of the first may be damaged, or none."""
    if before is None or before == data:
        return data
    try:
        one, other = _KEPT.decode(before), _KEPT.decode(data)
    except ValueError:
        return data
    for name in KeptFacts.__struct_fields__:
        mine, yours = getattr(one, name), getattr(other, name)
        both = {**mine, **yours} if isinstance(mine, dict) else mine if yours is None else yours
        setattr(other, name, both)
    return kept_data(other)


Key = TypeVar("Key")
T = TypeVar("T")
_WHOLE_FILE = ""
_IN_WORDS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


class KeptFile:
    """One file, as a `CodeFile`: what is asked for is added to the answers that are known."""

    def __init__(
        self,
        kept: KeptFacts,
        text: Callable[[], bytes],
        parse: Callable[[bytes], CodeFile],
        prefixes: Iterable[str] = (),
    ) -> None:
        self.kept = kept
        self.is_changed = False  # whether answers were added
        self._read = text
        self._parse = parse
        self._prefixes = {*FUNCTION_MACROS.values(), *prefixes}
        self._definable: dict[str, bool] = {}

    @cached_property
    def _text(self) -> bytes:
        return self._read()

    @property
    def _parsed(self) -> CodeFile:
        """Whoever parses remembers it, as long as there is room."""
        return self._parse(self._text)

    def _ask(self, answers: dict[Key, T], key: Key, answer: Callable[[], T]) -> T:
        """The kept answer, or a new one, which is kept."""
        if key not in answers:
            self.is_changed = True
            answers[key] = answer()
        return answers[key]

    def has(self, word: str) -> bool:
        """Whether the text has an identifier in it; needs no parse."""
        return self._ask(self.kept.words, word, lambda: _holds(self._text, word.encode()))

    @property
    def includes(self) -> tuple[Include, ...]:
        """The includes of the file, in order; needs no parse."""
        if self.kept.includes is None:
            self.is_changed = True
            self.kept.includes = read_includes(self._text)
        return self.kept.includes

    def glance(self, word: str) -> Glance:
        """What the text may make of a word; needs no parse."""
        return self._ask(self.kept.glances, word, lambda: glance(self._text, word))

    @property
    def facts(self) -> SourceFile:
        if self.kept.facts is None:
            self.is_changed = True
            self.kept.facts = self._parsed.facts
        return self.kept.facts

    def named(self, name: str) -> Sequence[Definition]:
        if self.kept.facts is None and not self._can_define(name):
            return ()
        return [self.facts.definitions[number] for number in self._numbers.get(name, ())]

    def announced(self, name: str) -> Sequence[Declaration]:
        if self.kept.facts is None and not self._can_define(name):
            return ()
        return [each for each in self.facts.declarations if each.name == name]

    def _can_define(self, name: str) -> bool:
        """Whether the text has what a name is made from: itself, or what a macro puts it before.

        A file that pastes names can define any.
        """
        if name not in self._definable:
            bare = name.rpartition(".")[2]
            parts = {bare, *(bare.removeprefix(prefix) for prefix in self._prefixes)}
            self._definable[name] = b"##" in self._text or any(
                part.encode() in self._text if bare != name else may_make(self._text, part)
                for part in parts
            )
        return self._definable[name]

    @cached_property
    def _numbers(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for number, definition in enumerate(self.facts.definitions):
            found.setdefault(definition.name, []).append(number)
        return found

    def body(self, definition: Definition) -> Body:
        for number in self._numbers.get(definition.name, ()):
            if self.facts.definitions[number] == definition:
                return self._ask(self.kept.bodies, number, lambda: self._parsed.body(definition))
        return Body()

    @property
    def bindings(self) -> tuple[Binding, ...]:
        return self._ask(self.kept.bindings, _WHOLE_FILE, lambda: self._parsed.bindings)

    def bindings_beside(self, word: str) -> tuple[Binding, ...]:
        return self._ask(
            self.kept.bindings,
            word,
            lambda: self._parsed.bindings_beside(word) if self.has(word) else (),
        )

    def copies(self, definition: Definition) -> tuple[Copy, ...]:
        for number in self._numbers.get(definition.name, ()):
            if self.facts.definitions[number] == definition:
                return self._ask(self.kept.copies, number, lambda: self._parsed.copies(definition))
        return ()

    def copies_beside(self, word: str) -> tuple[Copy, ...]:
        return self._ask(
            self.kept.copies_beside,
            word,
            lambda: self._parsed.copies_beside(word) if self.has(word) else (),
        )

    @property
    def made(self) -> tuple[Binding, ...]:
        if self.kept.made is None:
            self.is_changed = True
            self.kept.made = self._parsed.made
        return self.kept.made

    @property
    def open_macros(self) -> tuple[str, ...]:
        if self.kept.open_macros is None:
            self.is_changed = True
            self.kept.open_macros = self._parsed.open_macros
        return self.kept.open_macros

    def macro_texts(self, name: str) -> tuple[str, ...]:
        return self._ask(
            self.kept.macro_texts,
            name,
            lambda: self._parsed.macro_texts(name) if self.has(name) else (),
        )

    def bindings_made(self, texts: tuple[str, ...]) -> tuple[Binding, ...]:
        return self._ask(
            self.kept.bindings_made, _digest(texts), lambda: self._parsed.bindings_made(texts)
        )

    def calls_made(
        self, definition: Definition, call: Call, texts: tuple[str, ...]
    ) -> tuple[Call, ...]:
        at = (definition.name, definition.kind, definition.start, definition.end, definition.line)
        return self._ask(
            self.kept.calls_made,
            _digest((*map(str, at), repr(call), *texts)),
            lambda: self._parsed.calls_made(definition, call, texts),
        )

    @property
    def uses(self) -> tuple[FileUse, ...]:
        if self.kept.uses is None:
            self.is_changed = True
            self.kept.uses = self._parsed.uses
        return self.kept.uses

    @property
    def types(self) -> FileTypes:
        if self.kept.types is None:
            self.is_changed = True
            self.kept.types = self._parsed.types
        return self.kept.types


def _digest(texts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _holds(text: bytes, word: bytes) -> bool:
    """Whether a text has a word in it, whole; a pattern for each word would take longer to make."""
    start = text.find(word)
    while start >= 0:
        before, end = text[start - 1 : start] if start else b"", start + len(word)
        if not _IN_WORDS.intersection(before + text[end : end + 1]):
            return True
        start = text.find(word, end)
    return False

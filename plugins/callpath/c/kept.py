"""A C file of which answers are kept: it is parsed only for what nobody asked before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from operator import attrgetter
from typing import Any

from callpath.c.facts import (
    Binding,
    Body,
    Call,
    CallForm,
    Declaration,
    FileUse,
    Handed,
    MacroUse,
    Mention,
    Role,
    SourceFile,
)
from callpath.c.file import CodeFile
from callpath.c.vocabulary import FUNCTION_MACROS
from callpath.model import Definition, SymbolKind

KEPT_FORMAT = 1


@dataclass(slots=True)
class KeptTags:
    """What a file tells of types; see the properties of `CodeFile` with the same names."""

    variable_tags: Mapping[str, str]
    member_tags: Mapping[str, Mapping[str, str]]
    member_order: Mapping[str, tuple[str, ...]]
    typedef_tags: Mapping[str, str]


@dataclass(slots=True)
class KeptFacts:
    """The answers on one file that are known so far.

    Attributes:
        words: Whether the text has an identifier in it, for those that were asked for.
        facts: What it defines, declares and leaves to macros.
        bodies: The inside of definitions, by their number in `facts.definitions`, from 0.
        bindings: The bindings beside a word (`CodeFile.bindings_beside`), by the word; those of the
            whole file by the empty word.
        uses: The macro calls at file level.
        tags: What it tells of types.
    """

    words: dict[str, bool] = field(default_factory=dict)
    facts: SourceFile | None = None
    bodies: dict[int, Body] = field(default_factory=dict)
    bindings: dict[str, tuple[Binding, ...]] = field(default_factory=dict)
    uses: tuple[FileUse, ...] | None = None
    tags: KeptTags | None = None


_ATTRIBUTES = {
    kind: attrgetter(*(each.name for each in fields(kind)))
    for kind in (
        *(Binding, Call, Declaration, Definition, FileUse, Handed, KeptTags, MacroUse, Mention),
    )
}


def kept_data(kept: KeptFacts) -> dict[str, Any]:
    """The answers as JSON values; the file's path is left out."""
    data: dict[str, Any] = {"callpath-facts": KEPT_FORMAT, "words": kept.words}
    if kept.facts is not None:
        data["definitions"] = [_row(each)[1:] for each in kept.facts.definitions]
        data["declarations"] = [_row(each)[1:] for each in kept.facts.declarations]
        data["pasted"] = _rows(kept.facts.pasted)
    data["bodies"] = {str(number): _body_data(body) for number, body in kept.bodies.items()}
    data["bindings"] = {word: _rows(found) for word, found in kept.bindings.items()}
    if kept.uses is not None:
        data["uses"] = _rows(kept.uses)
    if kept.tags is not None:
        data["tags"] = _row(kept.tags)
    return data


def read_kept(data: Any, path: str) -> KeptFacts:
    """The answers from JSON values, for the file at a path.

    Raises:
        ValueError: The values are of another format, or hold what cannot be.
        TypeError: A value has another type.
        KeyError: Something is missing.
        IndexError: Something is missing.
    """
    if data["callpath-facts"] != KEPT_FORMAT:
        raise ValueError("format")
    kept = KeptFacts({str(word): bool(has) for word, has in data["words"].items()})
    if "definitions" in data:
        kept.facts = SourceFile(
            path,
            tuple(
                Definition(path, name, SymbolKind(kind), *rest)
                for name, kind, *rest in data["definitions"]
            ),
            tuple(
                Declaration(path, name, SymbolKind(kind), line)
                for name, kind, line in data["declarations"]
            ),
            tuple(MacroUse(line, name, tuple(names)) for line, name, names in data["pasted"]),
        )
    kept.bodies = {int(number): _read_body(body) for number, body in data["bodies"].items()}
    kept.bindings = {word: _read_bindings(rows) for word, rows in data["bindings"].items()}
    if "uses" in data:
        kept.uses = tuple(
            FileUse(macro, line, tuple(names), condition)
            for macro, line, names, condition in data["uses"]
        )
    if "tags" in data:
        variables, members, order, typedefs = data["tags"]
        in_order = {tag: tuple(names) for tag, names in order.items()}
        kept.tags = KeptTags(dict(variables), dict(members), in_order, dict(typedefs))
    return kept


def _row(value: Any) -> Sequence[Any]:
    """The attributes of a value, in their order; names of a closed set are texts to JSON."""
    row: Sequence[Any] = _ATTRIBUTES[type(value)](value)
    return row


def _rows(values: Iterable[Any]) -> list[Sequence[Any]]:
    return [_row(value) for value in values]


def _body_data(body: Body) -> list[Any]:
    calls = []
    for call in body.calls:
        *most, arguments, condition = _row(call)
        calls.append([*most, [_rows(argument) for argument in arguments], condition])
    mentions, bindings = _rows(body.mentions), _rows(body.bindings)
    return [calls, mentions, bindings, body.parameters, body.types, body.text]


def _read_body(row: Sequence[Any]) -> Body:
    calls, mentions, bindings, parameters, types, text = row
    return Body(
        tuple(_read_call(call) for call in calls),
        tuple(Mention(name, Role(role), *rest) for name, role, *rest in mentions),
        _read_bindings(bindings),
        tuple(parameters),
        dict(types),
        bool(text),
    )


def _read_call(row: Sequence[Any]) -> Call:
    (form, name, line, column, receiver, tag, root, path, root_tag, macro, arguments, condition) = (
        row
    )
    handed = tuple(tuple(Handed(*each) for each in argument) for argument in arguments)
    return Call(
        *(CallForm(form), name, line, column, receiver, tag, root, tuple(path)),
        *(root_tag, macro, handed, condition),
    )


def _read_bindings(rows: Iterable[Sequence[Any]]) -> tuple[Binding, ...]:
    return tuple(_read_binding(row) for row in rows)


def _read_binding(row: Sequence[Any]) -> Binding:
    *most, path = row
    binding = Binding(*most)
    return replace(binding, path=tuple(path))


_WHOLE_FILE = ""
_IN_WORDS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


class KeptFile:
    """One file, as a `CodeFile`.

    Parameters:
        kept: The answers that are known; what is asked for is added.
        text: Reads the file's bytes.
        parse: Parses them.

    Attributes:
        kept: The answers that are known.
        is_changed: Whether answers were added.
    """

    def __init__(
        self, kept: KeptFacts, text: Callable[[], bytes], parse: Callable[[bytes], CodeFile]
    ) -> None:
        self.kept = kept
        self.is_changed = False
        self._read = text
        self._parse = parse

    @cached_property
    def _text(self) -> bytes:
        return self._read()

    @cached_property
    def _parsed(self) -> CodeFile:
        return self._parse(self._text)

    def has(self, word: str) -> bool:
        """Whether the text has an identifier in it; told without a parse."""
        known = self.kept.words.get(word)
        if known is None:
            self.is_changed = True
            known = self.kept.words[word] = _holds(self._text, word.encode())
        return known

    @property
    def facts(self) -> SourceFile:
        """What it defines, declares and leaves to macros."""
        if self.kept.facts is None:
            self.is_changed = True
            self.kept.facts = self._parsed.facts
        return self.kept.facts

    def named(self, name: str) -> Sequence[Definition]:
        """The definitions of a name, in line order."""
        if self.kept.facts is None and not self._can_define(name):
            return ()
        return [self.facts.definitions[number] for number in self._numbers.get(name, ())]

    def _can_define(self, name: str) -> bool:
        """Whether the text has what a name is made from: itself, or what a macro puts it before."""
        bare = name.rpartition(".")[2]
        parts = {bare, *(bare.removeprefix(prefix) for prefix in FUNCTION_MACROS.values())}
        return any(part.encode() in self._text for part in parts)

    @cached_property
    def _numbers(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the definitions of each name."""
        found: dict[str, list[int]] = {}
        for number, definition in enumerate(self.facts.definitions):
            found.setdefault(definition.name, []).append(number)
        return found

    def body(self, definition: Definition) -> Body:
        """The inside of one of the definitions; empty for fields and enumerators."""
        for number in self._numbers.get(definition.name, ()):
            if self.facts.definitions[number] == definition:
                if number not in self.kept.bodies:
                    self.is_changed = True
                    self.kept.bodies[number] = self._parsed.body(definition)
                return self.kept.bodies[number]
        return Body()

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """The bindings of the whole file, in source order."""
        if _WHOLE_FILE not in self.kept.bindings:
            self.is_changed = True
            self.kept.bindings[_WHOLE_FILE] = self._parsed.bindings
        return self.kept.bindings[_WHOLE_FILE]

    def bindings_beside(self, word: str) -> tuple[Binding, ...]:
        """The bindings of those definitions whose text has a word in it, in source order."""
        if word not in self.kept.bindings:
            self.is_changed = True
            found = self._parsed.bindings_beside(word) if self.has(word) else ()
            self.kept.bindings[word] = found
        return self.kept.bindings[word]

    @property
    def uses(self) -> tuple[FileUse, ...]:
        """The macro calls at file level, in source order."""
        if self.kept.uses is None:
            self.is_changed = True
            self.kept.uses = self._parsed.uses
        return self.kept.uses

    @property
    def variable_tags(self) -> Mapping[str, str]:
        """For each file-level variable, also an extern one, the tag of its struct or typedef."""
        return self._tags.variable_tags

    @property
    def member_tags(self) -> Mapping[str, Mapping[str, str]]:
        """For each struct the tag of each member's struct; empty for what is none."""
        return self._tags.member_tags

    @property
    def member_order(self) -> Mapping[str, tuple[str, ...]]:
        """For each struct its members in the order of an initialiser without names."""
        return self._tags.member_order

    @property
    def typedef_tags(self) -> Mapping[str, str]:
        """For each typedef of a struct or of another typedef what it stands for."""
        return self._tags.typedef_tags

    @property
    def _tags(self) -> KeptTags:
        if self.kept.tags is None:
            self.is_changed = True
            parsed = self._parsed
            self.kept.tags = KeptTags(
                parsed.variable_tags, parsed.member_tags, parsed.member_order, parsed.typedef_tags
            )
        return self.kept.tags


def _holds(text: bytes, word: bytes) -> bool:
    """Whether a text has a word in it, whole; a pattern for each word would take longer to make."""
    start = text.find(word)
    while start >= 0:
        before, end = text[start - 1 : start] if start else b"", start + len(word)
        if not _IN_WORDS.intersection(before + text[end : end + 1]):
            return True
        start = text.find(word, end)
    return False

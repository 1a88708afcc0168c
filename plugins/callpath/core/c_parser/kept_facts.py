"""What was asked of one file, as data that can be kept: facts without the file's path or text.

Everything here is what the parser answered once. Reading it back gives equal values, or raises
`ValueError`, `TypeError`, `KeyError` or `IndexError` when the data is not what was written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any

from callpath.core.c_parser.body_facts import (
    Binding,
    Body,
    Call,
    CallForm,
    FileUse,
    Handed,
    Mention,
    Role,
)
from callpath.core.c_parser.facts import Declaration, MacroUse, SourceFile
from callpath.core.model import Definition, SymbolKind

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

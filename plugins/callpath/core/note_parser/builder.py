"""A tree without faults in its values to a `Note`; what cannot be built is left out.

Knows what a note means: symbols, ids, the order of reading. The findings of one step with itself
and with others are made here too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic
from callpath.core.model import (
    Erratum,
    Note,
    Omission,
    Pin,
    Remark,
    Step,
    Symbol,
    SymbolKind,
    Text,
)
from callpath.core.note_parser.nodes import Mapping, Node, Pair, Scalar, Sequence
from callpath.core.note_parser.schema import SYMBOL_KEYS

MOST_STEPS = 2000
"""How many steps a note can have."""


def step_mappings(note: Mapping) -> Iterator[Mapping]:
    """The mappings of all steps of a note, in reading order."""
    stack = [note]
    while stack:
        mapping = stack.pop()
        if mapping is not note:
            yield mapping
        stack.extend(reversed(_mappings(mapping, "steps")))


def step_faults(note: Mapping) -> list[Diagnostic]:
    """What is wrong between the keys of a step; to be asked before wrong values are taken out."""
    faults: list[Diagnostic] = []
    for step in step_mappings(note):
        symbols = [pair for pair in step.pairs if pair.name in SYMBOL_KEYS]
        if len(symbols) > 1:
            faults.append(_two_symbols(symbols))
        elif not symbols and step.complete:
            keys = ", ".join(f"`{key}:`" for key in SYMBOL_KEYS)
            message, hint = "the step names no symbol", f"add one of {keys}"
            faults.append(rules.MISSING_KEY.at(step.place, message, hint))
        by = step.pair("by")
        if by and not step.pair("when"):
            message, hint = "`by` stands without `when`", "add `when: later`"
            faults.append(rules.INVALID_VALUE.at(by.key.place, message, hint))
    return faults


def note_faults(note: Mapping) -> list[Diagnostic]:
    """What is wrong between the steps of a note; to be asked after wrong values are taken out."""
    faults: list[Diagnostic] = []
    first: dict[str, Scalar] = {}
    for number, step in enumerate(step_mappings(note), start=1):
        if number == MOST_STEPS + 1:
            message = f"the note has more than {MOST_STEPS:,} steps"
            faults.append(rules.TOO_LARGE.at(step.place, message, "split the note"))
        explicit = step.get("id")
        if not isinstance(explicit, Scalar):
            continue
        earlier = first.setdefault(explicit.text.value, explicit)
        if earlier is not explicit:
            message = f"two steps have the id `{explicit.text.value}`"
            hint = f"the other is in line {earlier.place.line}; change one of them"
            faults.append(rules.DUPLICATE_STEP.at(explicit.place, message, hint, [earlier.place]))
    return faults


def build(note: Mapping, file: str, note_id: str, default_pin: Pin) -> Note | None:
    """The note that a tree says, or nothing when it has neither a title nor a step.

    A step without a symbol or a file is left out; the steps below it take its place.
    """
    title = " ".join(_text(note, "title").split())
    explicit = {_text(step, "id") for step in step_mappings(note)}
    steps = _Steps(explicit - {""}).below(note, 0)
    if not title and not steps:
        return None
    description = _text_at(note, "description")
    pin = _pin(note.get("pin"), default_pin)
    return Note(
        id=note_id,
        file=file,
        title=title or note_id,
        description=description,
        pin=pin,
        steps=tuple(steps),
        omits=tuple(_omissions(note)),
        counterparts=tuple(_texts(note, "counterparts")),
    )


def _omissions(note: Mapping) -> Iterator[Omission]:
    for mapping in _mappings(note, "omits"):
        name, reason = mapping.get("function"), _text(mapping, "reason")
        if isinstance(name, Scalar) and reason:
            yield Omission(name.text.value, " ".join(reason.split()), name.place)


@dataclass(slots=True)
class _Steps:
    """The steps while they are built.

    Attributes:
        explicit: The ids that steps state themselves.
        taken: The ids that are given.
        numbers: The last number given to a second, third … step of a symbol's name.
        count: How many steps there are.
    """

    explicit: set[str]
    taken: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def below(self, parent: Mapping, depth: int) -> list[Step]:
        steps: list[Step] = []
        for mapping in _mappings(parent, "steps"):
            symbol = _symbol(mapping)
            if symbol is None or self.count >= MOST_STEPS:
                steps.extend(self.below(mapping, depth))
            else:
                steps.append(self._step(mapping, symbol, depth))
        return steps

    def _step(self, mapping: Mapping, named: tuple[Symbol, Scalar], depth: int) -> Step:
        symbol, name = named
        self.count += 1
        ordinal, step_id = self.count, self._id(mapping, symbol)
        path = mapping.get("file")
        occurrence = _text(mapping, "occurrence")
        when = _text(mapping, "when")
        return Step(
            id=step_id,
            symbol=symbol,
            commentary=_text_at(mapping, "commentary"),
            place=name.place,
            path_place=path.place if path else name.place,
            ordinal=ordinal,
            depth=depth,
            occurrence=int(occurrence) if occurrence else 0,
            via=_text(mapping, "via"),
            when=when,
            by=_text(mapping, "by") if when else "",
            asserted=_text(mapping, "asserted").strip(),
            errata=tuple(_errata(mapping)),
            remarks=tuple(_remarks(mapping)),
            steps=tuple(self.below(mapping, depth + 1)),
        )

    def _id(self, mapping: Mapping, symbol: Symbol) -> str:
        explicit = _text(mapping, "id")
        if explicit and explicit not in self.taken:
            self.taken.add(explicit)
            return explicit
        base = symbol.name.replace(".", "-")
        step_id, number = base, self.numbers.get(base, 1)
        while step_id in self.taken or step_id in self.explicit:
            number += 1
            step_id = f"{base}-{number}"
        self.numbers[base] = number
        self.taken.add(step_id)
        return step_id


def _two_symbols(symbols: list[Pair]) -> Diagnostic:
    first, second = symbols[:2]
    message = f"the step names two symbols: `{first.name}` and `{second.name}`"
    hint = "keep one of them; the other can be a step of its own"
    return rules.INVALID_VALUE.at(second.key.place, message, hint, [first.key.place])


def _mappings(parent: Mapping, name: str) -> list[Mapping]:
    value = parent.get(name)
    items = value.items if isinstance(value, Sequence) else []
    return [item for item in items if isinstance(item, Mapping)]


def _symbol(mapping: Mapping) -> tuple[Symbol, Scalar] | None:
    path = _text(mapping, "file")
    for pair in mapping.pairs:
        if path and pair.name in SYMBOL_KEYS and isinstance(pair.value, Scalar):
            kind = SymbolKind(pair.name)
            return Symbol(path, pair.value.text.value, kind), pair.value
    return None


def _pin(node: Node | None, default: Pin) -> Pin:
    if isinstance(node, Scalar):
        project, version, commit = default.project, node.text.value, ""
    elif isinstance(node, Mapping):
        project = _text(node, "project") or default.project
        version, commit = _text(node, "version"), _text(node, "commit")
    else:
        return default
    if not version or (project, version, commit) == (default.project, default.version, ""):
        return default
    return Pin(project, version, commit)


def _errata(mapping: Mapping) -> Iterator[Erratum]:
    for item in _mappings(mapping, "errata"):
        said, correction = item.get("said"), item.get("is")
        if isinstance(said, Scalar) and isinstance(correction, Scalar):
            yield Erratum(said.text, correction.text)


def _remarks(mapping: Mapping) -> Iterator[Remark]:
    for item in _mappings(mapping, "remarks"):
        version, remark = item.get("version"), item.get("remark")
        if isinstance(version, Scalar) and isinstance(remark, Scalar):
            yield Remark(version.text.value, remark.text, version.place)


def _texts(mapping: Mapping, name: str) -> Iterator[Text]:
    value = mapping.get(name)
    for item in value.items if isinstance(value, Sequence) else []:
        if isinstance(item, Scalar):
            yield item.text


def _text(mapping: Mapping, name: str) -> str:
    node = mapping.get(name)
    return node.text.value if isinstance(node, Scalar) else ""


def _text_at(mapping: Mapping, name: str) -> Text:
    node = mapping.get(name)
    return node.text if isinstance(node, Scalar) else Text("", mapping.place)

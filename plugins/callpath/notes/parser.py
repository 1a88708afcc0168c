"""YAML of a note to a `Note` and findings; what cannot be read is left out.

In four steps: what is not plain data, keys and values that the schema does not allow, what is wrong
between keys and between steps, and the note. Each takes what it complains of out of the tree.
"""

import re
from collections.abc import Iterator, Mapping as Table
from itertools import count

from msgspec import Struct, field
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from callpath import rules
from callpath.findings import Finding, Location, in_order, nearest_name
from callpath.model import (
    Erratum,
    Note,
    Omission,
    Pin,
    Remark,
    Step,
    Symbol,
    SymbolKind,
    Text,
    shown,
)
from callpath.notes import schema
from callpath.notes.yaml import (
    Alias,
    Document,
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    UnreadableNode,
    data_of,
    kind_of,
    node_at,
    read_yaml,
    top_level_names,
)
from callpath.notes.yaml_errors import LARGEST_FILE, leniently

_NOTE_LINE = re.compile(r"^(steps|title)[ \t]*:", re.MULTILINE)
_STEP_LINES = re.compile(
    rf"^[ \t]*-[ \t]+({'|'.join(schema.SYMBOL_KEYS)}):[ \t]*\S+[ \t]*\r?\n[ \t]+file:", re.MULTILINE
)
_COMMENT_LINE = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_NEARLY = 80.0  # of 100: `Steps`, `step`, `setps`


class ParsedNote(Struct, frozen=True):
    """What a file says."""

    # What could be read of it; None if that is no title and no step. A wrong value is left out,
    # and so is a step without a symbol or a file, whose own steps then take its place.
    note: Note | None
    findings: tuple[Finding, ...]  # what is wrong with the file, by place


def parse_note(file: str, data: bytes, *, note_id: str, default_pin: Pin) -> ParsedNote:
    """Read a note. Never raises: whatever is wrong is a finding.

    Parameters:
        file: Path of the file relative to the project's root, for places.
        note_id: Path below the notes' folder without its ending.
        default_pin: The site's pin; its project also completes a pin that names none.
    """
    document = read_yaml(file, data)
    root, faults = document.root, document.faults
    if not isinstance(root, MappingNode):
        return ParsedNote(None, tuple(in_order(faults + _no_mapping(file, document))))
    make_plain(root, faults)
    faults += mend_keys(root, _NOTE_FORMAT)
    faults += step_faults(root)
    faults += value_faults(root, _NOTE_FORMAT)
    faults += note_faults(root)
    note = build(root, file, note_id, default_pin)
    return ParsedNote(note, tuple(in_order(faults)))


def is_note(data: bytes) -> bool:
    """Whether a YAML file is a note: its top level is a mapping with the key `steps`.

    So is a file that was meant to be one, so that its faults are shown: one that is empty, broken
    YAML in which a line starts with `steps:` or `title:`, a mapping with a `title` and a key that
    is nearly `steps` or nothing but other keys of a note, and one with lines that are a step's.
    """
    text = leniently(data[: LARGEST_FILE + 1])
    names = top_level_names(text) if len(data) <= LARGEST_FILE else None
    if names is None:
        return _NOTE_LINE.search(text) is not None
    if not names:
        return not _COMMENT_LINE.sub("", text).strip("-.~ \r\n\t\ufeff")
    if "steps" in names or _STEP_LINES.search(text):
        return True
    if "title" not in names:
        return False
    if len(names) > 1 and {*names} <= {*_keys_of(schema.NoteModel)}:
        return True
    from rapidfuzz import fuzz  # a notebook without a slip does not need it

    return any(fuzz.ratio(name.lower(), "steps") >= _NEARLY for name in names)


def _no_mapping(file: str, document: Document) -> list[Finding]:
    root, hint = document.root, "write `title:` and `steps:`"
    if document.faults:
        return []
    if root is None or (isinstance(root, ScalarNode) and root.is_null):
        return [rules.EMPTY_NOTE.at(Location(file), "the file is empty", hint)]
    return [
        rules.WRONG_TYPE.at(root.location, f"a note takes a mapping, not {kind_of(root)}", hint)
    ]


LARGEST_TEXT = 256 * 1024  # bytes of UTF-8
MOST_KEYS = 100  # of a mapping
MOST_STEPS = 2000  # of a note


def make_plain(node: Node, faults: list[Finding]) -> Node:
    """Complain of what is not plain data in a tree, and take it out.

    Aliases and huge texts become unreadable; merge keys and repeated keys leave the tree.
    """
    match node:
        case Alias():
            hint = "write the value out, or quote the text"
            message = f"`*{node.name}` is a YAML alias"
            faults.append(rules.YAML_ALIAS.at(node.location, message, hint))
            return UnreadableNode(node.location)
        case ScalarNode():
            faults.extend(_marks(node))
            if (size := len(node.text.value.encode())) > LARGEST_TEXT:
                message = f"the text has {size:,} bytes, more than {LARGEST_TEXT:,}"
                hint = "split the note, or shorten the text"
                faults.append(rules.TOO_LARGE.at(node.location, message, hint))
                return UnreadableNode(node.location)
        case SequenceNode():
            faults.extend(_marks(node))
            node.items = [make_plain(item, faults) for item in node.items]
        case MappingNode():
            faults.extend([*_marks(node), *_key_faults(node)])
            for pair in node.pairs:
                make_plain(pair.key, faults)
                pair.value = make_plain(pair.value, faults)
    return node


def _key_faults(mapping: MappingNode) -> Iterator[Finding]:
    """What is wrong with the keys of a mapping; it is left with one pair of each plain key."""
    if len(mapping.pairs) > MOST_KEYS:
        message = f"the mapping has {len(mapping.pairs)} keys, more than {MOST_KEYS}"
        location = mapping.pairs[MOST_KEYS].key.location
        yield rules.TOO_LARGE.at(location, message, "the others are not read")
    first: dict[str, Pair] = {}
    for pair in mapping.pairs[:MOST_KEYS]:
        location = pair.key.location
        if not isinstance(pair.key, ScalarNode):
            yield rules.WRONG_TYPE.at(location, "a key is not a plain word", "write `key: value`")
        elif pair.name == "<<":
            yield rules.YAML_ALIAS.at(location, "`<<` is a YAML merge key", "write the keys out")
        elif earlier := first.get(pair.name):
            message = f"the mapping has `{pair.name}` twice"
            hint = f"the first is in line {earlier.key.location.line}; remove one of them"
            yield rules.DUPLICATE_KEY.at(location, message, hint, [earlier.key.location])
        else:
            first[pair.name] = pair
    mapping.pairs = list(first.values())


def _marks(node: ScalarNode | SequenceNode | MappingNode) -> Iterator[Finding]:
    hint = "remove it, or quote the text"
    if node.anchor:
        yield rules.YAML_ALIAS.at(node.location, f"`&{node.anchor}` is a YAML anchor", hint)
    if node.tag:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        yield rules.YAML_ALIAS.at(node.location, f"`{tag}` is a YAML tag", hint)


_WANTED = {
    "string_type": "a text",
    "int_type": "a number",
    "float_type": "a number",
    "bool_type": "`true` or `false`",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}
_SHORTHANDS = {"pin": "a version or a mapping", "links": "a provider or a mapping"}
_WANTED_HINTS = {"a list": "start each item with `- `", "a mapping": "write `key: value` lines"}
_KEY = "[key]"  # how pydantic ends the location of a key that is wrong itself
_NO_VALUE_HINT = "write a value, or remove the key; quote a text that starts with `#`"

KeyPath = tuple[int | str, ...]

Format = Table[str, type[BaseModel]]
"""The model of each mapping that is the value, or in the list, of a key; first that of the root."""


_NOTE_FORMAT: Format = {
    "": schema.NoteModel,
    "steps": schema.StepModel,
    "errata": schema.ErratumModel,
    "remarks": schema.RemarkModel,
    "omits": schema.OmissionModel,
    "pin": schema.PinModel,
}


def _model_at(form: Format, location: KeyPath) -> type[BaseModel]:
    names = [part for part in location if isinstance(part, str)]
    return form.get(names[-1], form[""]) if names else form[""]


def _keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def mend_keys(root: Node, form: Format) -> list[Finding]:
    """Complain of unknown keys, and take them out of the tree.

    A key that is likely a slip of the pen for one that the mapping lacks is read as that one.
    """
    faults: list[Finding] = []
    while unknown := [e["loc"] for e in _errors(root, form) if e["type"] == "extra_forbidden"]:
        for location in unknown:
            faults.extend(_mend_key(root, form, location))
    return faults


def _mend_key(root: Node, form: Format, location: KeyPath) -> Iterator[Finding]:
    name = str(location[-1])
    mapping = node_at(root, location[:-1])
    pair = mapping.pair(name) if isinstance(mapping, MappingNode) else None
    if not isinstance(mapping, MappingNode) or pair is None:
        return
    model = _model_at(form, location[:-1])
    keys = _keys_of(model)
    items = node_at(root, location[:-2]) if len(location) > 1 else root
    if isinstance(items, SequenceNode) and model is not schema.StepModel and _is_step(mapping):
        message = f"a step stands where {_article(model)} is expected"
        hint = "write `steps:` before it, or correct its indentation"
        yield rules.UNKNOWN_KEY.at(mapping.location, message, hint)
        items.items[int(location[-2])] = UnreadableNode(mapping.location)
        return
    near = nearest_name(name.lower(), keys, limit=1)
    if not near and "steps" in keys and not mapping.pair("steps") and _has_steps(pair.value):
        near = ("steps",)
    models = dict.fromkeys(form.values())
    owners = [_article(owner) for owner in models if name in _keys_of(owner)]
    if near:
        hint = f"did you mean `{near[0]}`?"
    elif owners:
        hint = f"it is a key of {' and of '.join(owners)}: is the indentation correct?"
    else:
        hint = f"the keys of {_article(model)} are {', '.join(f'`{key}`' for key in keys)}"
    message = f"{_article(model)} has no key {shown(name)}"
    yield rules.UNKNOWN_KEY.at(pair.key.location, message, hint)
    if near and mapping.pair(near[0]) is None:
        pair.key = ScalarNode(pair.key.location, Text(near[0], pair.key.location), plain=True)
    else:
        mapping.pairs.remove(pair)


def _is_step(node: Node) -> bool:
    names = {pair.name for pair in node.pairs} if isinstance(node, MappingNode) else set()
    return "file" in names and not names.isdisjoint(schema.SYMBOL_KEYS)


def _has_steps(node: Node) -> bool:
    return isinstance(node, SequenceNode) and any(map(_is_step, node.items))


def value_faults(root: Node, form: Format) -> list[Finding]:
    """What is wrong with the values of a tree whose keys are all known.

    Wrong values are taken out of the tree; a mapping that lacks a key stays in it.
    """
    faults: list[Finding] = []
    wrong: list[Node] = []
    for error in _errors(root, form):
        node = node_at(root, error["loc"])
        if error["type"] == "missing":
            faults.extend(_missing(node, form, error["loc"]))
        elif not isinstance(node, UnreadableNode):
            wrong.append(node)
            if not isinstance(node, (SequenceNode, MappingNode)) or node.complete:
                faults.append(_wrong_value(_blamed(root, error["loc"]), error))
    _take_out(root, {id(node) for node in wrong})
    return faults


def _blamed(root: Node, location: KeyPath) -> Node:
    """The node that a finding is on: a key when the key itself is wrong, else the value."""
    if location[-1:] == (_KEY,):
        mapping = node_at(root, location[:-2])
        pair = mapping.pair(str(location[-2])) if isinstance(mapping, MappingNode) else None
        if pair is not None:
            return pair.key
    return node_at(root, location)


def _errors(root: Node, form: Format) -> list[ErrorDetails]:
    try:
        form[""].model_validate(data_of(root))
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _missing(node: Node, form: Format, location: KeyPath) -> Iterator[Finding]:
    # The key may be there with a value that cannot be read: that is complained of elsewhere.
    if isinstance(node, MappingNode) and node.complete:
        name, title = str(location[-1]), _model_at(form, location[:-1]).model_config.get("title")
        yield rules.MISSING_KEY.at(node.location, f"the {title} has no `{name}`", f"add `{name}:`")


def _wrong_value(node: Node, error: ErrorDetails) -> Finding:
    context = error.get("ctx", {})
    name = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "")
    rule = rules.RULES.get(error["type"])
    if rule is not None:
        return rule.at(node.location, str(context["message"]), str(context["hint"]))
    if error["type"] == "too_short" or (error["loc"] == ("steps",) and error["input"] is None):
        return rules.EMPTY_NOTE.at(node.location, f"`{name}` is empty", "add a step")
    if wanted := _WANTED.get(error["type"]):
        return _wrong_type(node, error["loc"], wanted)
    if error["type"] == "string_pattern_mismatch":
        problem, hint = schema.MISMATCHES[context["pattern"]]
        return rules.INVALID_VALUE.at(node.location, f"{shown(error['input'])} {problem}", hint)
    if error["type"] == "literal_error" and isinstance(node, ScalarNode):
        choices = str(context["expected"]).replace("'", "`").replace(" or ``", "")
        message = f"`{name}` cannot be {shown(node.text.value)}"
        return rules.INVALID_VALUE.at(node.location, message, f"it can be {choices}")
    if error["type"] in ("literal_error", "int_parsing"):
        return _wrong_type(node, error["loc"], "a text")
    return rules.INVALID_VALUE.at(node.location, f"`{name}`: {error['msg'].lower()}")


def _wrong_type(node: Node, location: KeyPath, wanted: str) -> Finding:
    name = str(location[-1]) if location and isinstance(location[-1], str) else ""
    subject = f"`{name}`" if name else "an item of the list" if location else "the file"
    if isinstance(node, ScalarNode) and node.is_null:
        hint = _NO_VALUE_HINT if name else "write it, or remove its `-`"
        return rules.WRONG_TYPE.at(node.location, f"{subject} has no value", hint)
    wanted = _SHORTHANDS.get(name, wanted)
    message = f"{subject} takes {wanted}, not {kind_of(node)}"
    return rules.WRONG_TYPE.at(node.location, message, _WANTED_HINTS.get(wanted, ""))


def _take_out(node: Node, wrong: set[int]) -> None:
    if isinstance(node, MappingNode):
        for pair in node.pairs:
            if id(pair.value) in wrong:
                pair.value = UnreadableNode(pair.value.location)
            _take_out(pair.value, wrong)
    elif isinstance(node, SequenceNode):
        node.items = [item for item in node.items if id(item) not in wrong]
        for item in node.items:
            _take_out(item, wrong)


def _article(model: type[BaseModel]) -> str:
    title = str(model.model_config.get("title"))
    return f"an {title}" if title[0] in "aeiou" else f"a {title}"


def step_mappings(note: MappingNode) -> Iterator[MappingNode]:
    """The mappings of all steps of a note, in reading order."""
    for step in note.mappings("steps"):
        yield step
        yield from step_mappings(step)


def step_faults(note: MappingNode) -> Iterator[Finding]:
    """What is wrong between the keys of a step; to be asked before wrong values are taken out."""
    for step in step_mappings(note):
        symbols = [pair for pair in step.pairs if pair.name in schema.SYMBOL_KEYS]
        if len(symbols) > 1:
            first, second = symbols[0], symbols[1]
            message = f"the step names two symbols: `{first.name}` and `{second.name}`"
            hint = "keep one of them; the other can be a step of its own"
            location, related = second.key.location, [first.key.location]
            yield rules.INVALID_VALUE.at(location, message, hint, related)
        elif not symbols and step.complete:
            keys = ", ".join(f"`{key}:`" for key in schema.SYMBOL_KEYS)
            message, hint = "the step names no symbol", f"add one of {keys}"
            yield rules.MISSING_KEY.at(step.location, message, hint)
        by = step.pair("by")
        if by and not step.pair("when"):
            message, hint = "`by` needs `when`", "add `when: later`"
            yield rules.INVALID_VALUE.at(by.key.location, message, hint)


def note_faults(note: MappingNode) -> Iterator[Finding]:
    """What is wrong between the steps of a note; to be asked after wrong values are taken out."""
    first: dict[str, ScalarNode] = {}
    for number, step in enumerate(step_mappings(note), start=1):
        if number == MOST_STEPS + 1:
            message = f"the note has more than {MOST_STEPS:,} steps"
            yield rules.TOO_LARGE.at(step.location, message, "split the note")
        explicit = step.scalar("id")
        earlier = explicit and first.setdefault(explicit.text.value, explicit)
        if explicit and earlier and earlier is not explicit:
            message = f"two steps have the id `{explicit.text.value}`"
            hint = f"the other is in line {earlier.location.line}; change one of them"
            yield rules.DUPLICATE_STEP.at(explicit.location, message, hint, [earlier.location])


def build(note: MappingNode, file: str, note_id: str, default_pin: Pin) -> Note | None:
    """The note that a tree holds, or None if it has neither a title nor a step.

    A step without a symbol or a file is left out; the steps below it take its place.
    """
    title = " ".join(note.text("title").split())
    stated = {step.text("id") for step in step_mappings(note)} - {""}
    steps = _Steps(stated, set(stated)).below(note, 0)
    others = note.get("counterparts")
    named = others.items if isinstance(others, SequenceNode) else []
    if not title and not steps:
        return None
    return Note(
        id=note_id,
        file=file,
        title=title or note_id,
        description=_text_at(note, "description"),
        pin=_pin(note.get("pin"), default_pin),
        steps=tuple(steps),
        omits=tuple(_omissions(note)),
        counterparts=tuple(item.text for item in named if isinstance(item, ScalarNode)),
        pin_location=pin.location if (pin := note.get("pin")) else None,
    )


def _omissions(note: MappingNode) -> Iterator[Omission]:
    for mapping in note.mappings("omits"):
        name, reason = mapping.scalar("function"), mapping.text("reason")
        if name and reason:
            yield Omission(name.text.value, " ".join(reason.split()), name.location)


class _Steps(Struct):
    free: set[str]  # the ids that steps state themselves and none has yet
    taken: set[str]  # those, and the ids that are given
    numbers: dict[str, Iterator[int]] = field(default_factory=dict)  # for each symbol's name
    ordinal: int = 0  # that of the last step

    def below(self, parent: MappingNode, depth: int) -> list[Step]:
        steps: list[Step] = []
        for mapping in parent.mappings("steps"):
            symbol = _symbol(mapping)
            if symbol is None or self.ordinal >= MOST_STEPS:
                steps.extend(self.below(mapping, depth))
            else:
                steps.append(self._step(mapping, *symbol, depth))
        return steps

    def _step(self, mapping: MappingNode, symbol: Symbol, name: ScalarNode, depth: int) -> Step:
        self.ordinal += 1
        path, when = mapping.get("file"), mapping.text("when")
        return Step(
            id=self._id(mapping, symbol),
            symbol=symbol,
            commentary=_text_at(mapping, "commentary"),
            location=name.location,
            path_location=path.location if path else name.location,
            ordinal=self.ordinal,
            depth=depth,
            occurrence=int(mapping.text("occurrence") or 0),
            via=mapping.text("via"),
            when=when,
            by=mapping.text("by") if when else "",
            asserted=mapping.text("asserted").strip(),
            errata=tuple(_errata(mapping)),
            remarks=tuple(_remarks(mapping)),
            steps=tuple(self.below(mapping, depth + 1)),
        )

    def _id(self, mapping: MappingNode, symbol: Symbol) -> str:
        step_id = mapping.text("id")
        if step_id in self.free:
            self.free.remove(step_id)
            return step_id
        base = step_id = symbol.name.replace(".", "-")
        numbers = self.numbers.setdefault(base, count(2))
        while step_id in self.taken:
            step_id = f"{base}-{next(numbers)}"
        self.taken.add(step_id)
        return step_id


def _symbol(mapping: MappingNode) -> tuple[Symbol, ScalarNode] | None:
    path = mapping.text("file")
    for pair in mapping.pairs if path else ():
        if pair.name in schema.SYMBOL_KEYS and isinstance(pair.value, ScalarNode):
            return Symbol(path, pair.value.text.value, SymbolKind(pair.name)), pair.value
    return None


def _pin(node: Node | None, default: Pin) -> Pin:
    match node:
        case ScalarNode():
            pin = Pin(default.project, node.text.value)
        case MappingNode():
            project = node.text("project") or default.project
            pin = Pin(project, node.text("version"), node.text("commit"))
        case _:
            return default
    is_default = pin == Pin(default.project, default.version)
    return default if is_default or not pin.version else pin


def _errata(mapping: MappingNode) -> Iterator[Erratum]:
    for item in mapping.mappings("errata"):
        said, correction = item.scalar("said"), item.scalar("is")
        if said and correction:
            yield Erratum(said.text, correction.text)


def _remarks(mapping: MappingNode) -> Iterator[Remark]:
    for item in mapping.mappings("remarks"):
        version, remark = item.scalar("version"), item.scalar("remark")
        if version and remark:
            yield Remark(version.text.value, remark.text, version.location)


def _text_at(mapping: MappingNode, name: str) -> Text:
    scalar = mapping.scalar(name)
    return scalar.text if scalar else Text("", mapping.location)

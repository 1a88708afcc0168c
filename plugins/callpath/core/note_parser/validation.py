"""A tree against the format's models: findings with their places, and a tree without the faults.

Knows pydantic's errors, and nothing of what a note means.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic
from callpath.core.note_parser.nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    Unreadable,
    data_of,
    kind_of,
    node_at,
)
from callpath.core.paths import shown

_NEAR = 0.82
"""How alike a key and a known one must be (0 to 1) to be taken for a slip of the pen."""

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
_KEY = "[key]"
"""How pydantic ends the location of a key that is wrong itself."""

_NO_VALUE_HINT = "write a value, or remove the key; quote a text that starts with `#`"

Location = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """A format as models.

    Attributes:
        root: The model of the whole tree.
        below: The model of each mapping that is the value, or in the list, of a key.
    """

    root: type[BaseModel]
    below: Table[str, type[BaseModel]]

    def model_at(self, location: Location) -> type[BaseModel]:
        """The model of the mapping at a location."""
        names = [part for part in location if isinstance(part, str)]
        return self.below.get(names[-1], self.root) if names else self.root

    def models(self) -> list[type[BaseModel]]:
        """Every model of the format, each once, the root first."""
        return list(dict.fromkeys([self.root, *self.below.values()]))


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys of a model, in their order."""
    return [field.alias or name for name, field in model.model_fields.items()]


def nearest(name: str, known: list[str]) -> str:
    """The known name that a name is likely a slip of the pen for, or nothing (`""`)."""
    name = name.lower()
    alike = JaroWinkler.normalized_similarity
    found = process.extractOne(name, known, scorer=alike, score_cutoff=_NEAR)
    if found is None and len(name) > 2:
        return next((other for other in known if OSA.distance(name, other) <= 1), "")
    return str(found[0]) if found else ""


def mend_keys(root: Node, form: Format) -> list[Diagnostic]:
    """Complain of unknown keys, and take them out of the tree.

    A key that is likely a slip of the pen for one that the mapping lacks is read as that one.
    """
    faults: list[Diagnostic] = []
    unknown = [error["loc"] for error in _errors(root, form) if error["type"] == "extra_forbidden"]
    while unknown:
        for location in unknown:
            faults.extend(_mend_key(root, form, location))
        unknown = [e["loc"] for e in _errors(root, form) if e["type"] == "extra_forbidden"]
    return faults


def _mend_key(root: Node, form: Format, location: Location) -> Iterator[Diagnostic]:
    name = str(location[-1])
    mapping = node_at(root, location[:-1])
    pair = mapping.pair(name) if isinstance(mapping, Mapping) else None
    if not isinstance(mapping, Mapping) or pair is None or not isinstance(pair.key, Scalar):
        return
    model = form.model_at(location[:-1])
    meant = nearest(name, keys_of(model))
    known = ", ".join(f"`{key}`" for key in keys_of(model))
    hint = f"the keys of {_article(model)} are {known}"
    if meant:
        hint = f"did you mean `{meant}`?"
    elif owners := [_article(owner) for owner in form.models() if name in keys_of(owner)]:
        hint = f"it is a key of {' and of '.join(owners)}: is it indented rightly?"
    yield rules.UNKNOWN_KEY.at(pair.key.place, f"{_article(model)} has no key {shown(name)}", hint)
    if meant and mapping.pair(meant) is None:
        pair.key.text = type(pair.key.text)(meant, pair.key.text.place)
    else:
        mapping.pairs = [other for other in mapping.pairs if other is not pair]


def value_faults(root: Node, form: Format) -> list[Diagnostic]:
    """What is wrong with the values of a tree whose keys are all known.

    Wrong values are taken out of the tree; a mapping that lacks a key stays in it.
    """
    faults: list[Diagnostic] = []
    wrong: list[Node] = []
    for error in _errors(root, form):
        node = node_at(root, error["loc"])
        if error["type"] == "missing":
            faults.extend(_missing(node, form, error["loc"]))
        elif not isinstance(node, Unreadable):
            wrong.append(node)
            if not isinstance(node, (Sequence, Mapping)) or node.complete:
                faults.append(_wrong_value(_blamed(root, error["loc"]), error))
    _take_out(root, {id(node) for node in wrong})
    return faults


def _blamed(root: Node, location: Location) -> Node:
    """The node that a finding is on: a key when the key itself is wrong, else the value."""
    if location[-1:] == (_KEY,):
        mapping = node_at(root, location[:-2])
        pair = mapping.pair(str(location[-2])) if isinstance(mapping, Mapping) else None
        if pair is not None:
            return pair.key
    return node_at(root, location)


def _errors(root: Node, form: Format) -> list[ErrorDetails]:
    try:
        form.root.model_validate(data_of(root))
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _missing(node: Node, form: Format, location: Location) -> Iterator[Diagnostic]:
    # The key may be there with a value that cannot be read: that is complained of elsewhere.
    name = str(location[-1])
    model = form.model_at(location[:-1])
    if isinstance(node, Mapping) and node.complete:
        message = f"the {model.model_config.get('title')} has no `{name}`"
        yield rules.MISSING_KEY.at(node.place, message, f"add `{name}:`")


def _wrong_value(node: Node, error: ErrorDetails) -> Diagnostic:
    context = error.get("ctx", {})
    name = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "")
    rule = rules.RULES.get(error["type"])
    if rule is not None:
        return rule.at(node.place, str(context["message"]), str(context["hint"]))
    if error["type"] == "too_short" or (error["loc"] == ("steps",) and error["input"] is None):
        return rules.EMPTY_NOTE.at(node.place, f"`{name}` is empty", "add a step")
    if wanted := _WANTED.get(error["type"]):
        return _wrong_type(node, error["loc"], wanted)
    if error["type"] == "literal_error" and isinstance(node, Scalar):
        choices = str(context["expected"]).replace("'", "`").replace(" or ``", "")
        message = f"`{name}` cannot be {shown(node.text.value)}"
        return rules.INVALID_VALUE.at(node.place, message, f"it can be {choices}")
    if error["type"] in ("literal_error", "int_parsing"):
        return _wrong_type(node, error["loc"], "a text")
    return rules.INVALID_VALUE.at(node.place, f"`{name}`: {error['msg'].lower()}")


def _wrong_type(node: Node, location: Location, wanted: str) -> Diagnostic:
    name = str(location[-1]) if location and isinstance(location[-1], str) else ""
    subject = f"`{name}`" if name else "an item of the list" if location else "the file"
    if isinstance(node, Scalar) and node.is_null:
        hint = _NO_VALUE_HINT if name else "write it, or remove its `-`"
        return rules.WRONG_TYPE.at(node.place, f"{subject} has no value", hint)
    wanted = _SHORTHANDS.get(name, wanted)
    message = f"{subject} takes {wanted}, not {kind_of(node)}"
    return rules.WRONG_TYPE.at(node.place, message, _WANTED_HINTS.get(wanted, ""))


def _take_out(node: Node, wrong: set[int]) -> None:
    if isinstance(node, Mapping):
        for pair in node.pairs:
            if id(pair.value) in wrong:
                pair.value = Unreadable(pair.value.place)
            _take_out(pair.value, wrong)
    elif isinstance(node, Sequence):
        node.items = [item for item in node.items if id(item) not in wrong]
        for item in node.items:
            _take_out(item, wrong)


def _article(model: type[BaseModel]) -> str:
    title = str(model.model_config.get("title"))
    return f"an {title}" if title[0] in "aeiou" else f"a {title}"

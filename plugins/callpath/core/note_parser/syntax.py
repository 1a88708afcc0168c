"""Syntax errors of YAML in Callpath's words: where the text broke off, why, and what to do.

Knows what the YAML library says of an error (the C and the Python parser differ in words), but
not the library.
"""

from collections.abc import Callable
from dataclasses import dataclass

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic
from callpath.core.note_parser.characters import Characters

_BLOCK_HINT = "put the text in quotes, or on the lines below a `|`"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What the YAML parser says of an error.

    Attributes:
        context: What it was doing.
        problem: What it found.
        index: Where it found that, as an index of the text.
        context_index: Where it began what it was doing, as an index of the text.
    """

    context: str
    problem: str
    index: int
    context_index: int


@dataclass(frozen=True, slots=True)
class _Finding:
    message: str
    hint: str
    index: int


def explain(characters: Characters, breakdown: Breakdown) -> Diagnostic:
    """The finding for a syntax error."""
    finding = next(
        (
            explanation(characters, breakdown)
            for phrase, explanation in _EXPLANATIONS
            if phrase in f"{breakdown.context}: {breakdown.problem}".lower()
        ),
        None,
    )
    if finding is None:
        problem = breakdown.problem or "unreadable text"
        finding = _Finding(f"the YAML breaks off here: {problem.lower()}", "", breakdown.index)
    place = characters.place(min(finding.index, len(characters.text)))
    return rules.INVALID_YAML.at(place, finding.message, finding.hint)


def _bad_start(characters: Characters, breakdown: Breakdown) -> _Finding:
    character = characters.text[breakdown.index : breakdown.index + 1]
    if character == "\t":
        return _tab(characters, breakdown)
    return _start(character, breakdown.index)


def _start(character: str, index: int) -> _Finding:
    name = "a backtick" if character == "`" else f"`{character}`"
    return _Finding(f"a text cannot start with {name}", _BLOCK_HINT, index)


def _tab(characters: Characters, breakdown: Breakdown) -> _Finding:
    start = characters.text.rfind("\n", 0, breakdown.index) + 1
    tab = characters.text.find("\t", start)
    index = tab if tab >= 0 else breakdown.index
    return _Finding("a tab stands in the indentation", "indent with spaces", index)


def _colon(characters: Characters, breakdown: Breakdown) -> _Finding:
    place = characters.place(breakdown.index)
    before = characters.line(place.line)[: place.column - 1]
    if ": " in before or "- " in before.lstrip()[2:]:
        return _Finding(
            "a `:` followed by a space stands inside a text", _BLOCK_HINT, breakdown.index
        )
    start = breakdown.index - len(before.lstrip())
    hint = "align the key with its neighbours; the line above may lack its `:` or its quotes"
    return _Finding("a key is indented deeper than its neighbours", hint, start)


def _indentation(characters: Characters, breakdown: Breakdown) -> _Finding:
    place = characters.place(breakdown.index)
    before = characters.line(place.line)[: place.column - 1].strip()
    if before.endswith(('"', "'")):
        hint = "write quotes inside a quoted text twice, or put it on the lines below a `|`"
        return _Finding("text follows the closing quote", hint, breakdown.index)
    if before.endswith(("]", "}")):
        return _Finding("text follows the closing bracket", _BLOCK_HINT, breakdown.index)
    hint = "align the line with the keys or the `- ` that it belongs to"
    return _Finding("the indentation of this line fits nothing above it", hint, breakdown.index)


def _unclosed_bracket(characters: Characters, breakdown: Breakdown) -> _Finding:
    opening = characters.text[breakdown.context_index : breakdown.context_index + 1]
    hint = f"close it; a text that starts with `{opening}` needs quotes or a `|`"
    return _Finding(f"the `{opening}` is not closed", hint, breakdown.context_index)


def _unclosed_quote(characters: Characters, breakdown: Breakdown) -> _Finding:
    quote = characters.text[breakdown.context_index : breakdown.context_index + 1]
    return _Finding(f"the quote `{quote}` is not closed", "close it", breakdown.context_index)


def _emphasis(characters: Characters, breakdown: Breakdown) -> _Finding:
    index = breakdown.context_index
    return _start(characters.text[index : index + 1], index)


def _says(message: str, hint: str) -> Callable[[Characters, Breakdown], _Finding]:
    return lambda _, breakdown: _Finding(message, hint, breakdown.index)


def _began(message: str, hint: str) -> Callable[[Characters, Breakdown], _Finding]:
    return lambda _, breakdown: _Finding(message, hint, breakdown.context_index)


# The first phrase that the parser's words contain decides.
_EXPLANATIONS: tuple[tuple[str, Callable[[Characters, Breakdown], _Finding]], ...] = (
    ("cannot start any token", _bad_start),
    ("tab character", _tab),
    ("found character '\\t'", _tab),
    ("mapping values are not allowed", _colon),
    (
        "sequence entries are not allowed",
        _says("a list starts on the line of its key", "start the list on the next line"),
    ),
    ("scanning a quoted scalar: found unexpected end of stream", _unclosed_quote),
    ("scanning a quoted scalar: found unexpected document", _unclosed_quote),
    (
        "unknown escape",
        _says("the quoted text has an unknown `\\` escape", "use single quotes, or write `\\\\`"),
    ),
    ("parsing a flow", _unclosed_bracket),
    ("scanning an a", _emphasis),  # "an alias", "an anchor", "an anchor or alias"
    (
        "could not find expected ':'",
        _began(
            "the line is no `key: value`", "add the `:`, or indent the line as a part of a text"
        ),
    ),
    (
        "scanning a block scalar",
        _says("text follows the `|` or `>`", "start the text on the next line, or quote it"),
    ),
    ("undefined tag handle", _began("the text starts with a tag (`!`)", _BLOCK_HINT)),
    ("scanning a tag", _began("the text starts with a tag (`!`)", _BLOCK_HINT)),
    ("node content", _bad_start),
    ("expected key", _indentation),
    ("expected <block end>", _indentation),
    ("'-' indicator", _indentation),
    ("document start", _indentation),
)

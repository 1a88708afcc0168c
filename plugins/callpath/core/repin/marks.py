"""The comments that ask for a review: `# callpath: review (changed since v3.7)`.

They stand on lines of their own above a step. The version is the last one that the step was read
against: it stays when a note is repinned again, and the mark goes when the note returns to it. A
mark is the author's to remove.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callpath.core.note_parser.characters import Characters
from callpath.core.note_parser.nodes import Mapping, Node, Scalar
from callpath.core.note_parser.nodes import Sequence as Items
from callpath.core.repin.edits import Edit

_MARK = re.compile(r"[ \t]*# callpath: review \((?:`([^`\s]+)` )?changed since (\S+)\)[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark.

    Attributes:
        name: The symbol that a link names, or empty for the step's own.
        since: The version that the step was last read against.
    """

    name: str
    since: str

    def __str__(self) -> str:
        """The comment."""
        name = f"`{self.name}` " if self.name else ""
        return f"# callpath: review ({name}changed since {self.since})"


def mark_edits(
    characters: Characters,
    root: Node,
    step: Mapping,
    changed: Iterable[str],
    old: str,
    new: str,
) -> list[Edit]:
    """What has to be done to the marks of a step.

    Parameters:
        characters: The file's text.
        root: Its tree.
        step: The step.
        changed: What changed: the names that its links name, empty for its own symbol.
        old: The version that it was pinned to.
        new: The version that it is pinned to now.
    """
    at = _line_of(characters, root, step)
    standing = _standing(characters, at)
    known = {mark.name for mark, _, _ in standing}
    edits = [Edit(start, end, "") for mark, start, end in standing if mark.since == new]
    indent = characters.text[at:]
    indent = indent[: len(indent) - len(indent.lstrip(" "))]
    ending = _ending(characters, at)
    wanted = [Mark(name, old) for name in sorted(set(changed)) if name not in known]
    if wanted:
        edits.append(Edit(at, at, "".join(f"{indent}{mark}{ending}" for mark in wanted)))
    return edits


def _line_of(characters: Characters, root: Node, step: Mapping) -> int:
    """The offset of the line above which a step's marks stand: not inside of any text."""
    at = characters.line_start(step.span[0])
    texts = [scalar.span for scalar in scalars_of(root)]
    while inside := [start for start, end in texts if start < at < end]:
        at = characters.line_start(inside[0])
    return at


def scalars_of(node: Node) -> Iterable[Scalar]:
    """Every scalar of a tree, keys too."""
    stack: list[Node] = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, Scalar):
            yield each
        elif isinstance(each, Items):
            stack.extend(each.items)
        elif isinstance(each, Mapping):
            for pair in each.pairs:
                stack += [pair.key, pair.value]


def _standing(characters: Characters, at: int) -> Sequence[tuple[Mark, int, int]]:
    """The marks on the lines right above an offset, each with its line."""
    found = []
    while at > 0:
        start = characters.line_start(at - 1)
        match = _MARK.fullmatch(characters.text[start:at].rstrip("\r\n"))
        if match is None:
            break
        found.append((Mark(match[1] or "", match[2]), start, at))
        at = start
    return found


def _ending(characters: Characters, at: int) -> str:
    """The line end that the file uses there."""
    match = _LINE_END.search(characters.text, at) or _LINE_END.search(characters.text)
    return match.group() if match else "\n"

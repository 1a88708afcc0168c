"""What a page defines itself: names and files of its own code blocks, which no tree need have."""

import re
from collections.abc import Iterable, Iterator

from callpath.languages import C
from callpath.mentions.citations import TOP_FOLDERS
from callpath.mentions.model import Document, PassageKind

_ID = r"[A-Za-z_]\w*"
_MACRO = re.compile(rf"^[ \t]*#[ \t]*define[ \t]+({_ID})", re.ASCII | re.MULTILINE)
_STRUCTURE = re.compile(rf"\b(?:struct|union|enum)[ \t]+({_ID})\s{{0,20}}\{{", re.ASCII)
_ENUMERATION = re.compile(r"\benum\b[^{};]{0,80}\{([^{}]*)\}", re.ASCII)
_TYPE = re.compile(rf"\btypedef\b[^;{{}}]{{0,200}}?({_ID})[ \t]*;", re.ASCII)
# Functions of other languages, and variables of a shell.
_OTHER = re.compile(
    rf"^[ \t]*(?:(?:pub |async |unsafe |export )*(?:def|fn|func|function|class|let|mod|use|import)"
    rf"[ \t]+({_ID})|({_ID})[ \t]*\(\)[ \t]*\{{|(?:export[ \t]+)?({_ID})[ \t]?=)",
    re.ASCII | re.MULTILINE,
)
_WORD = re.compile(_ID, re.ASCII)
_DECLARED = re.compile(r"([\w \t*]{3,200})[=;\[,]", re.ASCII)
_LABEL = re.compile(rf"^[ \t]*({_ID}):", re.ASCII | re.MULTILINE)
_MADE_FOR = ("livepatch_", "patched_")  # how a replacement of another is called
_STATEMENTS = frozenset(
    ("return", "goto", "case", "else", "typedef", "if", "while", "for", "switch", "do")
)
_PARAMETER = re.compile(rf"({_ID})[ \t]*(?:\[[^\]]{{0,40}}\])?[ \t]*$", re.ASCII)

# A block whose head says that it is the tree's: `/* kernel/fork.c */`, `title="mm/slub.c"`.
_OF_TREE = re.compile(
    rf"(?:^|[\s/*#\"'])(?:linux/)?(?:{'|'.join(sorted(TOP_FOLDERS))})/[\w/.+-]+\.[chS]\b", re.ASCII
)
_FILE = re.compile(r"[\w-]+\.(?:c|h|S)\b", re.ASCII)
_BUILT = re.compile(r"([\w-]+)\.(?:o|ko|out|bpf\.c)\b", re.ASCII)
_ADDED = re.compile(r"^--- /dev/null[^\n]*\n\+\+\+ (?:b/)?([\w/.+-]+)", re.MULTILINE)
_REMOVED = re.compile(r"^--- (?:a/)?([\w/.+-]+)[^\n]*\n\+\+\+ /dev/null", re.MULTILINE)
_RENAMED = re.compile(r"^rename (?:from|to) ([\w/.+-]+)", re.MULTILINE)
_BUILDS = re.compile(r"\b(?:gcc|clang|cc|vim?|nano|cat >|tee|bpftool gen|obj-m|insmod)\b")


def own_names(document: Document) -> frozenset[str]:
    """The names that the code blocks of a document define."""
    return frozenset(name for head, block in _blocks(document) for name in _defined(head, block))


def replaced_names(names: Iterable[str]) -> frozenset[str]:
    """What a page's own names are made for: `lamp_dim` of `patched_lamp_dim`."""
    return frozenset(name.partition("_")[2] for name in names if name.startswith(_MADE_FOR))


def own_files(document: Document) -> frozenset[str]:
    """The names of files that the code blocks of a document make or build."""
    return frozenset(name for _, block in _blocks(document) for name in _made(block))


def changed_files(document: Document) -> frozenset[str]:
    """The paths of files that patches in the code blocks of a document add, remove or rename."""
    blocks = (block for _, block in _blocks(document))
    return frozenset(path for block in blocks for path in _patched(block))


def _blocks(document: Document) -> Iterator[tuple[str, str]]:
    """Each code block: what may say where it is from, and the whole."""
    for passage in document.passages:
        if passage.kind is PassageKind.FENCE:
            before = document.text[max(0, passage.start - 200) : passage.start].rstrip("\n")
            block = document.text[passage.start : passage.end]
            lines = [before[before.rfind("\n") + 1 :], *block[:400].lstrip().split("\n", 3)[:3]]
            yield "\n".join(lines), block


def _defined(head: str, block: str) -> Iterator[str]:
    for declared in _declarations(block):
        yield from declared
    for groups in _OTHER.findall(block):
        yield from filter(None, groups)
    yield from _LABEL.findall(block)
    if _OF_TREE.search(head):
        return
    yield from _functions(block)
    yield from _MACRO.findall(block)
    yield from _STRUCTURE.findall(block)
    yield from _TYPE.findall(block)
    for body in _ENUMERATION.findall(block):
        yield from (word for word in _WORD.findall(body))


def _declarations(block: str) -> Iterator[Iterable[str]]:
    """The variables and members of each line that declares some."""
    for line in block.split("\n"):
        match = _DECLARED.match(line)
        if match is None:
            continue
        words = match[1].replace("*", " ").split()
        if len(words) > 1 and words[0] not in _STATEMENTS and all(map(str.isidentifier, words)):
            yield (words[-1],)


def _functions(block: str) -> Iterator[str]:
    """The functions that are defined, and their parameters."""
    for match in re.finditer(r"^[ \t]*+([A-Za-z_][\w \t*]*)\(", block, re.ASCII | re.MULTILINE):
        words = _WORD.findall(match[1])
        end = block.find("{", match.end(), match.end() + 500)
        head = block[match.end() : end]
        if len(words) < 2 or words[0] in _STATEMENTS or end < 0 or ";" in head:
            continue
        yield words[-1]
        for parameter in head.rstrip(" \t\n)").split(","):
            if name := _PARAMETER.search(parameter):
                yield name[1]


def _patched(block: str) -> Iterator[str]:
    for pattern in (_ADDED, _REMOVED, _RENAMED):
        yield from pattern.findall(block)


def _made(block: str) -> Iterator[str]:
    for line in block.split("\n"):
        if _BUILDS.search(line):
            yield from _FILE.findall(line)
            yield from (name + C.units[0] for name in _BUILT.findall(line))

"""Finds where a tree defines names: one search for all of them, a glance at each file, a parse.

Texts come from a source; what a definition is, the parser says.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain

from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.languages import LISTED, language_of
from callpath.model import Definition, SymbolKind
from callpath.proof.links import distance, is_stub
from callpath.sources.base import (
    FileText,
    ScanProgress,
    Source,
)
from callpath.sources.search import WordScan, whole_word

_MOST_FOUND = 3
_MOST_PARSED = 6  # files that are parsed for one name, the likeliest first
_TOO_COMMON = 40
"""Files that seem to define a name; what more of them do, is nobody's in particular."""
_ASIDE = ("tools/", "samples/", "scripts/", "Documentation/")
"""Top folders of what is not the kernel's own code (Linux)."""
_ARCHITECTURES = "arch/"


def find_definitions(
    wanted: Mapping[str, Sequence[str]],
    scan: "DefiningScan",
    source: Source,
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
) -> dict[str, dict[str, tuple[tuple[str, int], ...]]]:
    """Where a tree defines names: path and line, at most three, the likeliest first.

    A member is found only by its struct. Tools, samples and scripts count only for each other and
    for documentation, assembly only for what no other file defines.

    Parameters:
        wanted: For each name the files that it is asked for in: what is near to one is likely.
        scan: A search for these names that has seen the tree.

    Returns:
        For each name and each of its files the definitions.
    """
    asked: dict[str, set[str]] = defaultdict(set)
    for name, origins in wanted.items():
        candidates = scan.defining(name)
        for origin in origins:
            for path in _likeliest(candidates, origin):
                asked[path].add(name)
    defined: dict[str, list[Definition]] = {name: [] for name in wanted}
    for result in source.read(asked):
        if isinstance(result, FileText):
            read = language_of(result.path).read(result.path, result.data, dispatch)
            for name in asked[result.path]:
                meant = known_as(name)
                defined[name] += (each for each in read.facts.definitions if each.name in meant)
    return {
        name: {
            origin: _first(defined[name], origin) or _nearest(scan.labels(name), origin)
            for origin in origins
        }
        for name, origins in wanted.items()
    }


def search_definitions(scan: "DefiningScan", source: Source, progress: ScanProgress) -> None:
    """Show a search the files of a tree that may define something, assembly last."""
    source.search(scan, progress)
    paths = [path for path in source.paths() if language_of(path).is_assembly(path)]
    for result in source.read(paths):
        if isinstance(result, FileText):
            scan.look(result.path, result.data)


def _likeliest(paths: Sequence[str], origin: str) -> Sequence[str]:
    paths = [path for path in paths if _counts(path, origin)]
    if len(paths) > _TOO_COMMON:
        return ()
    return sorted(paths, key=partial(_likelihood, origin=origin))[:_MOST_PARSED]


def _counts(path: str, origin: str) -> bool:
    """Whether a definition can be the one that is missed; a tool's is not the kernel's."""
    return not path.startswith(_ASIDE) or origin.startswith(_ASIDE)


def _likelihood(path: str, origin: str) -> tuple[bool, int, str]:
    """What is of one architecture comes last."""
    is_special = path.startswith(_ARCHITECTURES) and not origin.startswith(_ARCHITECTURES)
    return (is_special, *distance(path, origin))


def _first(found: Iterable[Definition], origin: str) -> tuple[tuple[str, int], ...]:
    def order(each: Definition) -> tuple[bool, tuple[bool, int, str], int]:
        return (is_stub(each), _likelihood(each.path, origin), each.line)

    counted = (each for each in found if _counts(each.path, origin))
    places = ((each.path, each.line) for each in sorted(counted, key=order))
    return tuple(dict.fromkeys(places))[:_MOST_FOUND]


def _nearest(places: Iterable[tuple[str, int]], origin: str) -> tuple[tuple[str, int], ...]:
    counted = (place for place in places if _counts(place[0], origin))
    return tuple(sorted(counted, key=lambda place: _likelihood(place[0], origin)))[:_MOST_FOUND]


class DefiningScan(WordScan):
    """A search for the files that seem to define names; a member is no definition here."""

    endings = LISTED
    sees_texts = True

    def __init__(self, names: Collection[str]) -> None:
        super().__init__({word for name in names for word in written_as(name)})
        self._defining: dict[tuple[str, bool], list[str]] = defaultdict(list)
        self._labels: dict[str, list[tuple[str, int]]] = defaultdict(list)

    def look(self, path: str, data: bytes) -> bool:
        return path.endswith(LISTED) and super().look(path, data)

    def see(self, path: str, data: bytes, words: Sequence[str]) -> None:
        for word in words:
            self._see_word(path, data, word)

    def _see_word(self, path: str, data: bytes, word: str) -> None:
        if language_of(path).is_assembly(path):
            self._labels[word] += ((path, line) for line, *_ in labelled(word, data))
        elif starts := [*_defining_lines(word, data)]:
            # A call looks like a definition here, but for the space before it.
            is_at_margin = any(data[start] not in b" \t" for start in starts)
            self._defining[word, is_at_margin].append(path)

    def defining(self, name: str) -> Sequence[str]:
        """The files that seem to define a name, sorted; less sure ones only if it has no others."""
        words = written_as(name)
        sure = {*chain.from_iterable(self._defining[word, True] for word in words)}
        less = chain.from_iterable(self._defining[word, False] for word in words)
        return sorted(sure or set(less))

    def labels(self, name: str) -> Sequence[tuple[str, int]]:
        """Where assembly files define a name, sorted."""
        return sorted(self._labels[name])


_LABEL = (
    rb"^[ \t]*+(?:\w*(?:START|ENTRY|LABEL|PROC)\w*[ \t]*+\([ \t]*+%(name)s[ \t]*+[,)]|%(name)s:)"
)
_LABEL_END = rb"^[ \t]*+\w*END\w*[ \t]*+\([ \t]*+%(name)s[ \t]*+\)"


def labelled(name: str, text: bytes) -> Iterator[tuple[int, int, int]]:
    """Where assembly code begins and ends a function or an object: name's, first, last line."""
    word = {b"name": re.escape(name.encode())}
    ending = re.compile(_LABEL_END % word, re.MULTILINE)
    for match in re.finditer(_LABEL % word, text, re.MULTILINE):
        line = text.count(b"\n", 0, match.end()) + 1
        end = ending.search(text, match.end())
        yield line, line, text.count(b"\n", 0, end.start()) + 1 if end else line


_SYSTEM_CALLS = ("compat_sys_", "sys_")
_ENTRY = re.compile(r"(?:__(?:x64|ia32|arm64|se|do|s390x|riscv)_)?+((?:compat_)?sys_(\w+))")


def known_as(name: str) -> frozenset[str]:
    """The names under which the parser knows a function that is called by a name.

    The body of `SYSCALL_DEFINE3(read, …)` is known as `sys_read`, to the kernel also as
    `__x64_sys_read`, and to readers as `read` (include/linux/syscalls.h).
    """
    if match := _ENTRY.fullmatch(name):
        return frozenset({name, match[1]})
    return frozenset({name, *(prefix + name for prefix in _SYSTEM_CALLS)})


def written_as(name: str) -> tuple[str, ...]:
    """The words of which a file must have one to define what is called by a name."""
    match = _ENTRY.fullmatch(name)
    return (name, match[2]) if match else (name,)


# What a definition of a name looks like, from the start of its line.
_FORMS = (
    rb"(?!\s*(?:\}?\s*else|if|for|while|switch|return)\b)[^\n;{}#]*\b%(name)s\s*\([^;{}]*\{",
    rb"[ \t]*\#[ \t]*define[ \t]+%(name)s\b",
    rb"[^\n;#]*\b(?:struct|union|enum)\s+(?:__\w+(?:\([^)]*\))?\s+)*%(name)s\b[^;(){}]*\{",
    rb"(?!extern\b|(?:struct|union|enum)\s+\w+\s*;)"
    rb"[A-Za-z_][^\n;{}()#]*\b%(name)s\s*(?:[=;\[,]|__)",  # a variable
    rb"(?:static\s+)?[A-Z][A-Z0-9_]+\([^;]{0,200}?\b%(name)s\b",  # `DEFINE_MUTEX(name)`
    rb"[^\n;{}]*\}[^;{}()\n]*\b%(name)s\b[^;{}()]*[;=]",  # `struct { … } name;`
    rb"typedef\b[^;{}]*\b%(name)s\b[^;{}]*;",
    rb"[ \t]+(?:[^\n;(]*,[ \t]*)?%(name)s[ \t]*(?:=[^=]|,|/\*|//|\}|\r?$)",  # an enumerator
    rb"[^\n;(]*\{[^;()]*\b%(name)s[ \t]*(?:=[^=]|,|\})",  # an enumerator behind the brace
)


@lru_cache(maxsize=4096)
def _definition(name: str) -> re.Pattern[bytes]:
    word = re.escape(name.encode())
    return re.compile(b"|".join(form % {b"name": word} for form in _FORMS), re.MULTILINE)


def searched_words(definition: Definition) -> tuple[str, ...]:
    """The words that a file must have one of to define a symbol: the name as it is written there.

    A member is found by its struct; `sys_read` is written `SYSCALL_DEFINE3(read, …)`.
    """
    if definition.kind is SymbolKind.FIELD:
        return (definition.name.partition(".")[0],)
    for prefix in _SYSTEM_CALLS:
        if definition.kind is SymbolKind.FUNCTION and definition.name.startswith(prefix):
            return (definition.name, definition.name.removeprefix(prefix))
    return (definition.name,)


def may_define(name: str, text: bytes) -> bool:
    """Whether a file's text may define a name, as anything but a member.

    A cheap pre-filter that avoids parsing; may return false positives. Only the lines that hold the
    name are looked at, each with what follows it.
    """
    return any(True for _ in _defining_lines(name, text))


def _defining_lines(name: str, text: bytes) -> Iterator[int]:
    """The starts of the lines that may define a name."""
    pattern = _definition(name)
    end = 0  # of the line that was looked at last
    for match in whole_word(name.encode()).finditer(text):
        if match.start() >= end:
            start = text.rfind(b"\n", 0, match.start()) + 1
            end = text.find(b"\n", start) + 1 or len(text)
            if pattern.match(text, start):
                yield start

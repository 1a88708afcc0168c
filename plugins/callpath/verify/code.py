"""A source's files, read and parsed once each, and searched in one scan for many words."""

import gc
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from weakref import proxy

from callpath.c.announce import announces, defines_type, may_bind
from callpath.c.facts import Glance, Include
from callpath.c.file import CodeFile
from callpath.c.preprocessor.includes import glance, read_includes
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.languages import LISTED, language_of
from callpath.model import Definition, Progress, SymbolKind, no_progress
from callpath.projects import LinkUnit, project_named
from callpath.proof.includes import IncludeGraph
from callpath.proof.linkage import Linkage
from callpath.proof.links import distance, link_table
from callpath.proof.resolve import Trace
from callpath.sources.base import (
    FileText,
    ReadResult,
    Source,
)
from callpath.sources.search import WordScan, split_words, whole_word
from callpath.verify.kept_files import KeptFiles
from callpath.verify.tree_answers import answers_of

_HOLDING_AT_MOST = 300  # files that are looked through for one word, nearest first
_DEFINING_AT_MOST = 64  # headers that seem to define one type


@contextmanager
def no_collector() -> Iterator[None]:
    """Keep Python from looking for cycles: facts have none, and there are very many of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class SourceCode:
    """The code of one source.

    A word that was not searched for yet is found nowhere, and noted: `search` then looks for all
    such words in one scan, and whoever asked asks again. The source stays the caller's to close.

    Attributes:
        files: Parsed files, also those of other sources.

    Parameters:
        files: By default, none yet.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress = no_progress,
        dispatch: Mapping[str, DispatchMacro] = DISPATCH,
        units: Sequence[LinkUnit] = (),
        files: KeptFiles | None = None,
    ) -> None:
        self.source = source
        known = project_named(source.pin.project).link_units
        links = link_table(known, units)
        # Weak, so that the parsed files go with this object, not when cycles are looked for.
        itself = proxy(self)
        self.linkage = Linkage(itself, links, IncludeGraph(itself, links))
        self.wanted: set[str] = set()  # the words that were asked for and are not known
        self.answers = answers_of(source, dispatch, units)  # to what was asked in earlier runs
        self._progress = progress
        self.files = files or KeptFiles(source.store, dispatch)
        self._results: dict[str, ReadResult] = {}
        self._parsed: dict[str, CodeFile] = {}
        self._holding: dict[str, Sequence[str]] = {}
        self._headers: dict[str, Sequence[str]] = {}
        self._defining: dict[str, Sequence[str]] = {}
        self._has: dict[tuple[str, str], bool] = {}
        self._glanced: dict[str, ReadResult] = {}  # what was looked at for what it includes
        self._includes: dict[str, Sequence[Include]] = {}
        self._glances: dict[tuple[str, str], Glance] = {}
        self._words: dict[str, frozenset[bytes]] = {}  # those of included files
        self._paths: frozenset[str] = frozenset()
        self._headers_by_name: Mapping[str, Sequence[str]] | None = None

    @property
    def searchable(self) -> bool:
        """Whether the whole tree can be looked through."""
        return self.source.searchable

    def load(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        """Read files, each from the source only once; the results are sorted by path.

        Raises SourceError if the source broke, as do all that read or search.
        """
        asked = sorted(set(paths))
        unknown = [path for path in asked if path not in self._results]
        for number, result in enumerate(self.source.read(unknown) if unknown else ()):
            self._progress("reading the source", number, len(unknown))
            self._results[result.path] = result
        read = (one for path in unknown if isinstance(one := self._results.get(path), FileText))
        self.files.look_up((one.path, one.blob) for one in read)
        yield from (self._results[path] for path in asked)

    def texts(self) -> Sequence[str]:
        """The text files that were read so far, sorted."""
        results = self._results.items()
        return sorted(path for path, result in results if isinstance(result, FileText))

    def file(self, path: str) -> CodeFile | None:
        """A file, parsed, or None if the source has no such text."""
        if path not in self._parsed:
            result = next(self.load([path]))
            if not isinstance(result, FileText):
                return None
            self._parsed[path] = self.files.file(path, result.blob, lambda: result.data)
        return self._parsed[path]

    def keep(self) -> None:
        """Keep what is known of the files for later runs, if possible."""
        self.files.close()

    def holding(self, word: str) -> Sequence[str]:
        """The files that contain a word, if it was searched for; else it is wanted."""
        if word not in self._holding and self.searchable:
            self.wanted.add(word)
        return self._holding.get(word, ())

    def is_searched(self, word: str) -> bool:
        """Whether a word was searched for in the whole source."""
        return word in self._holding

    def has(self, path: str, word: str) -> bool:
        """Whether an identifier is in a file's text; the file is not parsed for it."""
        if (path, word) not in self._has:
            data, name = self._text(path), word.encode()
            self._has[path, word] = name in data and bool(whole_word(name).search(data))
        return self._has[path, word]

    def defining(self, word: str, near: str) -> Sequence[str]:
        """The headers that may define a type or announce a variable of a name, nearest first."""
        if not self.holding(word):
            return ()
        if word not in self._defining:
            results = (one for one in self.load(self._headers[word]) if isinstance(one, FileText))
            self._defining[word] = [one.path for one in results if announces(one.data, word)]
        found = sorted(self._defining[word], key=partial(distance, origin=near))
        return found[:_DEFINING_AT_MOST]

    def defines_type(self, path: str, word: str) -> bool:
        """Whether a file's text seems to define a type of a name; the file is not parsed for it."""
        return defines_type(self._text(path), word)

    def announces(self, path: str, word: str) -> bool:
        """The same of a type, a variable or a function."""
        return announces(self._text(path), word)

    def may_bind(self, path: str, word: str) -> bool:
        """Whether a file's text may put a function somewhere; the file is not parsed for it."""
        return may_bind(self._text(path), word)

    def _text(self, path: str) -> bytes:
        """The text of a file, which is not one of those at hand by this alone."""
        result = self._results.get(path) or self._glanced.get(path)
        if result is None:
            result = self._glanced[path] = next(iter(self.source.read([path])))
        return result.data if isinstance(result, FileText) else b""

    def includes(self, path: str) -> Sequence[Include]:
        """The includes of a file, in order; the file is not parsed for it."""
        if path not in self._includes:
            self._includes[path] = read_includes(self._text(path))
        return self._includes[path]

    def located(self, spelled: str) -> Sequence[str]:
        """The headers whose path is or ends in what an include says, sorted; or the very file.

        Of a source where single files are costly to read, only those that were read.
        """
        if not self.source.reads_at_once:
            return [path for path in self.texts() if f"/{path}".endswith(f"/{spelled}")]
        if self._headers_by_name is None:
            self._paths = frozenset(self.source.paths())
            self._headers_by_name = _by_name(self._paths)
        if spelled.endswith(LISTED) and not language_of(spelled).is_header(spelled):
            return [spelled] if spelled in self._paths else []
        ending = "/" + spelled
        named = self._headers_by_name.get(spelled.rpartition("/")[2], ())
        found = [path for path in named if path == spelled or path.endswith(ending)]
        if not spelled.endswith(LISTED) and self._text(spelled):
            found.append(spelled)
        return found

    def including(self, path: str) -> Sequence[str]:
        """The files that hold the longest word of a file's name, if it was searched for."""
        words = _IDENTIFIER.findall(path.rpartition("/")[2].partition(".")[0])
        return self.holding(max(words, key=len)) if words else ()

    def holders(self, word: str, among: Collection[str]) -> Sequence[str]:
        """Those of some files that hold a word, in their order; none is parsed for it."""
        for path in among:
            if path not in self._words:
                self._words[path] = split_words(self._text(path))
        name, words = word.encode(), self._words
        return [path for path in among if name in words[path]]

    def glance(self, path: str, word: str) -> Glance:
        """What a file's text may make of a word; the file is not parsed for it."""
        if (path, word) not in self._glances:
            self._glances[path, word] = glance(self._text(path), word)
        return self._glances[path, word]

    def traces(self, words: Mapping[str, str]) -> Mapping[str, Trace]:
        """Where each of some words stands that nothing defines, and why it is not seen there.

        In an argument of a macro call at file level, in a macro that pastes, or in assembly code,
        the nearest to the path that is given for the word.
        """
        found = {word: trace for word, near in words.items() if (trace := self._trace(word, near))}
        rest = {word: near for word, near in words.items() if word not in found}
        return {**self._in_assembly(rest), **found} if rest and self.searchable else found

    def _trace(self, word: str, near: str) -> Trace | None:
        for path in sorted(self.holding(word), key=self._nearness(near)):
            file = self.file(path)
            for use in file.uses if file else ():
                if word in use.names:
                    return Trace(path, use.line, f"in an argument of `{use.macro}`, {_NO_PARSER}")
            for macro in file.facts.definitions if file else ():
                if file and macro.kind is SymbolKind.MACRO and self._pastes(macro):
                    for mention in file.body(macro).mentions:
                        if mention.name == word:
                            reason = f"in the macro `{macro.name}`, {_NO_PARSER}"
                            return Trace(path, mention.line, reason)
        return None

    def _pastes(self, macro: Definition) -> bool:
        lines = self._text(macro.path).split(b"\n")[macro.start - 1 : macro.end]
        return any(b"##" in line for line in lines)

    def _in_assembly(self, words: Mapping[str, str]) -> dict[str, Trace]:
        scan = WordScan(words)
        texts: dict[str, bytes] = {}
        paths = [path for path in self.source.paths() if language_of(path).is_assembly(path)]
        for result in self.source.read(paths):
            if isinstance(result, FileText) and scan.look(result.path, result.data):
                texts[result.path] = result.data
        found: dict[str, Trace] = {}
        for word, held in scan.result().items():
            if held:
                path = min(held, key=self._nearness(words[word]))
                line = _line_of(word, texts[path])
                found[word] = Trace(path, line, "in an assembly file, which is not read")
        return found

    def _nearness(self, near: str) -> Callable[[str], tuple[int, int, str]]:
        return partial(self.linkage.links.nearness, origin=near)

    def find_words(self, words: Collection[str]) -> Mapping[str, Sequence[str]]:
        """For each word all files that hold it, sorted; the source is scanned at most once."""
        return self.source.find_words(words, partial(self._progress, "searching the source"))

    def search(self, near: str = "") -> None:
        """Scan the source once for every wanted word, first in the files nearest to one."""
        words = sorted(self.wanted)
        self.wanted.clear()
        if not words:
            return
        hits = self.find_words(words)
        for word in words:
            paths = sorted(hits.get(word, ()), key=partial(distance, origin=near))
            self._holding[word] = paths[:_HOLDING_AT_MOST]
            self._headers[word] = [path for path in paths if language_of(path).is_header(path)]
        list(self.load({path for word in words for path in self._holding[word]}))


def _by_name(paths: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The headers among some paths by their last names, each sorted by path."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for path in paths if language_of(path).is_header(path)):
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return found


def _line_of(word: str, text: bytes) -> int:
    match = whole_word(word.encode()).search(text)
    return text.count(b"\n", 0, match.start()) + 1 if match else 1


_NO_PARSER = "which may make a symbol that no parser sees"
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)

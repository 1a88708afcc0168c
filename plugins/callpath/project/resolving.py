"""Resolves every reference of a notebook in a source; what is found becomes a lock."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from callpath.core import rules
from callpath.core.c_parser import SourceFile, parse_source
from callpath.core.diagnostics import Diagnostic, in_order
from callpath.core.errors import SourceError
from callpath.core.lock import Lock, LockedDefinition, LockedFile, make_lock
from callpath.core.model import Definition, Pin, Reference, Symbol
from callpath.core.resolver import (
    Absent,
    OnlyDeclared,
    Resolution,
    Resolved,
    bare_name,
    diagnose,
    nearest,
    resolve,
)
from callpath.sources import FileText, Missing, Source, Unreadable

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

_PARSED_AT_MOST = 300  # files that are parsed to find where one symbol is defined


def no_progress(task: str, done: int, total: int) -> None:
    """A `Progress` that tells nobody."""


@dataclass(frozen=True, slots=True)
class Resolutions:
    """What a source says of the references.

    Attributes:
        lock: The facts of every reference that is resolved.
        diagnostics: A finding for each that is not, in order.
    """

    lock: Lock
    diagnostics: tuple[Diagnostic, ...]


def resolve_references(
    references: Sequence[Reference],
    open_source: Callable[[Pin], Source],
    progress: Progress = no_progress,
) -> Resolutions:
    """Resolve references, each at its pin.

    Parameters:
        references: The references.
        open_source: Opens the source for a pin.
        progress: Told of each file that is read.

    Raises:
        SourceError: A source cannot be opened, is of another version than the pin, or broke.
    """
    by_pin: dict[Pin, list[Reference]] = defaultdict(list)
    for reference in references:
        by_pin[reference.pin].append(reference)
    files: list[LockedFile] = []
    definitions: list[LockedDefinition] = []
    diagnostics: list[Diagnostic] = []
    for pin in sorted(by_pin):
        with open_source(pin) as source:
            check_version(source, pin)
            found = _AtPin(pin, source, progress)
            diagnostics += found.resolve(by_pin[pin])
            files += found.files
            definitions += found.definitions
    return Resolutions(make_lock(files, definitions), tuple(in_order(diagnostics)))


def check_version(source: Source, pin: Pin) -> None:
    """Refuse a source that says that it is of another version than the pin.

    Raises:
        SourceError: It does.
    """
    version = source.version()
    if version is not None and version != pin.version:
        raise SourceError(
            f"`{source.spec}` is {version}, but the notes are pinned to {pin.version}",
            f"name a source of {pin.version}, or change the pin",
        )


class _AtPin:
    """Resolves the references of one pin; each file of the source is read and parsed once."""

    def __init__(self, pin: Pin, source: Source, progress: Progress) -> None:
        self.files: list[LockedFile] = []
        self.definitions: list[LockedDefinition] = []
        self._pin = pin
        self._source = source
        self._progress = progress
        self._parsed: dict[str, SourceFile] = {}

    def resolve(self, references: Sequence[Reference]) -> Iterator[Diagnostic]:
        by_path: dict[str, list[Reference]] = defaultdict(list)
        for reference in references:
            by_path[reference.symbol.path].append(reference)
        missing: list[Reference] = []
        unresolved: list[tuple[Reference, Resolution]] = []
        for number, result in enumerate(self._source.read(sorted(by_path))):
            self._progress("resolving", number, len(by_path))
            if isinstance(result, Missing):
                missing += by_path[result.path]
            elif isinstance(result, Unreadable):
                yield from (_unreadable(one, result.reason) for one in by_path[result.path])
            else:
                unresolved += self._in_file(result, by_path[result.path])
        self._progress("resolving", len(by_path), len(by_path))
        yield from self._explain(unresolved, missing)

    def _in_file(
        self, text: FileText, references: Sequence[Reference]
    ) -> Iterator[tuple[Reference, Resolution]]:
        parsed = self._parsed[text.path] = parse_source(text.path, text.data)
        pin = self._pin
        for reference in references:
            found = resolve(reference.symbol, reference.occurrence, parsed)
            if not isinstance(found, Resolved):
                yield reference, found
                continue
            self.files.append(LockedFile(pin.project, pin.version, text.path, text.blob))
            self.definitions.append(
                LockedDefinition(
                    pin.project, pin.version, found.definition, found.occurrence, found.of
                )
            )

    def _explain(
        self, unresolved: Sequence[tuple[Reference, Resolution]], missing: Sequence[Reference]
    ) -> Iterator[Diagnostic]:
        lost = [one for one, found in unresolved if isinstance(found, Absent | OnlyDeclared)]
        places = self._elsewhere([*lost, *missing])
        for reference, found in unresolved:
            finding = diagnose(reference, found, places.get(reference.symbol, ()))
            if finding is not None:
                yield finding
        paths = self._source.paths() if missing and self._source.searchable else ()
        for reference in missing:
            yield _missing(reference, places.get(reference.symbol, ()), paths)

    def _elsewhere(self, lost: Collection[Reference]) -> Mapping[Symbol, Sequence[Definition]]:
        """Where the source defines the symbols that are not in their file, nearest folder first."""
        if not lost or not self._source.searchable:
            return {}
        words = {bare_name(reference.symbol) for reference in lost}
        self._progress("searching the whole source", 0, 1)
        hits = self._source.find_words(words)
        self._progress("searching the whole source", 1, 1)
        found: dict[Symbol, Sequence[Definition]] = {}
        for reference in lost:
            symbol = reference.symbol
            near = partial(_far, origin=symbol.path)
            paths = sorted(hits.get(bare_name(symbol), ()), key=near)
            self._parse(paths[:_PARSED_AT_MOST])
            candidates = [
                definition
                for path in paths[:_PARSED_AT_MOST]
                if path in self._parsed
                for definition in self._parsed[path].definitions
                if definition.name == symbol.name and path != symbol.path
            ]
            found[symbol] = sorted(candidates, key=partial(_unlike, symbol=symbol))
        return found

    def _parse(self, paths: Iterable[str]) -> None:
        for result in self._source.read([path for path in paths if path not in self._parsed]):
            if isinstance(result, FileText):
                self._parsed[result.path] = parse_source(result.path, result.data)


def _far(path: str, origin: str) -> tuple[int, str]:
    """How many folders lie between two files, to sort by."""
    there, here = path.split("/")[:-1], origin.split("/")[:-1]
    shared = 0
    for one, other in zip(there, here, strict=False):
        if one != other:
            break
        shared += 1
    return (len(there) + len(here) - 2 * shared, path)


def _unlike(found: Definition, symbol: Symbol) -> tuple[bool, tuple[int, str], int]:
    """How far a definition elsewhere is from what a reference means, to sort by."""
    return (found.kind != symbol.kind, _far(found.path, symbol.path), found.line)


def _unreadable(reference: Reference, why: str) -> Diagnostic:
    return rules.UNREADABLE_FILE.at(
        reference.place,
        f"`{reference.symbol.path}` {why}",
        "name the C file that defines the symbol",
    )


def _missing(
    reference: Reference, elsewhere: Sequence[Definition], paths: Sequence[str]
) -> Diagnostic:
    symbol = reference.symbol
    hint = ""
    if elsewhere:
        hint = f"`{elsewhere[0].path}:{elsewhere[0].line}` defines `{symbol.name}`"
    elif near := _near_paths(symbol.path, paths):
        hint = "did you mean " + " or ".join(f"`{path}`" for path in near) + "?"
    return rules.MISSING_FILE.at(
        reference.place, f"{reference.pin.version} has no file `{symbol.path}`", hint
    )


def _near_paths(path: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Files of the same name first, then those whose whole path is most like it."""
    name = path.rpartition("/")[2]
    same = [other for other in paths if other.endswith("/" + name)]
    same.sort(key=partial(_far, origin=path))
    return tuple(same[:2]) or nearest(path, paths, limit=2)


def differences(references: Iterable[Reference], locked: Lock, real: Lock) -> Iterator[Diagnostic]:
    """Where the lockfile says something else of a reference than the source does."""
    for reference in references:
        old, new = locked.find(reference), real.find(reference)
        if old is None or new is None or old == new:
            continue
        changed = [
            f"{name} {getattr(old.definition, name)} there, {getattr(new.definition, name)} here"
            for name in ("line", "start", "end", "digest", "signature", "kind", "condition")
            if getattr(old.definition, name) != getattr(new.definition, name)
        ]
        yield rules.LOCK_MISMATCH.at(
            reference.place,
            f"the lockfile does not agree with the source on `{reference.symbol.name}`: "
            + "; ".join(changed or ["number of definitions"]),
            "run `callpath lock --source SPEC` if this source is the pinned one",
        )

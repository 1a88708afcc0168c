"""Resolves the references of one pin in a source; what is found becomes facts of the lockfile."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from callpath.core import rules
from callpath.core.c_parser import CodeFile
from callpath.core.coverage import calls_in
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.lock import LockedDefinition, LockedFile
from callpath.core.model import Definition, Pin, Reference, Symbol, SymbolKind
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
from callpath.project.source_code import SourceCode, distance
from callpath.sources import FileText, Missing, Unknown, Unreadable


class Resolving:
    """Resolves the references of one pin.

    Parameters:
        pin: The pin.
        code: The source's code at that pin.

    Attributes:
        files: The files that references were found in, so far.
        definitions: What was found, so far.
        unknown: The files of which no answer came, so far.
    """

    def __init__(self, pin: Pin, code: SourceCode) -> None:
        self.files: list[LockedFile] = []
        self.definitions: list[LockedDefinition] = []
        self.unknown: set[str] = set()
        self._pin = pin
        self._code = code

    def resolve(self, references: Sequence[Reference]) -> Iterator[Diagnostic]:
        """Look each reference up; yields a finding for each that is not resolved.

        Raises:
            SourceError: The source broke.
        """
        by_path: dict[str, list[Reference]] = defaultdict(list)
        for reference in references:
            by_path[reference.symbol.path].append(reference)
        missing: list[Reference] = []
        unresolved: list[tuple[Reference, Resolution]] = []
        for result in self._code.load(by_path):
            if isinstance(result, Missing):
                missing += by_path[result.path]
            elif isinstance(result, Unreadable):
                yield from (_unreadable(one, result.reason) for one in by_path[result.path])
            elif isinstance(result, Unknown):
                self.unknown.add(result.path)
                yield unknown_answer(result, [one.place for one in by_path[result.path]])
            else:
                unresolved += self._in_file(result, by_path[result.path])
        yield from self._explain(unresolved, missing)

    def _in_file(
        self, text: FileText, references: Sequence[Reference]
    ) -> Iterator[tuple[Reference, Resolution]]:
        parsed = self._code.file(text.path)
        if parsed is None:
            return
        pin = self._pin
        for reference in references:
            found = resolve(reference.symbol, reference.occurrence, parsed.facts)
            if not isinstance(found, Resolved):
                yield reference, found
                continue
            self.files.append(LockedFile(pin.project, pin.version, text.path, text.blob))
            calls = () if reference.link else _calls(parsed, found.definition)
            self.definitions.append(
                LockedDefinition(
                    pin.project, pin.version, found.definition, found.occurrence, found.of, calls
                )
            )

    def _explain(
        self, unresolved: Sequence[tuple[Reference, Resolution]], missing: Sequence[Reference]
    ) -> Iterator[Diagnostic]:
        lost = [one for one, found in unresolved if isinstance(found, Absent | OnlyDeclared)]
        places = self._elsewhere([*lost, *missing])
        for reference, found in unresolved:
            elsewhere = places.get(reference.symbol, ())
            finding = diagnose(reference, found, elsewhere, searched=self._code.searchable)
            if finding is not None:
                yield finding
        paths = self._code.source.paths() if missing and self._code.searchable else ()
        for reference in missing:
            yield _missing(reference, places.get(reference.symbol, ()), paths)

    def _elsewhere(self, lost: Sequence[Reference]) -> Mapping[Symbol, Sequence[Definition]]:
        """Where the source defines symbols that are not in their file, nearest folder first."""
        for reference in lost:
            self._code.holding(bare_name(reference.symbol))
        if lost:
            self._code.search(lost[0].symbol.path)
        found: dict[Symbol, Sequence[Definition]] = {}
        known = {file.path for file in self.files}
        for reference in lost:
            symbol = reference.symbol
            candidates = [
                definition
                for path in self._code.holding(bare_name(symbol))
                if path != symbol.path and (file := self._code.file(path)) is not None
                for definition in _named(file, symbol)
            ]
            found[symbol] = sorted(candidates, key=partial(_unlike, symbol=symbol, known=known))
        return found


def _calls(file: CodeFile, definition: Definition) -> tuple[tuple[str, int], ...]:
    if definition.kind is not SymbolKind.FUNCTION:
        return ()
    return calls_in(file.body(definition))


def _named(file: CodeFile, symbol: Symbol) -> Iterator[Definition]:
    return (found for found in file.facts.definitions if found.name == symbol.name)


def _unlike(
    found: Definition, symbol: Symbol, known: Collection[str]
) -> tuple[bool, bool, tuple[int, str], int]:
    """How far a definition elsewhere is from what a reference means, to sort by.

    The files that other references were found in come first: of a function that every
    architecture has, the notebook means that of its own.
    """
    is_other = found.path not in known
    return (found.kind != symbol.kind, is_other, distance(found.path, symbol.path), found.line)


def _unreadable(reference: Reference, why: str) -> Diagnostic:
    return rules.UNREADABLE_FILE.at(
        reference.place,
        f"`{reference.symbol.path}` {why}",
        "name the C file that defines the symbol",
    )


def unknown_answer(result: Unknown, places: Sequence[Place]) -> Diagnostic:
    """The one finding on a file of which no answer came.

    Parameters:
        result: What reading it came to.
        places: Where the notebook speaks of the file.
    """
    first, *others = sorted(places)
    return rules.UNKNOWN_ANSWER.at(
        first,
        f"no answer on `{result.path}`: {result.reason}",
        "try again later, or check against a clone with `--source git:REPO`",
        others,
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
    same.sort(key=partial(distance, origin=path))
    return tuple(same[:2]) or nearest(path, paths, limit=2)

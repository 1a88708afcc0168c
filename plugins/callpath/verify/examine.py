"""Examines a notebook against a source: resolves every reference, proves every edge, pin by pin."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from callpath import rules
from callpath.c.file import CodeFile
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.facts.lock import Lock, LockedDefinition, LockedEdge, LockedFile, lock_edge, make_lock
from callpath.facts.proof import NOT_FOUND, EdgeStatus, Verdict
from callpath.findings import Finding, Location, SourceError, did_you_mean, in_order, offer
from callpath.model import (
    Definition,
    Edge,
    Pin,
    Progress,
    Reference,
    Symbol,
    SymbolKind,
    no_progress,
)
from callpath.proof.code import Code
from callpath.proof.direct import calls_in, out_of_order
from callpath.proof.prove import prove
from callpath.proof.resolve import (
    Absent,
    OnlyDeclared,
    Resolution,
    Resolved,
    bare_name,
    diagnose,
    resolve,
)
from callpath.sources.base import FileText, Missing, Source, Unknown, Unreadable
from callpath.verify.code import SourceCode, distance


class Resolving:
    """Resolves the references of one pin.

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

    def resolve(self, references: Sequence[Reference]) -> Iterator[Finding]:
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
                yield unknown_answer(result, [one.location for one in by_path[result.path]])
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
    ) -> Iterator[Finding]:
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
    """How far a definition elsewhere is from what a reference means, to sort by."""
    # Of a function that every architecture has, the notebook means that of its own.
    is_other = found.path not in known
    return (found.kind != symbol.kind, is_other, distance(found.path, symbol.path), found.line)


def _unreadable(reference: Reference, why: str) -> Finding:
    return rules.UNREADABLE_FILE.at(
        reference.location,
        f"`{reference.symbol.path}` {why}",
        "name the C file that defines the symbol",
    )


def unknown_answer(result: Unknown, places: Sequence[Location]) -> Finding:
    """The one finding on a file of which no answer came; `places` are where notes name it."""
    first, *others = sorted(places)
    return rules.UNKNOWN_ANSWER.at(
        first,
        f"no answer on `{result.path}`: {result.reason}",
        "try again later, or check against a clone with `--source git:REPO`",
        others,
    )


def _missing(
    reference: Reference, elsewhere: Sequence[Definition], paths: Sequence[str]
) -> Finding:
    symbol = reference.symbol
    if elsewhere:
        hint = f"`{elsewhere[0].path}:{elsewhere[0].line}` defines `{symbol.name}`"
    else:
        same = [path for path in paths if path.endswith("/" + symbol.path.rpartition("/")[2])]
        near = sorted(same, key=partial(distance, origin=symbol.path))[:2]
        hint = offer(near) or did_you_mean(symbol.path, paths, limit=2)
    return rules.MISSING_FILE.at(
        reference.location, f"{reference.pin.version} has no file `{symbol.path}`", hint
    )


_ROUNDS = 4  # a search may show that another word has to be searched for

_ONE_HALF = "only one half of {} is found"
_VERBS = {
    SymbolKind.FUNCTION: "call",
    SymbolKind.MACRO: "use",
    SymbolKind.VARIABLE: "use",
}


@dataclass(frozen=True, slots=True)
class Proved:
    """What became of edges.

    Attributes:
        edges: The facts of those that are not unproved, in reading order.
        findings: The findings on the others, and on the order of siblings.
    """

    edges: tuple[LockedEdge, ...]
    findings: tuple[Finding, ...]


def prove_edges(
    edges: Sequence[Edge], code: SourceCode, progress: Progress = no_progress
) -> Proved:
    """Prove edges of one pin.

    Raises:
        SourceError: The source broke.
    """
    verdicts = verdicts_of(edges, code, progress)
    facts: list[LockedEdge] = []
    findings: list[Finding] = []
    for edge, verdict in verdicts:
        if verdict.status is not EdgeStatus.UNPROVED:
            facts.append(lock_edge(edge, verdict))
        findings += _findings(edge, verdict)
    findings += _order(verdicts, code)
    return Proved(tuple(facts), tuple(findings))


def verdicts_of(
    edges: Sequence[Edge], code: SourceCode, progress: Progress = no_progress
) -> Sequence[tuple[Edge, Verdict]]:
    """The verdict on each edge of one pin, in their order.

    What needs a search is asked again after one for all of them.

    Raises:
        SourceError: The source broke.
    """
    nearby, beyond = nearby_files(edges), code.texts()
    by_note = {note: Code(code, paths, beyond) for note, paths in nearby.items()}
    verdicts = [NOT_FOUND] * len(edges)
    pending = list(range(len(edges)))
    for round_number in range(_ROUNDS):
        waiting: list[int] = []
        wanted: set[str] = set()
        for count, number in enumerate(pending):
            progress("proving", count, len(pending))
            code.wanted.clear()
            verdicts[number] = prove(edges[number], by_note[edges[number].note])
            if code.wanted and verdicts[number].status is not EdgeStatus.PROVED:
                waiting.append(number)
                wanted |= code.wanted
        if not waiting or round_number == _ROUNDS - 1:
            break
        code.wanted |= wanted
        code.search(edges[waiting[0]].callee.symbol.path)
        pending = waiting
    return list(zip(edges, verdicts, strict=True))


def nearby_files(edges: Sequence[Edge]) -> dict[str, tuple[str, ...]]:
    """For each note the files of its steps, in reading order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for edge in edges:
        for step in (*edge.ancestors, edge.caller, edge.callee):
            found[edge.note].setdefault(step.symbol.path)
    return {note: tuple(paths) for note, paths in found.items()}


def _ends(edge: Edge) -> str:
    return f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}`"


def _findings(edge: Edge, verdict: Verdict) -> Iterator[Finding]:
    if verdict is NOT_FOUND:
        return  # a reference that is not resolved is a finding of its own
    step = edge.callee
    if verdict.status is EdgeStatus.PROVED and step.asserted:
        site = verdict.sites[0]
        yield rules.NEEDLESS_ASSERTION.at(
            edge.location,
            f"{_ends(edge)} is asserted, but it is proved at {site.path}:{site.line}",
            "remove `asserted`",
        )
    if verdict.wrong_via:
        yield rules.WRONG_VIA.at(
            edge.location, f"`{step.symbol.name}` is not reached via `{step.via}`", verdict.reason
        )
    elif verdict.status is EdgeStatus.HALF:
        what = "the two halves of {} do not fit" if verdict.type_mismatch else _ONE_HALF
        yield rules.HALF_PROVED_EDGE.at(edge.location, what.format(_ends(edge)), verdict.reason)
    elif verdict.status is EdgeStatus.UNPROVED:
        yield rules.UNPROVED_EDGE.at(edge.location, _unproved(edge), verdict.reason)


def _unproved(edge: Edge) -> str:
    caller, callee = edge.caller.symbol, edge.callee.symbol
    if caller.kind == SymbolKind.VARIABLE:
        return f"`{caller.name}` does not bind `{callee.name}`"
    verb = _VERBS.get(SymbolKind(callee.kind), "name")
    return f"`{caller.name}` does not {verb} `{callee.name}`"


def _order(verdicts: Sequence[tuple[Edge, Verdict]], code: SourceCode) -> Iterator[Finding]:
    families: dict[tuple[str, str], list[tuple[Edge, Verdict]]] = defaultdict(list)
    for edge, verdict in verdicts:
        families[edge.note, edge.caller.id].append((edge, verdict))
    for siblings in families.values():
        siblings.sort(key=lambda each: each[0].callee.ordinal)
        bodies = Code(code).target(siblings[0][0].caller).definitions
        for edge, site, earlier, earlier_site in out_of_order(siblings, bodies):
            name, before = edge.callee.symbol.name, earlier.callee.symbol.name
            yield rules.OUT_OF_ORDER.at(
                edge.location,
                f"`{name}` is told after `{before}`, but comes before it in the source",
                f"`{name}` is at line {site.line}, `{before}` at line {earlier_site.line} "
                f"of {site.path}",
                (earlier.location,),
            )


@dataclass(frozen=True, slots=True)
class Examined:
    """What a source says of a notebook.

    Attributes:
        lock: The facts of every reference that is resolved and of every edge that is not unproved.
        findings: A finding for each that is not, in order.
        unknown: The files of which no answer came: project, version and path.
    """

    lock: Lock
    findings: tuple[Finding, ...]
    unknown: frozenset[tuple[str, str, str]] = frozenset()


def examine(
    references: Sequence[Reference],
    edges: Sequence[Edge],
    open_source: Callable[[Pin], Source],
    progress: Progress = no_progress,
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
) -> Examined:
    """Resolve references and prove edges, each at its pin.

    Raises:
        SourceError: A source cannot be opened, is of another version than the pin, or broke.
    """
    by_pin: dict[Pin, list[Reference]] = defaultdict(list)
    for reference in references:
        by_pin[reference.pin].append(reference)
    files: list[LockedFile] = []
    definitions: list[LockedDefinition] = []
    locked: list[LockedEdge] = []
    findings: list[Finding] = []
    unknown: set[tuple[str, str, str]] = set()
    for pin in sorted(by_pin):
        with open_source(pin) as source:
            check_version(source, pin)
            code = SourceCode(source, progress, dispatch)
            resolving = Resolving(pin, code)
            findings += resolving.resolve(by_pin[pin])
            files += resolving.files
            definitions += resolving.definitions
            unknown |= {(pin.project, pin.version, path) for path in resolving.unknown}
            proved = prove_edges([edge for edge in edges if edge.pin == pin], code, progress)
            locked += proved.edges
            findings += proved.findings
    lock = make_lock(files, definitions, locked)
    return Examined(lock, tuple(in_order(findings)), frozenset(unknown))


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


def differences(references: Iterable[Reference], locked: Lock, real: Lock) -> Iterator[Finding]:
    """Where the lockfile says something else of a reference than the source does."""
    for reference in references:
        old, new = locked.find(reference), real.find(reference)
        if old is None or new is None or _agree(old, new):
            continue
        changed = [
            f"{name} {getattr(old.definition, name)} there, {getattr(new.definition, name)} here"
            for name in ("line", "start", "end", "digest", "signature", "kind", "condition")
            if getattr(old.definition, name) != getattr(new.definition, name)
        ]
        if old.of != new.of:
            changed.append("number of definitions")
        what = "; ".join(changed or ["what it calls"])
        yield _mismatch(reference.location, f"`{reference.symbol.name}`: {what}")


def _mismatch(location: Location, what: str) -> Finding:
    return rules.LOCK_MISMATCH.at(
        location,
        f"the lockfile does not agree with the source on {what}",
        "run `callpath lock --source SPEC` if this source is the pinned one",
    )


def _agree(old: LockedDefinition, new: LockedDefinition) -> bool:
    """Whether two facts say the same; what is called is known only where a step asked for it."""
    if old.calls and new.calls:
        return old == new
    return replace(old, calls=()) == replace(new, calls=())


def edge_differences(edges: Iterable[Edge], locked: Lock, real: Lock) -> Iterator[Finding]:
    """Where the lockfile says something else of an edge than the source does."""
    for edge in edges:
        old, new = locked.find_edge(edge), real.find_edge(edge)
        if old is None or new is None or old == new:
            continue
        if new.verdict.status is EdgeStatus.NOT_SEARCHED:
            continue  # this source cannot contradict one that was searched
        was, now = _evidence(old), _evidence(new)
        what = f"{was} there, {now} here" if was != now else "other particulars"
        yield _mismatch(edge.location, f"{_ends(edge)}: {what}")


def _evidence(locked: LockedEdge) -> str:
    verdict = locked.verdict
    places = ", ".join(f"{site.path}:{site.line}" for site in verdict.sites)
    return f"{verdict.proof or verdict.status} at {places}"

"""Examines a notebook against a source: resolves every reference, proves every edge, pin by pin."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from callpath import rules
from callpath.c.facts import CallForm
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
from callpath.projects import PROJECTS, LinkUnit, project_named
from callpath.proof.code import Code
from callpath.proof.direct import calls_in, out_of_order
from callpath.proof.links import LinkTable, distance, is_stub
from callpath.proof.prove import prove
from callpath.proof.resolve import Resolution, Resolved, Undefined, bare_name, diagnose, resolve
from callpath.sources.base import FileText, Missing, Source, Unknown, Unreadable
from callpath.verify.code import SourceCode
from callpath.verify.kept_files import KeptFiles
from callpath.verify.tree_answers import asked_edges, asked_references


class Examined(Struct, frozen=True):
    """What a source says of a notebook."""

    lock: Lock  # the facts of each resolved reference and of each edge that is not unproved
    findings: tuple[Finding, ...]  # on the others, and on the order of siblings; in order
    unknown: frozenset[tuple[str, str, str]]  # project, version, path of files without an answer
    # The pins whose source does not tell its version, each with the SPEC.
    unverified: tuple[tuple[Pin, str], ...] = ()


def examine(
    references: Sequence[Reference],
    edges: Sequence[Edge],
    open_source: Callable[[Pin], Source],
    progress: Progress = no_progress,
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
    units: Sequence[LinkUnit] = (),
    files: KeptFiles | None = None,
) -> Examined:
    """Resolve references and prove edges, each at its pin.

    Parameters:
        files: As of `SourceCode`.

    Raises SourceError if a source cannot be opened, is of another version than the pin, or broke.
    """
    examining = _Examining()
    for pin in sorted({reference.pin for reference in references}):
        with open_source(pin) as source:
            if not is_of_version(source, pin):
                examining.unverified.append((pin, str(source.spec)))
            code = SourceCode(source, progress, dispatch, units, files)
            own = [one for one in references if one.pin == pin]
            examining.resolve(pin, code, own)
            examining.prove([edge for edge in edges if edge.pin == pin], own, code, progress)
            code.keep()
    lock = make_lock(examining.files, examining.definitions, examining.edges)
    findings, unknown = tuple(in_order(examining.findings)), frozenset(examining.unknown)
    return Examined(lock, findings, unknown, tuple(examining.unverified))


def expect_words(references: Sequence[Reference], edges: Sequence[Edge], code: SourceCode) -> None:
    """Tell a source all words that examining references and edges of its pin begins to search for.

    Raises SourceError if the source broke.
    """
    question = (asked_references(references), asked_edges(edges))
    words = code.answers.find("expected", question, list[str])
    if words is None:
        for reference in references:
            file = code.file(reference.symbol.path)
            found = resolve(reference.symbol, reference.occurrence, file.facts) if file else None
            if found is None or isinstance(found, Undefined):
                code.holding(bare_name(reference.symbol))
        verdicts_of(edges, code, rounds=1)
        words = sorted({*code.wanted, *_called_through(edges, code)})
        code.wanted.clear()
        code.answers.keep("expected", question, words)
    code.source.expect(words)


def _called_through(edges: Sequence[Edge], code: SourceCode) -> Iterator[str]:
    """What callers call through: an edge of another version may lead there, and asks for it."""
    proving = Code(code)
    for caller in dict.fromkeys(edge.caller for edge in edges):
        for body in proving.bodies(proving.target(caller)):
            for call in body.calls:
                if call.form is not CallForm.DIRECT:
                    yield from filter(None, (call.name, call.macro))


def is_of_version(source: Source, pin: Pin) -> bool:
    """Whether a source says that it is of a pin's version; False if nothing says anything.

    Raises SourceError if it is of another version or of another project.
    """
    tag = source.pin.tag_name  # of the pin that it was opened with
    project, version = project_named(pin.project), source.version()
    if version is not None and version != pin.version:
        raise SourceError(
            f"`{source.spec}` is {version}, but the notes are pinned to {pin.version}",
            f"name a source of {pin.version}, or change the pin",
        )
    if version is not None or not source.searchable:
        return version is not None or tag in source.tags()
    if project.version_file and isinstance(source.read_one(project.version_file), FileText):
        raise SourceError(
            f"`{source.spec}` is not the {project.title}: its `{project.version_file}` gives no "
            "version",
            f"name the project of the notes: `pin: {{project: NAME, version: {pin.version}}}`",
        )
    for other in PROJECTS.values():
        its_file = other.own_file if other != project else ""
        if its_file and isinstance(source.read_one(its_file), FileText):
            raise SourceError(
                f"`{source.spec}` is the {other.title}, but the notes are about `{pin.project}`",
                f"name a source of `{pin.project}`, or change the project of the pin",
            )
    tags = source.tags()
    if tags and tag not in tags:
        raise SourceError(
            f"`{source.spec}` is {' and '.join(tags)}, but the notes are pinned to {pin.version}"
            + (f", which is the tag `{tag}`" if tag != pin.version else ""),
            f"name a source of {pin.version}, change the pin, or set `tag` if its tag has "
            "another name",
        )
    return bool(tags)


class _Examining:
    """Examines one pin after the other; the lists are what was found so far."""

    def __init__(self) -> None:
        self.files: list[LockedFile] = []
        self.definitions: list[LockedDefinition] = []
        self.edges: list[LockedEdge] = []
        self.findings: list[Finding] = []
        self.unknown: set[tuple[str, str, str]] = set()
        self.unverified: list[tuple[Pin, str]] = []

    def resolve(self, pin: Pin, code: SourceCode, references: Sequence[Reference]) -> None:
        """Look each reference up, unless all were found in an earlier run."""
        question = asked_references(references)
        known = code.answers.find("resolved", question, _Resolved)
        if known is not None:
            self.files += known.files
            self.definitions += known.definitions
            return
        before = len(self.definitions)
        self._look_up(pin, code, references)
        found = _Resolved(self.files[before:], self.definitions[before:])
        if len(found.definitions) == len(references):
            code.answers.keep("resolved", question, found)

    def _look_up(self, pin: Pin, code: SourceCode, references: Iterable[Reference]) -> None:
        by_path: dict[str, list[Reference]] = defaultdict(list)
        for reference in references:
            by_path[reference.symbol.path].append(reference)
        before = len(self.files)
        missing: list[tuple[Reference, _Found]] = []
        unresolved: list[tuple[Reference, _Found]] = []
        for result in code.load(by_path):
            named = by_path[result.path]
            if isinstance(result, Missing):
                missing += ((one, result) for one in named)
            elif isinstance(result, Unreadable):
                self.findings += (_unreadable(result, one.location) for one in named)
            elif isinstance(result, Unknown):
                self.unknown.add((pin.project, pin.version, result.path))
                self.findings.append(unknown_answer(result, [one.location for one in named]))
            elif parsed := code.file(result.path):
                file = LockedFile(pin.project, pin.version, result.path, result.blob)
                unresolved += self._in_file(file, parsed, named)
        known = {file.path for file in self.files[before:]}
        self.findings += _explained([*unresolved, *missing], code, known)

    def _in_file(
        self, file: LockedFile, parsed: CodeFile, references: Iterable[Reference]
    ) -> Iterator[tuple[Reference, Resolution]]:
        """Resolve references; yields those that are not resolved."""
        for reference in references:
            found = resolve(reference.symbol, reference.occurrence, parsed.facts)
            if not isinstance(found, Resolved):
                yield reference, found
                continue
            self.files.append(file)
            has_calls = found.definition.kind is SymbolKind.FUNCTION and not reference.link
            calls = calls_in(parsed.body(found.definition)) if has_calls else ()
            which = (found.definition, found.occurrence, found.of, calls)
            self.definitions.append(LockedDefinition(file.project, file.version, *which))

    def prove(
        self,
        edges: Sequence[Edge],
        references: Sequence[Reference],
        code: SourceCode,
        progress: Progress,
    ) -> None:
        """Prove the edges of one pin, whose references were looked up."""
        question = (asked_references(references), asked_edges(edges))
        proved = code.answers.find("proved", question, _Proved)
        if proved is None:
            list(code.load(one.symbol.path for one in references))  # if they were known
            proved = _proved(edges, code, progress)
            code.answers.keep("proved", question, proved)
        pairs = zip(edges, proved.verdicts, strict=True)
        verdicts = [(edge, verdict or NOT_FOUND) for edge, verdict in pairs]
        for edge, verdict in verdicts:
            if verdict.status is not EdgeStatus.UNPROVED:
                self.edges.append(lock_edge(edge, verdict))
            self.findings += _findings(edge, verdict)
        self.findings += _order(verdicts, proved.callers)


class _Resolved(Struct, frozen=True):
    """What the references of a pin name, if all name something."""

    files: list[LockedFile]
    definitions: list[LockedDefinition]


class _Proved(Struct, frozen=True):
    """What a source says of the edges of a pin."""

    verdicts: list[Verdict | None]  # None: what it joins is not found
    callers: list[tuple[Definition, ...]]  # the definitions of the caller of each edge


def _proved(edges: Sequence[Edge], code: SourceCode, progress: Progress) -> _Proved:
    found = [verdict for _, verdict in verdicts_of(edges, code, progress)]
    callers = [Code(code).target(edge.caller).definitions for edge in edges]
    return _Proved([None if each is NOT_FOUND else each for each in found], callers)


_Found = Resolution | Missing  # what became of a reference: of its symbol, or of its file


def _explained(
    unresolved: Sequence[tuple[Reference, _Found]], code: SourceCode, known: Collection[str]
) -> Iterator[Finding]:
    """A finding for each unresolved reference, after one search for all names."""
    lost = [one.symbol for one, found in unresolved if isinstance(found, Undefined | Missing)]
    for symbol in lost:
        code.holding(bare_name(symbol))
    if lost:
        code.search(lost[0].path)
    places = {symbol: _elsewhere(symbol, code, known) for symbol in lost}
    traces = code.traces({bare_name(each): each.path for each in lost if not places[each]})
    paths = code.source.paths if code.searchable else tuple
    gone: dict[tuple[str, Pin, str], list[Reference]] = defaultdict(list)
    for reference, found in unresolved:
        candidates = places.get(reference.symbol, ())
        if isinstance(found, Missing):
            key = (reference.location.file, reference.pin, reference.symbol.path)
            gone[key].append(reference)
            continue
        trace = traces.get(bare_name(reference.symbol))
        if finding := diagnose(reference, found, candidates, trace, searched=code.searchable):
            yield finding
    for references in gone.values():  # one wrong path of a note is one finding
        first, *others = sorted(references, key=lambda one: one.location)
        missing = _missing(first, places.get(first.symbol, ()), paths)
        yield replace(missing, related=tuple(one.location for one in others))


def _elsewhere(symbol: Symbol, code: SourceCode, known: Collection[str]) -> Sequence[Definition]:
    """Where the source defines a symbol that is not in its file, nearest folder first."""
    found = [
        definition
        for path in code.holding(bare_name(symbol))
        if path != symbol.path and (file := code.file(path))
        for definition in file.named(symbol.name)
    ]
    links = code.linkage.links
    return sorted(found, key=partial(_unlike, symbol=symbol, known=known, links=links))


def _unlike(
    found: Definition, symbol: Symbol, known: Collection[str], links: LinkTable
) -> tuple[bool, bool, int, bool, tuple[int, str], int]:
    """How far a definition elsewhere is from what a reference means, to sort by.

    That of its own link unit comes first, then what that is linked with (generic code for an
    architecture), then the units of the notebook.
    """
    unit, own = links.unit_of(found.path), links.unit_of(symbol.path)
    linked = links.links(symbol.path, found.path)
    noted = {links.unit_of(path) for path in known}
    ranks = (unit == own, linked and bool(own), unit in noted, linked, True)
    rank = ranks.index(True)
    # Of a function that several files have, the notebook means that of its own.
    is_other = found.path not in known
    far = distance(found.path, symbol.path)
    return (found.kind != symbol.kind, is_stub(found), rank, is_other, far, found.line)


def _unreadable(result: Unreadable, location: Location) -> Finding:
    hint = "name the C file that defines the symbol"
    return rules.UNREADABLE_FILE.at(location, f"`{result.path}` {result.reason}", hint)


def unknown_answer(result: Unknown, places: Sequence[Location]) -> Finding:
    """The one finding on a file of which no answer came; `places` are where notes name it."""
    first, *others = sorted(places)
    hint = "try again later, or check against a clone with `--source git:REPO`"
    message = f"no answer on `{result.path}`: {result.reason}"
    return rules.UNKNOWN_ANSWER.at(first, message, hint, others)


def _missing(
    reference: Reference, elsewhere: Sequence[Definition], list_paths: Callable[[], Sequence[str]]
) -> Finding:
    symbol = reference.symbol
    if elsewhere:
        hint = f"`{elsewhere[0].path}:{elsewhere[0].line}` defines `{symbol.name}`"
    else:
        paths = list_paths()
        same = [path for path in paths if path.endswith("/" + symbol.path.rpartition("/")[2])]
        near = sorted(same, key=partial(distance, origin=symbol.path))[:2]
        hint = offer(near) or did_you_mean(symbol.path, paths, limit=2)
    message = f"{reference.pin.version} has no file `{symbol.path}`"
    return rules.MISSING_FILE.at(reference.location, message, hint)


_ROUNDS = 4  # a search may show that another word has to be searched for


def verdicts_of(
    edges: Sequence[Edge],
    code: SourceCode,
    progress: Progress = no_progress,
    *,
    hints: bool = True,
    rounds: int = _ROUNDS,
) -> Sequence[tuple[Edge, Verdict]]:
    """The verdict on each edge of one pin, in their order.

    Without `hints` what is not proved at all has no reason, which is costly to find. What needs
    a search is asked again after one for all of them, in so many `rounds` at most. Raises
    SourceError if the source broke.
    """
    nearby, beyond = nearby_files(edges), code.texts()
    by_note = {note: Code(code, paths, beyond, hints=hints) for note, paths in nearby.items()}
    verdicts = [NOT_FOUND] * len(edges)
    pending = list(range(len(edges)))
    for round_number in range(rounds):
        waiting: list[int] = []
        wanted: set[str] = set()
        for count, number in enumerate(pending):
            progress("proving", count, len(pending))
            code.wanted.clear()
            verdicts[number] = prove(edges[number], by_note[edges[number].note])
            if code.wanted and verdicts[number].status is not EdgeStatus.PROVED:
                waiting.append(number)
                wanted |= code.wanted
        code.wanted |= wanted
        if not waiting or round_number == rounds - 1:
            break
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


_ONE_HALF = "only one half of {} is found"
_VERBS = {SymbolKind.FUNCTION: "call", SymbolKind.MACRO: "use", SymbolKind.VARIABLE: "use"}


def _findings(edge: Edge, verdict: Verdict) -> Iterator[Finding]:
    if verdict is NOT_FOUND:
        return  # a reference that is not resolved is a finding of its own
    step = edge.callee
    if verdict.status is EdgeStatus.PROVED and step.asserted:
        site = verdict.sites[0]
        yield rules.NEEDLESS_ASSERTION.at(
            edge.location,
            f"{edge} is asserted, but it is proved at {site.path}:{site.line}",
            "remove `asserted`",
        )
    if verdict.wrong_via:
        yield rules.WRONG_VIA.at(
            edge.location, f"`{step.symbol.name}` is not reached via `{step.via}`", verdict.reason
        )
    elif verdict.status is EdgeStatus.HALF:
        what, hint = _ONE_HALF, f"{verdict.reason}; {rules.VOUCH}".removeprefix("; ")
        if verdict.type_mismatch:
            what, hint = "the two halves of {} do not fit", verdict.reason
        yield rules.HALF_PROVED_EDGE.at(edge.location, what.format(edge), hint)
    elif verdict.status is EdgeStatus.UNPROVED:
        # Where something nearby is true, that is more likely meant than what nobody can find.
        hint = verdict.reason or rules.VOUCH
        yield rules.UNPROVED_EDGE.at(edge.location, _unproved(edge), hint)


def _unproved(edge: Edge) -> str:
    caller, callee = edge.caller.symbol, edge.callee.symbol
    if caller.kind == SymbolKind.VARIABLE:
        return f"`{caller.name}` does not bind `{callee.name}`"
    verb = _VERBS.get(SymbolKind(callee.kind), "name")
    return f"`{caller.name}` does not {verb} `{callee.name}`"


def _order(
    verdicts: Sequence[tuple[Edge, Verdict]], callers: Sequence[Sequence[Definition]]
) -> Iterator[Finding]:
    families: dict[tuple[str, str], list[tuple[Edge, Verdict]]] = defaultdict(list)
    bodies_of: dict[tuple[str, str], Sequence[Definition]] = {}
    for (edge, verdict), bodies in zip(verdicts, callers, strict=True):
        families[edge.note, edge.caller.id].append((edge, verdict))
        bodies_of[edge.note, edge.caller.id] = bodies
    for family, siblings in families.items():
        siblings.sort(key=lambda each: each[0].callee.ordinal)
        bodies = bodies_of[family]
        for edge, site, earlier, earlier_site in out_of_order(siblings, bodies):
            name, before = edge.callee.symbol.name, earlier.callee.symbol.name
            yield rules.OUT_OF_ORDER.at(
                edge.location,
                f"`{name}` is told after `{before}`, but comes before it in the source",
                f"`{name}` is at line {site.line}, `{before}` at line {earlier_site.line} "
                f"of {site.path}",
                (earlier.location,),
            )


def differences(
    references: Iterable[Reference], edges: Iterable[Edge], locked: Lock, real: Lock
) -> Iterator[Finding]:
    """Where the lockfile says something else of a reference or an edge than the source does."""
    same = _equal_trees(locked.definitions, real.definitions)
    for reference in references:
        if (reference.pin.project, reference.pin.version) in same:
            continue
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
    same = _equal_trees(locked.edges, real.edges)
    for edge in edges:
        if (edge.pin.project, edge.pin.version) in same:
            continue
        was, now = locked.find_edge(edge), real.find_edge(edge)
        if was is None or now is None or was == now:
            continue
        if now.verdict.status is EdgeStatus.NOT_SEARCHED:
            continue  # this source cannot contradict one that was searched
        there, here = _evidence(was.verdict), _evidence(now.verdict)
        what = f"{there} there, {here} here" if there != here else "other particulars"
        yield _mismatch(edge.location, f"{edge}: {what}")


def _equal_trees(*facts: Sequence[LockedDefinition | LockedEdge]) -> frozenset[tuple[str, str]]:
    """The projects and versions of which two lockfiles have the same facts."""
    one, other = (_by_tree(each) for each in facts)
    return frozenset(tree for tree, own in one.items() if other.get(tree) == own)


def _by_tree(
    facts: Iterable[LockedDefinition | LockedEdge],
) -> Mapping[tuple[str, str], list[LockedDefinition | LockedEdge]]:
    found = defaultdict(list)
    for each in facts:
        found[each.project, each.version].append(each)
    return found


def _agree(old: LockedDefinition, new: LockedDefinition) -> bool:
    """Whether two facts say the same; what is called is known only where a step asked for it."""
    if old.calls and new.calls:
        return old == new
    return replace(old, calls=()) == replace(new, calls=())


def _evidence(verdict: Verdict) -> str:
    places = ", ".join(f"{site.path}:{site.line}" for site in verdict.sites)
    how = verdict.status if verdict.status is not EdgeStatus.PROVED else verdict.proof
    return f"{how or verdict.status} at {places}" if places else f"{how or verdict.status}"


def _mismatch(location: Location, what: str) -> Finding:
    message = f"the lockfile does not agree with the source on {what}"
    hint = "run `callpath lock --source SPEC` if this source is the pinned one"
    return rules.LOCK_MISMATCH.at(location, message, hint)

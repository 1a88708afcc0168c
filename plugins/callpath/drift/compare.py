"""What became of a notebook's references and edges between two versions: `callpath drift`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callpath.drift.find import Finder, OpenSource, Side, open_side
from callpath.drift.match import DefinitionText, Drift, EdgeDrift, Named, ReferenceDrift, choice_of
from callpath.facts.lock import DriftStatus, EdgeStatusChange, Lock
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import UsageError
from callpath.model import Edge, Pin, Progress, Reference, Step, Symbol, no_progress
from callpath.notebook import Notebook
from callpath.proof.resolve import Resolved, resolve
from callpath.verify.examine import verdicts_of


@dataclass(frozen=True, slots=True)
class Asked:
    """The references and edges of a notebook that are to be compared."""

    references: tuple[Reference, ...]
    edges: tuple[Edge, ...]


def asked_of(notebook: Notebook, pin: Pin, notes: Iterable[str] = ()) -> Asked:
    """The references and edges that are read against a pin: of these notes' ids, or of all."""
    only = frozenset(notes)
    return Asked(
        tuple(r for r in notebook.references if r.pin == pin and (not only or r.note in only)),
        tuple(e for e in notebook.edges if e.pin == pin and (not only or e.note in only)),
    )


def pin_of_version(notebook: Notebook, version: str) -> Pin:
    """The one pin that names a version; raises UsageError if there is none, or several trees."""
    pins = {reference.pin for reference in notebook.references}
    named = sorted(pin for pin in pins if pin.version == version)
    own = [pin for pin in named if pin.project == notebook.pin.project]
    if not named:
        known = ", ".join(f"`{name}`" for name in sorted({pin.version for pin in pins}))
        raise UsageError(
            f"no note is pinned to `{version}`",
            f"the pins are {known}" if known else "the notebook refers to nothing",
        )
    if len(chosen := own or named) > 1:
        trees = ", ".join(
            f"`{pin.project}` {version}" + (f" at {pin.commit[:12]}" if pin.commit else "")
            for pin in chosen
        )
        raise UsageError(
            f"`{version}` is the pin of several trees: {trees}", "name the notes that are meant"
        )
    return chosen[0]


def drift_between(
    notebook: Notebook,
    asked: Asked,
    pins: tuple[Pin, Pin],
    open_source: OpenSource,
    progress: Progress = no_progress,
) -> Drift:
    """What became of references and edges between the old and the new one of two pins.

    The notebook's lockfile spares proofs of the old version. Raises SourceError if a source cannot
    be opened, is of another version, broke, or cannot be searched.
    """
    with (
        open_side(pins[0], open_source, notebook.dispatch, progress) as old,
        open_side(pins[1], open_source, notebook.dispatch, progress) as new,
    ):
        return compare_sides(asked, old, new, notebook.lock or Lock())


def compare_sides(asked: Asked, old: Side, new: Side, lock: Lock) -> Drift:
    """What became of references and edges of the old version; `lock` knows facts of that one."""
    references, unresolved = compare_references(asked, old, new)
    edges = _edges(asked.edges, references, old, new, lock)
    return Drift(old.pin, new.pin, tuple(references), tuple(edges), tuple(unresolved))


def compare_references(
    asked: Asked, old: Side, new: Side
) -> tuple[list[ReferenceDrift], list[Reference]]:
    """What became of references, and those that name nothing at the old version."""
    before = _resolved(asked.references, old)
    finder = Finder(old, new, _callers(asked.edges, before))  # edges say who names whom
    finder.find(tuple(dict.fromkeys(before.values())))
    references, unresolved = [], []
    for reference in asked.references:
        piece = before.get((reference.symbol, reference.occurrence))
        if piece is None:
            unresolved.append(reference)
            continue
        outcome, choice = finder.outcomes[piece], 0
        if (after := outcome.after) is not None:
            named = new.named(after.definition.path, after.definition.name)
            choice = choice_of(reference.symbol, after, named)
        references.append(ReferenceDrift(reference, piece, outcome, choice))
    return references, unresolved


def _resolved(references: Sequence[Reference], old: Side) -> dict[Named, DefinitionText]:
    """What the references name at the old version; what names nothing is left out."""
    old.load({reference.symbol.path for reference in references})
    found: dict[Named, DefinitionText] = {}
    for reference in references:
        symbol, occurrence = reference.symbol, reference.occurrence
        file = old.code.file(symbol.path)
        if file is None or (symbol, occurrence) in found:
            continue
        resolution = resolve(symbol, occurrence, file.facts)
        if isinstance(resolution, Resolved):
            found[symbol, occurrence] = next(
                piece
                for piece in old.named(symbol.path, symbol.name)
                if piece.definition == resolution.definition
            )
    return found


def _callers(
    edges: Sequence[Edge], before: dict[Named, DefinitionText]
) -> dict[DefinitionText, list[DefinitionText]]:
    found: dict[DefinitionText, list[DefinitionText]] = defaultdict(list)
    for edge in edges:
        caller, callee = before.get(_named(edge.caller)), before.get(_named(edge.callee))
        if caller is not None and callee is not None and caller not in found[callee]:
            found[callee].append(caller)
    return found


def _named(step: Step) -> Named:
    return (step.symbol, step.occurrence)


def _edges(
    edges: Sequence[Edge], references: Sequence[ReferenceDrift], old: Side, new: Side, lock: Lock
) -> list[EdgeDrift]:
    """What became of the edges whose ends are known at the old version."""
    by_name = {one.named: one for one in references}
    stated = [e for e in edges if _named(e.caller) in by_name and _named(e.callee) in by_name]
    before = _before(stated, old, lock)
    moved = [_moved(edge, by_name, new.pin) for edge in stated]
    after = iter(_after([edge for edge in moved if edge is not None], new))
    found = []
    for edge, was, now in zip(stated, before, moved, strict=True):
        lost = Verdict(EdgeStatus.UNPROVED, reason=_missing_end(edge, by_name))
        verdict = lost if now is None else next(after)
        if was.status is not EdgeStatus.UNPROVED:  # that one never held, which `check` reports
            found.append(EdgeDrift(edge, compare(was, verdict), was, verdict))
    return found


def _before(edges: Sequence[Edge], old: Side, lock: Lock) -> list[Verdict]:
    """What the old version says of edges: the lockfile knows, or they are proved now."""
    locked = [lock.find_edge(edge) for edge in edges]
    unlocked = [edge for edge, known in zip(edges, locked, strict=True) if known is None]
    proved = iter(_verdicts(unlocked, old))
    return [known.verdict if known is not None else next(proved) for known in locked]


def _after(edges: Sequence[Edge], new: Side) -> list[Verdict]:
    """What the new version says of edges; of one through another pointer also how it is proved."""
    found = _verdicts(edges, new)
    others = [number for number, verdict in enumerate(found) if verdict.wrong_via]
    plain = [replace(edges[n], callee=replace(edges[n].callee, via="")) for n in others]
    for number, verdict in zip(others, _verdicts(plain, new), strict=True):
        if verdict.status is EdgeStatus.PROVED:
            found[number] = replace(verdict, reason=found[number].reason, wrong_via=True)
    return found


def _verdicts(edges: Sequence[Edge], side: Side) -> list[Verdict]:
    return [verdict for _, verdict in verdicts_of(edges, side.code, side.progress)]


def compare(before: Verdict, after: Verdict) -> EdgeStatusChange:
    """How an edge differs between its verdicts at two versions; the first is not unproved."""
    if after.wrong_via:
        return EdgeStatusChange.OTHERWISE
    match after.status:
        case EdgeStatus.PROVED if _nature(before) == _nature(after):
            return EdgeStatusChange.PROVED
        case EdgeStatus.PROVED:
            return EdgeStatusChange.OTHERWISE
        case EdgeStatus.NOT_SEARCHED:
            return EdgeStatusChange.NOT_SEARCHED
        case EdgeStatus.ASSERTED:
            return EdgeStatusChange.ASSERTED
        case EdgeStatus.HALF if before.status is EdgeStatus.HALF:
            return EdgeStatusChange.HALF
        case _:
            return EdgeStatusChange.GONE


def _nature(verdict: Verdict) -> tuple[object, ...]:
    """What makes two proofs alike; how many sites there are, and where, does not matter."""
    return (verdict.proof, verdict.member, frozenset(site.role for site in verdict.sites))


def _moved(edge: Edge, by_name: Mapping[Named, ReferenceDrift], pin: Pin) -> Edge | None:
    """An edge as it has to be stated at the new version, or None if one of its ends is gone."""
    caller, callee = (_moved_step(step, by_name) for step in (edge.caller, edge.callee))
    if caller is None or callee is None:
        return None
    above = tuple(_moved_step(step, by_name) or step for step in edge.ancestors)
    return replace(edge, pin=pin, caller=caller, callee=callee, ancestors=above)


def _moved_step(step: Step, by_name: Mapping[Named, ReferenceDrift]) -> Step | None:
    found = by_name.get(_named(step))
    if found is None or found.outcome.after is None:
        return None
    after = found.outcome.after.definition
    symbol = Symbol(after.path, after.name, after.kind)
    return replace(step, symbol=symbol, occurrence=found.choice)


def _missing_end(edge: Edge, by_name: Mapping[Named, ReferenceDrift]) -> str:
    for step in (edge.caller, edge.callee):
        if by_name[_named(step)].outcome.status is DriftStatus.GONE:
            return f"`{step.symbol.name}` is gone"
    return ""

"""What became of a notebook's references and edges between two versions: `callpath drift`."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from callpath.drift.find import Finder, OpenSource, Side, open_side
from callpath.drift.match import (
    DefinitionText,
    Drift,
    EdgeDrift,
    Named,
    Outcome,
    ReferenceDrift,
    choice_of,
)
from callpath.facts.lock import EdgeStatusChange, Lock
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import UsageError
from callpath.mentions.judging.judge import leads_to_line, mention_references
from callpath.model import Edge, Pin, Progress, Reference, Step, Symbol, no_progress
from callpath.notebook import Notebook
from callpath.proof.resolve import Resolved, bare_name, resolve
from callpath.sources.spec import Sources
from callpath.verify.examine import verdicts_of
from callpath.verify.mentions import ask
from callpath.verify.tree_answers import asked_edges, asked_references

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)

Mention = Reference | Edge


class Asked(Struct, frozen=True):
    """The references and edges of a notebook that are to be compared."""

    references: tuple[Reference, ...]
    edges: tuple[Edge, ...]


def may_move(mention: Mention) -> bool:
    """Whether it is an edge, or a reference that does not name its version itself."""
    return isinstance(mention, Edge) or not mention.fixed


def asked_of(notebook: Notebook, pin: Pin, chosen: Callable[[Mention], bool]) -> Asked:
    """The chosen references and edges among those that are read against a pin."""
    return Asked(
        tuple(each for each in notebook.references if each.pin == pin and chosen(each)),
        tuple(each for each in notebook.edges if each.pin == pin and chosen(each)),
    )


def led_into(
    notebook: Notebook,
    pin: Pin,
    chosen: Callable[[str], bool],
    sources: Sources,
    progress: Progress = no_progress,
) -> tuple[Reference, ...]:
    """The definitions that links to a source viewer and citations lead into, at a pin.

    `chosen` says whether those of a note's id or a page's path are asked for. The names that texts
    have in code spans lead nowhere, so the tree is not searched for them. Raises SourceError if the
    source of the pin cannot be opened, or broke.
    """
    placed = [
        one
        for one in notebook.mentions
        if one.pin == pin and leads_to_line(one) and chosen(one.owner)
    ]
    asked = ask(placed, sources, {pin}, progress, notebook.dispatch)
    return mention_references(placed, asked.facts)


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
    given = (open_source, notebook.dispatch, progress, notebook.link_units)
    with (
        open_side(pins[0], *given) as old,
        open_side(pins[1], *given, files=old.code.files) as new,
    ):
        return drift_of(asked, old, new, notebook.lock or Lock())


def drift_of(asked: Asked, old: Side, new: Side, lock: Lock) -> Drift:
    """The same of two versions that are open; what an earlier run found is known."""
    answers = old.code.answers.beside(new.code.answers)
    question = question_of(asked, lock)
    known = answers.find("drift", question, _Known)
    if known is not None:
        return _drift(known, asked, (old.pin, new.pin))
    drift = compare_sides(asked, old, new, lock)
    answers.keep("drift", question, _known(drift, asked))
    return drift


class _KnownReference(Struct, frozen=True):
    number: int  # of the reference among those that were asked for
    before: DefinitionText
    outcome: Outcome
    choice: int


class _KnownEdge(Struct, frozen=True):
    number: int  # of the edge among those that were asked for
    status: EdgeStatusChange
    before: Verdict
    after: Verdict


class _Known(Struct, frozen=True):
    """What became of all that was asked for."""

    references: list[_KnownReference]
    edges: list[_KnownEdge]
    unresolved: list[int]


def question_of(asked: Asked, lock: Lock) -> tuple[object, ...]:
    """All that a comparison of two trees depends on."""
    locked = (lock.find_edge(edge) for edge in asked.edges)
    verdicts = tuple(known.verdict if known else None for known in locked)
    return (asked_references(asked.references), asked_edges(asked.edges), verdicts)


def _known(drift: Drift, asked: Asked) -> _Known:
    references = {id(one): number for number, one in enumerate(asked.references)}
    edges = {id(edge): number for number, edge in enumerate(asked.edges)}
    return _Known(
        [
            _KnownReference(references[id(one.reference)], one.before, one.outcome, one.choice)
            for one in drift.references
        ],
        [_KnownEdge(edges[id(one.edge)], one.status, one.before, one.after) for one in drift.edges],
        [references[id(one)] for one in drift.unresolved],
    )


def _drift(known: _Known, asked: Asked, pins: tuple[Pin, Pin]) -> Drift:
    references, edges = asked.references, asked.edges
    return Drift(
        *pins,
        tuple(
            ReferenceDrift(references[one.number], one.before, one.outcome, one.choice)
            for one in known.references
        ),
        tuple(
            EdgeDrift(edges[one.number], one.status, one.before, one.after) for one in known.edges
        ),
        tuple(references[number] for number in known.unresolved),
    )


def compare_sides(asked: Asked, old: Side, new: Side, lock: Lock) -> Drift:
    """What became of references and edges of the old version; `lock` knows facts of that one."""
    references, unresolved = compare_references(asked, old, new)
    edges = tuple(_edges(asked.edges, references, old, new, lock))
    return Drift(old.pin, new.pin, tuple(references), edges, tuple(unresolved))


def compare_references(
    asked: Asked, old: Side, new: Side
) -> tuple[list[ReferenceDrift], list[Reference]]:
    """What became of references, and those that name nothing at the old version."""
    before = _resolved(asked.references, old)
    finder = _finder(asked, before, old, new)
    finder.find(tuple(dict.fromkeys(before.values())))
    references, unresolved = [], []
    for reference in asked.references:
        piece = before.get(_named(reference))
        if piece is None:
            unresolved.append(reference)
            continue
        outcome, choice = finder.outcomes[piece], 0
        if after := outcome.after:
            named = new.named(after.definition.path, after.definition.name)
            choice = choice_of(reference.symbol, after, named)
        references.append(ReferenceDrift(reference, piece, outcome, choice))
    return references, unresolved


def expect_words(asked: Asked, old: Side, new: Side) -> None:
    """Tell the source of the new version the words that comparing references searches for."""
    answers = old.code.answers.beside(new.code.answers)
    question = (asked_references(asked.references), asked_edges(asked.edges))
    words = answers.find("expected", question, list[str])
    if words is None:
        before = _resolved(asked.references, old)
        words = _finder(asked, before, old, new).words(tuple(dict.fromkeys(before.values())))
        answers.keep("expected", question, words)
    new.code.source.expect(words)


def _finder(asked: Asked, before: Mapping[Named, DefinitionText], old: Side, new: Side) -> Finder:
    steps = [edge.callee for edge in asked.edges]
    stated = {name for step in steps for name in _IDENTIFIER.findall(f"{step.via} {step.by}")}
    names = stated.union(bare_name(step.symbol) for step in steps)
    return Finder(old, new, _callers(asked.edges, before), names)  # edges say who names whom


def _resolved(references: Sequence[Reference], old: Side) -> dict[Named, DefinitionText]:
    """What the references name at the old version; what names nothing is left out."""
    old.load({reference.symbol.path for reference in references})
    found: dict[Named, DefinitionText] = {}
    for symbol, occurrence in dict.fromkeys(map(_named, references)):
        file = old.code.file(symbol.path)
        resolution = resolve(symbol, occurrence, file.facts) if file else None
        if isinstance(resolution, Resolved):
            pieces = old.named(symbol.path, symbol.name)
            meant = (each for each in pieces if each.definition == resolution.definition)
            found[symbol, occurrence] = next(meant)
    return found


def _callers(
    edges: Sequence[Edge], before: Mapping[Named, DefinitionText]
) -> dict[DefinitionText, list[DefinitionText]]:
    found: dict[DefinitionText, list[DefinitionText]] = defaultdict(list)
    for edge in edges:
        caller, callee = before.get(_named(edge.caller)), before.get(_named(edge.callee))
        if caller and callee and caller not in found[callee]:
            found[callee].append(caller)
    return found


def _named(stated: Reference | Step) -> Named:
    return (stated.symbol, stated.occurrence)


def _edges(
    edges: Sequence[Edge], references: Sequence[ReferenceDrift], old: Side, new: Side, lock: Lock
) -> Iterator[EdgeDrift]:
    """What became of the edges whose ends are known at the old version."""
    by_name = {_named(one.reference): one for one in references}
    stated = [e for e in edges if by_name.keys() >= {_named(e.caller), _named(e.callee)}]
    before = _before(stated, old, lock)
    moved = [_moved(edge, by_name, new.pin) for edge in stated]
    after = iter(_after([edge for edge in moved if edge], new))
    for edge, was, now in zip(stated, before, moved, strict=True):
        verdict = next(after) if now else _lost(edge, by_name)
        if was.status is not EdgeStatus.UNPROVED:  # that one never held, which `check` reports
            yield EdgeDrift(edge, compare(was, verdict), was, verdict)


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
    found = verdicts_of(edges, side.code, side.progress, hints=side.hints)
    return [verdict for _, verdict in found]


def compare(before: Verdict, after: Verdict) -> EdgeStatusChange:
    """How an edge differs between its verdicts at two versions; the first is not unproved."""
    if after.wrong_via:
        return EdgeStatusChange.OTHERWISE
    match after.status:
        case EdgeStatus.PROVED:
            is_alike = _nature(before) == _nature(after)
            return EdgeStatusChange.PROVED if is_alike else EdgeStatusChange.OTHERWISE
        case EdgeStatus.NOT_SEARCHED | EdgeStatus.ASSERTED:
            return EdgeStatusChange(after.status)
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


def _lost(edge: Edge, by_name: Mapping[Named, ReferenceDrift]) -> Verdict:
    """The verdict on an edge with an end that is gone."""
    gone = [step for step in (edge.caller, edge.callee) if not _moved_step(step, by_name)]
    return Verdict(EdgeStatus.UNPROVED, reason=f"`{gone[0].symbol.name}` is gone")

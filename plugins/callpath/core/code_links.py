"""What the names in a definition's text lead to: the lockfile's sites and calls as targets. Pure.

Nothing here reads source text: each target is a name on a line that the lockfile gives.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from callpath.core.code_settings import Licence
from callpath.core.code_views import CodeRequest, CodeTarget, LicenceView
from callpath.core.index import Index, StepPlace, SymbolEntry, SymbolKey
from callpath.core.layout import Layout, note_page, symbol_page
from callpath.core.lock import Lock, LockedDefinition
from callpath.core.model import Pin, Step, SymbolKind
from callpath.core.proof import Site
from callpath.core.urls import LinkProvider


class CodeLinks:
    """Asks the index what is to be linked and marked in a text.

    Parameters:
        index: The notebook joined with its lockfile.
        layout: Where pages are.
        links: Where links to the source lead.
        pin: The site's pin.
        licences: The licence of each project, as far as it is known.
    """

    def __init__(
        self,
        index: Index,
        layout: Layout,
        links: LinkProvider,
        pin: Pin,
        licences: Mapping[str, Licence],
    ) -> None:
        self._index = index
        self._layout = layout
        self._links = links
        self._pin = pin
        self._licences = licences
        self._sites = _sites(index)

    def of_step(self, place: StepPlace, locked: LockedDefinition) -> CodeRequest:
        """The text of a step on its note's page: links lead to steps of the note if they can."""
        note = place.note
        edges = self._index.places[note.id]
        targets = [
            CodeTarget(site.line, (), "", "")
            if other is place
            else _to_step(other.step, site.line, _names(other))
            for other, site in self._inside(locked)
            if other.note is note and _concerns(other, place)
        ]
        targets.sort(key=lambda target: (target.line, not target.href))
        children = {child.symbol.name: child for child in reversed(place.step.steps)}
        for name, _ in locked.calls:
            if name in children:
                targets.append(_to_step(children[name], 0, (name,)))
            elif (key := self._called(name, place.key)) is not None:
                first = next((other for other in edges if other.key == key), None)
                targets.append(
                    _to_step(first.step, 0, (name,))
                    if first is not None
                    else self._to_page(note_page(note.id), key, 0, (name,))
                )
        return self._request(place.key, locked, targets)

    def of_step_there(self, place: StepPlace, there: LockedDefinition, lock: Lock) -> CodeRequest:
        """The text of a step in a tracked version: links lead to the steps that it reaches there.

        Parameters:
            place: The step.
            there: What its symbol is in the tracked version.
            lock: The lockfile's facts.
        """
        targets: list[CodeTarget] = []
        for other in self._index.places[place.note.id]:
            if other.parent is None or other.parent.id != place.step.id or other.edge is None:
                continue
            track = lock.edge_track(other.edge, there.version)
            for site in track.edge.verdict.sites if track else ():
                inside = there.definition.start <= site.line <= there.definition.end
                if site.path == there.definition.path and inside:
                    names = _names_there(other, there.version, lock)
                    targets.append(_to_step(other.step, site.line, names))
        targets.sort(key=lambda target: (target.line, not target.href))
        return self._request(place.key, there, targets)

    def of_symbol(self, entry: SymbolEntry, locked: LockedDefinition) -> CodeRequest:
        """The text of a definition on its symbol's page: links lead to pages of symbols."""
        key = entry.key
        origin = symbol_page(key.project, key.path, key.kind, key.name)
        targets = {
            self._to_page(origin, other.key, site.line, _names(other))
            if other.key != key
            else CodeTarget(site.line, (), "", "")
            for other, site in self._inside(locked)
        }
        called = (
            self._to_page(origin, found, 0, (name,))
            for name, _ in locked.calls
            if (found := self._called(name, key)) is not None
        )
        by_line = sorted(targets, key=lambda target: (target.line, not target.href, target.href))
        return self._request(key, locked, [*by_line, *called])

    def _inside(self, locked: LockedDefinition) -> Iterator[tuple[StepPlace, Site]]:
        """The sites inside a definition, each with the step whose edge rests on it."""
        found = locked.definition
        for other, site in self._sites.get((locked.project, locked.version, found.path), ()):
            if found.start <= site.line <= found.end:
                yield other, site

    def _called(self, name: str, caller: SymbolKey) -> SymbolKey | None:
        """The symbol of the notebook that a body's call by name means, if it is told."""
        key = self._index.named(name, caller.project, caller.path)
        if key is None or key == caller:
            return None
        elsewhere = key.path != caller.path and key.path.endswith(".c")
        entry = self._index.symbols[key]
        hidden = all(_is_static(locked) for locked in entry.definitions)
        return None if elsewhere and hidden else key

    def _to_page(
        self, origin: str, key: SymbolKey, line: int, names: tuple[str, ...]
    ) -> CodeTarget:
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return CodeTarget(line, names, self._layout.link(origin, page), key.name, path=key.path)

    def _request(
        self, key: SymbolKey, locked: LockedDefinition, targets: Iterable[CodeTarget]
    ) -> CodeRequest:
        found = locked.definition
        pin = Pin(locked.project, locked.version)
        if (self._pin.project, self._pin.version) == (pin.project, pin.version):
            pin = self._pin
        return CodeRequest(
            name=key.name,
            kind=str(key.kind),
            path=found.path,
            line=found.line,
            url=self._links.line(pin, found.path, found.start, found.end),
            targets=tuple(dict.fromkeys(targets)),
            licence=self._licence(pin),
            version=pin.version,
        )

    def _licence(self, pin: Pin) -> LicenceView:
        known = self._licences.get(pin.project)
        if known is None:
            return LicenceView(pin.project)
        url = self._links.file(pin, known.file) if known.file else ""
        return LicenceView(pin.project, known.name, url)


def _sites(index: Index) -> Mapping[tuple[str, str, str], Sequence[tuple[StepPlace, Site]]]:
    """Every site by project, version and path, with the step whose edge rests on it."""
    found: dict[tuple[str, str, str], list[tuple[StepPlace, Site]]] = {}
    for places in index.places.values():
        for place in places:
            edge = place.edge
            if edge is None:
                continue
            for site in edge.verdict.sites:
                key = (edge.project, edge.version, site.path)
                found.setdefault(key, []).append((place, site))
    return found


def _concerns(other: StepPlace, place: StepPlace) -> bool:
    """Whether a step speaks of the edge that leads to another: its own, and no namesake's."""
    leaves = other.parent is not None and other.parent.id == place.step.id
    namesake = other.parent is not None and other.parent.symbol == place.step.symbol
    return leaves or not namesake


def _names(callee: StepPlace) -> tuple[str, ...]:
    """What may stand at a site for its callee: its name, else the member that it is reached by."""
    name = callee.step.symbol.name
    if callee.key.kind is SymbolKind.FIELD:
        name = name.rpartition(".")[2]
    return (name, callee.verdict.member) if callee.verdict.member else (name,)


def _names_there(callee: StepPlace, at: str, lock: Lock) -> tuple[str, ...]:
    """What may stand at a site of a tracked version for a callee: also its name there."""
    track = lock.track(callee.locked, at) if callee.locked else None
    after = lock.after(track) if track else None
    edge = lock.edge_track(callee.edge, at) if callee.edge else None
    names = [after.definition.name] if after else []
    names += [edge.edge.verdict.member] if edge and edge.edge.verdict.member else []
    return tuple(dict.fromkeys([*names, *_names(callee)]))


def _to_step(step: Step, line: int, names: tuple[str, ...]) -> CodeTarget:
    return CodeTarget(line, names, f"#{step.id}", step.symbol.name, number=step.ordinal)


def _is_static(locked: LockedDefinition) -> bool:
    return "static" in locked.definition.signature.split()

"""Makes the views of notes: steps in reading order with their definitions, proofs and findings."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from callpath.core.coverage import StepCoverage, coverage
from callpath.core.diagnostics import Diagnostic
from callpath.core.edge_views import reach_view
from callpath.core.index import StepPlace
from callpath.core.layout import note_page
from callpath.core.model import Note, Step, visits
from callpath.core.prose import first_sentence, sealed
from callpath.core.text_size import STEP_SIZE, text_size
from callpath.core.view_parts import ViewParts
from callpath.core.views import (
    CoverageView,
    ErratumView,
    FaultView,
    NameLink,
    NoteView,
    PathItem,
    RemarkView,
    StepView,
    UntoldView,
)


class NoteViews(ViewParts):
    """The views of notes."""

    def note(
        self, note: Note, parts: Sequence[str], footer: str, faults: Iterable[Diagnostic]
    ) -> NoteView:
        """The view of a note.

        Parameters:
            note: The note.
            parts: The rendered `note_parts`, in the same order.
            footer: What rendering put behind the parts.
            faults: The findings on the note's file.
        """
        places = self._index.places[note.id]
        told = {found.place.step.id: found for found in coverage(self._index, note, self._spoken)}
        by_step, others = _by_step(note, list(faults))
        rendered = iter(parts)
        description = next(rendered)
        steps = []
        for place in places:
            commentary = next(rendered)
            errata = tuple(ErratumView(next(rendered), next(rendered)) for _ in place.step.errata)
            remarks = tuple(
                RemarkView(remark.version, next(rendered)) for remark in place.step.remarks
            )
            step = self._step(place, commentary, by_step[place.step.id], told.get(place.step.id))
            step = replace(step, errata=errata, remarks=remarks)
            steps.append(replace(step, size=_size(step)))
        return NoteView(
            id=note.id,
            title=note.title,
            project=note.pin.project,
            version=note.pin.version,
            provider=self._links.label,
            total=len(places),
            proved=sum(1 for place in places if place.proved),
            fault_count=len(others) + sum(map(len, by_step.values())),
            files=len({place.key.path for place in places}),
            errata=sum(len(place.step.errata) for place in places),
            description_html=description,
            footer_html=footer,
            steps=tuple(steps),
            path=_path(note.steps, {place.step.id for place in places if place.proved}),
            faults=tuple(others),
        )

    def _step(
        self,
        place: StepPlace,
        commentary: str,
        faults: list[FaultView],
        told: StepCoverage | None,
    ) -> StepView:
        step, origin = place.step, note_page(place.note.id)
        return StepView(
            id=step.id,
            number=step.ordinal,
            depth=step.depth,
            name=step.symbol.name,
            kind=str(step.symbol.kind),
            path=step.symbol.path,
            definition=self._definition(place.locked) if place.locked else None,
            symbol=self._symbol_link(origin, place.key),
            file=self._file_link(origin, place.key),
            parent=NameLink(place.parent.symbol.name, f"#{place.parent.id}")
            if place.parent
            else None,
            reach=reach_view(place, place.note.pin, self._links),
            proved=place.proved,
            when=step.when,
            by=step.by,
            asserted=step.asserted,
            commentary_html=commentary,
            errata=(),
            children=tuple(
                NameLink(child.symbol.name, f"#{child.id}", first_sentence(child.commentary.value))
                for child in step.steps
                if told is None or child.symbol.name not in {call.name for call in told.told}
            ),
            faults=tuple(faults),
            coverage=self._coverage(origin, told) if told else None,
        )

    def _coverage(self, origin: str, found: StepCoverage) -> CoverageView:
        note, path = found.place.note, found.place.key.path
        ids = {place.step.symbol.name: place.step.id for place in self._index.places[note.id]}
        told = []
        for called in found.told:
            key = self._index.named(called.name, note.pin.project, path)
            if called.name in ids:
                told.append(NameLink(called.name, f"#{ids[called.name]}"))
            elif key is not None:
                told.append(self._symbol_link(origin, key))
        return CoverageView(
            told=tuple(told),
            untold=tuple(
                UntoldView(call.name, self._links.line(note.pin, path, call.line), call.line)
                for call in found.untold
            ),
            omitted=tuple((call.name, reason) for call, reason in found.omitted),
        )

    def faults(self, faults: Iterable[Diagnostic]) -> tuple[FaultView, ...]:
        """The findings as they are shown."""
        return tuple(_fault(fault) for fault in faults)


def _size(step: StepView) -> int:
    said = [part for each in step.errata for part in (each.said_html, each.correction_html)]
    lists = [step.children, step.coverage.told if step.coverage else ()]
    named = ["<p>" + ", ".join(link.name for link in links) for links in lists if links]
    remarks = [remark.html for remark in step.remarks]
    return STEP_SIZE + text_size(step.commentary_html, *said, *remarks, *named)


def note_parts(note: Note) -> list[str]:
    """The Markdown texts of a note: its description, then what stands at each step."""
    return [sealed(text) for text, _ in _texts(note)]


def part_versions(note: Note) -> tuple[str, ...]:
    """The version that each of these texts speaks of, where it is not that of the note."""
    return tuple(version for _, version in _texts(note))


def _texts(note: Note) -> Iterator[tuple[str, str]]:
    yield note.description.value, ""
    for visit in visits(note):
        yield visit.step.commentary.value, ""
        for erratum in visit.step.errata:
            yield erratum.said.value, ""
            yield erratum.correction.value, ""
        for remark in visit.step.remarks:
            yield remark.text.value, remark.version


def _by_step(
    note: Note, faults: Sequence[Diagnostic]
) -> tuple[dict[str, list[FaultView]], list[FaultView]]:
    """The findings of each step's lines (down to the next step), and those above the first."""
    steps = sorted((visit.step.first_line, visit.step.id) for visit in visits(note))
    found: dict[str, list[FaultView]] = {step_id: [] for _, step_id in steps}
    others: list[FaultView] = []
    for fault in faults:
        view = _fault(fault)
        owner = [step_id for line, step_id in steps if line <= fault.place.line]
        (found[owner[-1]] if owner else others).append(view)
    return found, others


def _fault(fault: Diagnostic) -> FaultView:
    return FaultView(fault.rule, fault.severity, fault.message, str(fault.place), fault.hint)


def _path(steps: Iterable[Step], proved: Collection[str]) -> tuple[PathItem, ...]:
    return tuple(
        PathItem(step.id, step.symbol.name, step.id in proved, _path(step.steps, proved))
        for step in steps
    )

"""The views of notes, symbols, files and the indexes.

Steps come in reading order, with their definitions, proofs and findings. Does not depend on
templates or files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from itertools import chain

from markupsafe import Markup
from msgspec import Struct, field

from callpath.addresses import CALL_GRAPH_ANCHOR, FILES_PAGE, note_page
from callpath.coverage import StepCoverage, coverage, spoken_of
from callpath.facts.lock import LockedDefinition
from callpath.findings import Finding
from callpath.graph.build import edge_style
from callpath.graph.model import EdgeStyle
from callpath.model import Note, Pin, Step, visits
from callpath.notebook import StepPlace, SymbolEntry, SymbolKey, tally
from callpath.notes.prose import sealed
from callpath.site.code import SiteCode
from callpath.site.eras import EraView, EraViews
from callpath.site.versions import VersionViews
from callpath.site.views import Heading, NameLink, SiteContext, page_of


class StepView(Struct, frozen=True):
    """A step."""

    place: StepPlace  # the step, its parent, and what the lockfile has on them
    reached: EdgeStyle | None  # how the arrow from the parent is drawn; None at the top
    commentary: Markup
    errata: list[tuple[Markup, Markup]]  # what older notes said, and what the source says
    remarks: list[tuple[str, Markup]]  # tracked versions, with what it says of them
    children: list[Step]  # the steps below it that `covered` does not name already
    faults: Sequence[Finding]
    coverage: StepCoverage | None  # what its body calls, or None when that is not known
    covered: list[NameLink]  # what its body calls and the notes are about
    has_code: bool  # whether there is source text of it
    era: EraView | None  # its eras, or None when nobody looked for it in other releases
    size: int  # how much room it takes, in Chinese letters: see `text_size`


SymbolRow = tuple[SymbolEntry, LockedDefinition | None]
"""A symbol with one of its definitions, or with None when none is locked."""


class Folder(Struct, frozen=True):
    """A folder of a source tree; each file has the number of its symbols."""

    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: list[tuple[NameLink, int]] = field(default_factory=list)


_TAG = re.compile(r"<[^>]*>")
_BLOCK = re.compile(r"<(?:p|li|tr|dt|dd|pre)\b")
_WIDE = "\u2e80"  # the first letter that is as wide as it is high; those before it are half as wide
# These sizes and the height of a letter in the style sheet were fitted to the 344 steps of three
# notes, 360 to 1400 pixels wide: the height of a note comes out within a tenth.
_BLOCK_SIZE = 16  # what a block takes besides its text, by margins and its last line, in letters
STEP_SIZE = 200  # what a step takes without its text, for its heading and where it is, in letters


def text_size(*texts: str) -> int:
    """The room of some HTML, in Chinese letters; other letters count half, blocks 16 more."""
    text = "".join(texts)
    said = unescape(_TAG.sub("", text))
    wide = sum(letter >= _WIDE for letter in said)
    return (wide + len(said)) // 2 + _BLOCK_SIZE * len(_BLOCK.findall(text))


class Views:
    """Makes the views of one site."""

    def __init__(self, site: SiteContext, code: SiteCode, versions: VersionViews) -> None:
        self._site = site
        self._index = site.index
        self._code = code
        self._versions = versions
        self._eras = EraViews(site.eras, site.index)
        self._titles = {note.id: note.title for note in site.index.notes}
        self._spoken = spoken_of(site.index)

    def note(self, note: Note, parts: Iterable[Markup], footer: Markup) -> dict[str, object]:
        """What `note.html` shows of a note, given its rendered `note_parts` and their footer."""
        places = self._index.places[note.id]
        faults = self._site.faults_in(note.file)
        by_step = _by_step(note, faults)
        covered = {each.place.step.id: each for each in coverage(self._index, note, self._spoken)}
        texts = iter(parts)
        description = next(texts)
        steps = [
            self._step(place, texts, by_step[place.step.id], covered.get(place.step.id))
            for place in places
        ]
        has_code = any(step.has_code for step in steps)
        return {
            "note": note,
            "counts": tally(places),
            "files": len({place.key.path for place in places}),
            "description": description,
            "footer": footer,
            "steps": steps,
            "faults": by_step[""],
            "fault_count": len(faults),
            "versions": self._versions.note_versions(note, note_page(note.id)),
            "code_folder": self._code.folder(note) if has_code else "",
            "axis": self._eras.axis(note.pin.version, [step.era for step in steps if step.era]),
        }

    def _step(
        self,
        place: StepPlace,
        texts: Iterator[Markup],
        faults: Sequence[Finding],
        calls: StepCoverage | None,
    ) -> StepView:
        step, commentary = place.step, next(texts)
        errata = [(next(texts), next(texts)) for _ in step.errata]
        remarks = [(remark.version, next(texts)) for remark in step.remarks]
        called = {call.name for call in calls.covered} if calls else set()
        children = [child for child in step.steps if child.symbol.name not in called]
        covered = self._covered(calls) if calls else []
        names = [child.symbol.name for child in children], [link.name for link in covered]
        said = (commentary, *chain.from_iterable(errata), *(text for _, text in remarks))
        return StepView(
            place=place,
            reached=edge_style(place) if place.parent else None,
            commentary=commentary,
            errata=errata,
            remarks=remarks,
            children=children,
            faults=faults,
            coverage=calls,
            covered=covered,
            has_code=self._code.has_text(place),
            era=self._eras.step(place),
            size=STEP_SIZE + text_size(*said, *("<p>" + ", ".join(each) for each in names if each)),
        )

    def _covered(self, found: StepCoverage) -> list[NameLink]:
        """Links to what a step's body calls: to steps of its note if they can."""
        note, path = found.place.note, found.place.key.path
        ids = {place.step.symbol.name: place.step.id for place in self._index.places[note.id]}
        links = []
        for name in (called.name for called in found.covered):
            if name in ids:
                links.append(NameLink(name, f"#{ids[name]}"))
            elif key := self._index.named(name, note.pin.project, path):
                href = self._site.link(note_page(note.id), key)
                links.append(NameLink(key.name, href, key.path))
        return links

    def symbol(self, key: SymbolKey) -> dict[str, object]:
        """What `symbol.html` shows of a symbol of the notebook."""
        entry, page = self._index.symbols[key], page_of(key)
        siblings = [each.key for each in self._index.files()[key.project, key.path]]
        number = siblings.index(key)
        return {
            "entry": entry,
            "sections": [
                (section, section.part.index.symbols[key])
                for section in self._site.symbol_sections(key)
            ],
            "versions": [place.note.pin.version for place in entry.steps],
            "mentions": self._mentions(page, entry),
            "previous": siblings[number - 1] if number else None,
            "next": siblings[number + 1] if number + 1 < len(siblings) else None,
            "elsewhere": self._versions.symbol_there(entry, page),
            "eras": self._eras.symbol(entry),
        }

    def _mentions(self, origin: str, entry: SymbolEntry) -> list[NameLink]:
        """Where prose names a symbol, each place once."""
        found: dict[str, NameLink] = {}
        for mention in entry.mentions:
            owner, step = mention.reference.note, mention.reference.step
            title = self._titles.get(owner)
            page = owner if title is None else note_page(owner)
            href = self._site.link(origin, page, step)
            found.setdefault(href, NameLink(title or owner, href, step))
        return list(found.values())

    def file(self, project: str, path: str) -> dict[str, object]:
        """What `file.html` shows of a source file: its symbols in line order, by version."""
        entries = self._index.files()[project, path]
        pins = list(dict.fromkeys(pin for entry in entries for pin in self._pins_of(entry)))
        versions = [pin.version for pin in pins]
        rows = [(entry, locked) for entry in entries for locked in entry.definitions]
        rows.sort(key=lambda row: (versions.index(row[1].version), row[1].definition.line))
        unlocked = [(entry, None) for entry in entries if not entry.definitions]
        return {"project": project, "path": path, "pins": pins, "rows": [*rows, *unlocked]}

    def _pins_of(self, entry: SymbolEntry) -> list[Pin]:
        """The trees that have a symbol, else that of the first step on it."""
        found = [self._site.pin_of(locked) for locked in entry.definitions]
        return found or [entry.steps[0].note.pin]

    def symbols(self) -> Mapping[str, Sequence[SymbolRow]]:
        """Every symbol with its first definition, by first letter but for case and leading `_`."""
        groups: dict[str, list[SymbolRow]] = {}
        for entry in sorted(self._index.symbols.values(), key=_alphabetical):
            row = (entry, entry.definitions[0] if entry.definitions else None)
            groups.setdefault(_alphabetical(entry)[0][:1].upper() or "_", []).append(row)
        return groups

    def files(self) -> Folder:
        """Every source file as a tree below one nameless folder; projects are folders of it."""
        root = Folder()
        for (project, path), entries in self._index.files().items():
            folder = root
            *parts, name = project, *path.split("/")
            for part in parts:
                folder = folder.folders.setdefault(part, Folder())
            href = self._site.file_link(FILES_PAGE, project, path)
            folder.files.append((NameLink(name, href, path), len(entries)))
        return root


def note_parts(note: Note) -> list[str]:
    """The Markdown texts of a note: its description, then those of each step."""
    return [sealed(text) for text, _ in _texts(note)]


def part_versions(note: Note) -> tuple[str, ...]:
    """The version that each of these texts is about, where it is not that of the note."""
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


def _by_step(note: Note, faults: Iterable[Finding]) -> dict[str, list[Finding]]:
    """The findings of each step's lines, down to the next step; by "" those above the first."""
    steps = [(0, ""), *sorted((visit.step.first_line, visit.step.id) for visit in visits(note))]
    found: dict[str, list[Finding]] = {step_id: [] for _, step_id in steps}
    for fault in faults:
        *_, owner = (step_id for line, step_id in steps if line <= fault.location.line)
        found[owner].append(fault)
    return found


def _alphabetical(entry: SymbolEntry) -> tuple[str, SymbolKey]:
    return entry.key.name.lstrip("_").lower(), entry.key


def note_headings(note: Note, graph_title: str) -> tuple[Heading, ...]:
    """A note's table of contents: its graph, then its steps as they nest."""
    return (Heading(CALL_GRAPH_ANCHOR, graph_title), *(_heading(step) for step in note.steps))


def _heading(step: Step) -> Heading:
    return Heading(step.id, step.symbol.name, tuple(_heading(child) for child in step.steps))

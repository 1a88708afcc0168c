"""What the names in a definition's text lead to: the lockfile's sites and calls as targets. Pure.

Nothing here reads source text: each target is a name on a line that the lockfile gives.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from callpath.addresses import Layout, LinkProvider, code_file, note_page, symbol_page
from callpath.cache import CACHE
from callpath.facts.lock import Lock, LockedDefinition, Tracked, no_versions
from callpath.facts.proof import ProofSite
from callpath.languages import language_of
from callpath.model import Note, Pin, Step, SymbolKind
from callpath.notebook import Index, StepPlace, SymbolEntry, SymbolKey
from callpath.settings import Licence
from callpath.site.highlight import CodeCache, as_script
from callpath.site.templates import PageRenderer
from callpath.site.views import CodeRequest, CodeTarget, CodeText, LicenceView, NoteView
from callpath.sources.base import is_binary
from callpath.sources.cache import CacheFiles, Manifest


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

    def _inside(self, locked: LockedDefinition) -> Iterator[tuple[StepPlace, ProofSite]]:
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
        entry, language = self._index.symbols[key], language_of(key.path)
        hidden = all(language.is_static(locked.definition) for locked in entry.definitions)
        elsewhere = key.path != caller.path and language.is_unit(key.path)
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


def _sites(index: Index) -> Mapping[tuple[str, str, str], Sequence[tuple[StepPlace, ProofSite]]]:
    """Every site by project, version and path, with the step whose edge rests on it."""
    found: dict[tuple[str, str, str], list[tuple[StepPlace, ProofSite]]] = {}
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


# What cannot stand in HTML, and what would show the text in another order than it has: controls but
# tab, marks of direction, noncharacters. Each is shown as U+FFFD.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef"
    "\ufeff\ufffe\uffff"
    + "".join(f"{chr(0x10000 * n + 0xFFFE)}{chr(0x10000 * n + 0xFFFF)}" for n in range(1, 17))
    + "]"
)


def file_lines(data: bytes) -> tuple[str, ...]:
    """The lines of a file without their ends; what is no UTF-8 is shown as U+FFFD."""
    text = data.decode(errors="replace").replace("\r\n", "\n").removesuffix("\n")
    return tuple(_UNSHOWN.sub("\ufffd", text).split("\n"))


def definition_text(blob: str, lines: tuple[str, ...], start: int, end: int) -> CodeText | None:
    """The text of a definition; nothing when the file has no such lines.

    Parameters:
        blob: Git's id of the file.
        lines: The lines of the file.
        start: The first line of the definition.
        end: Its last line.
    """
    if not 1 <= start <= end <= len(lines):
        return None
    return CodeText(blob, start, lines[start - 1 : end])


_SHOWN_PATHS = 3


class SourceTexts:
    """The texts of one build: each file is read at most once.

    Parameters:
        files: The cache; its folder need not exist.
        lock: The lockfile's facts.
    """

    def __init__(self, files: CacheFiles, lock: Lock) -> None:
        self._files = files
        self._lock = lock
        self._manifests: dict[Pin, Manifest | None] = {}
        self._lines: dict[tuple[Pin, str], tuple[str, ...] | None] = {}
        self._lacking: set[tuple[Pin, str]] = set()

    def text(self, locked: LockedDefinition) -> CodeText | None:
        """The text of a definition; nothing when the cache lacks it or anything disagrees."""
        found = locked.definition
        pin = Pin(locked.project, locked.version)
        blob = self._blobs.get((pin, found.path), "")
        lines = self._file(pin, found.path, blob)
        text = definition_text(blob, lines, found.start, found.end) if lines else None
        if text is None:
            self._lacking.add((pin, found.path))
        return text

    @property
    def complaint(self) -> str:
        """One line on the files that were asked for in vain; empty when nothing was fetched."""
        if not self._lacking or not any(self._manifests.values()):
            return ""
        paths = [path for _, path in sorted(self._lacking)]
        named = ", ".join(f"`{path}`" for path in paths[:_SHOWN_PATHS])
        more = len(paths) - _SHOWN_PATHS
        named += f" and {more} more" if more > 0 else ""
        return (
            f"the cache lacks {named} as the lockfile names {'it' if len(paths) == 1 else 'them'}; "
            "pages show no source text of theirs (hint: run `callpath fetch`)"
        )

    @cached_property
    def _blobs(self) -> Mapping[tuple[Pin, str], str]:
        return {
            (Pin(file.project, file.version), file.path): file.blob for file in self._lock.files
        }

    def _file(self, pin: Pin, path: str, blob: str) -> tuple[str, ...] | None:
        if (pin, path) not in self._lines:
            data = self._data(pin, path, blob)
            self._lines[pin, path] = None if data is None else file_lines(data)
        return self._lines[pin, path]

    def _data(self, pin: Pin, path: str, blob: str) -> bytes | None:
        if pin not in self._manifests:
            self._manifests[pin] = self._files.manifest(pin)
        manifest = self._manifests[pin]
        if manifest is None or not blob or manifest.files.get(path) != blob:
            return None
        data = self._files.content(pin, path, blob)
        return None if data is None or is_binary(data) else data


def cached_texts(root: Path, lock: Lock) -> SourceTexts:
    """The texts that the cache of a site has.

    Parameters:
        root: The folder of the site's configuration.
        lock: The lockfile's facts.
    """
    return SourceTexts(CacheFiles(root / CACHE), lock)


CODE_SLOT = "<!--callpath-code-slot-->"


@dataclass(frozen=True, slots=True)
class CodeSource:
    """Where the text of a build comes from.

    Attributes:
        texts: The texts, as far as there are any.
        cache: What was made of them, in this build or an earlier one.
        licences: The licence of each project, as far as it is known.
    """

    texts: SourceTexts
    cache: CodeCache
    licences: Mapping[str, Licence]


class SiteCode:
    """The source text on the pages of one notebook.

    Parameters:
        source: Where it comes from; nothing when pages show none.
        index: The notebook joined with its lockfile.
        layout: Where pages are.
        links: Where links to the source lead.
        pin: The site's pin.
        renderer: Prints it.
        lock: The lockfile's facts.
        tracked: The versions tracked beside that of a pin.
    """

    def __init__(
        self,
        source: CodeSource | None,
        index: Index,
        layout: Layout,
        links: LinkProvider,
        pin: Pin,
        renderer: PageRenderer,
        lock: Lock = Lock(),  # noqa: B008 (it is frozen)
        tracked: Tracked = no_versions,
    ) -> None:
        self._source = source
        self._index = index
        self._layout = layout
        self._renderer = renderer
        self._lock = lock
        self._tracked = tracked
        licences = source.licences if source else {}
        self._asked = CodeLinks(index, layout, links, pin, licences)

    @property
    def complaint(self) -> str:
        """One line on the texts that the cache should have and has not; mostly empty."""
        return self._source.texts.complaint if self._source else ""

    def on_note(self, note: Note, view: NoteView) -> NoteView:
        """The view of a note, with which steps have a text and where the texts are."""
        places = self._index.places[note.id]
        steps = tuple(
            replace(step, code=self._text(place.locked) is not None)
            for step, place in zip(view.steps, places, strict=True)
        )
        folder = self._layout.asset(note_page(note.id), posixpath.dirname(code_file(note.id, "x")))
        with_code = any(step.code for step in steps)
        return replace(view, steps=steps, code_folder=f"{quote(folder)}/" if with_code else "")

    def files(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """The file of each step that has a text: its path in the site, and what makes it.

        So have the texts of tracked versions.
        """
        for places in self._index.places.values():
            for place in places:
                if self._text(place.locked) is not None:
                    yield code_file(place.note.id, place.step.id), self._script(place)
                for there in self._there(place):
                    path = code_file(place.note.id, place.step.id, there.version)
                    yield path, self._script_there(place, there)

    def steps_there(self, note: Note, at: Pin) -> frozenset[str]:
        """The ids of a note's steps of which there is a text in a tracked version."""
        return frozenset(
            place.step.id
            for place in self._index.places[note.id]
            if any(found.version == at.version for found in self._there(place))
        )

    def _there(self, place: StepPlace) -> Iterator[LockedDefinition]:
        """What a step's symbol is in each tracked version of which there is a text."""
        if place.locked is None:
            return
        for pin in self._tracked(place.note.pin):
            track = self._lock.track(place.locked, pin.version)
            after = self._lock.after(track) if track else None
            if after is not None and self._text(after) is not None:
                yield after

    def slot(self, entry: SymbolEntry) -> str:
        """What holds the place of a symbol's text on its page; empty when there is no text."""
        return CODE_SLOT if any(map(self._text, entry.definitions)) else ""

    def fill(self, page: str, html: str) -> str:
        """Put the text of a symbol into the slot of its page.

        Parameters:
            page: The page's source path.
            html: The page, or a part of it, with or without a slot.
        """
        entry = self._by_page.get(page)
        if entry is None or CODE_SLOT not in html:
            return html
        codes = [
            self._html(text, self._asked.of_symbol(entry, locked))
            for locked in entry.definitions
            if (text := self._text(locked)) is not None
        ]
        return html.replace(CODE_SLOT, self._renderer.symbol_source(codes), 1)

    @cached_property
    def _by_page(self) -> Mapping[str, SymbolEntry]:
        return {
            symbol_page(key.project, key.path, key.kind, key.name): entry
            for key, entry in self._index.symbols.items()
        }

    def _script(self, place: StepPlace) -> Callable[[], str]:
        def make() -> str:
            text = self._text(place.locked)
            if place.locked is None or text is None:
                return ""
            html = self._html(text, self._asked.of_step(place, place.locked))
            return as_script(f"{place.note.id}#{place.step.id}", html)

        return make

    def _script_there(self, place: StepPlace, there: LockedDefinition) -> Callable[[], str]:
        def make() -> str:
            text = self._text(there)
            if text is None:
                return ""
            html = self._html(text, self._asked.of_step_there(place, there, self._lock))
            return as_script(f"{place.note.id}@{there.version}#{place.step.id}", html)

        return make

    def _text(self, locked: LockedDefinition | None) -> CodeText | None:
        return self._source.texts.text(locked) if self._source and locked else None

    def _html(self, text: CodeText, request: CodeRequest) -> str:
        return self._source.cache.html(text, request, self._renderer) if self._source else ""

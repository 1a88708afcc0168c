"""The source text on pages: where it comes from, what its names lead to, where it goes in.

Which names lead where is known from the lockfile's sites and calls alone: each target is a name on
a line that the lockfile gives.
"""

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property, partial
from itertools import chain
from urllib.parse import quote

from markupsafe import Markup
from msgspec import Struct

from callpath.addresses import code_file, note_page
from callpath.facts.lock import Lock, LockedDefinition
from callpath.facts.proof import NOT_FOUND, ProofSite
from callpath.languages import language_of
from callpath.model import Note, Pin, Step, SymbolKind
from callpath.notebook import StepPlace, SymbolEntry, SymbolKey, definition_at
from callpath.settings import Licence
from callpath.site.highlight import CodeCache, as_script
from callpath.site.views import (
    CodeRequest,
    CodeTarget,
    CodeText,
    LicenceView,
    SiteContext,
    SiteFile,
    page_of,
)
from callpath.sources.cache import CacheFiles
from callpath.sources.finder import is_binary


class CodeLinks:
    """Finds what is to be linked and marked in a text; some projects' licences are known."""

    def __init__(self, site: SiteContext, licences: Mapping[str, Licence]) -> None:
        self._site = site
        self._index = site.index
        self._licences = licences
        # Every site by project, version and path, with the step whose edge rests on it.
        self._sites: dict[tuple[str, str, str], list[tuple[StepPlace, ProofSite]]]
        self._sites = defaultdict(list)
        for place in chain.from_iterable(site.index.places.values()):
            if edge := place.edge:
                for proved in edge.verdict.sites:
                    key = (edge.project, edge.version, proved.path)
                    self._sites[key].append((place, proved))

    def of_step(self, place: StepPlace, locked: LockedDefinition) -> CodeRequest:
        """The text of a step on its note's page: links lead to steps of the note if they can."""
        note = place.note
        targets = [
            _mark(site) if other is place else _to_step(other.step, site.line, _names(other))
            for other, site in self._inside(locked)
            if other.note is note and _concerns(other, place)
        ]
        targets.sort(key=_by_line)
        children = {child.symbol.name: child for child in reversed(place.step.steps)}
        steps = {other.key: other.step for other in reversed(self._index.places[note.id])}
        for name, _ in locked.calls:
            key = self._called(name, place.key)
            if step := children.get(name) or (steps.get(key) if key else None):
                targets.append(_to_step(step, 0, (name,)))
            elif key:
                targets.append(self._to_page(note_page(note.id), key, 0, (name,)))
        return self._request(place.key, locked, targets)

    def of_step_there(self, place: StepPlace, there: LockedDefinition) -> CodeRequest:
        """The text of a step's symbol as it is in a tracked version: links lead to steps below."""
        targets: list[CodeTarget] = []
        for other in self._index.places[place.note.id]:
            if other.edge is None or not _is_child(other, place):
                continue
            track = self._site.lock.edge_track(other.edge, there.version)
            verdict = track.edge.verdict if track else NOT_FOUND
            names = self._names_there(other, there.version, verdict.member)
            targets += [
                _to_step(other.step, site.line, names)
                for site in verdict.sites
                if site.path == there.definition.path and _holds(there, site)
            ]
        return self._request(place.key, there, sorted(targets, key=_by_line))

    def _names_there(self, callee: StepPlace, at: str, member: str) -> tuple[str, ...]:
        """How a site of a tracked version may name a callee: also by its name there."""
        after = definition_at(self._site.lock, callee.locked, at)
        names = (after.definition.name if after else "", member, *_names(callee))
        return tuple(dict.fromkeys(filter(None, names)))

    def of_symbol(self, entry: SymbolEntry, locked: LockedDefinition) -> CodeRequest:
        """The text of a definition on its symbol's page: links lead to pages of symbols."""
        key, origin = entry.key, page_of(entry.key)
        targets = [
            _mark(site)
            if other.key == key
            else self._to_page(origin, other.key, site.line, _names(other))
            for other, site in self._inside(locked)
        ]
        targets.sort(key=lambda target: (*_by_line(target), target.href))
        targets += [
            self._to_page(origin, found, 0, (name,))
            for name, _ in locked.calls
            if (found := self._called(name, key))
        ]
        return self._request(key, locked, targets)

    def _inside(self, locked: LockedDefinition) -> Iterator[tuple[StepPlace, ProofSite]]:
        """The sites inside a definition, each with the step whose edge rests on it."""
        found = self._sites[locked.project, locked.version, locked.definition.path]
        return (pair for pair in found if _holds(locked, pair[1]))

    def _called(self, name: str, caller: SymbolKey) -> SymbolKey | None:
        """The symbol of the notebook that a body's call by name means, if it is certain."""
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
        return CodeTarget(line, names, self._site.link(origin, key), key.name, path=key.path)

    def _request(
        self, key: SymbolKey, locked: LockedDefinition, targets: Iterable[CodeTarget]
    ) -> CodeRequest:
        return CodeRequest(
            name=key.name,
            kind=str(key.kind),
            path=locked.definition.path,
            line=locked.definition.line,
            url=self._site.source_url(locked, whole=True),
            targets=tuple(dict.fromkeys(targets)),
            licence=self._licence(self._site.pin_of(locked)),
            version=locked.version,
        )

    def _licence(self, pin: Pin) -> LicenceView:
        known = self._licences.get(pin.project)
        if known is None:
            return LicenceView(pin.project)
        url = self._site.links.file(pin, known.file) if known.file else ""
        return LicenceView(pin.project, known.name, url)


def _by_line(target: CodeTarget) -> tuple[int, bool]:
    return target.line, not target.href


def _holds(locked: LockedDefinition, site: ProofSite) -> bool:
    return locked.definition.start <= site.line <= locked.definition.end


def _is_child(other: StepPlace, place: StepPlace) -> bool:
    return other.parent is not None and other.parent.id == place.step.id


def _concerns(other: StepPlace, place: StepPlace) -> bool:
    """Whether a step is about the edge that leads to another: its own, and no namesake's."""
    namesake = other.parent is not None and other.parent.symbol == place.step.symbol
    return _is_child(other, place) or not namesake


def _names(callee: StepPlace) -> tuple[str, ...]:
    """How a site may name its callee: by its name, else by the member that it is reached by."""
    name = callee.step.symbol.name
    if callee.key.kind is SymbolKind.FIELD:
        name = name.rpartition(".")[2]
    return (name, callee.verdict.member) if callee.verdict.member else (name,)


def _mark(site: ProofSite) -> CodeTarget:
    """A line that leads nowhere."""
    return CodeTarget(site.line, (), "", "")


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


_SHOWN_PATHS = 3


class SourceTexts:
    """The texts of one build, out of the cache: each file is read at most once."""

    def __init__(self, files: CacheFiles, lock: Lock) -> None:
        self._files = files
        self._blobs = {
            (Pin(file.project, file.version), file.path): file.blob for file in lock.files
        }
        self._manifest = cache(files.manifest)
        self._lines = cache(self._read)
        self._lacking: set[tuple[Pin, str]] = set()
        self._has_manifest = False  # whether anything was ever fetched

    def text(self, locked: LockedDefinition) -> CodeText | None:
        """The text of a definition, or None if the cache lacks it or anything disagrees."""
        found = locked.definition
        file = (Pin(locked.project, locked.version), found.path)
        lines = self._lines(*file)
        if not 1 <= found.start <= found.end <= len(lines):
            self._lacking.add(file)
            return None
        return CodeText(self._blobs[file], found.start, lines[found.start - 1 : found.end])

    @property
    def complaint(self) -> str:
        """One line on the files that the cache lacks; empty if nothing was ever fetched."""
        if not self._lacking or not self._has_manifest:
            return ""
        paths = [path for _, path in sorted(self._lacking)]
        named = ", ".join(f"`{path}`" for path in paths[:_SHOWN_PATHS])
        more = len(paths) - _SHOWN_PATHS
        named += f" and {more} more" if more > 0 else ""
        return (
            f"the cache lacks {named} as the lockfile names {'it' if len(paths) == 1 else 'them'}; "
            "pages show no source text of theirs (hint: run `callpath fetch`)"
        )

    def _read(self, pin: Pin, path: str) -> tuple[str, ...]:
        manifest, blob = self._manifest(pin), self._blobs.get((pin, path), "")
        self._has_manifest |= manifest is not None
        if manifest is None or not blob or manifest.files.get(path) != blob:
            return ()
        data = self._files.content(pin, path, blob)
        return () if data is None or is_binary(data) else file_lines(data)


CODE_SLOT = Markup("<!--callpath-code-slot-->")


class CodeSource(Struct, frozen=True):
    """Where the text of a build comes from."""

    texts: SourceTexts
    cache: CodeCache  # what was made of them, in this build or an earlier one
    licences: Mapping[str, Licence]  # by project, as far as they are known


class SiteCode:
    """The source text on the pages of one site; `source` is None if they show none."""

    def __init__(self, site: SiteContext, source: CodeSource | None) -> None:
        self._site = site
        self._source = source
        self._links = CodeLinks(site, source.licences if source else {})

    @property
    def complaint(self) -> str:
        """One line on the texts that the cache should have and has not; mostly empty."""
        return self._source.texts.complaint if self._source else ""

    def has_text(self, place: StepPlace, version: str = "") -> bool:
        """Whether there is a text of a step's symbol: at its pin, or in a tracked version."""
        return self._at(place, version) is not None

    def _at(self, place: StepPlace, version: str) -> LockedDefinition | None:
        lock, found = self._site.lock, place.locked
        found = definition_at(lock, found, version) if version else found
        return found if self._text(found) else None

    def folder(self, note: Note) -> str:
        """Where the files with the texts of a note's steps are, seen from its page, with a `/`."""
        folder = posixpath.dirname(code_file(note.id, "x"))
        return f"{quote(self._site.layout.asset(note_page(note.id), folder))}/"

    def files(self) -> Iterator[SiteFile]:
        """The file of each text of a step, at its pin and in tracked versions."""
        for place in chain.from_iterable(self._site.index.places.values()):
            tracked = self._site.notebook.tracked(place.note.pin)
            for version in ("", *(pin.version for pin in tracked)):
                if locked := self._at(place, version):
                    path = code_file(place.note.id, place.step.id, version)
                    yield SiteFile(path, partial(self._script, place, locked))

    def slot(self, entry: SymbolEntry) -> Markup:
        """The slot for a symbol's text on its page; empty if there is no text."""
        return CODE_SLOT if any(map(self._text, entry.definitions)) else Markup()

    def fill(self, page: str, html: str) -> str:
        """Put the text of a symbol into the slot of its page, if the HTML has it."""
        entry = self._by_page.get(page)
        if entry is None or CODE_SLOT not in html:
            return html
        links, definitions = self._links, entry.definitions
        made = (self._html(each, partial(links.of_symbol, entry, each)) for each in definitions)
        shown = self._site.render("symbol-source.html", codes=list(filter(None, made)))
        return html.replace(CODE_SLOT, shown, 1)

    @cached_property
    def _by_page(self) -> Mapping[str, SymbolEntry]:
        return {page_of(key): entry for key, entry in self._site.index.symbols.items()}

    def _script(self, place: StepPlace, locked: LockedDefinition) -> str:
        is_here = locked is place.locked
        name = place.note.id if is_here else f"{place.note.id}@{locked.version}"
        ask = self._links.of_step if is_here else self._links.of_step_there
        html = self._html(locked, partial(ask, place, locked))
        return as_script(f"{name}#{place.step.id}", html) if html else ""

    def _text(self, locked: LockedDefinition | None) -> CodeText | None:
        return self._source.texts.text(locked) if self._source and locked else None

    def _html(self, locked: LockedDefinition, asked: Callable[[], CodeRequest]) -> Markup:
        text = self._text(locked)
        if text is None or self._source is None:
            return Markup()
        return self._source.cache.html(text, asked(), self._site.strings)

"""The source text on a site's pages: a file for each step, a section on each symbol's page.

Text stays out of what Markdown and search see: a page has a slot, which is filled when it is done.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote

from callpath.core.code_links import CodeLinks
from callpath.core.code_settings import Licence
from callpath.core.code_views import CodeRequest, CodeText
from callpath.core.index import Index, StepPlace, SymbolEntry
from callpath.core.layout import Layout, code_file, note_page, symbol_page
from callpath.core.lock import Lock, LockedDefinition, Tracked, no_versions
from callpath.core.model import Note, Pin
from callpath.core.urls import LinkProvider
from callpath.core.views import NoteView
from callpath.project.source_texts import SourceTexts
from callpath.render.code import CodeCache, as_script
from callpath.render.pages import PageRenderer

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

"""The pages and files of tracked versions: the matrix, and each note in each version."""

from collections.abc import Callable, Iterator
from functools import partial

from callpath.core.layout import (
    VERSIONS_PAGE,
    comparison_page,
    note_page,
    there_file,
)
from callpath.core.model import Note, Pin
from callpath.core.prose import joined, split
from callpath.core.version_views import remark_parts
from callpath.project.headings import Heading
from callpath.project.prose_page import PartOwner, ProsePage
from callpath.project.site import GeneratedPage, Site
from callpath.project.site_file import SiteFile
from callpath.render.version_pages import VersionRenderer

_BOOST = 0.3  # in search: below the pages that they speak of


class SiteVersions:
    """The pages and files of one notebook's tracked versions.

    Parameters:
        site: The site.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._words = site.strings.versions
        self._renderer = VersionRenderer(site.strings)

    def pages(self) -> tuple[GeneratedPage | ProsePage, ...]:
        """The page of versions, and one for each note in each version that is tracked."""
        compared = tuple(self._comparison(note, path, at) for note, path, at in self._pairs())
        return (self._versions(), *compared) if compared else ()

    def files(self) -> Iterator[SiteFile]:
        """What became of each note's steps, in a file for each version."""
        for note, _, at in self._pairs():
            yield SiteFile(there_file(note.id, at.version), self._script(note, at))

    def _pairs(self) -> Iterator[tuple[Note, str, Pin]]:
        for path, note in self._site.notes.items():
            for at in self._site.notebook.tracked(note.pin):
                yield note, path, at

    def _script(self, note: Note, at: Pin) -> Callable[[], str]:
        def make() -> str:
            steps = self._site.versions.steps_there(note, at, note_page(note.id))
            with_code = self._site.code.steps_there(note, at)
            return self._renderer.script(f"{note.id}@{at.version}", steps, with_code)

        return make

    def _versions(self) -> GeneratedPage:
        words, versions = self._words, self._site.notebook.versions
        named = self._site.strings.list_comma.join(pin.version for pin in versions)
        return GeneratedPage(
            VERSIONS_PAGE,
            words.versions,
            words.versions_lead.format(named),
            _BOOST,
            lambda: self._renderer.versions(self._site.versions.versions()),
            words.versions,
        )

    def _comparison(self, note: Note, path: str, at: Pin) -> ProsePage:
        page, parts = comparison_page(note.id, at.version), remark_parts(note, at.version)
        title = self._words.comparison_title.format(note.title, at.version)
        lead = self._words.comparison_lead.format(note.title, note.pin.version, at.version)
        return ProsePage(
            path=page,
            title=title,
            description=lead,
            boost=_BOOST,
            headline=title,
            markdown=partial(joined, parts),
            html=partial(self._html, note, at),
            headings=tuple[Heading, ...],
            owners=tuple(PartOwner(path, at.version) for _ in parts),
        )

    def _html(self, note: Note, at: Pin, rendered: str) -> str:
        parts, footer = split(rendered, len(remark_parts(note, at.version)))
        view = self._site.versions.comparison(note, at, parts, footer)
        return self._renderer.comparison(view)

"""The Atom feed of new and changed notes (RFC 4287). Knows no git."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from callpath.core.history import FileChange
from callpath.core.layout import FEED_FILE, Layout
from callpath.core.model import Note
from callpath.core.prose import first_sentence
from callpath.core.site_about import About
from callpath.render.file_templates import print_file
from callpath.render.strings import Strings


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A note that a commit added or changed; `updated` is a date of RFC 3339 in UTC."""

    id: str
    title: str
    updated: str
    url: str
    summary: str


def feed_xml(about: About, notes: Mapping[str, Note], layout: Layout, strings: Strings) -> str:
    """The feed of a site that has an address and changes.

    Parameters:
        about: The site, with the changes of its notes, newest first.
        notes: The notes by the path of their file below the notes' folder.
        layout: Where pages are.
        strings: The words of the site's language.
    """
    url = about.url(FEED_FILE)
    entries = [
        _entry(change, notes[change.path], about.url(layout.address(change.path)), url, strings)
        for change in about.changes
        if change.path in notes
    ]
    return print_file("feed.xml", about=about, url=url, entries=entries)


def _entry(change: FileChange, note: Note, page: str, feed: str, strings: Strings) -> FeedEntry:
    form = strings.feed_new if change.is_new else strings.feed_changed
    description = first_sentence(note.description.value) if change.is_new else ""
    when = datetime.fromtimestamp(change.seconds, UTC)
    return FeedEntry(
        # Neither a new title nor a new address of the page makes it another entry for readers.
        id=f"{feed}#{change.commit}/{note.id}",
        title=form.format(note.title),
        updated=when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        url=page,
        summary=" — ".join(text for text in (change.subject, description) if text),
    )

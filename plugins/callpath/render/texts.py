"""The notebook for language models: `llms.txt` and `llms-full.txt`. Knows no addresses."""

from collections.abc import Sequence

from callpath.core.note_texts import NoteText
from callpath.core.site_about import About
from callpath.core.views import NameLink
from callpath.render.file_templates import print_file
from callpath.render.strings import Strings


def overview_text(
    strings: Strings,
    about: About,
    summary: str,
    notes: Sequence[NoteText],
    indexes: Sequence[NameLink],
    files: Sequence[NameLink],
) -> str:
    """What the site has, in the form of llmstxt.org.

    Parameters:
        strings: The words of the site's language.
        about: The site.
        summary: A sentence on what the notebook holds.
        notes: The notes in reading order.
        indexes: The indexes; the title says what each holds.
        files: The files for other programs; the title says what each holds.
    """
    return print_file(
        "llms.txt",
        s=strings,
        about=about,
        summary=summary,
        notes=notes,
        indexes=indexes,
        files=files,
    )


def full_text(strings: Strings, about: About, summary: str, notes: Sequence[NoteText]) -> str:
    """The whole notebook as Markdown; parameters as for `overview_text`."""
    return print_file("llms-full.txt", s=strings, about=about, summary=summary, notes=notes)

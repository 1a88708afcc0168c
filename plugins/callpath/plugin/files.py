"""Our pages as MkDocs' files, and their headings in its form."""

from collections.abc import Sequence
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

from callpath.core.layout import HOME_PAGE, INDEX_PAGES
from callpath.project.headings import Heading
from callpath.project.prose_page import ProsePage
from callpath.project.site import GeneratedPage


class NoteFile(File):
    """A YAML file that is a page, at the address that a Markdown file of its name would have."""

    def is_documentation_page(self) -> bool:
        """It is one, whatever its ending."""
        return True


def is_part(file: File, *, drafts: bool) -> bool:
    """Whether a file is part of the site; drafts are only while it is served."""
    lowest = InclusionLevel.DRAFT if drafts else InclusionLevel.NOT_IN_NAV
    return bool(file.inclusion.value >= lowest.value)


def replace_by_page(files: Files, path: str, config: MkDocsConfig) -> None:
    """Put a `NoteFile` in the place of the plain file that MkDocs found."""
    found = files.get_file_from_path(path)
    if found is None or isinstance(found, NoteFile):
        return
    files.remove(found)
    files.append(
        NoteFile(
            path,
            config.docs_dir,
            config.site_dir,
            config.use_directory_urls,
            inclusion=found.inclusion,
        )
    )


def add_page(files: Files, page: GeneratedPage | ProsePage, config: MkDocsConfig) -> None:
    """Add a generated page; the home page comes first where the navigation makes itself."""
    home = page.path == HOME_PAGE
    listed = page.path in INDEX_PAGES or (home and config.nav is None)
    inclusion = InclusionLevel.UNDEFINED if listed else InclusionLevel.NOT_IN_NAV
    others = list(files) if home else []
    for file in others:
        files.remove(file)
    files.append(File.generated(config, page.path, content="", inclusion=inclusion))
    for file in others:
        files.append(file)


def toc_tokens(headings: Sequence[Heading]) -> list[Any]:
    """Headings in the form that the toc extension of Markdown gives."""
    return [
        {
            "level": 2,
            "id": heading.id,
            "name": heading.title,
            "children": toc_tokens(heading.children),
        }
        for heading in headings
    ]

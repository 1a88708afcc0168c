"""Our pages as MkDocs' files, and their headings in its form."""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import copyfile
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from callpath import rules
from callpath.addresses import HOME_PAGE, INDEX_PAGES
from callpath.findings import CallpathError, Finding, Location
from callpath.plugin.direct_pages import DirectFile
from callpath.settings import PluginConfig, SiteSettings
from callpath.site.templates import templates_folder
from callpath.site.views import GeneratedPage, Heading, SiteFile
from callpath.workspace import Workspace, open_workspace


class NoteFile(File):
    """A YAML file that is a page, at the address that a Markdown file of its name would have."""

    def is_documentation_page(self) -> bool:
        """It is one, whatever its ending."""
        return True


class MadeFile(File):
    """A file whose text is made when it is read or copied, so that it does not stay in memory."""

    _make: Callable[[], str]
    _own: str | bytes | None = None  # what another plugin has put in its place

    def take(self, make: Callable[[], str]) -> None:
        """Have the text made by a function."""
        self._make, self._own = make, None

    @property
    def _content(self) -> str | bytes | None:  # MkDocs' methods use it
        return self._make() if self._own is None else self._own

    @_content.setter
    def _content(self, value: str | bytes | None) -> None:
        self._own = value


def add_file(files: Files, made: SiteFile, config: MkDocsConfig) -> None:
    """Add a file that is no page, where the author has none."""
    if files.get_file_from_path(made.path) is None:
        file = MadeFile.generated(config, made.path, content="")
        assert isinstance(file, MadeFile)  # noqa: S101 (MkDocs makes one of that class)
        file.take(made.content)
        files.append(file)


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
    folders, inclusion = (config.docs_dir, config.site_dir), found.inclusion
    files.append(NoteFile(path, *folders, config.use_directory_urls, inclusion=inclusion))


def add_page(files: Files, page: GeneratedPage, config: MkDocsConfig) -> None:
    """Add a generated page; the home page comes first where the navigation makes itself."""
    home = page.path == HOME_PAGE
    listed = page.path in INDEX_PAGES or (home and config.nav is None)
    inclusion = InclusionLevel.UNDEFINED if listed else InclusionLevel.NOT_IN_NAV
    others = list(files) if home else []
    for file in others:
        files.remove(file)
    kind = DirectFile if page.is_source_page else File
    files.append(kind.generated(config, page.path, content="", inclusion=inclusion))
    for file in others:
        files.append(file)


def set_headings(page: Page, headings: Sequence[Heading]) -> None:
    """Give a page its table of contents, and let links lead to its headings."""
    page.toc = get_toc(_toc_tokens(headings))
    page.present_anchor_ids = {*(page.present_anchor_ids or ()), *_ids(headings)}


def _toc_tokens(headings: Sequence[Heading]) -> list[Any]:
    return [
        {"level": 2, "id": each.id, "name": each.title, "children": _toc_tokens(each.children)}
        for each in headings
    ]


def _ids(headings: Sequence[Heading]) -> Iterator[str]:
    for heading in headings:
        yield heading.id
        yield from _ids(heading.children)


def is_material(config: MkDocsConfig) -> bool:
    """Whether the theme is Material, which has page templates of its own that ours extend."""
    return bool(config.theme.name == "material")


def workspace_of(config: MkDocsConfig, settings: PluginConfig) -> Workspace:
    """The notebook on disk that a configuration describes."""
    file = Path(config.config_file_path or "mkdocs.yml")
    site = SiteSettings(
        docs_dir=config.docs_dir,
        site_name=config.site_name,
        site_description=config.site_description or "",
        site_url=config.site_url or "",
        use_directory_urls=config.use_directory_urls,
        language=str(config.theme.get("language") or config.theme.get("locale") or "en"),
        callpath=settings,
        places=_places(file),
    )
    return Workspace(file.absolute(), file.resolve().parent, site)


def _places(file: Path) -> Mapping[str, Location]:
    """Where the file says the options, which MkDocs does not keep; empty if it cannot be read."""
    try:
        return open_workspace(file).site.places
    except CallpathError:
        return {}


_DEFAULT_SEPARATOR = r"[\s\-]+"
_TAG = re.compile(r"<[^>]*>")


def words_without_page(index: Mapping[str, Any], words: Sequence[str]) -> tuple[str, ...]:
    """The words for which a search would find no page, given the loaded `search_index.json`.

    Raises ValueError if the index has another form, or its separator is no regular expression.
    """
    try:
        separator = re.compile(index.get("config", {}).get("separator") or _DEFAULT_SEPARATOR)
        pages = [frozenset(_tokens(page, separator)) for page in index["docs"]]
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise ValueError(f"the search index cannot be read: {error}") from error
    return tuple(word for word in words if not _found(word, pages, separator))


def _tokens(page: Mapping[str, Any], separator: re.Pattern[str]) -> Iterator[str]:
    for text in (page.get("title", ""), page.get("text", "")):
        plain = html.unescape(_TAG.sub(" ", text)).lower()
        yield from (token for token in separator.split(plain) if token)


def _found(word: str, pages: Sequence[frozenset[str]], separator: re.Pattern[str]) -> bool:
    parts = [part for part in separator.split(word.lower()) if part]
    return bool(parts) and any(all(_in(part, page) for part in parts) for page in pages)


def _in(part: str, page: frozenset[str]) -> bool:
    """Whether a page has a token that starts with the part, or all that the part is made of."""
    if part in page or any(token.startswith(part) for token in page):
        return True
    if part.isascii():
        return False
    reachable = [True] + [False] * len(part)
    for end in range(1, len(part) + 1):
        reachable[end] = any(reachable[start] and part[start:end] in page for start in range(end))
    return reachable[-1]


_CHINESE_LENGTH = 2  # characters that are enough to search for


def replace_chinese_search(config: MkDocsConfig) -> bool:
    """Replace the script for Chinese of MkDocs' own search, if it is there; return whether it was.

    lunr-languages' `lunr.zh.js`, in MkDocs 1.6.1 and ProperDocs 1.6.7, cuts words by a package of
    Node that a page cannot load: the search finds nothing, English words neither.
    """
    script = Path("search", "lunr.zh.js")
    if is_there := (Path(config.site_dir) / script).is_file():
        copyfile(templates_folder() / script, Path(config.site_dir) / script)
    return is_there


def shortened_index(config: MkDocsConfig) -> dict[str, Any]:
    """Rewrite the search index of the built site in a shorter form; return it, or {} if absent.

    Every page loads it. MkDocs escapes what is not ASCII: Chinese is twice as long then.
    """
    file = Path(config.site_dir) / "search" / "search_index.json"
    if not file.is_file():
        return {}
    index: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if replace_chinese_search(config):  # a word of Chinese has two characters, most often
        said = index["config"]
        said["min_search_length"] = min(said["min_search_length"], _CHINESE_LENGTH)
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text, encoding="utf-8")
    return index


def missing_words(
    index: Mapping[str, Any], location: Location, words: Sequence[str]
) -> Iterator[Finding]:
    """A finding for each word for which search finds no page; none without a search index."""
    for word in words_without_page(index, words) if index and words else ():
        yield rules.SEARCH_WORD_NOT_FOUND.at(
            location,
            f"search finds no page for `{word}`",
            "set the `separator` of the search plugin, and install `jieba` for Chinese",
        )

"""Where the pages of the site are, and where links to the source lead. Does no input or output.

The addresses are those that MkDocs gives to the same source paths, with or without folder addresses
(`use_directory_urls`):

    kvm/init.yml                                  kvm/init/          or kvm/init.html
    source/linux/virt/kvm/kvm_main.c.md           a source file
    source/linux/virt/kvm/kvm_main.c/kvm_init.md  a symbol; other kinds are `struct.kvm` …
    symbols.md  files.md  graph.md  errata.md     the indexes
    versions.md                                   what became of everything in tracked versions
    versions/kvm/init/v6.12.md                    what became of a note in one of them
    index.md                                      the home page

Files for other programs have the same paths in both forms:

    notebook.json  llms.txt  llms-full.txt  feed.xml
    badges/kvm/init.svg  badges/notebook.svg
    graphs/kvm/init.svg  graphs/kvm/init.json     of all notes: graphs/notebook.svg …
    graphs/notebook@v6.12.svg …                   of all notes of another version than the site's

A symbol's address depends on nothing but itself, so that links to it stay true when notes change.
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from msgspec import Struct, field
from msgspec.structs import replace

from callpath.findings import SettingsError, did_you_mean
from callpath.model import Pin, SymbolKind
from callpath.projects import AT_ELIXIR, LINUX, project_named

SYMBOLS_PAGE = "symbols.md"
FILES_PAGE = "files.md"
GRAPH_PAGE = "graph.md"
ERRATA_PAGE = "errata.md"  # only where there is an erratum
VERSIONS_PAGE = "versions.md"  # only where versions are tracked
INDEX_PAGES = (SYMBOLS_PAGE, FILES_PAGE, GRAPH_PAGE, VERSIONS_PAGE, ERRATA_PAGE)
HOME_PAGE = "index.md"  # generated only where the notebook has no home page of its own
CALL_GRAPH_ANCHOR = "call-graph"  # where a note's page has its graph
NOTEBOOK_FILE = "notebook.json"
OVERVIEW_FILE = "llms.txt"
FULL_TEXT_FILE = "llms-full.txt"
FEED_FILE = "feed.xml"
WHOLE = "notebook"  # all notes, in place of the id of one
_ROOT = "source"
_FOLDER_PAGES = ("index", "README")  # MkDocs makes these the page of their folder


def note_page(note_id: str) -> str:
    """The source path of a note's page: that of its YAML file."""
    return f"{note_id}.yml"


def file_page(project: str, path: str) -> str:
    """The source path of the page of a source file."""
    return f"{_ROOT}/{project}/{path}.md"


def symbol_page(project: str, path: str, kind: SymbolKind | str, name: str) -> str:
    """The source path of a symbol's page."""
    plain = kind == SymbolKind.FUNCTION and name.lower() not in ("index", "readme")
    return f"{_ROOT}/{project}/{path}/{name if plain else f'{kind}.{name}'}.md"


def comparison_page(note_id: str, version: str) -> str:
    """The source path of the page on what became of a note in a tracked version."""
    return f"versions/{note_id}/{version}.md"


def code_file(note_id: str, step_id: str, version: str = "") -> str:
    """The site's file with the source text of a step, which its note's page loads.

    The text is of a tracked version, or of the note's if that is empty.
    """
    folder = f"{note_id}@{version}" if version else note_id
    return f"assets/callpath/code/{folder}/{step_id}.js"


def there_file(note_id: str, version: str) -> str:
    """The site's file with what became of a note's steps in a tracked version."""
    return f"assets/callpath/versions/{note_id}@{version}.js"


def is_home(path: str) -> bool:
    """Whether a file below the notes' folder is the site's home page (were it a page)."""
    return posixpath.splitext(path)[0] in _FOLDER_PAGES


def badge_file(note_id: str = "") -> str:
    """The path of the badge of a note, or of the whole notebook."""
    return f"badges/{_stem(note_id)}.svg"


def graph_file(note_id: str = "", form: str = "svg", version: str = "") -> str:
    """The path of the graph of a note, or of the whole notebook, as `svg` or `json`.

    That of the notebook is of the site's version, or of another that the notes are about.
    """
    return f"graphs/{_stem(note_id)}{f'@{version}' if version else ''}.{form}"


def file_address(path: str) -> str:
    """The address of a file of the site (by its path there) relative to its root."""
    return quote(path)


def _stem(note_id: str) -> str:
    is_taken = note_id == WHOLE or note_id.startswith(f"{WHOLE}@")
    return f"{note_id}.yml" if is_taken else note_id or WHOLE


class Layout(Struct, frozen=True):
    """Turns source paths of pages into addresses."""

    directory_urls: bool = True  # whether a page is `kvm/init/` or `kvm/init.html`

    def address(self, page: str) -> str:
        """A page's address relative to the site's root, percent-encoded; the home page is `./`."""
        stem = posixpath.splitext(page)[0]
        folder, name = posixpath.split(stem)
        if name not in _FOLDER_PAGES:
            address = f"{stem}/" if self.directory_urls else f"{stem}.html"
        elif self.directory_urls:
            address = f"{folder}/" if folder else "./"
        else:
            address = posixpath.join(folder, "index.html")
        return quote(address)

    def link(self, origin: str, target: str, anchor: str = "") -> str:
        """The relative address of a page (by source path), seen from another page."""
        fragment = f"#{quote(anchor)}" if anchor else ""
        if origin == target and fragment:
            return fragment
        here = posixpath.dirname(self.address(origin)) or "."
        there = self.address(target)
        relative = posixpath.relpath(there, here)
        return relative + ("/" if there.endswith("/") else "") + fragment

    def step(self, note_id: str, step: str) -> str:
        """The address of a step relative to the site's root, percent-encoded."""
        return f"{self.address(note_page(note_id))}#{quote(step)}"

    def asset(self, origin: str, path: str) -> str:
        """The relative address of a file of the site (by its path there), seen from a page."""
        return posixpath.relpath(path, posixpath.dirname(self.address(origin)) or ".")


_SAFE_IN_PATH = "/+,=:"
_EXAMPLE = "https://github.com/OWNER/REPOSITORY"


class LinkProvider(Struct, frozen=True):
    """Where links to the source lead."""

    name: str  # what the settings call it
    label: str  # what readers call it
    base: str  # address without a trailing slash
    _form: Callable[[str, Pin, str, int, int], str]
    own: str = ""  # the project that `base` is of where each has its own; empty: any
    bases: Mapping[str, str] = field(default_factory=dict)  # those of further projects
    # The tag in a repository of a version.
    tag_of: Callable[[Pin], str] = lambda pin: project_named(pin.project).tag_of(pin.version)
    is_default: bool = True  # whether `base` is the provider's own

    def fault(self, pin: Pin) -> tuple[str, str] | None:
        """Why links to the tree of a pin lead nowhere: the fact and the remedy; or None."""
        project, is_elixir = project_named(pin.project), self._form is _elixir
        if is_elixir and self.is_default and pin.project not in {*AT_ELIXIR, *self.bases}:
            other = f"set `links: {{provider: github, base: {_EXAMPLE}}}`"
            hint = did_you_mean(pin.project, sorted(AT_ELIXIR), other)
            return f"{self.label} does not have `{pin.project}`", hint
        if not self._base_of(pin.project):
            place = "`links.base`" if pin.project == self.own else "`links.bases`"
            hint = f"write the address of its repository in {place}, such as `{_EXAMPLE}`"
            return f"`links: {self.name}` has no address for `{pin.project}`", hint
        is_own = not self.is_default or pin.project in self.bases
        if project.version_form and not is_own and not re.match(project.version_form, pin.version):
            hint = f"name the project: `pin: {{project: NAME, version: {pin.version}}}`"
            return f"the {project.title} has no version `{pin.version}`", hint
        return None

    def _base_of(self, project: str) -> str:
        """The address of a project's source, or empty if none is known."""
        if project in self.bases:
            return self.bases[project]
        is_for_it = self._form is _elixir or (not self.is_default and self.own in ("", project))
        return self.base if is_for_it else project_named(project).web.get(self.name, "")

    def line(self, pin: Pin, path: str, line: int, end: int = 0) -> str:
        """The address of a line (1-based), or of the lines up to `end` (inclusive; 0: one line)."""
        base, form = self._base_of(pin.project), self._form
        if not base:  # a finding says so: a dead link is better than one into another project
            base, form = _PROVIDERS["elixir"].base, _elixir
        tagged = replace(pin, tag=self.tag_of(pin))
        return form(base, tagged, quote(path, safe=_SAFE_IN_PATH), line, end)

    def file(self, pin: Pin, path: str) -> str:
        """The address of a whole file."""
        return self.line(pin, path, 0).partition("#")[0]


def _range(prefix: str, line: int, end: int) -> str:
    return f"#{prefix}{line}-{prefix}{end}" if end > line else f"#{prefix}{line}"


def _elixir(base: str, pin: Pin, path: str, line: int, end: int) -> str:
    project = project_named(pin.project)
    version = project.elixir_version(pin.version)
    return f"{base}/{project.elixir}/{version}/source/{path}{_range('L', line, end)}"


def _github(base: str, pin: Pin, path: str, line: int, end: int) -> str:
    return f"{base}/blob/{pin.commit or pin.tag_name}/{path}{_range('L', line, end)}"


def _cgit(base: str, pin: Pin, path: str, line: int, end: int) -> str:
    del end
    revision = f"id={pin.commit}" if pin.commit else f"h={pin.tag_name}"
    return f"{base}/tree/{path}?{revision}#n{line}"


_PROVIDERS = {
    provider.name: provider
    for provider in (
        LinkProvider("elixir", "elixir.bootlin.com", "https://elixir.bootlin.com", _elixir),
        LinkProvider("github", "GitHub", LINUX.web["github"], _github),
        LinkProvider("kernel.org", "git.kernel.org", LINUX.web["kernel.org"], _cgit),
    )
}


def link_provider(
    name: str,
    base: str = "",
    own: str = "",
    bases: Mapping[str, str] | None = None,
    tag_of: Callable[[Pin], str] | None = None,
) -> LinkProvider:
    """The provider of that name, at another address if `base` is given.

    Parameters:
        own: The project that `base` is of, where a provider has an address for each.
        bases: The addresses of further projects.
        tag_of: The tag in a repository of a version, if a site says it.

    Raises SettingsError if there is no such provider.
    """
    known = _PROVIDERS.get(name)
    if known is None:
        names = ", ".join(f"`{provider}`" for provider in _PROVIDERS)
        raise SettingsError(f"unknown link provider `{name}`", f"use one of {names}")
    return replace(
        known,
        base=base.rstrip("/") or known.base,
        own=own,
        bases=bases or {},
        tag_of=tag_of or known.tag_of,
        is_default=not base,
    )

"""The library: a notebook on disk, its checks, lockfile, drift and graphs; sources; how C is read.

Others use it by the names of `callpath.__all__`. What only some calls need, such as the prover and
the graph engine, is imported by these calls, so that a notebook opens fast.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from callpath.cache import CACHE, Cache
from callpath.extensions import rule_findings
from callpath.findings import Finding, UsageError
from callpath.model import Definition, Note, Pin, Progress, no_progress
from callpath.notebook import Notebook, StepPlace, find_note, read_notebook
from callpath.projects import DEFAULT_PROJECT
from callpath.settings import PluginConfig
from callpath.sources.base import Source
from callpath.sources.spec import (
    OnlineAccess,
    Sources,
    described_versions,
    named_owners,
    open_source as open_spec,
    parse_source_arguments,
    parse_spec,
    worked_on,
)
from callpath.store import Store
from callpath.workspace import (
    Workspace,
    bare_workspace,
    is_written,
    links_of,
    open_workspace,
    read_eras,
    read_lock,
    read_loose,
    source_store,
    write_lock,
)

if TYPE_CHECKING:
    from callpath.c.facts import Binding, Body
    from callpath.c.file import CodeFile
    from callpath.checks import CheckResult, NewLock
    from callpath.drift.match import Drift
    from callpath.fixing.plan import Fix
    from callpath.graph.model import Graph

Given: TypeAlias = str | Source | Iterable[str | Source]
"""Sources: a SPEC as on the command line, an open source, or several of them."""


def open_notebook(config: str | Path | None = None) -> "OpenNotebook":
    """Read a notebook.

    Parameters:
        config: The site's settings file; by default the `mkdocs.yml` of the current folder.

    Raises:
        SettingsError: There is none, it has no pin, or a file cannot be read.
        LockfileError: The lockfile cannot be read.
    """
    return OpenNotebook(open_workspace(Path(config) if config is not None else None))


def open_documents(
    paths: Iterable[str | Path], source: Given = (), config: str | Path | None = None
) -> "OpenNotebook":
    """Documents that belong to no site, or are outside its folder of notes: Markdown, or reST.

    Parameters:
        paths: Files, and folders in which all documents are meant.
        source: The sources that they will be checked against; they tell which version is meant if
            the settings do not.
        config: The settings file whose options and lockfile count, if any.

    Raises:
        UsageError: A path is no document, or nothing tells the version.
        SettingsError: A file cannot be read.
        LockfileError: The lockfile cannot be read.
    """
    here = Path.cwd()
    workspace = open_workspace(Path(config)) if config is not None else None
    settings = workspace.site.callpath if workspace else PluginConfig()
    if settings.pin is None:
        pin, *others = described_versions(_specs(source), workspace.root if workspace else here)
        settings = replace(settings, pin=pin, versions=others)
    loose = read_loose(workspace.root if workspace else here, map(Path, paths))
    if workspace is None:
        workspace = bare_workspace(here, settings)
    prefix, lock = workspace.notes_prefix, read_lock(workspace)
    parsed = Notebook.load({}, settings, prefix=prefix, lock=lock, complete=False)
    store = Store(workspace.root / CACHE)
    return OpenNotebook(workspace, replace(parsed, loose=loose, store=store))


def open_source(spec: str, version: str, project: str = DEFAULT_PROJECT) -> Source:
    """Open a tree of C text; close it, or use it in a `with` statement.

    Parameters:
        spec: `tree:DIR`, `git:REPO[@REVISION]`, `archive:FILE`, `cache` or `elixir[:URL]`.
        version: The version to read: a tag such as `v6.12`.
        project: The code base.

    Raises:
        UsageError: The SPEC is none of these forms.
        SourceError: There is no such source, or it does not have that version.
    """
    return open_spec(parse_spec(spec), Pin(project, version))


def read_c(path: str, data: bytes) -> "CFile":
    """Read one C file; any bytes can be read, nothing is preprocessed or included.

    Parameters:
        path: Its path, which its definitions repeat.
    """
    from callpath.c.file import read_code

    return CFile(read_code(path, data))


class CFile(Struct, frozen=True):
    """What one C file defines, and what happens in it."""

    _code: "CodeFile"

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """What it defines, sorted by first line, then name."""
        return self._code.facts.definitions

    def body(self, definition: Definition) -> "Body":
        """The inside of one of the definitions: calls, mentions, bindings, parameters."""
        return self._code.body(definition)

    @property
    def bindings(self) -> tuple["Binding", ...]:
        """The functions that it puts into members and elements, in source order."""
        return self._code.bindings


class OpenNotebook:
    """A notebook on disk, as it was when it was opened.

    Attributes:
        workspace: Where its files are, and the site's settings.
        parsed: What they say, with all references and edges.
    """

    def __init__(self, workspace: Workspace, parsed: Notebook | None = None) -> None:
        self.workspace = workspace
        self.parsed = parsed or read_notebook(workspace)

    @property
    def pin(self) -> Pin:
        """The version that notes without a pin of their own are read against."""
        return self.parsed.pin

    @cached_property
    def notes(self) -> Mapping[str, "OpenNote"]:
        """The notes by id (`kvm/init`), sorted by the path of their file."""
        return {note.id: OpenNote(self, note) for note in self.parsed.notes.values()}

    def graph(self, version: str = "") -> "NoteGraph":
        """The call graph of all notes of one version; its links are those of `graph.md`.

        Parameters:
            version: One that notes are about; by default the site's own.

        Raises:
            UsageError: No note is about that version.
        """
        from callpath.graph.build import SymbolGraphs
        from callpath.site.graphs import whole_graph
        from callpath.site.pins import named_part
        from callpath.site.strings import strings_for

        workspace, part = self.workspace, named_part(self.parsed, version)
        words = strings_for(workspace.site.language)
        said, links = words.proofs | words.statuses, links_of(workspace)
        graphs = SymbolGraphs(part.index, self.parsed.layout, links, said)
        graph = whole_graph(graphs, part, words)
        return NoteGraph(graph, workspace.site.callpath.graph.engine)

    @cached_property
    def checked(self) -> Notebook:
        """What its files say, with the findings of other packages' rules among its own."""
        found = tuple(rule_findings(self))
        return replace(self.parsed, more=(*self.parsed.more, *found)) if found else self.parsed

    def check(self, source: Given = (), progress: Progress = no_progress) -> tuple[Finding, ...]:
        """Every finding on the notebook, by location.

        Parameters:
            source: What to prove references and edges in; without it, the notes and the lockfile
                are checked alone.
            progress: Called with how far it is.

        Raises:
            UsageError: There is no source for a version that the notes are pinned to.
            SourceError: A source cannot be opened, or broke.
        """
        return self.check_result(source, progress).findings

    def check_result(
        self,
        source: Given = (),
        progress: Progress = no_progress,
        paths: Sequence[str] = (),
        jobs: int = 1,
        executor: str = "",
    ) -> "CheckResult":
        """As `check`, with what became of every reference of prose, and how many were checked.

        Parameters:
            paths: The files and folders, relative to the site's folder, in which prose is read; all
                by default.
            jobs: How many processes may work; 0 is as 1.
            executor: The address of a cluster that works instead, `dask://HOST:PORT`, or empty.

        Raises:
            WorkError: A process or a cluster ended before its time, or cannot be reached.
        """
        from callpath.checks import check_all

        specs = _specs(source)
        notebook = self.checked
        is_stated = notebook.complete or notebook.references or notebook.edges
        eras = read_eras(self.workspace) if is_stated else None  # else they say nothing of it
        if executor and not specs:
            hint = "name one to check against: `--source SPEC`"
            raise UsageError("without a source there is nothing to do for `--executor`", hint)
        if not specs:
            return check_all(notebook, None, progress, eras, paths)
        with worked_on(self.sources(specs), jobs, executor) as sources:
            return check_all(notebook, sources, progress, eras, paths)

    def check_part(
        self,
        source: Given,
        part: tuple[int, int],
        progress: Progress = no_progress,
        jobs: int = 1,
        executor: str = "",
    ) -> tuple[int, int]:
        """Find out and keep what `check` will ask of some of the versions.

        Parameters:
            part: Which part of the versions, from 1, and of how many.
            jobs: As of `check_result`, as is `executor`.

        Returns:
            How many versions are in the part, and how many there are.

        Raises:
            UsageError: There are fewer versions than parts, or a source is lacking.
            SourceError: A source cannot be opened, or broke.
            WorkError: As of `check_result`.
        """
        from callpath.ahead.part import find_part

        with worked_on(self.sources(_specs(source)), jobs, executor) as sources:
            return find_part(self.parsed, sources, part, progress)

    def lock(
        self,
        source: Given,
        progress: Progress = no_progress,
        jobs: int = 1,
        executor: str = "",
    ) -> "NotebookLock":
        """Resolve and prove everything that there is a source for; what is known of the rest stays.

        Parameters:
            jobs: As of `check_result`, as is `executor`.

        Raises:
            SourceError: A source cannot be opened, or broke.
            WorkError: As of `check_result`.
        """
        from callpath.checks import make_new_lock

        with worked_on(self.sources(_specs(source)), jobs, executor) as sources:
            return NotebookLock(self.workspace, make_new_lock(self.parsed, sources, progress))

    def fix(
        self,
        source: Given = (),
        progress: Progress = no_progress,
        paths: Sequence[str] = (),
        *,
        to_src: bool = False,
    ) -> "Fix":
        """What has to be written so that what is certain of links and citations is right.

        Parameters:
            source: What to judge by; without it the lockfile is.
            paths: The files and folders, relative to the site's folder, that are rewritten; all by
                default.
            to_src: Whether links to symbols become `src:` links.

        Raises:
            SettingsError: A file cannot be read.
            SourceError: A source cannot be opened, or broke.
        """
        from callpath.fixing.plan import plan_fix

        specs = _specs(source)
        sources = self.sources(specs) if specs else None
        given = (self.workspace, self.parsed, sources, paths, progress)
        return plan_fix(*given, to_src=to_src)

    def drift(
        self,
        to: str,
        source: Given,
        *,
        since: str = "",
        notes: Iterable[str] = (),
        progress: Progress = no_progress,
        jobs: int = 1,
        executor: str = "",
    ) -> "Drift":
        """What became of references and edges between two versions.

        Parameters:
            to: The other version.
            source: Where both versions are found.
            since: The version that the notes are pinned to; by default that of the site's pin.
            notes: Ids or files of notes; all by default.
            progress: Called with how far it is.
            jobs: As of `check_result`, as is `executor`.

        Raises:
            UsageError: There is no such note, no note is pinned to `since`, or a source is lacking.
            SourceError: A source cannot be opened, broke, or cannot be searched.
            WorkError: As of `check_result`.
        """
        from callpath.ahead.ask import Ahead
        from callpath.drift.compare import asked_of, drift_between, led_into, pin_of_version
        from callpath.verify.code import no_collector

        pin = pin_of_version(self.parsed, since) if since else self.pin
        only = {self.note(name).id for name in notes}
        asked = asked_of(self.parsed, pin, lambda mention: not only or mention.note in only)
        given, pins = self.sources(_specs(source), pin.version, to), (pin, Pin(pin.project, to))
        with (
            no_collector(),
            worked_on(given, jobs, executor) as worked,
            worked.sharing() as sources,
        ):
            mentioned = led_into(
                self.parsed, pin, lambda owner: not only or owner in only, sources, progress
            )
            asked = replace(asked, references=(*asked.references, *mentioned))
            Ahead(self.parsed, sources, progress).compare(pins, asked)
            return drift_between(self.parsed, asked, pins, sources.open, progress)

    def note(self, name: str) -> "OpenNote":
        """The note of an id or a file.

        Raises:
            UsageError: There is none.
        """
        return self.notes[find_note(self.parsed, name).id]

    @cached_property
    def access(self) -> OnlineAccess:
        """How sites on the network may be asked: as the settings say, with the notebook's cache."""
        return OnlineAccess(self.workspace.site.callpath.online, Cache(self.workspace.root / CACHE))

    def sources(self, specs: Iterable[str], *versions: str) -> Sources:
        """The sources that a user named.

        Parameters:
            specs: `SPEC`, `VERSION=SPEC` or `PROJECT=SPEC`, each.
            versions: Versions that can be named besides those of the notebook.

        Raises:
            UsageError: Two are for the same version or project, or one is for neither.
        """
        given, parsed = list(specs), self.parsed
        pins = {self.pin, *(reference.pin for reference in parsed.references), *parsed.versions}
        if named_owners(given) - {*versions, *_names_of(pins)}:
            pins |= self._mentioned_pins()  # asked for only then: it reads all prose
        known = {*versions, *(pin.version for pin in pins if pin.project == self.pin.project)}
        projects = {pin.project for pin in pins}
        found = parse_source_arguments(
            given, self.pin, known, projects, self.workspace.root, self.access
        )
        return replace(found, tag_of=parsed.settings.tag_of, store=source_store(self.workspace))

    def _mentioned_pins(self) -> frozenset[Pin]:
        """The trees that links in prose lead to."""
        from callpath.mentions.judging.judge import questions

        return frozenset(questions(self.parsed.mentions))


def _names_of(pins: Iterable[Pin]) -> set[str]:
    return {name for pin in pins for name in (pin.project, pin.version)}


def _specs(given: Given) -> list[str]:
    """Sources as the command line names them; a single open source is for its whole project."""
    several = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    return [
        each
        if isinstance(each, str)
        else f"{each.pin.version if len(several) > 1 else each.pin.project}={each.spec}"
        for each in several
    ]


class OpenNote(Struct, frozen=True):
    """A note of an open notebook.

    Attributes:
        content: What its file says: title, description, steps, what it omits.
    """

    notebook: OpenNotebook
    content: Note

    @property
    def id(self) -> str:
        """Its path below the notes' folder without the ending (`kvm/init`)."""
        return self.content.id

    def walk(self) -> Iterator[StepPlace]:
        """Its steps in reading order, with what the lockfile has on them."""
        yield from self.notebook.parsed.index.places[self.id]

    def graph(self, base: str = "") -> "NoteGraph":
        """Its call graph.

        Parameters:
            base: The address of the note's page, for the links of the boxes.
        """
        from callpath.graph.build import note_graph
        from callpath.site.strings import strings_for

        workspace, index = self.notebook.workspace, self.notebook.parsed.index
        strings = strings_for(workspace.site.language)
        said = strings.proofs | strings.statuses
        words, links = strings.graph_description, links_of(workspace)
        graph = note_graph(index, self.content, words, links, base, said)
        return NoteGraph(graph, workspace.site.callpath.graph.engine)


class NoteGraph(Struct, frozen=True):
    """The call graph of a note, or of all notes of a version.

    Attributes:
        content: Its nodes, one for each step or symbol, and edges, in reading order.
        engine: What draws it.
    """

    content: "Graph"
    engine: str = "auto"

    def to(self, form: str) -> str:
        """The graph as `svg`, `dot`, `mermaid` or `json`.

        Raises:
            EngineError: No graph engine could draw the SVG.
        """
        from callpath.graph.engine import GRAPH_FORMATS

        return GRAPH_FORMATS[form](self.content, self.engine)

    def to_svg(self) -> str:
        """The graph as SVG; raises `EngineError` when no graph engine could draw it."""
        return self.to("svg")

    def to_mermaid(self) -> str:
        """The graph as text for Mermaid."""
        return self.to("mermaid")


class NotebookLock(Struct, frozen=True):
    """A new lockfile, not written yet.

    Attributes:
        content: Its text, with how many definitions and source files it has.
    """

    workspace: Workspace
    content: "NewLock"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What could not be resolved and is not locked."""
        return self.content.findings

    @property
    def changed(self) -> bool:
        """Whether it differs from the lockfile on disk."""
        return not is_written(self.workspace, self.content.text)

    def write(self) -> None:
        """Write the lockfile, whole or not at all.

        Raises:
            SettingsError: It cannot be written; the old one is as it was.
        """
        write_lock(self.workspace, self.content.text)

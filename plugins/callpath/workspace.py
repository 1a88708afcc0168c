"""Where a notebook is on disk: the site's settings, the notes' folder, the lockfile, the eras.

Reads these files, and nothing else; what the notes say is read in `callpath.notebook`. Settings
that were read once, without a finding, are known by the content of their files.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, msgpack
from msgspec.structs import replace

from callpath import rules
from callpath.addresses import LinkProvider, link_provider
from callpath.cache import CACHE
from callpath.extensions import extensions
from callpath.facts.lock import Lock, parse_lock, path_beside
from callpath.files import write_atomically
from callpath.findings import (
    CallpathError,
    ErasError,
    Finding,
    Location,
    LockfileError,
    SettingsError,
    Severity,
    UsageError,
    reason,
)
from callpath.installed import installed
from callpath.settings import PluginConfig, SiteSettings
from callpath.store import Store

if TYPE_CHECKING:
    from callpath.facts.eras import Eras
    from callpath.notes.yaml import MappingNode

CONFIG_NAMES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
_PAGE_ENDINGS = (".md", ".markdown")
NOTEBOOK_ENDINGS = (".yml", ".yaml", *_PAGE_ENDINGS)
_T = TypeVar("_T")


class Workspace(Struct, frozen=True):
    """A notebook on disk."""

    config: Path  # the site's settings file, absolute
    root: Path  # its folder, without links; locations are relative to it
    site: SiteSettings  # what it says
    findings: tuple[Finding, ...] = ()  # on the settings; those that are wrong have their defaults
    is_site: bool = True  # whether there are a settings file, a lockfile and eras at all
    files: tuple[Path, ...] = ()  # the settings files, without links

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are errors."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)

    @property
    def notes_folder(self) -> Path:
        """The folder of the notes (MkDocs' `docs_dir`)."""
        return self.root / self.site.docs_dir

    @property
    def notes_prefix(self) -> str:
        """What stands before a path below the notes' folder in a location (`notes/`)."""
        return prefix_of(self.root, self.notes_folder)

    @property
    def lockfile(self) -> Path:
        """The lockfile."""
        return self.notes_folder / self.site.callpath.lockfile

    @property
    def lock_name(self) -> str:
        """The lockfile's path relative to the root, as messages name it."""
        return self.notes_prefix + self.site.callpath.lockfile


def source_store(workspace: Workspace) -> Store:
    """What is known of sources: in the site's cache, and where several machines have it together.

    Raises UsageError if the settings name such a place that cannot be one.
    """
    place, shared = workspace.site.callpath.store, None
    if place:
        from callpath.shared_store import SharedStore

        is_folder = "://" not in place
        shared = SharedStore(str(workspace.root / Path(place).expanduser()) if is_folder else place)
    return Store(workspace.root / CACHE, shared=shared)


def prefix_of(root: Path, notes_folder: Path) -> str:
    """The notes' folder relative to the root, with a final `/`; empty when they are the same."""
    relative = Path(os.path.relpath(notes_folder, root)).as_posix()
    return "" if relative == "." else f"{relative}/"


def shown_path(root: Path, path: Path) -> str:
    """A path relative to the root, as locations name it; `.` is the root itself."""
    return Path(os.path.relpath(path.resolve(), root)).as_posix()


def open_workspace(config: Path | None = None) -> Workspace:
    """The notebook that a settings file describes; by default that of the current folder.

    Raises SettingsError if there is none, or it cannot be used.
    """
    if config is None:
        config = _find_config(Path.cwd())
        workspace = _open(config)
        return replace(workspace, findings=(*workspace.findings, *_unread(config)))
    return _open(config)


def _unread(config: Path) -> Iterator[Finding]:
    """What is to be said of a settings file of the other name beside one that was found.

    MkDocs 1.6 reads its own names alone; ProperDocs 1.6 its own first, then those of MkDocs.
    """
    names = (name for name in CONFIG_NAMES if not name.startswith(config.stem))
    for name in names:
        if config.with_name(name).is_file():
            message = (
                f"`{config.name}` is read, which MkDocs builds from; ProperDocs builds from this"
            )
            hint = "let one inherit from the other, or choose one with `--config`"
            yield rules.TWO_SETTINGS.at(Location(name), message, hint)
            return


def _open(config: Path) -> Workspace:
    with Store(config.parent.resolve() / CACHE) as store:
        # The options may name rules of other packages.
        others = (*extensions("rules"), "", *installed())
        maker = store.maker(["callpath.options"], *(name.encode() for name in others))
        key = f"{config.name}\0{_digest(_bytes_of(config, str(config)))}"
        known = _known_site(store.get(_SETTINGS, maker, key), config)
        if known is not None:
            return known
        workspace, value = _read_workspace(config)
        if not workspace.findings:
            store.put(_SETTINGS, maker, key, msgpack.encode(value))
        return workspace


_SETTINGS = "settings"  # in the store


class _KnownSite(Struct, frozen=True):
    """Settings that were read without a finding, and what decides them besides their file."""

    site: SiteSettings
    above: tuple[
        tuple[str, str], ...
    ]  # each file that it inherits from, as written, and its digest
    environment: dict[str, str | None]  # what was asked of it


class _Environment(Mapping[str, str]):
    """The environment, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str:
        self.asked[name] = os.environ.get(name)
        return os.environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)


def _digest(data: bytes, shown: str = "") -> str:
    return hashlib.sha256(shown.encode() + b"\0" + data).hexdigest()


def _shown_from(config: Path, path: Path) -> str:
    """A settings file's path relative to the site's root, for locations."""
    return prefix_of(config.parent.resolve(), path.parent.resolve()) + path.name


def _known_site(data: bytes | None, config: Path) -> Workspace | None:
    """A notebook on disk by what is kept of its settings; None if they may be others today."""
    try:
        known = msgpack.decode(data, type=_KnownSite) if data else None
    except ValueError:
        return None
    if known is None or any(os.environ.get(each) != it for each, it in known.environment.items()):
        return None
    path, files = config, [config.resolve()]
    for written, digest in known.above:
        path = path.parent / written
        try:
            if _digest(path.read_bytes(), _shown_from(config, path)) != digest:
                return None
        except OSError:
            return None
        files.append(path.resolve())
    return Workspace(config.absolute(), config.parent.resolve(), known.site, files=tuple(files))


def _read_workspace(config: Path) -> tuple[Workspace, _KnownSite]:
    """A notebook on disk, and what is kept of its settings."""
    from callpath.notes.yaml import MappingNode
    from callpath.options import merged, site_settings

    environment = _Environment()
    values, files = MappingNode(Location(config.name)), list(site_files(config, environment))
    for file in reversed(files):
        values = merged(values, file.values)
    site, findings = site_settings(values)
    above = zip((file.inherits for file in files), files[1:], strict=False)
    digests = tuple((written, _digest(file.data, file.shown)) for written, file in above)
    paths = tuple(file.path.resolve() for file in files)
    root = config.parent.resolve()
    workspace = Workspace(config.absolute(), root, site, tuple(findings), files=paths)
    return workspace, _KnownSite(site, digests, environment.asked)


def _find_config(folder: Path) -> Path:
    found = config_in(folder)
    if found is None:
        hint = "go to the site's folder, or name its configuration with `--config`; documents "
        hint += "of no site: `callpath check FOLDER --source v6.12=git:../linux.git`"
        raise SettingsError(f"there is no `{CONFIG_NAMES[0]}` in this folder", hint)
    return found


def config_in(folder: Path) -> Path | None:
    """The settings file of a site in a folder, or None if there is none."""
    return next((folder / name for name in CONFIG_NAMES if (folder / name).is_file()), None)


def bare_workspace(folder: Path, settings: PluginConfig) -> Workspace:
    """A folder that is no site, with settings that no file says."""
    site = SiteSettings(docs_dir=".", callpath=settings)
    return Workspace(folder / CONFIG_NAMES[0], folder.resolve(), site, is_site=False)


class SitePaths(Struct, frozen=True):
    """Files and folders that a user names, seen from a site; relative to its root, with `/`."""

    pages: tuple[str, ...] = ()  # its Markdown files
    # Folders, notes, settings, the lockfile and what else is of the site or around it.
    others: tuple[str, ...] = ()
    loose: tuple[Path, ...] = ()  # what is outside the notes' folder, as it is named


def site_paths(workspace: Workspace, paths: Iterable[str]) -> SitePaths:
    """What named paths are to a site; raises UsageError if one is not there."""
    pages, others, loose = list[str](), list[str](), list[Path]()
    own = workspace.notes_folder.resolve()
    for path in paths:
        whole = Path(path).resolve()
        is_above = workspace.root != whole and workspace.root.is_relative_to(whole)
        if is_above or not whole.exists():
            raise UsageError(f"there is no `{path}` in the notebook")
        shown = shown_path(workspace.root, whole)
        if whole.is_relative_to(own) and whole.is_file() and whole.suffix.lower() in _PAGE_ENDINGS:
            pages.append(shown)
        elif whole in workspace.files or whole.is_relative_to(own) or own.is_relative_to(whole):
            others.append(shown)
        else:
            loose.append(Path(path))
    return SitePaths(tuple(pages), tuple(others), tuple(loose))


LOOSE_ENDINGS = (".md", ".markdown", ".rst")
_LEFT_OUT = frozenset({"node_modules", "site", "build", "_build", "dist", "venv", "__pycache__"})


def read_loose(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    """The text of loose documents by their path from the root, sorted.

    Below a folder these are the Markdown and reStructuredText files; hidden folders, and those in
    which programs put what they make, are left out.

    Raises:
        UsageError: One of the paths is not there, or is a file of another kind.
        SettingsError: A file cannot be read.
    """
    found: dict[str, str] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no `{path}`", "name a file or a folder of documents")
        if path.is_file() and not path.name.lower().endswith(LOOSE_ENDINGS):
            kinds = "Markdown (`.md`, `.markdown`) nor reStructuredText (`.rst`)"
            raise UsageError(f"`{path}` is neither {kinds}", "name documents, or their folder")
        for file in [path] if path.is_file() else _documents_below(path):
            shown = prefix_of(root, file.parent.resolve()) + file.name
            if shown not in found:
                found[shown] = _bytes_of(file, shown).decode("utf-8", errors="replace")
    return {shown: found[shown] for shown in sorted(found)}


def _documents_below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if each not in _LEFT_OUT and each[0] != "."]
        for name in names:
            path = Path(parent, name)
            is_document = name.lower().endswith(LOOSE_ENDINGS) and not name.startswith(".")
            if is_document and path.is_file():
                yield path


class SettingsFile(Struct, frozen=True):
    """A settings file."""

    path: Path
    shown: str  # its path relative to the site's root, for locations
    data: bytes
    values: "MappingNode"  # what it says
    inherits: str  # the file that it inherits from, as it is written; or empty


def site_files(config: Path, environment: Mapping[str, str] = os.environ) -> Iterator[SettingsFile]:
    """The site's settings file and those that it inherits from, nearest first.

    Raises SettingsError if one cannot be read, or inherits from itself.
    """
    from callpath.options import read_site_file, text_at

    seen = set[Path]()
    path: Path | None = config
    while path is not None:
        if path.resolve() in seen:
            raise SettingsError(f"`{path.name}` inherits from itself", "correct its `INHERIT`")
        seen.add(path.resolve())
        shown = _shown_from(config, path)
        data = _bytes_of(path, str(path))
        values = read_site_file(shown, data, environment)
        parent = text_at(values, "INHERIT")
        yield SettingsFile(path, shown, data, values, parent)
        path = path.parent / parent if parent else None


def _bytes_of(path: Path, shown: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot read `{shown}`: {reason(error)}") from error


def notebook_files(folder: Path) -> Iterator[str]:
    """The paths of the YAML and Markdown files below a notes' folder, sorted; hidden ones left out.

    Raises SettingsError if there is no such folder.
    """
    if not folder.is_dir():
        hint = "set `docs_dir` in the site's file"
        raise SettingsError(f"there is no folder `{folder.name}`", hint)
    found = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        base = Path(parent).relative_to(folder)
        shown = (name for name in names if not name.startswith("."))
        own = (name for name in shown if name.lower().endswith(NOTEBOOK_ENDINGS))
        found += [(base / name).as_posix() for name in own]
    yield from sorted(found)


def read_notes(workspace: Workspace, only: Sequence[str] = ()) -> dict[str, bytes]:
    """The content of the YAML and Markdown files, by path below the notes' folder, sorted.

    Raises SettingsError if there is no such folder, or a file cannot be read.

    Parameters:
        only: The files that are meant, relative to the root; all by default.
    """
    folder, prefix = workspace.notes_folder, workspace.notes_prefix
    below = sorted(path.removeprefix(prefix) for path in only) or notebook_files(folder)
    return {path: _bytes_of(folder / path, path) for path in below}


def _text_of(file: Path, shown: str, failure: type[CallpathError]) -> str | None:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise failure(f"cannot read `{shown}`: {reason(error)}") from error


def read_lock(workspace: Workspace, passed_over: Iterable[str] = ()) -> Lock | None:
    """The facts of the lockfile, or None if there is none; LockfileError if it cannot be read.

    Parameters:
        passed_over: The first keys of lines that are not wanted.
    """
    if not workspace.is_site:
        return None
    text = _text_of(workspace.lockfile, workspace.lock_name, LockfileError)
    return None if text is None else parse_lock(workspace.lock_name, text, passed_over)


def is_written(workspace: Workspace, text: str) -> bool:
    """Whether the lockfile on disk has this text, however its lines end."""
    try:
        written = workspace.lockfile.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return written == text


def write_lock(workspace: Workspace, text: str) -> None:
    """Write the lockfile; if it cannot be written, raise SettingsError and leave the old one."""
    try:
        write_atomically(workspace.lockfile, text)
    except OSError as error:
        raise SettingsError(f"cannot write `{workspace.lock_name}`: {reason(error)}") from error


def eras_file(workspace: Workspace) -> Path:
    """The file of eras, in the folder of the lockfile."""
    return workspace.lockfile.with_name(path_beside(workspace.lockfile.name))


def read_eras(workspace: Workspace) -> "Eras | None":
    """The eras of a notebook, or None if there are none; ErasError if they cannot be read."""
    if not workspace.is_site:
        return None
    name = path_beside(workspace.lock_name)
    text = _text_of(eras_file(workspace), name, ErasError)
    if text is None:
        return None
    from callpath.facts.eras import parse_eras

    return parse_eras(name, text)


def readable(
    read: Callable[[Workspace], _T | None], workspace: Workspace, complain: Callable[[str], None]
) -> _T | None:
    """What `read` gives, for pages that can do without; `complain` is called with what is wrong."""
    try:
        return read(workspace)
    except CallpathError as error:
        complain(f"{error.message} ({error.hint})" if error.hint else error.message)
        return None


def links_of(workspace: Workspace) -> LinkProvider:
    """Where the site's links to the source lead."""
    return links_by(workspace.site.callpath)


def links_by(settings: PluginConfig) -> LinkProvider:
    """Where links to the source lead by these settings."""
    links, own = settings.links, settings.pin.project if settings.pin else ""
    return link_provider(links.provider, links.base, own, links.bases, settings.tag_of)

"""Where a notebook is on disk: the site's configuration, the notes' folder, the lockfile."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from callpath.addresses import LinkProvider, link_provider
from callpath.facts.eras import Eras, parse_eras, path_beside
from callpath.facts.lock import Lock, parse_lock
from callpath.findings import ErasError, Finding, LockfileError, SettingsError, in_order, reason
from callpath.settings import SiteSettings, merge, parse_site_settings

CONFIG_NAMES = ("mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "properdocs.yaml")
NOTEBOOK_ENDINGS = (".yml", ".yaml", ".md", ".markdown")
_INHERIT_LIMIT = 8


@dataclass(frozen=True, slots=True)
class Workspace:
    """A notebook on disk.

    Attributes:
        root: The folder of the site's configuration; places are told relative to it.
        site: The site's settings.
        diagnostics: What is wrong with the settings; those that are wrong have their defaults.
    """

    root: Path
    site: SiteSettings
    diagnostics: tuple[Finding, ...] = ()

    @property
    def notes_folder(self) -> Path:
        """The folder of the notes (MkDocs' `docs_dir`)."""
        return self.root / self.site.docs_dir

    @property
    def notes_prefix(self) -> str:
        """What stands before a path below the notes' folder in a place (`notes/`)."""
        return prefix_of(self.root, self.notes_folder)

    @property
    def lockfile(self) -> Path:
        """The lockfile."""
        return self.notes_folder / self.site.callpath.lockfile


def prefix_of(root: Path, notes_folder: Path) -> str:
    """The notes' folder relative to the root, with a final `/`; empty when they are the same."""
    relative = Path(os.path.relpath(notes_folder, root)).as_posix()
    return "" if relative == "." else f"{relative}/"


def open_workspace(config: Path | None = None) -> Workspace:
    """The notebook that a configuration file describes.

    Parameters:
        config: The site's configuration; when not given, that of the current folder.

    Raises:
        SettingsError: There is none, or it cannot be used.
    """
    path = config or find_config(Path.cwd())
    root = path.parent.resolve()
    site, diagnostics = _read_site(path, root, _INHERIT_LIMIT)
    return Workspace(root, site, tuple(in_order(diagnostics)))


def find_config(folder: Path) -> Path:
    """The site's configuration in a folder.

    Raises:
        SettingsError: There is none.
    """
    for name in CONFIG_NAMES:
        if (folder / name).is_file():
            return folder / name
    raise SettingsError(
        f"there is no `{CONFIG_NAMES[0]}` in this folder",
        "go to the site's folder, or name its configuration with `--config`",
    )


def _read_site(path: Path, root: Path, depth: int) -> tuple[SiteSettings, list[Finding]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot read `{path}`: {reason(error)}") from error
    shown = prefix_of(root, path.parent.resolve()) + path.name
    site, diagnostics = parse_site_settings(shown, data)
    if site is None:
        first = in_order(diagnostics)[0]
        raise SettingsError(f"{first.place}: {first.message}", first.hint)
    if not site.inherit:
        return site, diagnostics
    if depth == 0:
        raise SettingsError(f"`{path.name}` inherits from itself", "mend its `INHERIT`")
    parent, inherited = _read_site(path.parent / site.inherit, root, depth - 1)
    counts = _options_count(parent, site)
    return merge(parent, site), [*diagnostics, *(inherited if counts else ())]


def _options_count(parent: SiteSettings, child: SiteSettings) -> bool:
    """Whether the plugin's options that a parent file says still count beside the child's."""
    both_by_name = parent.plugins_by_name and child.plugins_by_name
    return both_by_name or "plugins_by_name" not in child.model_fields_set


def notebook_files(folder: Path) -> Iterator[str]:
    """The paths of the YAML and Markdown files below a notes' folder, sorted; hidden ones left out.

    Raises:
        SettingsError: There is no such folder.
    """
    if not folder.is_dir():
        raise SettingsError(
            f"there is no folder `{folder.name}`", "set `docs_dir` in the site's file"
        )
    found = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        base = Path(parent).relative_to(folder)
        found += [
            (base / name).as_posix()
            for name in names
            if name.lower().endswith(NOTEBOOK_ENDINGS) and not name.startswith(".")
        ]
    yield from sorted(found)


def read_lock(lockfile: Path, shown: str) -> Lock | None:
    """The facts of a lockfile; nothing when there is no such file.

    Parameters:
        lockfile: The file.
        shown: How messages call it.

    Raises:
        LockfileError: It cannot be read.
    """
    try:
        text = lockfile.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise LockfileError(f"cannot read `{shown}`: {reason(error)}") from error
    return parse_lock(shown, text)


def eras_beside(lockfile: Path, shown: str) -> Eras | None:
    """The eras beside a lockfile; nothing when there is no such file.

    Parameters:
        lockfile: The lockfile.
        shown: How messages call it.

    Raises:
        ErasError: They cannot be read.
    """
    file, name = lockfile.with_name(path_beside(lockfile.name)), path_beside(shown)
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ErasError(f"cannot read `{name}`: {reason(error)}") from error
    return parse_eras(name, text)


def readable_eras(lockfile: Path, shown: str, complain: Callable[[str], None]) -> Eras | None:
    """The eras beside a lockfile, for pages that can do without.

    Parameters:
        lockfile: The lockfile.
        shown: How messages call it.
        complain: Told in one line why they cannot be read.
    """
    try:
        return eras_beside(lockfile, shown)
    except ErasError as error:
        complain(f"{error.message} ({error.hint})" if error.hint else error.message)
        return None


def links_of(workspace: Workspace) -> LinkProvider:
    """Where the site's links to the source lead."""
    links = workspace.site.callpath.links
    return link_provider(links.provider, links.base)


def eras_file(workspace: Workspace) -> Path:
    """The file of eras: it stands beside the lockfile."""
    return workspace.notes_folder / path_beside(workspace.site.callpath.lockfile)


def read_eras(workspace: Workspace) -> Eras | None:
    """The eras of a notebook; nothing when there is no such file.

    Raises:
        ErasError: It cannot be read.
    """
    lockfile = workspace.notes_prefix + workspace.site.callpath.lockfile
    return eras_beside(workspace.lockfile, lockfile)

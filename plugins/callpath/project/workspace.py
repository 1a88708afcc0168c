"""Where a notebook is on disk: the site's configuration, the notes' folder, the lockfile."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callpath.core.diagnostics import Diagnostic, in_order
from callpath.core.errors import LockfileError, SettingsError
from callpath.core.lock import Lock
from callpath.core.lock_text import parse_lock
from callpath.core.settings import SiteSettings, merge, parse_site_settings

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
    diagnostics: tuple[Diagnostic, ...] = ()

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


def _read_site(path: Path, root: Path, depth: int) -> tuple[SiteSettings, list[Diagnostic]]:
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


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that readers see the old text or the new one, never a part.

    Raises:
        OSError: It cannot be written; the old file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(new_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def new_mode(path: Path) -> int:
    """The mode of a file that takes another's place, or is new."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def reason(error: Exception) -> str:
    """Why something failed, in a few words without a path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)

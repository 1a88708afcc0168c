"""Brings the source files that a notebook refers to into the site's cache. Prints nothing."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from callpath import rules
from callpath.cache import CACHE
from callpath.facts.lock import Lock
from callpath.findings import CallpathError, Finding, Location, UsageError, in_order, weighed
from callpath.model import Pin, Progress, no_progress
from callpath.notebook import Notebook
from callpath.settings import remote_fault, remotes_of
from callpath.sources.cache import CacheFiles, Manifest
from callpath.sources.fetch import Fetch
from callpath.workspace import Workspace

_Paths = dict[str, set[Location]]  # paths of the source, and where the notebook speaks of each


class Fetched(Struct, frozen=True):
    """What fetching came to."""

    findings: tuple[Finding, ...]  # on each mention of a file that the tag does not have; in order
    files: Mapping[Pin, int]  # how many of the wanted files are in the cache now

    @property
    def summary(self) -> str:
        """The numbers as lines."""
        lines = (
            f"the cache has {'1 file' if count == 1 else f'{count} files'} of `{pin.project}` "
            f"{pin.version}"
            for pin, count in sorted(self.files.items())
        )
        return "\n".join(lines) or "the notes refer to no file"


def fetch_sources(
    workspace: Workspace,
    notebook: Notebook,
    *,
    remotes: Sequence[str] = (),
    projects: Collection[str] = (),
    refresh: bool = False,
    tell: Callable[[str], None],
    progress: Progress = no_progress,
) -> Fetched:
    """Bring the files of steps, links and proofs at their pins, as far as the cache lacks them.

    Parameters:
        remotes: Where to fetch from, instead of what the settings say.
        projects: The projects to fetch; all that the notebook speaks of when none is named.
        refresh: Whether to ask the remotes even for what is there.
        tell: Called with what a user should know while it goes on.

    Raises:
        UsageError: A project or a remote cannot be meant, or a version has pins of two commits.
        SourceError: Files of a project could not be brought; those of the others were. Those of
            versions that no note is pinned to are only reported.
    """
    wanted = _of_projects(_wanted(notebook), projects)
    _check_remotes(remotes, wanted)
    # Versions that are only tracked or remarked on are no reason to fail.
    pinned = {_version(one.pin) for one in notebook.references if not one.fixed}
    failures: list[CallpathError] = []
    for project, pins in wanted.items():
        addresses = remotes or remotes_of(project, workspace.site.callpath.remotes)
        tag_of = workspace.site.callpath.tag_of
        pins = {replace(pin, tag=tag_of(pin)): paths for pin, paths in pins.items()}
        fetch = Fetch(workspace.root / CACHE, addresses, refresh, tell, progress)
        own = {pin: paths for pin, paths in pins.items() if _version(pin) in pinned}
        try:
            if own:
                fetch.bring(own)
        except CallpathError as error:
            failures.append(error)
            continue
        for pin in sorted(pins.keys() - own.keys()):
            try:
                fetch.bring({pin: pins[pin]})
            except CallpathError as error:
                tell(f"nothing of the tracked version {pin.version} was fetched: {error.message}")
    if failures:
        for failure in failures[:-1]:
            tell(f"{failure.message}; {failure.hint}" if failure.hint else failure.message)
        raise failures[-1]
    files = CacheFiles(workspace.root / CACHE)
    found: list[Finding] = []
    counts: dict[Pin, int] = {}
    for pin, paths in chain.from_iterable(pins.items() for pins in wanted.values()):
        manifest = files.manifest(pin)  # there is none if somebody deleted the cache meanwhile
        counts[pin] = len(manifest.files.keys() & paths.keys()) if manifest else 0
        found += _findings(manifest, pin, paths) if manifest else ()
    return Fetched(weighed(in_order(found), notebook.weights), counts)


def _version(pin: Pin) -> tuple[str, str]:
    return (pin.project, pin.version)


def _wanted(notebook: Notebook) -> dict[str, dict[Pin, _Paths]]:
    """What the notebook refers to: project → pin → path → where it speaks of it."""
    named = {reference.pin for reference in notebook.references}
    pins = _one_pin_a_version({*named, *(at for pin in named for at in notebook.tracked(pin))})
    found: dict[str, dict[Pin, _Paths]] = {}
    for pin, path, location in _mentions(notebook):
        paths = found.setdefault(pin.project, {}).setdefault(pins[pin], {})
        places = paths.setdefault(path, set())
        if location.file != notebook.lockfile or not places:
            places.add(location)
    return found


def _mentions(notebook: Notebook) -> Iterator[tuple[Pin, str, Location]]:
    """Each path that notes, and then what is locked of them, speak of, and where."""
    lock, lockfile = notebook.lock or Lock(), Location(notebook.lockfile)
    for reference in notebook.references:
        yield reference.pin, reference.symbol.path, reference.location
        if locked := lock.find(reference):
            for at in notebook.tracked(reference.pin):
                track = lock.track(locked, at.version)
                if track and track.after:
                    yield at, track.after.path, lockfile
    for edge in notebook.edges:
        if fact := lock.find_edge(edge):
            yield from ((edge.pin, site.path, lockfile) for site in fact.verdict.sites)


def _one_pin_a_version(pins: Set[Pin]) -> dict[Pin, Pin]:
    """For each pin the one of its version that says most: the one that names the commit."""
    named: dict[tuple[str, str], Pin] = {}
    for pin in sorted(pins):  # those without a commit come first
        known = named.setdefault((pin.project, pin.version), pin)
        if known.commit and known.commit != pin.commit:
            raise UsageError(
                f"the pins of `{pin.project}` {pin.version} name different commits: "
                f"`{known.commit}` and `{pin.commit}`",
                "a tag names one commit: correct the other",
            )
        named[pin.project, pin.version] = pin
    return {pin: named[pin.project, pin.version] for pin in pins}


def _of_projects(
    wanted: Mapping[str, dict[Pin, _Paths]], projects: Collection[str]
) -> dict[str, dict[Pin, _Paths]]:
    for project in projects:
        if project not in wanted:
            known = ", ".join(f"`{name}`" for name in sorted(wanted)) or "no project"
            raise UsageError(f"the notes do not speak of `{project}`", f"they speak of {known}")
    return {name: wanted[name] for name in sorted(wanted) if not projects or name in projects}


def _check_remotes(remotes: Sequence[str], projects: Collection[str]) -> None:
    for remote in remotes:
        if wrong := remote_fault(remote):
            raise UsageError(*wrong)
    if remotes and len(projects) > 1:
        names = ", ".join(f"`{name}`" for name in projects)
        raise UsageError(
            f"it is not said which of {names} is at `--remote`", "add `--project NAME`"
        )


def _findings(manifest: Manifest, pin: Pin, paths: _Paths) -> Iterator[Finding]:
    for path, places in paths.items():
        for location in places if path in manifest.missing else ():
            message, hint = f"{pin.version} has no file `{path}`", "correct the path, or the pin"
            yield rules.MISSING_FILE.at(location, message, hint)
        for location in places if path in manifest.unreadable else ():
            message = f"`{path}` {manifest.unreadable[path]}"
            hint = "name the C file that defines the symbol"
            yield rules.UNREADABLE_FILE.at(location, message, hint)

"""Brings the source files that a notebook refers to into the site's cache. Prints nothing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from callpath import rules
from callpath.cache import CACHE
from callpath.facts.lock import Lock
from callpath.findings import CallpathError, Finding, Location, UsageError, in_order, weighed
from callpath.model import Pin, Progress, Reference, no_progress
from callpath.notebook import Notebook
from callpath.settings import remote_fault, remotes_of
from callpath.sources.cache import CacheFiles
from callpath.sources.fetch import Fetch
from callpath.workspace import Workspace

_Paths = Mapping[str, Set[Location]]
"""Paths of the source, and where the notebook speaks of each."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What fetching came to.

    Attributes:
        findings: A finding for each mention of a file that the tag does not have, in order.
        files: For each pin how many files are in the cache now, of those that are wanted.
    """

    findings: tuple[Finding, ...]
    files: Mapping[Pin, int]

    @property
    def summary(self) -> str:
        """The numbers as lines."""
        if not self.files:
            return "the notes refer to no file"
        return "\n".join(
            f"the cache has {'1 file' if count == 1 else f'{count} files'} of `{pin.project}` "
            f"{pin.version}"
            for pin, count in sorted(self.files.items())
        )


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
        workspace: The site, which has the cache.
        remotes: Where to fetch from, instead of what the settings say.
        projects: The projects to fetch; all that the notebook speaks of when none is named.
        refresh: Whether to ask the remotes even for what is there.
        tell: Called with what a user should know while it goes on.

    Raises:
        UsageError: A project or a remote cannot be meant.
        SourceError: Files of a project could not be brought; those of the others were. Those of
            versions that no note is pinned to are only reported.
    """
    wanted = _of_projects(_wanted(notebook), projects)
    _check_remotes(remotes, wanted)
    failures: list[CallpathError] = []
    for project, pins in wanted.items():
        addresses = remotes or remotes_of(project, workspace.site.callpath.remotes)
        fetch = Fetch(workspace.root / CACHE, addresses, refresh, tell, progress)
        own = {pin: paths for pin, paths in pins.items() if _has_notes(notebook, pin)}
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
    pins = {pin: paths for of_project in wanted.values() for pin, paths in of_project.items()}
    found = in_order(each for pin, paths in pins.items() for each in _findings(files, pin, paths))
    counts = {pin: _count(files, pin, paths) for pin, paths in pins.items()}
    return Fetched(weighed(found, notebook.weights), counts)


def _has_notes(notebook: Notebook, pin: Pin) -> bool:
    """Whether notes are read against a version, which is not only tracked or remarked on."""
    return any(
        (reference.pin.project, reference.pin.version) == (pin.project, pin.version)
        for reference in notebook.references
        if not reference.fixed
    )


def _wanted(notebook: Notebook) -> dict[str, dict[Pin, _Paths]]:
    """What the notebook refers to: project → pin → path → where it speaks of it."""
    lock = notebook.lock or Lock()
    named = {reference.pin for reference in notebook.references}
    pins = _one_pin_a_version({*named, *(at for pin in named for at in notebook.tracked(pin))})
    found: dict[Pin, dict[str, set[Location]]] = defaultdict(lambda: defaultdict(set))
    for reference in notebook.references:
        found[pins[reference.pin]][reference.symbol.path].add(reference.location)
        for at, path in _tracked_files(notebook, lock, reference):
            if path not in found[pins[at]]:
                found[pins[at]][path].add(Location(notebook.lockfile))
    for edge in notebook.edges:
        locked = lock.find_edge(edge)
        for site in locked.verdict.sites if locked else ():
            if site.path not in found[pins[edge.pin]]:
                found[pins[edge.pin]][site.path].add(Location(notebook.lockfile))
    by_project: dict[str, dict[Pin, _Paths]] = defaultdict(dict)
    for pin, paths in found.items():
        by_project[pin.project][pin] = paths
    return by_project


def _tracked_files(
    notebook: Notebook, lock: Lock, reference: Reference
) -> Iterator[tuple[Pin, str]]:
    """Where what a reference names stands in tracked versions, as the lockfile knows."""
    locked = lock.find(reference)
    for at in notebook.tracked(reference.pin) if locked else ():
        track = lock.track(locked, at.version) if locked else None
        if track is not None and track.after is not None:
            yield at, track.after[0]


def _one_pin_a_version(pins: Set[Pin]) -> dict[Pin, Pin]:
    """For each pin the one of its version that says most: the one that names the commit.

    Raises:
        UsageError: Two name different commits.
    """
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


def _findings(files: CacheFiles, pin: Pin, paths: _Paths) -> Iterator[Finding]:
    manifest = files.manifest(pin)
    if manifest is None:  # somebody deleted the cache meanwhile
        return
    for path, places in paths.items():
        for location in places if path in manifest.missing else ():
            yield rules.MISSING_FILE.at(
                location,
                f"{pin.version} has no file `{path}`",
                "correct the path, or the pin",
            )
        for location in places if path in manifest.unreadable else ():
            yield rules.UNREADABLE_FILE.at(
                location,
                f"`{path}` {manifest.unreadable[path]}",
                "name the C file that defines the symbol",
            )


def _count(files: CacheFiles, pin: Pin, paths: _Paths) -> int:
    manifest = files.manifest(pin)
    return len(manifest.files.keys() & paths.keys()) if manifest else 0

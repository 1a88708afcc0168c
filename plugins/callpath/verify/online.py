"""Compares the lockfile with what the site serves that the links lead to. Prints nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from callpath import rules
from callpath.addresses import LinkProvider
from callpath.c.facts import SourceFile
from callpath.c.vocabulary import DISPATCH
from callpath.facts.lock import Lock, LockedDefinition
from callpath.findings import Finding, Location, UsageError, in_order, is_at, weighed
from callpath.languages import language_of
from callpath.model import Pin, Progress, Reference, Symbol, no_progress
from callpath.notebook import Notebook
from callpath.proof.resolve import Resolved, diagnose, resolve
from callpath.sources.base import FileText, Missing, ReadResult, SourceSpec, Unknown, blob_id
from callpath.sources.spec import OnlineAccess
from callpath.verify.examine import unknown_answer

if TYPE_CHECKING:
    from callpath.sources.elixir import ElixirSource

_PROVIDER = "elixir"

_Key = tuple[str, str, str]
"""Project, version and path of a file."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing came to.

    Attributes:
        findings: The findings, in order.
        compared: How many files the site gave an answer on, now or in an earlier run.
        cached: How many of these answers were kept from an earlier run.
        unknown: How many files no answer came on.
    """

    findings: tuple[Finding, ...]
    compared: int
    cached: int
    unknown: int

    @property
    def summary(self) -> str:
        """The numbers as one line."""
        files = "1 file" if self.compared == 1 else f"{self.compared} files"
        return f"{files} compared, {self.cached} from cache, {self.unknown} unknown"


def compare_online(
    notebook: Notebook,
    links: LinkProvider,
    access: OnlineAccess,
    progress: Progress = no_progress,
    paths: Sequence[str] = (),
) -> Comparison:
    """Compare each file of the lockfile with what elixir serves: one request a file.

    Parameters:
        notebook: The notebook with its lockfile.
        links: Where the site's links lead.
        access: How elixir may be asked.
        progress: Called for each file.
        paths: The notes, or folders of notes, whose files are compared; all when there is none.

    Raises:
        UsageError: The links do not lead to elixir, or not to a web address.
        SourceError: The network cannot be used at all.
    """
    # The HTTP library takes long to load: only when it is needed.
    from callpath.sources.elixir import ElixirSource

    if links.name != _PROVIDER:
        raise UsageError(
            f"the links lead to {links.label}, and only elixir can be compared with",
            "check against a clone with `--source git:REPO`, or set `links: elixir`",
        )
    comparing = _Comparing(notebook, paths)
    by_pin = comparing.files()
    total = sum(map(len, by_pin.values()))
    done = cached = 0
    for pin in sorted(by_pin):
        with ElixirSource(SourceSpec(_PROVIDER, links.base), pin, access) as source:
            for result in source.read(by_pin[pin]):
                progress(f"asking {source.host}", done, total)
                comparing.take(source, result)
                done += 1
            cached += source.from_cache
    found = weighed(in_order(comparing.found), notebook.weights)
    return Comparison(found, done - comparing.unknown, cached, comparing.unknown)


class _Comparing:
    """Compares one file after the other.

    Attributes:
        found: The findings so far.
        unknown: How many files no answer came on so far.
    """

    def __init__(self, notebook: Notebook, paths: Sequence[str]) -> None:
        self.found: list[Finding] = []
        self.unknown = 0
        self._lock = notebook.lock or Lock()
        self._lockfile = Location(notebook.lockfile)
        self._references: dict[_Key, list[Reference]] = defaultdict(list)
        for one in notebook.references:
            if is_at(one.location.file, paths):
                for each in (one, *_elsewhere(notebook, self._lock, one)):
                    key = (each.pin.project, each.pin.version, each.symbol.path)
                    self._references[key].append(each)
        self._blobs = {
            key: one.blob
            for one in self._lock.files
            if (key := (one.project, one.version, one.path)) in self._references or not paths
        }

    def files(self) -> Mapping[Pin, Sequence[str]]:
        """The paths of the files to compare, of each pin."""
        found: dict[Pin, list[str]] = defaultdict(list)
        for project, version, path in self._blobs:
            found[Pin(project, version)].append(path)
        return found

    def take(self, source: "ElixirSource", result: ReadResult) -> None:
        """Compare a file with what the site says of it."""
        key = (source.pin.project, source.pin.version, result.path)
        references = self._references[key]
        places = sorted(one.location for one in references) or [self._lockfile]
        if isinstance(result, Unknown):
            self.unknown += 1
            self.found.append(unknown_answer(result, places))
        elif isinstance(result, FileText):
            if self._blobs[key] not in _blobs(result):
                parsed = language_of(result.path).read(result.path, result.data, DISPATCH).facts
                self.found += _differences(references, self._lock, parsed, source.host)
        else:
            verb = "has no" if isinstance(result, Missing) else "serves no text as"
            self.found.append(_no_text(source, f"{verb} `{result.path}`", places))


def _elsewhere(notebook: Notebook, lock: Lock, reference: Reference) -> Iterator[Reference]:
    """What a reference is in the tracked versions that the lockfile knows it in."""
    locked = None if reference.fixed else lock.find(reference)
    if locked is None:
        return
    for pin in notebook.tracked(reference.pin):
        track = lock.track(locked, pin.version)
        after = lock.after(track) if track else None
        if after:
            found = after.definition
            symbol = Symbol(found.path, found.name, found.kind)
            occurrence = after.occurrence if after.of > 1 else 0
            yield replace(reference, pin=pin, symbol=symbol, occurrence=occurrence)


def _blobs(served: FileText) -> Iterator[str]:
    """The git ids of the files that elixir serves as this text.

    It takes what is not UTF-8 for Latin-1 and sends it on as UTF-8 (bootlin/elixir 90a4399,
    `decode` in elixir/lib.py).
    """
    yield served.blob
    try:
        yield blob_id(served.data.decode("utf-8").encode("latin-1"))
    except UnicodeError:
        return


def _no_text(source: "ElixirSource", fact: str, places: Sequence[Location]) -> Finding:
    pin = source.pin
    return rules.ONLINE_MISSING_FILE.at(
        places[0],
        f"`{source.host}` {fact} of {pin.project} {pin.version}",
        "see whether the site has that version at all",
        places[1:],
    )


def _differences(
    references: Sequence[Reference], lock: Lock, served: SourceFile, host: str
) -> Iterator[Finding]:
    """What is served otherwise than it is locked; the rest of the file may have changed."""
    for reference in references:
        locked = lock.find(reference)
        if locked is None:
            continue  # a finding of its own
        found = resolve(reference.symbol, reference.occurrence, served)
        if isinstance(found, Resolved):
            difference = _difference(locked, found)
        else:
            finding = diagnose(reference, found, searched=False)
            difference = finding.message if finding else ""
        if difference:
            yield rules.ONLINE_MISMATCH.at(
                reference.location,
                f"`{host}` serves another `{reference.symbol.name}` of "
                f"{reference.pin.version} than is locked: {difference}",
                "lock from the pinned tag with `callpath lock --source git:REPO`; if it is, the "
                "site serves another tree",
            )


def _difference(locked: LockedDefinition, found: Resolved) -> str:
    """What differs between two definitions, as a list; empty when nothing does."""
    old, new = locked.definition, found.definition
    facts = [
        f"{name} {getattr(new, name)} instead of {getattr(old, name)}"
        for name in ("kind", "line", "start", "end", "signature", "condition")
        if getattr(old, name) != getattr(new, name)
    ]
    if locked.of != found.of:
        facts.append(f"{found.of} definitions instead of {locked.of}")
    return "; ".join(facts) or ("" if old.digest == new.digest else "another text")

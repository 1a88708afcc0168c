"""Compares the lockfile with what the site serves that the links lead to. Prints nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from callpath import rules
from callpath.addresses import LinkProvider
from callpath.c.facts import SourceFile
from callpath.c.vocabulary import DISPATCH
from callpath.facts.lock import Lock, LockedDefinition
from callpath.findings import Finding, Location, UsageError, in_order, is_at, weighed
from callpath.languages import language_of
from callpath.model import Pin, Progress, Reference, Symbol, no_progress
from callpath.notebook import Notebook, definition_at
from callpath.proof.resolve import Resolved, diagnose, resolve
from callpath.sources.base import FileText, Missing, ReadResult, SourceSpec, Unknown, blob_id
from callpath.sources.spec import OnlineAccess
from callpath.verify.examine import unknown_answer

if TYPE_CHECKING:
    from callpath.sources.elixir import ElixirSource

_PROVIDER = "elixir"

_Key = tuple[str, str, str]  # project, version and path of a file


class Comparison(Struct, frozen=True):
    """What comparing came to."""

    findings: tuple[Finding, ...]  # in order
    compared: int  # the files that the site gave an answer on, now or in an earlier run
    cached: int  # how many of these answers were kept from an earlier run
    unknown: int  # the files that no answer came on

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

    Only the files of the notes, or folders of notes, at `paths`, if any are named. Raises
    UsageError if the site's `links` do not lead to elixir, or to no web address, SourceError if
    the network cannot be used at all.
    """
    # The HTTP library takes long to load: only when it is needed.
    from callpath.sources.elixir import ElixirSource

    if links.name != _PROVIDER:
        raise UsageError(
            f"the links lead to {links.label}, and only elixir can be compared with",
            "check against a clone with `--source git:REPO`, or set `links: elixir`",
        )
    references, lock = _references(notebook, paths), notebook.lock or Lock()
    blobs = {(one.project, one.version, one.path): one.blob for one in lock.files}
    by_pin: dict[Pin, list[str]] = defaultdict(list)
    for project, version, path in (blobs.keys() & references.keys()) if paths else blobs:
        by_pin[Pin(project, version)].append(path)
    total = sum(map(len, by_pin.values()))
    found: list[Finding] = []
    done = cached = unknown = 0
    for pin in sorted(by_pin):
        with ElixirSource(SourceSpec(_PROVIDER, links.base), pin, access) as source:
            for result in source.read(by_pin[pin]):
                progress(f"asking {source.host}", done, total)
                key = (pin.project, pin.version, result.path)
                found += _compared(source, result, blobs[key], references.get(key, ()), notebook)
                done += 1
                unknown += isinstance(result, Unknown)
            cached += source.from_cache
    findings = weighed(in_order(found), notebook.weights)
    return Comparison(findings, done - unknown, cached, unknown)


def _references(notebook: Notebook, paths: Sequence[str]) -> Mapping[_Key, Sequence[Reference]]:
    """What notes refer to in each file, also in the tracked versions that the lockfile knows."""
    found: dict[_Key, list[Reference]] = defaultdict(list)
    for one in notebook.references:
        if is_at(one.location.file, paths):
            for each in (one, *_elsewhere(notebook, one)):
                found[each.pin.project, each.pin.version, each.symbol.path].append(each)
    return found


def _elsewhere(notebook: Notebook, reference: Reference) -> Iterator[Reference]:
    lock = notebook.lock or Lock()
    locked = None if reference.fixed else lock.find(reference)
    for pin in notebook.tracked(reference.pin) if locked else ():
        if locked and (after := definition_at(lock, locked, pin.version)):
            found = after.definition
            symbol = Symbol(found.path, found.name, found.kind)
            occurrence = after.occurrence if after.of > 1 else 0
            yield replace(reference, pin=pin, symbol=symbol, occurrence=occurrence)


def _compared(
    source: "ElixirSource",
    result: ReadResult,
    blob: str,
    references: Sequence[Reference],
    notebook: Notebook,
) -> Iterator[Finding]:
    """What the site says otherwise of a file than is locked; `blob` is the file's git id."""
    host, pin, lock = source.host, source.pin, notebook.lock or Lock()
    places = sorted(one.location for one in references) or [Location(notebook.lockfile)]
    if isinstance(result, Unknown):
        yield unknown_answer(result, places)
    elif not isinstance(result, FileText):
        verb = "has no" if isinstance(result, Missing) else "serves no text as"
        fact = f"`{host}` {verb} `{result.path}` of {pin.project} {pin.version}"
        hint = "see whether the site has that version at all"
        yield rules.ONLINE_MISSING_FILE.at(places[0], fact, hint, places[1:])
    elif blob not in _blobs(result):
        served = language_of(result.path).read(result.path, result.data, DISPATCH).facts
        for reference in references:
            locked = lock.find(reference)  # one that is not locked is a finding of its own
            if locked and (difference := _difference(locked, reference, served)):
                yield rules.ONLINE_MISMATCH.at(
                    reference.location,
                    f"`{host}` serves another `{reference.symbol.name}` of "
                    f"{reference.pin.version} than is locked: {difference}",
                    "lock from the pinned tag with `callpath lock --source git:REPO`; if it is, "
                    "the site serves another tree",
                )


def _blobs(served: FileText) -> Iterator[str]:
    """The git ids of the files that elixir serves as this text.

    It takes what is not UTF-8 for Latin-1 and sends it on as UTF-8 (bootlin/elixir 90a4399,
    `decode` in elixir/lib.py).
    """
    yield served.blob
    with suppress(UnicodeError):
        yield blob_id(served.data.decode("utf-8").encode("latin-1"))


def _difference(locked: LockedDefinition, reference: Reference, served: SourceFile) -> str:
    """What is served otherwise than it is locked; the rest of the file may have changed."""
    found = resolve(reference.symbol, reference.occurrence, served)
    if not isinstance(found, Resolved):
        finding = diagnose(reference, found, searched=False)
        return finding.message if finding else ""
    old, new = locked.definition, found.definition
    facts = [
        f"{name} {getattr(new, name)} instead of {getattr(old, name)}"
        for name in ("kind", "line", "start", "end", "signature", "condition")
        if getattr(old, name) != getattr(new, name)
    ]
    if locked.of != found.of:
        facts.append(f"{found.of} definitions instead of {locked.of}")
    return "; ".join(facts) or ("" if old.digest == new.digest else "another text")

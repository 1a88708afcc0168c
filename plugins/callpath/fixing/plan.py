"""Plans what `callpath fix` writes, and writes nothing: judges, rewrites, reads back, judges again.

A file that would say anything else than it has to stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from operator import attrgetter

from msgspec import Struct, field
from msgspec.structs import replace

from callpath.facts.lock import Lock
from callpath.files import FileChange
from callpath.findings import Finding, Location, SettingsError, in_order, reason, weighed
from callpath.fixing.rewrite import (
    OTHERWISE,
    FileFix,
    Fixes,
    Left,
    Rewriting,
    certain,
    misread,
    new_places,
    plan_fixes,
)
from callpath.fixing.sources import source_rewriting
from callpath.mentions.exceptions import remaining
from callpath.mentions.judging.judge import findings_of, joined, judge_all
from callpath.mentions.model import Judgement, PlacedMention
from callpath.mentions.placing import ReadText
from callpath.model import Progress, Reference, no_progress
from callpath.notebook import Notebook
from callpath.reports.mentions import count_line
from callpath.sources.spec import Sources
from callpath.verify.mentions import Asking, own_pins
from callpath.workspace import Workspace

_ROUNDS = 4
"""How often a text is rewritten until nothing in it is certain any more: a link that floats gets
its version, then what it names is known to be elsewhere, then it can be a `src:` link."""


class Done(Struct, frozen=True):
    """Something that was rewritten."""

    location: Location  # where it was
    before: str
    after: str


class Fix(Struct, frozen=True):
    """What has to be written so that everything certain is right."""

    changes: tuple[FileChange, ...]  # the files to be written, sorted
    done: tuple[Done, ...]  # in order
    left: tuple[Left, ...]  # what is certain and cannot be written, in order
    remains: tuple[Finding, ...]  # what is not certain, at its new location
    counts: str = ""  # how many references were checked, and how many were not, on one line


def plan_fix(
    workspace: Workspace,
    notebook: Notebook,
    sources: Sources | None,
    paths: Sequence[str] = (),
    progress: Progress = no_progress,
    *,
    to_src: bool = False,
) -> Fix:
    """What has to be written in these files and below these folders; none means all.

    Parameters:
        sources: What to judge by; without them the lockfile is.
        paths: Relative to the workspace's root.
        to_src: Whether links to symbols become `src:` links.

    Raises:
        SettingsError: A file cannot be read.
        SourceError: A source cannot be opened, is of another version, or broke.
    """
    with ExitStack() as stack:
        given = (own_pins(notebook), progress, stack, notebook.dispatch)
        asking = Asking(sources, *given) if sources else None
        run = _Run(workspace, notebook, asking, to_src)
        work = _Work(run, run.judge(notebook, paths))
        rounds = 0
        while work.judged.rewritings and rounds < _ROUNDS and work.rewrite():
            rounds += 1
        return work.plan


class _Judged(Struct, frozen=True):
    """The mentions of some files, and what judgements on them come to."""

    notebook: Notebook
    mentions: tuple[PlacedMention, ...]
    rewritings: tuple[Rewriting, ...]
    findings: tuple[Finding, ...]
    judgements: tuple[Judgement, ...]


class _Work:
    """The files as they are after each round."""

    def __init__(self, run: "_Run", judged: _Judged) -> None:
        self.run = run
        self.judged = judged
        files = {one.placed.location.file for one in judged.rewritings}
        self.original = run.contents(sorted(files))
        self.now = dict(self.original)
        self.remains = [*judged.findings]
        self.counts = run.counts(judged.judgements)
        self.left: list[Left] = []
        # Where each mention of a file was at first, by where it is now.
        self.places = {file: dict[Location, Location]() for file in files}
        for one in judged.mentions:
            if one.location.file in files:
                self.places[one.location.file][one.location] = one.location
        self.done: dict[Location, Done] = {}

    def rewrite(self) -> bool:
        """One round; returns whether anything was rewritten."""
        fixes = plan_fixes(self.judged.rewritings, self.judged.mentions, self.now)
        after = self.run.read({fix.file: fix.after for fix in fixes.files})
        fixes = fixes.without(dict.fromkeys(self._misread(fixes, after), OTHERWISE))
        # What is left once is left in every round.
        known = {one.location for one in self.left}
        told = (replace(one, location=self._first(one.location)) for one in fixes.left)
        self.left += [one for one in told if one.location not in known]
        for fix in fixes.files:
            self._note(fix)
        self.now |= {fix.file: fix.after for fix in fixes.files}
        if files := [fix.file for fix in fixes.files]:
            self.judged = self.run.judge(after, files)
            self.remains = [one for one in self.remains if one.location.file not in files]
            self.remains += self.judged.findings
        return bool(files)

    def _misread(self, fixes: Fixes, after: Notebook) -> Iterator[str]:
        """The files that would say something else than they have to."""
        before = self.run.read({fix.file: fix.before for fix in fixes.files})
        was, now = _said(before), _said(after)
        texts: dict[str, list[ReadText]] = defaultdict(list)
        for text in self.judged.notebook.texts:
            texts[text.file].append(text)
        for fix in fixes.files:
            old, new = was[fix.file], now[fix.file]
            references = (old.references, new.references)
            is_misread = misread(fix, texts[fix.file], new.texts, references)
            if is_misread or old.faults != new.faults:
                yield fix.file

    def _first(self, place: Location) -> Location:
        """Where something was at first that is at a place now."""
        return self.places[place.file].get(place, place)

    def _note(self, fix: FileFix) -> None:
        """Take down what was rewritten, and where everything in its file is then."""
        for one in fix.rewritings:
            at = self._first(one.placed.location)
            before = self.done[at].before if at in self.done else one.placed.written
            self.done[at] = Done(at, before, one.text)
        places = self.places[fix.file]
        moved = new_places(fix, places)
        self.places[fix.file] = dict(zip(moved, places.values(), strict=True))

    @property
    def changes(self) -> Iterator[FileChange]:
        """The files that are new, sorted."""
        for file, data in sorted(self.now.items()):
            if data != self.original[file]:
                yield FileChange(self.run.workspace.root / file, file, self.original[file], data)

    @property
    def plan(self) -> Fix:
        """All of it."""
        done = (one for one in self.done.values() if one.before != one.after)
        return Fix(
            tuple(self.changes),
            tuple(sorted(done, key=attrgetter("location"))),
            tuple(sorted(dict.fromkeys(self.left), key=attrgetter("location"))),
            tuple(in_order(self.remains)),
            self.counts,
        )


class _Run(Struct, frozen=True):
    """What does not change from round to round."""

    workspace: Workspace
    notebook: Notebook
    asking: Asking | None
    to_src: bool

    def contents(self, files: Iterable[str]) -> dict[str, bytes]:
        """The content of files on disk."""
        found = {}
        for file in files:
            try:
                found[file] = (self.workspace.root / file).read_bytes()
            except OSError as error:
                raise SettingsError(f"cannot read `{file}`: {reason(error)}") from error
        return found

    def judge(self, notebook: Notebook, paths: Sequence[str]) -> _Judged:
        """The judgements on the mentions of a notebook in these files and folders."""
        placed = notebook.mentions_at(paths)
        facts = (notebook.lock or Lock()).mention_facts
        if self.asking is not None:
            self.asking.ask_of(placed)
            facts = facts.merged(self.asking.facts)
        viewers, weights = notebook.settings.viewer_table, notebook.weights
        judgements, _ = judge_all(placed, facts, viewers)
        exceptions = notebook.exceptions_at(paths)

        def is_told(one: Judgement) -> bool:
            found = weighed(filter(None, [one.finding]), weights)
            return any(not exceptions.leaves_out(each, one.placed.written) for each in found)

        rewritings = [*certain(filter(is_told, judgements))]
        if self.to_src:
            own_texts = (one for one in judgements if not self.is_loose(one.placed))
            found = (source_rewriting(one, facts) for one in own_texts)
            rewritings += filter(None, found)
        each = (
            (finding, one.placed.written)
            for one in judgements
            for finding in findings_of([one], viewers)
        )
        told = weighed(joined(remaining(each, exceptions)), weights)
        return _Judged(notebook, placed, tuple(rewritings), tuple(told), tuple(judgements))

    def counts(self, judgements: Sequence[Judgement]) -> str:
        """How many references were checked, and how many were not, on one line."""
        silent = self.asking.silent if self.asking else ()
        return count_line(judgements, silent, has_source=self.asking is not None)

    def is_loose(self, placed: PlacedMention) -> bool:
        """Whether a mention is in a document that is not the site's."""
        return placed.location.file in self.notebook.loose

    def read(self, contents: Mapping[str, bytes]) -> Notebook:
        """A notebook of only these files."""
        notebook, prefix = self.notebook, self.notebook.prefix
        loose = {file: data for file, data in contents.items() if file in notebook.loose}
        own = {
            file.removeprefix(prefix): data for file, data in contents.items() if file not in loose
        }
        read = Notebook.load(
            own, notebook.settings, prefix=prefix, lock=notebook.lock, complete=False
        )
        texts = {file: data.decode("utf-8", errors="replace") for file, data in loose.items()}
        return replace(read, loose=texts)


class _Said(Struct):
    """What a file of a notebook says."""

    texts: list[ReadText] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    faults: int = 0


def _said(notebook: Notebook) -> Mapping[str, _Said]:
    found: dict[str, _Said] = defaultdict(_Said)
    for text in notebook.texts:
        found[text.file].texts.append(text)
    for reference in notebook.references:
        found[reference.location.file].references.append(reference)
    for fault in notebook.faults:
        found[fault.location.file].faults += 1
    return found

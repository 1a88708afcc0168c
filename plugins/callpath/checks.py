"""What `callpath check` and `callpath lock` do.

Takes a notebook and the sources that the user named, gives findings and the new lockfile. Prints
and writes nothing; reads only the lines that reports quote.
"""

import codecs
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from callpath import rules
from callpath.facts.lock import Lock, LockedEdge, format_lock, make_lock, path_beside
from callpath.facts.mentions import MentionFact, MentionFacts
from callpath.facts.proof import EdgeStatus
from callpath.findings import Finding, Location, SourceError, UsageError, in_order, is_at, weighed
from callpath.lock_state import era_state, fact_name, mention_state
from callpath.mentions.model import Judgements, Verdict
from callpath.model import Edge, Pin, Progress, Reference, Symbol, no_progress
from callpath.notebook import Notebook
from callpath.reports.text import ReportInput
from callpath.sources.spec import Sources
from callpath.workspace import Workspace, prefix_of

if TYPE_CHECKING:
    from callpath.ahead.ask import Ahead
    from callpath.facts.eras import Eras
    from callpath.mentions.exceptions import Exceptions
    from callpath.mentions.viewers import Viewer
    from callpath.verify.examine import Examined
    from callpath.verify.kept_files import KeptFiles


def failing_unknown(notebook: Notebook) -> Notebook:
    """The notebook, for checks in which a file without an answer is an error."""
    weights = {**notebook.weights, rules.UNKNOWN_ANSWER.name: "error"}
    return replace(notebook, settings=replace(notebook.settings, rules=weights))


MENTION_RULES = frozenset(
    rule.name
    for rule in (
        *(rules.MISSING_FILE, rules.MISSING_LINE, rules.WRONG_LINE, rules.SUSPECT_LINE),
        *(rules.FLOATING_LINK, rules.MALFORMED_LINK, rules.UNKNOWN_NAME, rules.SUSPECT_NAME),
    )
)
"""The rules about mentions: whether they are broken the lockfile alone tells too."""

UNJUDGED = (Verdict.NOT_CHECKED, Verdict.NOT_LOCKED)
"""The verdicts on a mention of which nothing is known."""


class CheckResult(Struct, frozen=True, dict=True):
    """What checking came to."""

    findings: tuple[Finding, ...]  # in order
    judgements: Judgements = ()  # on every mention in the files that were asked for
    silent: frozenset[Pin] = frozenset()  # the trees that mentions are read against and nobody has
    has_source: bool = False  # whether any source was named

    def reference(self, finding: Finding) -> str:
        """What a finding is about, as the text has it; empty if it is about no mention."""
        if finding.rule not in MENTION_RULES:
            return ""
        by_rule = self._written.get((finding.location, finding.rule))
        return by_rule or self._written.get((finding.location, ""), "")

    @cached_property
    def _written(self) -> Mapping[tuple[Location, str], str]:
        """What is written at a place, and what of it breaks a rule there."""
        found = dict[tuple[Location, str], str]()
        for one in self.judgements:
            rule = one.finding.rule if one.finding else ""
            for key in ((one.placed.location, ""), (one.placed.location, rule)):
                found.setdefault(key, one.placed.written)
        return found

    @property
    def counts(self) -> str:
        """How many mentions were checked, and how many were not, on one line."""
        from callpath.reports.mentions import count_line

        return count_line(self.judgements, self.silent, has_source=self.has_source)


def check_notebook(
    notebook: Notebook,
    sources: Sources | None = None,
    progress: Progress = no_progress,
    eras: "Eras | None" = None,
) -> tuple[Finding, ...]:
    """Every finding on a notebook, in order; see `check_all`."""
    return check_all(notebook, sources, progress, eras).findings


def check_all(
    notebook: Notebook,
    sources: Sources | None = None,
    progress: Progress = no_progress,
    eras: "Eras | None" = None,
    paths: Sequence[str] = (),
) -> CheckResult:
    """Check a notebook.

    With `sources` references, edges and mentions are checked against them; `eras` are those beside
    the lockfile, to be compared with the notes. Mentions are read in `paths` only, files and
    folders relative to the project's root; none means everywhere.
    """
    exceptions = notebook.exceptions_at(paths)
    if sources is None:
        judged = _judge(notebook, _locked(notebook), paths, exceptions)
        found = _offline_findings(notebook)
    else:
        from callpath.ahead.ask import Ahead
        from callpath.verify.code import no_collector

        with no_collector(), sources.sharing() as shared:
            ahead = Ahead(notebook, shared, progress)
            ahead.expect(notebook.references, notebook.edges)
            files = _expect_words(notebook, shared, progress)
            judged = _judge_against(notebook, shared, progress, paths, exceptions)
            found = _source_findings(notebook, shared, progress, files, ahead)
    found += _era_findings(notebook, eras, list(found))
    found = [one for one in found if not exceptions.leaves_out(one)]
    found += [*judged.findings, *_exception_faults(exceptions, judged, complete=not paths)]
    findings = weighed(in_order(found, made_files(notebook)), notebook.weights)
    return replace(judged, findings=findings)


def _locked(notebook: Notebook) -> MentionFacts:
    """What the lockfile says of mentions."""
    return notebook.lock.mention_facts if notebook.lock else MentionFacts()


def _judge(
    notebook: Notebook,
    facts: MentionFacts,
    paths: Sequence[str],
    exceptions: "Exceptions",
    silent: Collection[Pin] = (),
    *,
    has_source: bool = False,
) -> CheckResult:
    """What facts say of the mentions in these files, and what the lockfile lacks of them."""
    placed = notebook.mentions_at(paths)
    lock, own = notebook.lock, [one for one in placed if one.location.file not in notebook.loose]
    if not placed and not (lock and lock.mentions):
        return CheckResult((), has_source=has_source)
    from callpath.mentions.judging.judge import judge_all

    viewers = notebook.settings.viewer_table
    judgements, needed = judge_all(placed, facts, viewers)
    found = list(findings_on(judgements, exceptions, viewers))
    if lock is not None and not notebook.damaged_lock:
        complete = notebook.complete and not paths
        is_by_lock = facts is lock.mention_facts or _is_said_by(lock, judgements, needed)
        judged = (judgements, needed) if is_by_lock and len(own) == len(placed) else None
        state = mention_state(lock, notebook.lockfile, own, complete=complete, judged=judged)
        found += _without_cause(state, notebook)
        if has_source:  # else all that is needed is what the lockfile says
            found += _mismatches(notebook, needed)
    return CheckResult(tuple(found), judgements, frozenset(silent), has_source)


def _is_said_by(lock: Lock, judgements: Judgements, needed: MentionFacts) -> bool:
    """Whether the lockfile alone says the same of mentions: it has all that judging them looked at.

    That is not known of names for which tracked versions may have been asked, and where nobody
    could judge.
    """
    locked = lock.mention_facts
    return not any(one.verdict in UNJUDGED or one.placed.others for one in judgements) and all(
        locked.find(fact) == fact for fact in needed
    )


def findings_on(
    judgements: Judgements, exceptions: "Exceptions", viewers: "Sequence[Viewer]"
) -> tuple[Finding, ...]:
    """The findings of judgements that nothing leaves out."""
    from callpath.mentions.exceptions import remaining
    from callpath.mentions.judging.judge import findings_of, joined

    if not exceptions.exemptions:
        return findings_of(judgements, viewers)
    each = (
        (found, one.placed.written) for one in judgements for found in findings_of([one], viewers)
    )
    kept = remaining(each, exceptions)
    for one in judgements:
        if one.verdict in UNJUDGED:
            exceptions.spare(one.placed.location, one.placed.written)
    return joined(kept)


def _exception_faults(
    exceptions: "Exceptions", judged: CheckResult, *, complete: bool
) -> Iterator[Finding]:
    """What is wrong with exceptions, and which of them leave out nothing.

    Parameters:
        complete: Whether the whole notebook was checked; if not, those of the settings may be for
            another file.
    """
    yield from exceptions.faults
    unused = {found.location: found for found in exceptions.unused()}
    for each in exceptions.exemptions:
        is_seen = judged.has_source or MENTION_RULES.issuperset(each.rules)
        if each.location in unused and is_seen and (complete or not each.path):
            yield unused.pop(each.location)


def _without_cause(state: Iterable[Finding], notebook: Notebook) -> Iterator[Finding]:
    """What the lockfile lacks or has too much, unless a finding on references says why.

    Where a note or a page is not locked, or is locked at another version, its mentions are not
    either; and locking anew removes all that is stale.
    """
    causes = notebook.lock_state.findings
    hot = {place.file for one in causes for place in (one.location, *one.related)}
    is_whole = bool(hot - {notebook.prefix + path for path in (*notebook.notes, *notebook.pages)})
    for one in state:
        is_stale = one.rule == rules.STALE_LOCK.name
        if not (causes if is_stale else is_whole or one.location.file in hot):
            yield one


def _mismatches(notebook: Notebook, needed: MentionFacts) -> Iterator[Finding]:
    """The finding on what the lockfile says of mentions otherwise than the source."""
    locked = _locked(notebook)
    wrong = [fact for fact in needed if (locked.find(fact) or fact) != fact]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        what = f"{fact_name(wrong[0])} in {wrong[0].version}{more}"
        message = f"the lockfile does not agree with the source on {what}"
        hint = "run `callpath lock --source SPEC` if this source is the pinned one"
        yield rules.LOCK_MISMATCH.at(Location(notebook.lockfile), message, hint)


def _judge_against(
    notebook: Notebook,
    sources: Sources,
    progress: Progress,
    paths: Sequence[str],
    exceptions: "Exceptions",
) -> CheckResult:
    """What sources say of the mentions in these files; of trees that none has, the lockfile."""
    from callpath.verify.mentions import ask, own_pins

    asked = ask(
        notebook.mentions_at(paths), sources, own_pins(notebook), progress, notebook.dispatch
    )
    facts = _locked(notebook).merged(asked.facts)
    return _judge(notebook, facts, paths, exceptions, asked.silent, has_source=True)


def _offline_findings(notebook: Notebook) -> list[Finding]:
    """The findings on notes and the lockfile that need no source."""
    return [*notebook.findings, *notebook.lock_findings]


def _expect_words(notebook: Notebook, sources: Sources, progress: Progress) -> "KeptFiles":
    """Tell the sources all words that they will be searched for, so that one scan finds them.

    Returns the files that were parsed.
    """
    from callpath.drift import tracking
    from callpath.verify.code import SourceCode
    from callpath.verify.examine import expect_words
    from callpath.verify.kept_files import KeptFiles

    files = KeptFiles(sources.store, notebook.dispatch)
    for pin in sorted({one.pin for one in notebook.references if sources.has(one.pin)}):
        references = [one for one in notebook.references if one.pin == pin]
        edges = [one for one in notebook.edges if one.pin == pin]
        with suppress(SourceError, UsageError), sources.open(pin) as source:  # examining says it
            given = (progress, notebook.dispatch, notebook.link_units, files)
            if source.searchable and source.reads_at_once:  # else files would be read twice
                expect_words(references, edges, SourceCode(source, *given))
    tracking.expect_words(notebook, sources, progress, files)
    return files


def _source_findings(
    notebook: Notebook,
    sources: Sources,
    progress: Progress,
    files: "KeptFiles",
    ahead: "Ahead",
) -> list[Finding]:
    """The findings on notes, their references and edges, and the lockfile, with sources."""
    from callpath.drift.tracking import check_tracks, silent_versions
    from callpath.verify.examine import differences, examine

    lock = notebook.lock or Lock()
    silent = silent_versions(notebook, sources)
    asked = [one for one in notebook.references if one.pin not in silent]
    given = (progress, notebook.dispatch, notebook.link_units, files)
    ahead.prove(asked, notebook.edges)
    real = examine(asked, notebook.edges, sources.open, *given)
    ahead.track(real.lock)
    # What the lockfile says of something that the source speaks of says nothing more.
    # What a wrong pin leads to is reported by `callpath lock`, once the pin is meant.
    misplaced = {
        note.file for note in notebook.notes.values() if note.id in notebook.lock_state.misplaced
    }
    asked_now = [
        *(one for one in real.findings if one.location.file not in misplaced),
        *differences(notebook.references, notebook.edges, lock, real.lock),
    ]
    faulty = {one.location for one in asked_now}
    same_file = (one for one in asked_now if one.rule == rules.MISSING_FILE.name)
    faulty |= {place for one in same_file for place in one.related}
    offline = _offline_findings(notebook)
    return [
        *(one for one in offline if one.rule not in _OF_LOCK or one.location not in faulty),
        *asked_now,
        *_unverified(notebook, real),
        *check_tracks(notebook, real.lock, sources, silent, progress, files),
    ]


def _era_findings(
    notebook: Notebook, eras: "Eras | None", found: Iterable[Finding]
) -> Iterator[Finding]:
    """The findings on the eras file, if there is one, besides those that were found."""
    if eras is not None:
        yield from era_state(
            eras,
            path_beside(notebook.lockfile),
            notebook.references,
            notebook.edges,
            complete=notebook.complete and not notebook.lock_state.stale,
            covered=notebook.lock_state.covered,
            faulty={finding.location for finding in found},
        )


def made_files(notebook: Notebook) -> tuple[str, str]:
    """The lockfile and the eras file, by their paths from the project's root.

    Findings on them come last: what is wrong with them follows from the notes.
    """
    return notebook.lockfile, path_beside(notebook.lockfile)


def _unverified(notebook: Notebook, real: "Examined") -> Iterator[Finding]:
    """A finding for each source that does not tell its version."""
    for pin, spec in real.unverified:
        hint = f"name a git repository with the tag `{notebook.settings.tag_of(pin)}`: `git:REPO`"
        message = f"nothing in `{spec}` tells that it is {pin.version} of `{pin.project}`"
        yield rules.UNKNOWN_VERSION.at(notebook.pin_place(pin), message, hint)


_OF_LOCK = frozenset(
    rule.name for rule in (rules.NOT_LOCKED, rules.HALF_PROVED_EDGE, rules.NEEDLESS_ASSERTION)
)
"""The rules by which the lockfile alone shows that something is not well founded."""


def only_at(found: Iterable[Finding], paths: Sequence[str]) -> tuple[Finding, ...]:
    """The findings that take part in these files or below these folders; all if none is named."""
    return tuple(
        finding
        for finding in found
        if any(is_at(each.file, paths) for each in (finding.location, *finding.related))
    )


_LARGEST_FILE = 1024 * 1024
"""How much of a file is read for its lines, in bytes; a larger file is no note."""

_LINE_END = re.compile(r"\r\n|\n|\r")


def report_input(
    workspace: Workspace,
    notebook: Notebook,
    findings: Sequence[Finding],
    paths: Sequence[str] = (),
) -> ReportInput:
    """What a report of findings is made from.

    `paths` are the files and folders that were asked for; none means all.
    """
    own = {*notebook.notes, *notebook.faulty, *notebook.pages}
    every = sorted([*(workspace.notes_prefix + path for path in own), *notebook.loose])
    files = [file for file in every if is_at(file, paths)]
    lines, prefix = lines_of(workspace.root, findings), repository_prefix(workspace.root)
    return ReportInput(findings, lines, files, prefix)


def lines_of(root: Path, findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    r"""The lines of every file that a finding is in or related to; none of a file that is missing.

    Lines end as places count them: at `\n`, `\r\n` or `\r`.
    """
    locations = (location for found in findings for location in (found.location, *found.related))
    files = {location.file for location in locations if location.file}
    return {file: _lines(root / file) for file in sorted(files)}


def _lines(path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE)
    except (OSError, ValueError):  # ValueError: a path with a NUL
        return ()
    text = data.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
    return tuple(_LINE_END.split(text))


def repository_prefix(root: Path) -> str:
    """The path from the repository's root to a folder in it, with a final `/`.

    Empty when they are the same, or when the folder is in no repository.
    """
    for folder in (root, *root.parents):
        try:
            found = (folder / ".git").exists()
        except OSError:
            return ""
        if found:
            return prefix_of(folder, root)
    return ""


class NewLock(Struct, frozen=True):
    """What locking came to."""

    text: str  # the lockfile's new text
    definitions: int  # how many it holds
    files: int  # how many source files they lie in
    mentions: int  # how many facts of links, citations and names it holds
    findings: tuple[Finding, ...]  # on what could not be resolved, and is not locked


def make_new_lock(
    notebook: Notebook, sources: Sources, progress: Progress = no_progress
) -> NewLock:
    """Resolve and prove what has a source; keep what is known of the rest.

    What a source cannot say, because a site gave no answer, nothing can be searched, or a tracked
    version is not there, is kept as well.
    """
    from callpath.verify.code import no_collector

    with no_collector(), sources.sharing() as shared:
        return _make_new_lock(notebook, shared, progress)


def _make_new_lock(notebook: Notebook, sources: Sources, progress: Progress) -> NewLock:
    from callpath.ahead.ask import Ahead
    from callpath.drift.tracking import lock_tracks, silent_versions
    from callpath.mentions.judging.judge import mention_references
    from callpath.verify.examine import examine

    silent, old = silent_versions(notebook, sources), notebook.lock or Lock()
    ahead = Ahead(notebook, sources, progress)
    ahead.expect(notebook.references, notebook.edges)
    files = _expect_words(notebook, sources, progress)
    mentioned = mentioned_facts(notebook, sources, progress)
    led_into = mention_references(notebook.mentions, MentionFacts(mentioned))
    references = [*notebook.references, *led_into]
    asked = [one for one in references if sources.has(one.pin) and one.pin not in silent]
    edges = [edge for edge in notebook.edges if sources.has(edge.pin)]
    given = (progress, notebook.dispatch, notebook.link_units, files)
    ahead.prove(asked, edges)
    real = examine(asked, edges, sources.open, *given)
    answered = {one for one in asked if _file_of(one.pin, one.symbol) not in real.unknown}
    own = with_known(
        replace(real.lock, edges=tuple(_edges(edges, old, real))),
        old,
        [one for one in references if one not in answered],
        [edge for edge in notebook.edges if not sources.has(edge.pin)],
    )
    ahead.track(own)
    tracked, unasked = lock_tracks(notebook, own, sources, silent, progress, files)
    lock = replace(tracked, mentions=mentioned)
    open_versions = _unverified(notebook, real)
    found = in_order([*notebook.findings, *real.findings, *open_versions, *unasked])
    findings = weighed(found, notebook.weights)
    counts = (len(lock.definitions), len(lock.files), len(lock.mentions))
    return NewLock(format_lock(lock), *counts, findings)


def mentioned_facts(
    notebook: Notebook, sources: Sources, progress: Progress = no_progress
) -> tuple[MentionFact, ...]:
    """What the sources, or else the old lockfile, say of all that is mentioned.

    Raises SourceError if the source of a pin of the notebook cannot be opened, or one broke.
    """
    from callpath.mentions.judging.judge import judge_all
    from callpath.verify.mentions import ask, own_pins

    asked = ask(notebook.mentions, sources, own_pins(notebook), progress, notebook.dispatch)
    facts, viewers = _locked(notebook).merged(asked.facts), notebook.settings.viewer_table
    return tuple(judge_all(notebook.mentions, facts, viewers)[1])


def _edges(edges: Iterable[Edge], old: Lock, real: "Examined") -> Iterator[LockedEdge]:
    """The facts of edges: the source's, and the old ones where it gave no answer."""
    for edge in edges:
        found = real.lock.find_edge(edge)
        files = (_file_of(edge.pin, step.symbol) for step in (edge.caller, edge.callee))
        is_open = found is not None and found.verdict.status is EdgeStatus.NOT_SEARCHED
        is_open = is_open or bool(real.unknown and real.unknown.intersection(files))
        known = old.find_edge(edge) if is_open else None
        if known is not None:
            yield known
        elif found is not None:
            yield found


def _file_of(pin: Pin, symbol: Symbol) -> tuple[str, str, str]:
    return (pin.project, pin.version, symbol.path)


def with_known(
    real: Lock, old: Lock, references: Iterable[Reference], edges: Iterable[Edge]
) -> Lock:
    """The facts of a source, and what a lockfile knows of references and edges besides."""
    known = [found for reference in references if (found := old.find(reference))]
    paths = {(one.project, one.version, one.definition.path) for one in known}
    return make_lock(
        [*real.files, *(one for one in old.files if (one.project, one.version, one.path) in paths)],
        [*real.definitions, *known],
        [*real.edges, *(fact for edge in edges if (fact := old.find_edge(edge)))],
    )

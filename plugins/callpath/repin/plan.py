"""Plans every change that notes need for another version, and writes none: `callpath repin`."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import filterfalse
from operator import attrgetter
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from callpath import rules
from callpath.checks import findings_on, mentioned_facts, with_known
from callpath.drift.compare import Mention, asked_of, compare_references, may_move
from callpath.drift.find import Side, open_side
from callpath.drift.match import ReferenceDrift
from callpath.drift.tracking import lock_tracks
from callpath.edits import repin_site
from callpath.facts.lock import DriftStatus, Lock, format_lock
from callpath.facts.mentions import MentionFacts
from callpath.files import FileChange
from callpath.findings import (
    Finding,
    Location,
    SettingsError,
    UsageError,
    in_order,
    reason,
    weighed,
)
from callpath.fixing.rewrite import OTHERWISE, FileFix, misread, plan_fixes
from callpath.mentions.judging.judge import judge_all, mention_references
from callpath.model import Note, Pin, Progress, Reference, Symbol, no_progress
from callpath.notebook import Notebook, find_note
from callpath.repin.mentions import MovedMentions, movable, move_mentions
from callpath.repin.report import Repin, perhaps
from callpath.repin.rewrite import Change, NewPlace, occurrence_of, repin_note, repin_page
from callpath.sources.spec import Sources
from callpath.verify.examine import examine
from callpath.verify.mentions import ask
from callpath.workspace import Workspace, read_notes, site_files

Moves = Mapping[tuple[Pin, Symbol, int], ReferenceDrift]
"""What became of what the notes name: by the old pin, the symbol and its occurrence."""


def plan_repin(
    workspace: Workspace,
    notebook: Notebook,
    config: Path,
    version: str,
    names: Sequence[str],
    sources: Sources,
    progress: Progress = no_progress,
) -> Repin:
    """What has to be written so that the named notes, or the whole site, are on another version.

    Raises:
        UsageError: Something cannot be rewritten, or was changed meanwhile.
        SettingsError: A file cannot be read.
        SourceError: A source cannot be opened, is of another version, or broke.
    """
    files = read_notes(workspace)
    scope = _scope_of(notebook, version, names)
    dispatch, units = notebook.dispatch, notebook.link_units
    with open_side(scope.new, sources.open, dispatch, progress, units) as new:
        commit = new.code.source.commit()
        moves, moved = _moves(notebook, scope, new, sources)
    texts, left = _with_mentions(notebook, files, moved)
    mentions = notebook.mentions
    if texts:  # columns differ, and nothing else
        notebook = _reload(notebook, notebook.pin, {**files, **texts})
        scope = _scope_of(notebook, version, names)
    texts |= _rewritten(notebook, scope, {**files, **texts}, moves, commit)
    changes = [
        FileChange(workspace.notes_folder / path, notebook.prefix + path, files[path], text)
        for path, text in sorted(texts.items())
    ]
    if scope.site:
        changes.append(_site_change(config, scope, commit))
    after = _reload(notebook, _new_pin(notebook, scope, commit), {**files, **texts})
    _verify(notebook, after, scope, moves)
    mentioned = mentioned_facts(after, sources, progress)
    led_into = mention_references(after.mentions, MentionFacts(mentioned))
    moving = [*filter(scope.moves, after.references), *(one for one in led_into if scope.has(one))]
    edges = [*filter(scope.moves, after.edges)]
    real = examine(moving, edges, sources.open, progress, after.dispatch, after.link_units)
    staying = [one for one in (*after.references, *led_into) if one not in moving]
    others = filterfalse(scope.moves, after.edges)
    own = with_known(real.lock, notebook.lock or Lock(), staying, others)
    lock, _ = lock_tracks(after, own, sources, {}, progress)
    changes.append(_lock_change(workspace, replace(lock, mentions=mentioned)))
    pairs = [
        (moves.get(_key(old)), new)
        for old, new in zip(notebook.references, after.references, strict=True)
        if scope.moves(old)
    ]
    # Marks for reviews are lines of their own, so what follows them moves down.
    places = {
        old.location: new.location for old, new in zip(mentions, after.mentions, strict=False)
    }
    left = [replace(one, location=places.get(one.location, one.location)) for one in left]
    left += _untrue(after, scope, MentionFacts(mentioned), {one.location for one in left})
    found = [*_remaining(pairs, real.findings, scope.new), *_new_faults(notebook, after), *left]
    changes = [each for each in changes if each.before != each.after]
    return Repin(
        scope.new,
        tuple(sorted(changes, key=attrgetter("shown"))),
        (*_reviews(pairs), *(_placed(one, places) for one in moved.reviews)),
        weighed(in_order(found), notebook.weights),
        scope.staying(),
    )


class Scope(Struct, frozen=True):
    """What is to be repinned."""

    new: Pin
    notes: Mapping[str, Note]  # by their file's path below the notes' folder
    others: tuple[Note, ...]  # the notes that are not repinned, in the order of their files
    site: bool  # whether the site's pin changes, and with it the references of Markdown pages

    def covers(self, note: str) -> bool:
        """Whether the references of a note's id, or of a page's path, change their version."""
        if any(each.id == note for each in self.notes.values()):
            return True
        return self.site and all(each.id != note for each in self.others)

    def moves(self, mention: Mention) -> bool:
        """Whether a reference or an edge changes its version."""
        own = mention.pin.project == self.new.project and may_move(mention)
        return own and self.covers(mention.note)

    def has(self, reference: Reference) -> bool:
        """Whether a reference is read against the new version."""
        return (reference.pin.project, reference.pin.version) == (
            self.new.project,
            self.new.version,
        ) and self.covers(reference.note)

    def staying(self) -> tuple[Note, ...]:
        """The notes that might be thought to move with the site, and do not."""
        return tuple(
            note
            for note in (self.others if self.site else ())
            if note.pin.project == self.new.project and note.pin.version != self.new.version
        )


def _scope_of(notebook: Notebook, version: str, names: Sequence[str]) -> Scope:
    """The named notes, or the site and all notes of its version."""
    named = {find_note(notebook, name).file for name in names}
    site = (notebook.pin.project, notebook.pin.version)
    notes = {
        path: note
        for path, note in notebook.notes.items()
        if (note.file in named if names else (note.pin.project, note.pin.version) == site)
    }
    projects = sorted({note.pin.project for note in notes.values()})
    if len(projects) > 1:
        raise UsageError(
            "the notes are of several projects: " + ", ".join(f"`{name}`" for name in projects),
            "name those of one project",
        )
    _refuse_faulty(notebook, [note.file for note in notes.values()], whole=not names)
    new = Pin(projects[0] if projects else notebook.pin.project, version)
    others = tuple(note for path, note in notebook.notes.items() if path not in notes)
    return Scope(new, notes, others, site=not names)


def _refuse_faulty(notebook: Notebook, files: Iterable[str], *, whole: bool) -> None:
    """Refuse notes that hide references or steps behind their faults."""
    hidden = [notebook.prefix + path for path in notebook.faulty] if whole else []
    for file in [*hidden, *sorted(files)]:
        if file in hidden or any(found.location.file == file for found in notebook.faults):
            raise UsageError(
                f"`{file}` has findings, and cannot be rewritten before they are fixed",
                "run `callpath check`",
            )


def _moves(
    notebook: Notebook, scope: Scope, new: Side, sources: Sources
) -> tuple[Moves, MovedMentions]:
    """What became of what the notes name, and of where their links and citations lead."""
    found: dict[tuple[Pin, Symbol, int], ReferenceDrift] = {}
    moved = MovedMentions()
    covered = [one for one in notebook.mentions if scope.covers(one.owner)]
    viewers = notebook.settings.viewer_table
    pins = {note.pin for note in scope.notes.values()} | ({notebook.pin} if scope.site else set())
    for pin in sorted(pin for pin in pins if pin.version != scope.new.version):
        asked = asked_of(notebook, pin, scope.moves)
        placed = movable(covered, pin)
        facts = ask(placed, sources, {pin}, new.progress, notebook.dispatch).facts
        more = mention_references(placed, facts)
        asked = replace(asked, references=(*asked.references, *more))
        dispatch, units = notebook.dispatch, notebook.link_units
        with open_side(pin, sources.open, dispatch, new.progress, units) as old:
            drifts, _ = compare_references(asked, old, new)
            by_symbol = {_named(one.reference): one for one in drifts}
            moved += move_mentions(placed, facts, by_symbol, (old, new), viewers)
        found |= {_key(one.reference): one for one in drifts}
    return found, moved


def _with_mentions(
    notebook: Notebook, files: Mapping[str, bytes], moved: MovedMentions
) -> tuple[dict[str, bytes], list[Finding]]:
    """The files whose links and citations are rewritten, and what cannot be rewritten in them."""
    contents = {notebook.prefix + path: data for path, data in files.items()}
    fixes = plan_fixes(moved.rewritings, notebook.mentions, contents)
    new = {fix.file.removeprefix(notebook.prefix): fix.after for fix in fixes.files}
    after = _reload(notebook, notebook.pin, {**files, **new}) if new else notebook

    def says_else(fix: FileFix) -> bool:
        own, new = (
            [one for one in each.texts if one.file == fix.file] for each in (notebook, after)
        )
        return misread(fix, own, new)

    wrong = {fix.file: OTHERWISE for fix in fixes.files if says_else(fix)}
    fixes = fixes.without(wrong)
    written = {fix.file.removeprefix(notebook.prefix): fix.after for fix in fixes.files}
    left = [
        rules.WRONG_LINE.at(one.location, f"it is not repinned: {one.reason}") for one in fixes.left
    ]
    return written, [*moved.lost, *left]


def _named(reference: Reference) -> tuple[Symbol, int]:
    return (reference.symbol, reference.occurrence)


def _key(reference: Reference) -> tuple[Pin, Symbol, int]:
    return (reference.pin, reference.symbol, reference.occurrence)


def _new_place(moves: Moves, pin: Pin, symbol: Symbol, occurrence: int) -> NewPlace | None:
    """Where a reference has to point, or None if it has to stay as it is."""
    one = moves.get((pin, symbol, occurrence))
    if one is None or one.outcome.after is None or one.outcome.status is DriftStatus.RENAMED:
        return None
    changed = one.outcome.status is DriftStatus.CHANGED
    return NewPlace(one.outcome.after.definition.path, one.choice, changed)


def _rewritten(
    notebook: Notebook, scope: Scope, files: Mapping[str, bytes], moves: Moves, commit: str
) -> Iterator[tuple[str, bytes]]:
    """The new bytes of the notes and pages that are repinned, by path below the notes' folder."""
    for path, note in scope.notes.items():
        if note.pin.version != scope.new.version:
            change = Change(note.pin.version, scope.new.version, commit, own_pin=not scope.site)
            find = partial(_new_place, moves, note.pin)
            yield path, repin_note(note.file, files[path], change, find)
    if scope.site and notebook.pin.version != scope.new.version:
        find = partial(_new_place, moves, notebook.pin)
        for path in sorted({each.note for each in notebook.references if each.note in files}):
            yield path, repin_page(notebook.prefix + path, files[path], find)


def _site_change(config: Path, scope: Scope, commit: str) -> FileChange:
    """The change of the file that says the site's pin."""
    for file in site_files(config):
        text = repin_site(file.shown, file.data, scope.new.version, commit)
        if text is not None:
            return FileChange(file.path, file.shown, file.data, text)
    raise UsageError(f"`{config.name}` does not say the site's pin", "write it there: `pin: v3.7`")


def _new_pin(notebook: Notebook, scope: Scope, commit: str) -> Pin:
    """The site's pin as it will be."""
    pin = notebook.pin
    if scope.site:
        return Pin(pin.project, scope.new.version, commit if pin.commit else "")
    return pin


def _reload(notebook: Notebook, pin: Pin, files: Mapping[str, bytes]) -> Notebook:
    settings = replace(notebook.settings, pin=pin)
    return Notebook.load(files, settings, prefix=notebook.prefix, lock=notebook.lock)


def _verify(before: Notebook, after: Notebook, scope: Scope, moves: Moves) -> None:
    """See that the rewritten texts say what they are to say, and nothing else."""
    expected = [_expected(each, scope, moves) for each in before.references]
    found = [(each.pin.version, each.symbol, each.occurrence) for each in after.references]
    if expected == found and len(before.faults) == len(after.faults):
        return
    each = zip(before.references, expected, found, strict=False)
    wrong = (str(old.location) for old, wanted, said in each if wanted != said)
    where = next(wrong, before.prefix)
    raise UsageError(
        f"{where}: the note cannot be rewritten in place: what it would say is something else",
        "write this reference in a plainer way; nothing is written",
    )


def _expected(reference: Reference, scope: Scope, moves: Moves) -> tuple[str, Symbol, int]:
    pin, symbol, occurrence = reference.pin, reference.symbol, reference.occurrence
    if not scope.moves(reference):
        return pin.version, symbol, occurrence
    now = _new_place(moves, pin, symbol, occurrence)
    if now is None:
        return scope.new.version, symbol, occurrence
    chosen = occurrence_of(occurrence, now.choice)
    if reference.link and not now.choice and occurrence != chosen:
        chosen = 0  # a link that needs no choice says none
    return scope.new.version, replace(symbol, path=now.path), chosen


def _lock_change(workspace: Workspace, lock: Lock) -> FileChange:
    text, shown = format_lock(lock).encode(), workspace.lock_name
    try:
        return FileChange(workspace.lockfile, shown, workspace.lockfile.read_bytes(), text)
    except FileNotFoundError:
        return FileChange(workspace.lockfile, shown, None, text)
    except OSError as error:
        raise SettingsError(f"cannot read `{shown}`: {reason(error)}") from error


Pairs = Sequence[tuple[ReferenceDrift | None, Reference]]
"""The references that change their version: what became of them, and as they will be."""


def _placed(one: ReferenceDrift, places: Mapping[Location, Location]) -> ReferenceDrift:
    """A review at the place where its mention will be."""
    location = one.reference.location
    return replace(one, reference=replace(one.reference, location=places.get(location, location)))


def _reviews(pairs: Pairs) -> Iterator[ReferenceDrift]:
    """What changed, with each of its mentions at its new location."""
    for one, after in pairs:
        if one is not None and one.outcome.status is DriftStatus.CHANGED:
            yield replace(one, reference=replace(one.reference, location=after.location))


_OLD_FAULTS = (rules.FLOATING_LINK.name, rules.MALFORMED_LINK.name)  # at any version


def _untrue(
    after: Notebook, scope: Scope, facts: MentionFacts, known: Collection[Location]
) -> Iterator[Finding]:
    """What links, citations and names say at the new version that is not so."""
    viewers = after.settings.viewer_table
    placed = [
        one for one in after.mentions if scope.covers(one.owner) and one.location not in known
    ]
    judgements, _ = judge_all(placed, facts, viewers)
    for found in findings_on(judgements, after.exceptions_at(()), viewers):
        if found.rule not in _OLD_FAULTS:
            yield found


def _new_faults(before: Notebook, after: Notebook) -> Iterator[Finding]:
    """What is wrong with the notes only at the new version, such as a counterpart that is none."""
    known = {(found.rule, found.message) for found in before.findings}
    return (found for found in after.findings if (found.rule, found.message) not in known)


def _remaining(pairs: Pairs, found: Iterable[Finding], new: Pin) -> Iterator[Finding]:
    """What is lost, and else what was found against references and edges at the new version."""
    lost = set()
    for one, after in pairs:
        if one and one.outcome.status in (DriftStatus.RENAMED, DriftStatus.GONE):
            lost.add(after.location)
            yield _lost(one, after, new)
    yield from (each for each in found if each.location not in lost)


def _lost(one: ReferenceDrift, reference: Reference, new: Pin) -> Finding:
    name, outcome = one.before.definition.name, one.outcome
    if outcome.after is not None:
        found = outcome.after.definition
        where = f"{found.kind} `{found.name}` at {found.path}:{found.line}"
        message = f"`{name}` is now {where}: {outcome.evidence}"
        hint = f"write `{found.kind}: {found.name}` and `file: {found.path}`, and read it again"
        return rules.UNDEFINED_SYMBOL.at(reference.location, message, hint)
    rule = rules.AMBIGUOUS_SYMBOL if "times" in outcome.evidence else rules.UNDEFINED_SYMBOL
    message = f"`{name}` is gone from `{one.before.definition.path}` in {new.version}"
    if outcome.evidence:
        message += f": {outcome.evidence}"
    return rule.at(reference.location, message, perhaps(outcome.candidates))

"""The commands that look at other releases: eras, date, drift, repin."""

import sys
from pathlib import Path

import click
from msgspec.structs import replace

from callpath.cache import CACHE
from callpath.cli import app
from callpath.drift.report import drift_json, drift_text
from callpath.edits import patch_of
from callpath.eras.ask import Effort
from callpath.eras.dating import date_note, dating_json, dating_text, read_note
from callpath.eras.eras import eras_json, eras_text, find_eras, write_eras
from callpath.files import write_all
from callpath.findings import SettingsError, UsageError
from callpath.repin.plan import plan_repin
from callpath.repin.report import Repin, repin_json, review_text
from callpath.reports.text import text_report
from callpath.sources.releases import EVERY
from callpath.store import STORE, Store
from callpath.workspace import Workspace, eras_file, open_workspace

_FORM = app.format_option("text", "json")
_SOURCE = app.source_option()
_REPOSITORY = app.source_option("`git:REPO`; several are looked through together.")
_TAGS = click.option(
    "--tags",
    "patterns",
    default=EVERY,
    metavar="PATTERNS",
    help="Which releases: `v2.6.*,v3.7`; all by default. Release candidates only with `-rc`.",
)


@app.main.command("eras")
@_REPOSITORY
@_TAGS
@click.option("--write", is_flag=True, help="Write them beside the lockfile, for the site.")
@app.jobs_option()
@app.executor_option()
@app.shard_option("releases")
@_FORM
def show_eras(
    sources: tuple[str, ...],
    patterns: str,
    form: str,
    jobs: int,
    executor: str,
    shard: tuple[int, int] | None,
    *,
    write: bool,
) -> None:
    """Report in which releases each reference and edge holds."""
    if shard and write:
        hint = "write after `callpath merge`, without `--shard`"
        raise UsageError("a shard knows only some of the releases", hint)
    notebook = app.given_notebook()
    workspace = notebook.workspace
    effort = Effort(jobs, executor, shard or (1, 1))
    with app.progress_line() as progress:
        eras, summary = find_eras(workspace, notebook.parsed, sources, patterns, progress, effort)
    if shard:
        click.echo(f"shard {shard[0]} of {shard[1]}: {summary}", err=True)
        return
    changed = write_eras(workspace, eras) if write else False
    click.echo((eras_json if form == "json" else eras_text)(eras).encode(), nl=False)
    click.echo(summary, err=True)
    if write:
        name = eras_file(workspace).name
        click.echo(f"wrote `{name}`" if changed else f"`{name}` is current", err=True)


@app.main.command()
@click.argument("stores", nargs=-1, required=True, type=click.Path(path_type=Path))
def merge(stores: tuple[Path, ...]) -> None:
    """Join what STORES of other machines know with the site's own.

    STORES are files, or the folders that they are in: what `eras --shard` or `check --shard` left
    in `.cache/callpath`.
    """
    workspace = open_workspace(app.given_config())
    with Store(workspace.root / CACHE) as store:
        for given in stores:
            file = given / STORE if given.is_dir() else given
            count, new = store.merge(file)
            click.echo(f"{file}: {new} of {count} entries are new", err=True)
        store.flush()
        if not store.keeps:
            raise SettingsError(f"cannot write `{CACHE}/{STORE}`", "see who may write there")


@app.main.command("date")
@click.argument("note", type=click.Path(dir_okay=False, path_type=Path))
@_REPOSITORY
@_TAGS
@_FORM
def show_date(note: Path, sources: tuple[str, ...], patterns: str, form: str) -> None:
    """Report which releases the NOTE fits, whatever its pin.

    NOTE is a file, which may lie outside of the notebook.
    """
    workspace = _site(app.given_config())
    parsed, findings = read_note(note, workspace)
    with app.progress_line() as progress:
        dated = date_note(parsed, workspace, sources, patterns, progress)
    if findings:
        click.echo("parts of the note cannot be read and are left out:", err=True)
    for finding in findings:
        click.echo(f"{finding.location}: {finding.message}", err=True)
    click.echo((dating_json if form == "json" else dating_text)(dated).encode(), nl=False)


def _site(config: Path | None) -> Workspace | None:
    """The site that a note is dated at; a note needs none."""
    try:
        return open_workspace(config)
    except SettingsError:
        if config is not None:
            raise
        return None


@app.main.command()
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@click.argument("notes", nargs=-1)
@_SOURCE
@app.jobs_option()
@app.executor_option()
@_FORM
def drift(
    old: str,
    new: str,
    notes: tuple[str, ...],
    sources: tuple[str, ...],
    jobs: int,
    executor: str,
    form: str,
) -> None:
    """Report what became of every reference and edge between two versions.

    FROM is the version that the notes are pinned to, TO another one. NOTES are ids or files of
    notes; all by default.
    """
    app.look_ahead(sources, jobs, executor)
    notebook = app.given_notebook()
    with app.progress_line() as progress:
        found = notebook.drift(
            new, sources, since=old, notes=notes, progress=progress, jobs=jobs, executor=executor
        )
    click.echo((drift_json if form == "json" else drift_text)(found).encode(), nl=False)
    if not found.is_clean:
        sys.exit(app.FINDINGS)


@app.main.command()
@click.argument("new", metavar="TO")
@click.argument("notes", nargs=-1)
@_SOURCE
@click.option("--diff", "only_diff", is_flag=True, help="Write nothing; print a patch instead.")
@_FORM
def repin(
    new: str, notes: tuple[str, ...], sources: tuple[str, ...], form: str, *, only_diff: bool
) -> None:
    """Rewrite the notes, the site's pin and the lockfile for another version.

    TO is the version. NOTES are ids or files of notes, which then get a pin of their own; the
    site's pin and all notes of its version by default.
    """
    notebook = app.given_notebook()
    workspace = notebook.workspace
    with app.progress_line() as progress, notebook.sources(sources, new).sharing() as given:
        plan = plan_repin(workspace, notebook.parsed, workspace.config, new, notes, given, progress)
    if not only_diff:
        write_all(plan.changes)
    _print_plan(plan, form, only_diff=only_diff)
    remains = app.report_of(notebook, plan.remains)
    if only_diff:  # the places are those after the patch, so no line of today is shown
        remains = replace(remains, lines={})
    click.echo(text_report(remains), nl=False, err=True)
    for note in plan.staying:
        click.echo(f"{note.file} stays at {note.pin.version}", err=True)
    files = f"{len(plan.changes)} file{'s' if len(plan.changes) != 1 else ''}"
    click.echo(f"{'would rewrite' if only_diff else 'rewrote'} {files} for {new}", err=True)
    if not plan.is_complete:
        sys.exit(app.FINDINGS)


def _print_plan(plan: Repin, form: str, *, only_diff: bool) -> None:
    """Print what is data: the patch, or what is to be read again."""
    patch = b"".join(patch_of(each.shown, each.before, each.after) for each in plan.changes)
    if form == "json":
        click.echo(repin_json(plan, patch if only_diff else None).encode(), nl=False)
    elif only_diff:
        click.echo(patch, nl=False)
    else:
        click.echo(review_text(plan).encode(), nl=False)

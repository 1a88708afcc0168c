"""The commands about versions: drift, repin."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from callpath.cli.frame import (
    FINDINGS,
    SPEC_HELP,
    VERSION,
    main,
    open_notebook,
    progress_line,
)
from callpath.core.model import Pin
from callpath.core.repin.patches import patch_of
from callpath.project import checking, lookups
from callpath.project.drifting import asked_of, drift_between, pin_of_version
from callpath.project.file_changes import write_all
from callpath.project.repinning import Repin, plan_repin
from callpath.project.reporting import report_input
from callpath.project.workspace import find_config
from callpath.render.reports.drift import drift_json, drift_text
from callpath.render.reports.repin import repin_json, review_text
from callpath.render.reports.text import text_report


@main.command()
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@click.argument("notes", nargs=-1)
@click.option("--source", "sources", multiple=True, required=True, metavar="SPEC", help=SPEC_HELP)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def drift(
    context: click.Context,
    old: str,
    new: str,
    notes: tuple[str, ...],
    sources: tuple[str, ...],
    form: str,
) -> None:
    """Tell what became of every reference and edge between two versions.

    FROM is the version that the notes are pinned to, TO another one. NOTES are ids or files of
    notes; all by default.
    """
    workspace, notebook = open_notebook(context)
    pin = pin_of_version(notebook, old)
    only = [lookups.find_note(notebook, name).id for name in notes]
    with progress_line() as progress:
        open_source = checking.sources_of(workspace, notebook, sources, old, new).open
        asked = asked_of(notebook, pin, only)
        pins = (pin, Pin(pin.project, new))
        found = drift_between(notebook, asked, pins, open_source, progress)
    click.echo((drift_json if form == "json" else drift_text)(found).encode(), nl=False)
    if not found.is_clean:
        sys.exit(FINDINGS)


@main.command()
@click.argument("new", metavar="TO")
@click.argument("notes", nargs=-1)
@click.option("--source", "sources", multiple=True, required=True, metavar="SPEC", help=SPEC_HELP)
@click.option("--diff", "only_diff", is_flag=True, help="Write nothing; print a patch instead.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def repin(
    context: click.Context,
    new: str,
    notes: tuple[str, ...],
    sources: tuple[str, ...],
    form: str,
    *,
    only_diff: bool,
) -> None:
    """Rewrite the notes, the site's pin and the lockfile for another version.

    TO is the version. NOTES are ids or files of notes, which then get a pin of their own; the
    site's pin and all notes of its version by default.
    """
    workspace, notebook = open_notebook(context)
    config = context.obj or find_config(Path.cwd())
    with progress_line() as progress:
        given = checking.sources_of(workspace, notebook, sources, new)
        plan = plan_repin(workspace, notebook, config, new, notes, given, progress)
    if not only_diff:
        write_all(plan.changes)
    _tell(plan, form, only_diff=only_diff)
    remains = report_input(workspace, notebook, plan.remains, VERSION)
    if only_diff:  # the places are those after the patch, so no line of today is shown
        remains = replace(remains, lines={})
    click.echo(text_report(remains), nl=False, err=True)
    for note in plan.staying:
        click.echo(f"{note.file} stays at {note.pin.version}", err=True)
    files = f"{len(plan.changes)} file{'s' if len(plan.changes) != 1 else ''}"
    click.echo(f"{'would rewrite' if only_diff else 'rewrote'} {files} for {new}", err=True)
    if not plan.is_complete:
        sys.exit(FINDINGS)


def _tell(plan: Repin, form: str, *, only_diff: bool) -> None:
    """Print what is data: the patch, or what is to be read again."""
    patch = b"".join(patch_of(each.shown, each.before, each.after) for each in plan.changes)
    if form == "json":
        files = [each.shown for each in plan.changes]
        told = repin_json(
            plan.new.version, files, plan.reviews, plan.remains, patch if only_diff else None
        )
        click.echo(told.encode(), nl=False)
    elif only_diff:
        click.echo(patch, nl=False)
    else:
        click.echo(review_text(plan.reviews, plan.new.version).encode(), nl=False)

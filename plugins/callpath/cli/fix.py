"""The command that rewrites what a check is certain of: fix."""

import sys

import click
from msgspec.structs import replace

from callpath.cli import app
from callpath.cli.check import opened_paths
from callpath.edits import patch_of
from callpath.files import write_all
from callpath.findings import UsageError, has_errors
from callpath.fixing.plan import Fix
from callpath.reports.text import text_report, visible


@app.main.command()
@click.argument("paths", nargs=-1)
@app.source_option(required=False)
@click.option("--diff", "only_diff", is_flag=True, help="Write nothing; print a patch instead.")
@click.option("--to-src", is_flag=True, help="Make `src:` links of links to symbols.")
def fix(paths: tuple[str, ...], sources: tuple[str, ...], *, only_diff: bool, to_src: bool) -> None:
    """Rewrite what is certain of links and citations in pages and notes.

    PATHS are the files or folders, as of `callpath check`; what is not certain stays as it is, and
    is reported.
    """
    opened = opened_paths(paths, sources, changed=False, whole=False)
    if opened is None:
        return
    notebook, places = opened
    if to_src and not notebook.workspace.is_site:
        raise UsageError("only pages of a site have `src:` links", "leave out `--to-src`")
    with app.progress_line() as progress:
        plan = notebook.fix(sources, progress, places, to_src=to_src)
    if only_diff:
        patch = (patch_of(each.shown, each.before, each.after) for each in plan.changes)
        click.echo(b"".join(patch), nl=False)
    else:
        write_all(plan.changes)
        click.echo(_done_text(plan).encode(), nl=False)
    _print_rest(plan, only_diff=only_diff)
    remains = app.report_of(notebook, plan.remains, places)
    if only_diff:  # the places are those after the patch, so no line of today is shown
        remains = replace(remains, lines={})
    click.echo(text_report(remains), nl=False, err=True)
    if plan.changes and notebook.parsed.lock is not None:
        click.echo("hint: run `callpath lock`: the lockfile lacks what was rewritten", err=True)
    if has_errors(plan.remains):
        sys.exit(app.FINDINGS)


def _done_text(plan: Fix) -> str:
    lines = (f"{one.location}: {one.before} → {one.after}" for one in plan.done)
    return "".join(f"{visible(line)}\n" for line in lines)


def _print_rest(plan: Fix, *, only_diff: bool) -> None:
    """Print what could not be written, and how much was."""
    for one in plan.left:
        click.echo(visible(f"{one.location}: left as it is: {one.reason}"), err=True)
    counts = (_count(len(plan.done), "reference"), _count(len(plan.changes), "file"))
    verb = "would rewrite" if only_diff else "rewrote"
    click.echo(f"{verb} {counts[0]} in {counts[1]}", err=True)
    click.echo(plan.counts, err=True)


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"

"""The commands about versions: drift, repin."""

import sys

import click

from callpath.cli.frame import FINDINGS, main, open_notebook, progress_line
from callpath.core.model import Pin
from callpath.project import checking, lookups
from callpath.project.drifting import asked_of, drift_between, pin_of_version
from callpath.project.version_sources import version_opener
from callpath.render.reports.drift import drift_json, drift_text

SOURCE_HELP = (
    "`tree:DIR`, `git:REPO`, `archive:FILE`, `cache` or `elixir[:URL]`; `VERSION=SPEC` for one of "
    "the versions, `PROJECT=SPEC` for another project."
)


@main.command()
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@click.argument("notes", nargs=-1)
@click.option("--source", "sources", multiple=True, required=True, metavar="SPEC", help=SOURCE_HELP)
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
        open_source = version_opener(
            sources, notebook.pin, (old, new), workspace.root, checking.access_of(workspace)
        )
        asked = asked_of(notebook, pin, only)
        pins = (pin, Pin(pin.project, new))
        found = drift_between(notebook, asked, pins, open_source, progress)
    click.echo((drift_json if form == "json" else drift_text)(found).encode(), nl=False)
    if not found.is_clean:
        sys.exit(FINDINGS)

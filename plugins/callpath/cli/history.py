"""The commands that look through releases: eras, date."""

from pathlib import Path

import click

from callpath.cli.frame import main, open_notebook, progress_line
from callpath.core.errors import SettingsError
from callpath.core.releases import EVERY
from callpath.project import dating, eras
from callpath.project.workspace import Workspace, open_workspace
from callpath.render.reports.dating import dating_json, dating_text
from callpath.render.reports.eras import eras_json, eras_text

_FORM = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
_SOURCE = click.option(
    "--source",
    "sources",
    multiple=True,
    required=True,
    metavar="SPEC",
    help="`git:REPO`; several are looked through together.",
)
_TAGS = click.option(
    "--tags",
    "patterns",
    default=EVERY,
    metavar="PATTERNS",
    help="Which releases: `v2.6.*,v3.7`; all by default. Release candidates only with `-rc`.",
)


@main.command("eras")
@_SOURCE
@_TAGS
@click.option("--write", is_flag=True, help="Write them beside the lockfile, for the site.")
@_FORM
@click.pass_context
def show_eras(
    context: click.Context, sources: tuple[str, ...], patterns: str, form: str, *, write: bool
) -> None:
    """Tell in which releases each reference and edge holds."""
    workspace, notebook = open_notebook(context)
    with progress_line() as progress:
        found = eras.find_eras(workspace, notebook, sources, patterns, progress)
    changed = eras.write_eras(workspace, found.eras) if write else False
    told = (eras_json if form == "json" else eras_text)(found.eras)
    click.echo(told.encode(), nl=False)
    click.echo(found.summary, err=True)
    if write:
        name = eras.eras_file(workspace).name
        click.echo(f"wrote `{name}`" if changed else f"`{name}` is current", err=True)


@main.command("date")
@click.argument("note", type=click.Path(dir_okay=False, path_type=Path))
@_SOURCE
@_TAGS
@_FORM
@click.pass_context
def show_date(
    context: click.Context, note: Path, sources: tuple[str, ...], patterns: str, form: str
) -> None:
    """Tell which releases the NOTE fits, whatever its pin; it may lie outside of the notebook."""
    workspace = _site(context.obj)
    read = dating.read_note(note, workspace)
    with progress_line() as progress:
        dated = dating.date_note(read.note, workspace, sources, patterns, progress)
    if read.diagnostics:
        click.echo("parts of the note cannot be read and are left out:", err=True)
    for finding in read.diagnostics:
        click.echo(f"{finding.place}: {finding.message}", err=True)
    click.echo((dating_json if form == "json" else dating_text)(dated).encode(), nl=False)


def _site(config: Path | None) -> Workspace | None:
    """The site that a note is dated at; a note needs none."""
    try:
        return open_workspace(config)
    except SettingsError:
        if config is not None:
            raise
        return None

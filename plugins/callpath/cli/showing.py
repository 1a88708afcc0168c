"""The commands that need no source: refs, coverage, graph, pages, rule, schema."""

import json
import sys
from pathlib import Path

import click

from callpath.cli.frame import FINDINGS, main, open_notebook
from callpath.core.coverage import total
from callpath.core.errors import UsageError
from callpath.core.layout import Layout
from callpath.core.lock import Lock
from callpath.core.note_parser import note_schema
from callpath.core.rule_settings import unknown_rule
from callpath.core.rules import RULES
from callpath.project import checking, lookups
from callpath.project.export import write_pages
from callpath.render.graph.formats import GRAPH_FORMATS
from callpath.render.reports.coverage import coverage_json, coverage_text
from callpath.render.reports.references import references_report
from callpath.render.rules import rule_text, rules_json, rules_list


@main.command()
@click.option("--format", "form", type=click.Choice(["json"]), default="json", show_default=True)
@click.pass_context
def refs(context: click.Context, form: str) -> None:
    """Print all references and edges, as the lockfile has them."""
    del form
    workspace, notebook = open_notebook(context)
    told = references_report(
        notebook.pin.project,
        notebook.references,
        notebook.index,
        notebook.lock or Lock(),
        checking.links_of(workspace),
        lookups.coverage_of(notebook, ()),
    )
    click.echo(told, nl=False)


@main.command()
@click.argument("notes", nargs=-1)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 when less than this of all calls is told.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_context
def coverage(
    context: click.Context, notes: tuple[str, ...], fail_under: float | None, form: str
) -> None:
    """Tell how many of the calls the notes speak of.

    NOTES are ids or files of notes; all by default.
    """
    _, notebook = open_notebook(context)
    found = lookups.coverage_of(notebook, notes)
    click.echo((coverage_json if form == "json" else coverage_text)(found), nl=False)
    percent = total(step for _, steps in found for step in steps).percent
    if fail_under is not None and percent < fail_under:
        click.echo(f"coverage is {percent:.1f} %, under {fail_under:g} %", err=True)
        sys.exit(FINDINGS)


@main.command()
@click.argument("note")
@click.option(
    "--format", "form", type=click.Choice(list(GRAPH_FORMATS)), default="svg", show_default=True
)
@click.pass_context
def graph(context: click.Context, note: str, form: str) -> None:
    """Print the call graph of NOTE (`kvm/init`)."""
    workspace, notebook = open_notebook(context)
    drawn = lookups.graph_of(workspace, notebook, note)
    click.echo(GRAPH_FORMATS[form](drawn, workspace.site.callpath.graph.engine), nl=False)


@main.command()
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder."
)
@click.option(
    "--directory-urls/--no-directory-urls",
    default=None,
    help="Whether addresses end in `/`; as the site's configuration says by default.",
)
@click.pass_context
def pages(context: click.Context, out: Path, *, directory_urls: bool | None) -> None:
    """Write the pages to a folder, for other generators."""
    workspace, notebook = open_notebook(context)
    if directory_urls is None:
        directory_urls = workspace.site.use_directory_urls
    written = write_pages(workspace, notebook, out, Layout(directory_urls))
    click.echo(f"wrote {written} files", err=True)


@main.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="List every rule; so does leaving out NAME.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def rule(name: str | None, form: str, *, every: bool) -> None:
    """Print what the rule NAME finds, and why; or list all rules."""
    if name is not None and every:
        raise UsageError(f"both `{name}` and `--all` are given", "name one rule, or list all")
    if name is not None and name not in RULES:
        raise UsageError(*unknown_rule(name))
    asked = list(RULES.values()) if name is None else [RULES[name]]
    if form == "json":
        told = rules_json(asked)
    else:
        told = rules_list(asked) if name is None else rule_text(asked[0])
    click.echo(told.encode(), nl=False)


@main.command()
def schema() -> None:
    """Print the JSON Schema of a note."""
    click.echo(json.dumps(note_schema(), ensure_ascii=False, indent=2))

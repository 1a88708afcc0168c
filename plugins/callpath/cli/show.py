"""The commands that need no source: refs, coverage, graph, pages, rule, schema."""

import json
import sys
from pathlib import Path

import click

from callpath.addresses import Layout
from callpath.cli.app import FINDINGS, given_notebook, main
from callpath.coverage import coverage_of, total
from callpath.facts.lock import Lock
from callpath.findings import UsageError
from callpath.graph.build import note_graph
from callpath.graph.engine import GRAPH_FORMATS
from callpath.graph.model import Graph
from callpath.notebook import Notebook, find_note
from callpath.notes.schema import note_schema
from callpath.reports.references import coverage_json, coverage_text, references_report
from callpath.reports.rules import rule_text, rules_json, rules_list
from callpath.rules import RULES
from callpath.settings import unknown_rule
from callpath.site.strings import strings_for
from callpath.site.write import write_pages
from callpath.workspace import Workspace, links_of


@main.command()
@click.option("--format", "form", type=click.Choice(["json"]), default="json", show_default=True)
@click.pass_context
def refs(context: click.Context, form: str) -> None:
    """Print all references and edges, as the lockfile has them."""
    del form
    workspace, notebook = given_notebook(context)
    told = references_report(
        notebook.pin.project,
        notebook.references,
        notebook.index,
        notebook.lock or Lock(),
        links_of(workspace),
        coverage_of(notebook, ()),
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
    _, notebook = given_notebook(context)
    found = coverage_of(notebook, notes)
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
    workspace, notebook = given_notebook(context)
    drawn = graph_of(workspace, notebook, note)
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
    workspace, notebook = given_notebook(context)
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


def graph_of(workspace: Workspace, notebook: Notebook, name: str, base: str = "") -> Graph:
    """The call graph of a note; `base` is the address of its page, when it is known."""
    note = find_note(notebook, name)
    strings = strings_for(workspace.site.language)
    said = strings.proofs | strings.statuses
    return note_graph(
        notebook.index, note, strings.graph_description, links_of(workspace), base, said
    )

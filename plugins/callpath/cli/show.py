"""The commands that need no source: refs, coverage, graph, rule, schema."""

import json
import sys

import click

from callpath.cli import app
from callpath.coverage import coverage_of, total
from callpath.extensions import extensions, load_rule
from callpath.findings import UsageError
from callpath.graph.engine import GRAPH_FORMATS
from callpath.notes.schema import note_schema
from callpath.reports.machine import rule_text, rules_json, rules_list
from callpath.reports.references import coverage_json, coverage_text, references_report
from callpath.rules import RULES
from callpath.settings import unknown_rule
from callpath.workspace import links_of


@app.main.command()
@app.format_option("json")
def refs(form: str) -> None:
    """Print all references and edges, as the lockfile has them."""
    del form
    notebook = app.given_notebook()
    click.echo(references_report(notebook.parsed, links_of(notebook.workspace)), nl=False)


@app.main.command()
@click.argument("notes", nargs=-1)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if less than this share of all calls is covered.",
)
@app.format_option("text", "json")
def coverage(notes: tuple[str, ...], fail_under: float | None, form: str) -> None:
    """Report how many of the calls the notes cover.

    NOTES are ids or files of notes; all by default.
    """
    found = coverage_of(app.given_notebook().parsed, notes)
    click.echo((coverage_json if form == "json" else coverage_text)(found), nl=False)
    percent = total(step for _, steps in found for step in steps).percent
    if fail_under is not None and percent < fail_under:
        click.echo(f"coverage is {percent:.1f} %, under {fail_under:g} %", err=True)
        sys.exit(app.FINDINGS)


@app.main.command()
@click.argument("note", required=False)
@click.option("--version", "version", default="", help="The version whose notes are drawn.")
@app.format_option(*GRAPH_FORMATS)
def graph(note: str | None, version: str, form: str) -> None:
    """Print the call graph of NOTE (`kvm/init`), or of all notes of one version."""
    if note is not None and version:
        raise UsageError(f"both `{note}` and `--version` are given", "a note has one version")
    notebook = app.given_notebook()
    found = notebook.graph(version) if note is None else notebook.note(note).graph()
    click.echo(found.to(form), nl=False)


@app.main.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="List every rule; so does leaving out NAME.")
@app.format_option("text", "json")
def rule(name: str | None, form: str, *, every: bool) -> None:
    """Print what the rule NAME finds, and why; or list all rules."""
    if name is not None and every:
        raise UsageError(f"both `{name}` and `--all` are given", "name one rule, or list all")
    if name is None:
        asked = [*RULES.values(), *(load_rule(own).rule for own in extensions("rules"))]
    elif name in RULES or name in extensions("rules"):
        asked = [RULES[name] if name in RULES else load_rule(name).rule]
    else:
        raise UsageError(*unknown_rule(name))
    if form == "json":
        text = rules_json(asked)
    else:
        text = rules_list(asked) if name is None else rule_text(asked[0])
    click.echo(text.encode(), nl=False)


@app.main.command()
def schema() -> None:
    """Print the JSON Schema of a note."""
    click.echo(json.dumps(note_schema(), ensure_ascii=False, indent=2))

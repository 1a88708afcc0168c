"""The `callpath` command: arguments, output and exit status. The only file that imports click.

Data goes to standard output, messages to standard error. Exit status: 0 clean, 1 findings, 2 could
not run.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import click

from callpath.core.coverage import total
from callpath.core.diagnostics import has_errors, in_order
from callpath.core.errors import CallpathError, UsageError
from callpath.core.layout import Layout
from callpath.core.lock import Lock
from callpath.core.note_parser import note_schema
from callpath.core.rule_settings import unknown_rule
from callpath.core.rules import RULES
from callpath.project import checking, lookups
from callpath.project.export import write_pages
from callpath.project.fetching import fetch_sources
from callpath.project.notebook import Notebook
from callpath.project.online import compare_online
from callpath.project.reporting import report_input
from callpath.project.workspace import Workspace, open_workspace
from callpath.render.graph.formats import GRAPH_FORMATS
from callpath.render.reports import FORMATS
from callpath.render.reports.coverage import coverage_json, coverage_text
from callpath.render.reports.references import references_report
from callpath.render.reports.report import ReportInput
from callpath.render.reports.text import Part, text_report
from callpath.render.rules import rule_text, rules_json, rules_list

FINDINGS = 1
COULD_NOT_RUN = 2

_VERSION = version("callpath")

_STYLES: dict[Part, dict[str, Any]] = {
    Part.PLACE: {"bold": True},
    Part.ERROR: {"fg": "red", "bold": True},
    Part.WARNING: {"fg": "yellow", "bold": True},
    Part.GUTTER: {"fg": "blue"},
    Part.CARET: {"fg": "red", "bold": True},
    Part.HINT: {"fg": "cyan"},
}

_SPEC = (
    "`tree:DIR`, `git:REPO[@REVISION]`, `archive:FILE`, `cache` or `elixir[:URL]`; "
    "`PROJECT=SPEC` for another project."
)


class _Group(click.Group):
    """Turns what makes it impossible to go on into one message and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CallpathError as error:
            _fail(error)


def _fail(error: CallpathError) -> NoReturn:
    click.echo(f"error: {error.message}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)
    sys.exit(COULD_NOT_RUN)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_VERSION, prog_name="callpath")
@click.option(
    "-f",
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The site's configuration; `mkdocs.yml` of this folder by default.",
)
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Source-code reading notes that are proved against the real source."""
    context.obj = config


def _open(context: click.Context) -> tuple[Workspace, Notebook]:
    workspace = open_workspace(context.obj)
    return workspace, checking.open_notebook(workspace)


@main.command()
@click.argument("paths", nargs=-1)
@click.option("--source", "sources", multiple=True, metavar="SPEC", help=_SPEC)
@click.option(
    "--online", is_flag=True, help="Compare the lockfile with what the elixir site serves."
)
@click.option("--fail-unknown", is_flag=True, help="A file without an answer is an error.")
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True
)
@click.pass_context
def check(
    context: click.Context,
    paths: tuple[str, ...],
    sources: tuple[str, ...],
    form: str,
    *,
    online: bool,
    fail_unknown: bool,
) -> None:
    """Check the notes; with a source, also every reference against it.

    PATHS are files or folders of notes whose findings are told; all by default.
    """
    workspace, notebook = _open(context)
    places = _relative(workspace, paths)
    with _progress() as progress:
        specs = checking.parse_specs(sources, notebook.pin, workspace.root) if sources else None
        access = checking.access_of(workspace)
        notebook = checking.failing_unknown(notebook) if fail_unknown else notebook
        found = checking.check(notebook, specs, progress, access)
        links = checking.links_of(workspace)
        compared = compare_online(notebook, links, access, progress, places) if online else None
    if compared is not None:
        found = tuple(in_order([*found, *compared.diagnostics]))
        click.echo(compared.summary, err=True)
    told = checking.only_at(found, places)
    _report(report_input(workspace, notebook, told, _VERSION, places), form)


def _relative(workspace: Workspace, paths: Sequence[str]) -> list[str]:
    """The paths as places name them: relative to the folder of the site's configuration."""
    found = []
    for path in paths:
        whole = Path(path).resolve()
        inside = whole.is_relative_to(workspace.root)
        if not inside or not whole.exists():
            raise UsageError(f"there is no `{path}` in the notebook")
        found.append(whole.relative_to(workspace.root).as_posix())
    return found


def _report(given: ReportInput, form: str) -> None:
    _print_report(given, form)
    if has_errors(given.findings):
        sys.exit(FINDINGS)


def _print_report(given: ReportInput, form: str) -> None:
    if form != "text":  # for a program: the same bytes wherever it runs
        click.echo(FORMATS[form](given).encode(), nl=False)
    elif sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        click.echo(text_report(given, _styled), nl=False, color=True)
    else:
        click.echo(text_report(given), nl=False)


def _styled(text: str, part: Part) -> str:
    return click.style(text, **_STYLES[part])


@main.command()
@click.option("--source", "sources", multiple=True, required=True, metavar="SPEC", help=_SPEC)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; say whether it would change."
)
@click.pass_context
def lock(context: click.Context, sources: tuple[str, ...], *, only_check: bool) -> None:
    """Resolve every reference in a source and write the lockfile."""
    workspace, notebook = _open(context)
    with _progress() as progress:
        new = checking.make_new_lock(
            notebook,
            checking.parse_specs(sources, notebook.pin, workspace.root),
            progress,
            checking.access_of(workspace),
        )
    _print_report(report_input(workspace, notebook, new.diagnostics, _VERSION), "text")
    if only_check:
        click.echo(
            "the lockfile would change" if new.changed else "the lockfile is current", err=True
        )
        sys.exit(FINDINGS if new.changed or has_errors(new.diagnostics) else 0)
    if new.changed:
        checking.write_lock(workspace, new.text)
    state = "locked" if new.changed else "the lockfile is current:"
    click.echo(f"{state} {new.definitions} definitions in {new.files} files", err=True)
    if has_errors(new.diagnostics):
        sys.exit(FINDINGS)


@main.command()
@click.option("--remote", "remotes", multiple=True, metavar="URL", help="Fetch from here.")
@click.option("--project", "projects", multiple=True, metavar="NAME", help="Fetch only this one.")
@click.option("--refresh", is_flag=True, help="Ask the remotes even for what is there.")
@click.pass_context
def fetch(
    context: click.Context, remotes: tuple[str, ...], projects: tuple[str, ...], *, refresh: bool
) -> None:
    """Bring the source files that the notes refer to into the site's cache."""
    workspace, notebook = _open(context)
    with _progress() as progress:
        fetched = fetch_sources(
            workspace,
            notebook,
            remotes=remotes,
            projects=projects,
            refresh=refresh,
            tell=_tell,
            progress=progress,
        )
    click.echo(fetched.summary, err=True)
    if fetched.diagnostics:
        _report(report_input(workspace, notebook, fetched.diagnostics, _VERSION), "text")


@main.command()
@click.option("--format", "form", type=click.Choice(["json"]), default="json", show_default=True)
@click.pass_context
def refs(context: click.Context, form: str) -> None:
    """Print every reference and edge, with what the lockfile knows of it."""
    del form
    workspace, notebook = _open(context)
    report = references_report(
        notebook.pin.project,
        notebook.references,
        notebook.index,
        notebook.lock or Lock(),
        checking.links_of(workspace),
        lookups.coverage_of(notebook, ()),
    )
    click.echo(report, nl=False)


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
    """Tell how many of the functions that the steps call the notes speak of.

    NOTES are ids or files of notes; all by default.
    """
    _, notebook = _open(context)
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
    workspace, notebook = _open(context)
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
    """Write the pages to a folder, for site generators that run no plugins."""
    workspace, notebook = _open(context)
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
    """Print what the rule NAME finds, and why; without NAME, list the rules."""
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


def _tell(message: str) -> None:
    click.echo(("\r\033[K" if sys.stderr.isatty() else "") + message, err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Shows on a terminal what is being done, on one line that disappears at the end."""
    terminal = sys.stderr.isatty()

    def show(task: str, done: int, total: int) -> None:
        if terminal:
            click.echo(f"\r\033[K{task} {done}/{total}", nl=False, err=True)

    try:
        yield show
    finally:
        if terminal:
            click.echo("\r\033[K", nl=False, err=True)

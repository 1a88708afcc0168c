"""The commands that compare the notes with a source: check, lock, fetch."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from callpath.checks import failing_unknown, made_files, only_at
from callpath.cli import app
from callpath.extensions import extensions
from callpath.findings import UsageError, has_errors, in_order
from callpath.reports import FORMATS
from callpath.reports.references import evidence_lines, evidence_summary
from callpath.reports.text import ReportInput
from callpath.verify.fetch import fetch_sources
from callpath.verify.online import compare_online
from callpath.workspace import links_of


class ReportFormat(click.Choice):  # type: ignore[type-arg] # a type only since click 8.2
    """A report format; other packages' are looked up only for a name that is not built in."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            self.choices = (*FORMATS, *extensions("reports"))
        return str(super().convert(value, param, ctx))


@app.main.command()
@click.argument("paths", nargs=-1)
@app.source_option(required=False)
@click.option(
    "--online", is_flag=True, help="Compare the lockfile with what the elixir site serves."
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Print how each edge is proved, and on which line."
)
@click.option("--fail-unknown", is_flag=True, help="A file without an answer is an error.")
@app.format_option(*FORMATS, kind=ReportFormat)
def check(
    paths: tuple[str, ...],
    sources: tuple[str, ...],
    form: str,
    *,
    online: bool,
    fail_unknown: bool,
    verbose: bool,
) -> None:
    """Check the notes; with a source, every reference and edge too.

    PATHS are the files or folders of notes to report findings of; all by default.
    """
    notebook = app.given_notebook()
    if fail_unknown:
        notebook.parsed = failing_unknown(notebook.parsed)
    parsed, access, links = notebook.parsed, notebook.access, links_of(notebook.workspace)
    places = _relative(notebook.workspace.root, paths)
    with app.progress_line() as progress:
        found = notebook.check(sources, progress)
        compared = compare_online(parsed, links, access, progress, places) if online else None
    if compared is not None:
        found = tuple(in_order([*found, *compared.findings], made_files(parsed)))
        click.echo(compared.summary, err=True)
    if verbose:
        click.echo(evidence_lines(parsed.index), nl=False, err=True)
    shown = only_at(found, places)
    if verbose or (sources and not has_errors(found)):
        click.echo(evidence_summary(parsed), err=True)
    _report(app.report_of(notebook, shown, places), form)


@app.main.command()
@app.source_option()
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; say whether it would change."
)
def lock(sources: tuple[str, ...], *, only_check: bool) -> None:
    """Resolve every reference in a source and write the lockfile."""
    notebook = app.given_notebook()
    with app.progress_line() as progress:
        new = notebook.lock(sources, progress)
    app.print_report(app.report_of(notebook, new.findings), "text")
    changed, failed = new.changed, has_errors(new.findings)
    if only_check:
        click.echo("the lockfile would change" if changed else "the lockfile is current", err=True)
        sys.exit(app.FINDINGS if changed or failed else 0)
    if changed:
        new.write()
    state = "locked" if changed else "the lockfile is current:"
    counts = new.content
    click.echo(f"{state} {counts.definitions} definitions in {counts.files} files", err=True)
    if failed:
        sys.exit(app.FINDINGS)


@app.main.command()
@click.option("--remote", "remotes", multiple=True, metavar="URL", help="Fetch from here.")
@click.option("--project", "projects", multiple=True, metavar="NAME", help="Fetch only this one.")
@click.option("--refresh", is_flag=True, help="Ask the remotes even for what is there.")
def fetch(remotes: tuple[str, ...], projects: tuple[str, ...], *, refresh: bool) -> None:
    """Bring the source files that the notes need into the cache."""
    notebook = app.given_notebook()
    with app.progress_line() as progress:
        fetched = fetch_sources(
            notebook.workspace,
            notebook.parsed,
            remotes=remotes,
            projects=projects,
            refresh=refresh,
            tell=app.print_message,
            progress=progress,
        )
    click.echo(fetched.summary, err=True)
    if fetched.findings:
        _report(app.report_of(notebook, fetched.findings), "text")


def _relative(root: Path, paths: Sequence[str]) -> list[str]:
    found = {path: Path(path).resolve() for path in paths}
    for path, whole in found.items():
        if not whole.is_relative_to(root) or not whole.exists():
            raise UsageError(f"there is no `{path}` in the notebook")
    return [whole.relative_to(root).as_posix() for whole in found.values()]


def _report(given: ReportInput, form: str) -> None:
    app.print_report(given, form)
    if has_errors(given.findings):
        sys.exit(app.FINDINGS)

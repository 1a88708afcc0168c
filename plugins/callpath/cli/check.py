"""The commands that look at a source: check, lock, fetch."""

import sys

import click

from callpath.checks.check import check_notebook, failing_unknown, only_at, report_input
from callpath.checks.lock import is_written, make_new_lock, write_lock
from callpath.cli.app import (
    FINDINGS,
    SPEC_HELP,
    VERSION,
    given_notebook,
    main,
    print_report,
    progress_line,
    relative_places,
    report,
    tell,
)
from callpath.findings import has_errors, in_order
from callpath.notebook import access_of, sources_of
from callpath.reports import FORMATS
from callpath.reports.references import evidence_lines, evidence_summary
from callpath.verify.fetch import fetch_sources
from callpath.verify.online import compare_online
from callpath.workspace import links_of, read_eras


@main.command()
@click.argument("paths", nargs=-1)
@click.option("--source", "sources", multiple=True, metavar="SPEC", help=SPEC_HELP)
@click.option(
    "--online", is_flag=True, help="Compare the lockfile with what the elixir site serves."
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Tell of every edge how it is proved, and on which line."
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
    verbose: bool,
) -> None:
    """Check the notes; with a source, every reference and edge too.

    PATHS are files or folders of notes whose findings are told; all by default.
    """
    workspace, notebook = given_notebook(context)
    places = relative_places(workspace, paths)
    with progress_line() as progress:
        given = sources_of(workspace, notebook, sources) if sources else None
        access = access_of(workspace)
        notebook = failing_unknown(notebook) if fail_unknown else notebook
        found = check_notebook(notebook, given, progress, read_eras(workspace))
        links = links_of(workspace)
        compared = compare_online(notebook, links, access, progress, places) if online else None
    if compared is not None:
        found = tuple(in_order([*found, *compared.diagnostics]))
        click.echo(compared.summary, err=True)
    told = only_at(found, places)
    if verbose:
        click.echo(evidence_lines(notebook.index), nl=False, err=True)
    if verbose or (sources and not has_errors(found)):
        click.echo(evidence_summary(notebook.index, len(notebook.references)), err=True)
    report(report_input(workspace, notebook, told, VERSION, places), form)


@main.command()
@click.option("--source", "sources", multiple=True, required=True, metavar="SPEC", help=SPEC_HELP)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; say whether it would change."
)
@click.pass_context
def lock(context: click.Context, sources: tuple[str, ...], *, only_check: bool) -> None:
    """Resolve every reference in a source and write the lockfile."""
    workspace, notebook = given_notebook(context)
    with progress_line() as progress:
        given = sources_of(workspace, notebook, sources)
        new = make_new_lock(notebook, given, progress)
    print_report(report_input(workspace, notebook, new.diagnostics, VERSION), "text")
    changed = not is_written(workspace, new.text)
    if only_check:
        click.echo("the lockfile would change" if changed else "the lockfile is current", err=True)
        sys.exit(FINDINGS if changed or has_errors(new.diagnostics) else 0)
    if changed:
        write_lock(workspace, new.text)
    state = "locked" if changed else "the lockfile is current:"
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
    """Bring the source files that the notes need into the cache."""
    workspace, notebook = given_notebook(context)
    with progress_line() as progress:
        fetched = fetch_sources(
            workspace,
            notebook,
            remotes=remotes,
            projects=projects,
            refresh=refresh,
            tell=tell,
            progress=progress,
        )
    click.echo(fetched.summary, err=True)
    if fetched.diagnostics:
        report(report_input(workspace, notebook, fetched.diagnostics, VERSION), "text")

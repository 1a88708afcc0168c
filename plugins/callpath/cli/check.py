"""The commands that compare the notes with a source: check, lock, fetch."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from callpath.api import OpenNotebook, open_documents
from callpath.checks import failing_unknown, made_files, only_at
from callpath.cli import app
from callpath.extensions import extensions
from callpath.findings import UsageError, has_errors, in_order
from callpath.model import Progress
from callpath.notebook import read_notebook
from callpath.reports import FORMATS
from callpath.reports.text import ReportInput
from callpath.workspace import (
    LOOSE_ENDINGS,
    SitePaths,
    config_in,
    links_of,
    open_workspace,
    read_loose,
    shown_path,
    site_paths,
)

if TYPE_CHECKING:
    from callpath.verify.online import Comparison as Compared


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
@app.jobs_option()
@app.executor_option()
@app.shard_option("versions")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Print how edges are proved, and which names are unsure.",
)
@click.option("--fail-unknown", is_flag=True, help="A file without an answer is an error.")
@click.option(
    "--changed", is_flag=True, help="PATHS changed: check what that can break, as a hook."
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Leave out the findings that this file knows.",
)
@click.option("--update-baseline", is_flag=True, help="Write all findings into that file.")
@app.format_option(*FORMATS, kind=ReportFormat)
def check(
    paths: tuple[str, ...],
    sources: tuple[str, ...],
    form: str,
    jobs: int,
    executor: str,
    shard: tuple[int, int] | None,
    *,
    online: bool,
    fail_unknown: bool,
    verbose: bool,
    changed: bool,
    baseline: Path | None,
    update_baseline: bool,
) -> None:
    """Check notes and pages; with a source, against it.

    PATHS are the files or folders to report findings of; all of the site by default. Documents
    outside the site's folder of notes, or where there is no site, are checked as well: Markdown and
    reStructuredText.
    """
    if shard:
        _find_part(sources, shard, jobs, executor)
        return
    _refuse(baseline, needed=update_baseline)
    app.look_ahead(sources, jobs, executor)
    opened = opened_paths(paths, sources, changed=changed, whole=online)
    if opened is None:
        return
    notebook, places = opened
    if fail_unknown:
        notebook.parsed = failing_unknown(notebook.parsed)
    parsed = notebook.parsed
    with app.progress_line() as progress:
        result = notebook.check_result(sources, progress, places, jobs, executor)
        compared = _compared(notebook, progress, places) if online else None
    found = result.findings
    if compared is not None:
        found = tuple(in_order([*found, *compared.findings], made_files(parsed)))
        click.echo(compared.summary, err=True)
    shown = only_at(found, places)
    if baseline is not None:
        from callpath.cli.baseline import KnownFindings, is_in_ci

        known = KnownFindings(baseline, places, is_in_ci())
        if update_baseline:
            known.update(result, shown)
        shown = known.new(result, shown)
    if verbose:
        from callpath.reports.mentions import unsure_lines
        from callpath.reports.references import evidence_lines

        click.echo(evidence_lines(parsed.index), nl=False, err=True)
        click.echo(unsure_lines(result.judgements), nl=False, err=True)
    if parsed.references and (verbose or (sources and not has_errors(found))):
        from callpath.reports.references import evidence_summary

        click.echo(evidence_summary(parsed), err=True)
    if result.judgements or parsed.loose:
        click.echo(result.counts, err=True)
    _report(app.report_of(notebook, shown, places), form)


def _refuse(baseline: Path | None, *, needed: bool) -> None:
    if needed and baseline is None:
        raise UsageError("`--update-baseline` needs a file", "name it: `--baseline FILE`")


def _find_part(sources: Sequence[str], shard: tuple[int, int], jobs: int, executor: str) -> None:
    if not sources:
        hint = "name one to check against: `--source SPEC`"
        raise UsageError("without a source there is nothing to do for a shard", hint)
    notebook = app.given_notebook()
    with app.progress_line() as progress:
        own, every = notebook.check_part(sources, shard, progress, jobs, executor)
    click.echo(f"shard {shard[0]} of {shard[1]}: {own} of {every} versions", err=True)


@app.main.command()
@app.source_option()
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; say whether it would change."
)
@app.jobs_option()
@app.executor_option()
def lock(sources: tuple[str, ...], jobs: int, executor: str, *, only_check: bool) -> None:
    """Resolve every reference in a source and write the lockfile."""
    app.look_ahead(sources, jobs, executor)
    notebook = app.given_notebook()
    with app.progress_line() as progress:
        new = notebook.lock(sources, progress, jobs, executor)
    app.print_report(app.report_of(notebook, new.findings), "text")
    changed, failed = new.changed, has_errors(new.findings)
    if only_check:
        click.echo("the lockfile would change" if changed else "the lockfile is current", err=True)
        sys.exit(app.FINDINGS if changed or failed else 0)
    if changed:
        new.write()
    state = "locked" if changed else "the lockfile is current:"
    counts = new.content
    said = f"{counts.definitions} definitions in {counts.files} files"
    said += f", {counts.mentions} facts of links, citations and names" * (counts.mentions > 0)
    click.echo(f"{state} {said}", err=True)
    if failed:
        sys.exit(app.FINDINGS)


@app.main.command()
@click.option("--remote", "remotes", multiple=True, metavar="URL", help="Fetch from here.")
@click.option("--project", "projects", multiple=True, metavar="NAME", help="Fetch only this one.")
@click.option("--refresh", is_flag=True, help="Ask the remotes even for what is there.")
def fetch(remotes: tuple[str, ...], projects: tuple[str, ...], *, refresh: bool) -> None:
    """Bring the source files that the notes need into the cache."""
    from callpath.verify.fetch import fetch_sources

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


def _compared(notebook: OpenNotebook, progress: Progress, places: Sequence[str]) -> "Compared":
    from callpath.verify.online import compare_online

    links = links_of(notebook.workspace)
    return compare_online(notebook.parsed, links, notebook.access, progress, places)


_Opened = tuple["OpenNotebook", list[str]]
"""What is checked, and the files and folders that are asked for, from its root; none means all."""


def opened_paths(
    paths: Sequence[str], sources: Sequence[str], *, changed: bool, whole: bool
) -> _Opened | None:
    """What the command line asks for; None if nothing of it is checked.

    Parameters:
        changed: Whether the paths are those of a hook.
        whole: Whether all notes must be read.
    """
    config = app.given_config()
    if config is None and paths and config_in(Path.cwd()) is None:
        return _documents([Path(path) for path in paths], sources, changed=changed)
    workspace = open_workspace(config)
    if workspace.site.callpath.pin is None and sources and not workspace.faults:
        named = [Path(path) for path in paths] or [workspace.notes_folder]
        return _documents(named, sources, workspace.config, changed=changed)
    given = site_paths(workspace, paths)
    if changed:
        if not (given.pages or given.others):
            return None
        given = SitePaths((), (".",)) if given.others else SitePaths(given.pages)
    if given.loose and not (given.pages or given.others):
        return _documents(given.loose, sources, workspace.config, changed=False)
    only = given.pages if not (given.others or sources or whole) else ()
    notebook = OpenNotebook(workspace, read_notebook(workspace, only))
    if given.loose:
        loose = read_loose(workspace.root, given.loose)
        notebook.parsed = replace(notebook.parsed, loose=loose)
    return notebook, _places(workspace.root, paths) if not changed else [*given.pages]


def _documents(
    paths: Sequence[Path], sources: Sequence[str], config: Path | None = None, *, changed: bool
) -> _Opened | None:
    """Documents of no site; of those that changed, the ones that can be read."""
    if changed:
        paths = [path for path in paths if path.name.lower().endswith(LOOSE_ENDINGS)]
        if not paths:
            return None
    documents = open_documents(paths, sources, config)
    if not documents.parsed.loose:
        kinds = ", ".join(f"`{ending}`" for ending in LOOSE_ENDINGS)
        named = ", ".join(f"`{path}`" for path in paths)
        click.echo(f"warning: no documents in {named} ({kinds})", err=True)
    return documents, _places(documents.workspace.root, paths)


def _places(root: Path, paths: Iterable[str | Path]) -> list[str]:
    """Paths from the root; none if one of them is the root, which means all."""
    places = [shown_path(root, Path(path)) for path in paths]
    return [] if "." in places else places


def _report(given: ReportInput, form: str) -> None:
    app.print_report(given, form)
    if has_errors(given.findings):
        sys.exit(app.FINDINGS)

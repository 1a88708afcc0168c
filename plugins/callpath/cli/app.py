"""What all commands share: the group, exit statuses, how a notebook is opened and findings told."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import click

from callpath.findings import CallpathError, UsageError, has_errors
from callpath.notebook import Notebook, open_notebook
from callpath.reports import FORMATS
from callpath.reports.text import Part, ReportInput, text_report
from callpath.sources.spec import FORMS
from callpath.workspace import Workspace, open_workspace

FINDINGS = 1
COULD_NOT_RUN = 2

VERSION = version("callpath")

_STYLES: dict[Part, dict[str, Any]] = {
    Part.PLACE: {"bold": True},
    Part.ERROR: {"fg": "red", "bold": True},
    Part.WARNING: {"fg": "yellow", "bold": True},
    Part.GUTTER: {"fg": "blue"},
    Part.CARET: {"fg": "red", "bold": True},
    Part.HINT: {"fg": "cyan"},
}

SPEC_HELP = f"{FORMS}; `VERSION=SPEC` for one version, `PROJECT=SPEC` for another project."


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
@click.version_option(VERSION, prog_name="callpath")
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


def given_notebook(context: click.Context) -> tuple[Workspace, Notebook]:
    """The notebook that the command line names, with where it is on disk."""
    workspace = open_workspace(context.obj)
    return workspace, open_notebook(workspace)


def relative_places(workspace: Workspace, paths: Sequence[str]) -> list[str]:
    """The paths as places name them: relative to the folder of the site's configuration."""
    found = []
    for path in paths:
        whole = Path(path).resolve()
        inside = whole.is_relative_to(workspace.root)
        if not inside or not whole.exists():
            raise UsageError(f"there is no `{path}` in the notebook")
        found.append(whole.relative_to(workspace.root).as_posix())
    return found


def report(given: ReportInput, form: str) -> None:
    """Print a report; exit when there is an error among its findings."""
    print_report(given, form)
    if has_errors(given.findings):
        sys.exit(FINDINGS)


def print_report(given: ReportInput, form: str) -> None:
    """Print a report in a format, in colours on a terminal."""
    if form != "text":  # for a program: the same bytes wherever it runs
        click.echo(FORMATS[form](given).encode(), nl=False)
    elif sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        click.echo(text_report(given, _styled), nl=False, color=True)
    else:
        click.echo(text_report(given), nl=False)


def _styled(text: str, part: Part) -> str:
    return click.style(text, **_STYLES[part])


def tell(message: str) -> None:
    """Print a message beside the line of progress."""
    click.echo(("\r\033[K" if sys.stderr.isatty() else "") + message, err=True)


@contextmanager
def progress_line() -> Iterator[Callable[[str, int, int], None]]:
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

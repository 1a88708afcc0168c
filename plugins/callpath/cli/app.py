"""What all commands share: the group, exit statuses, opening a notebook, printing findings.

Imports nothing but click until a command runs, so that `callpath --help` is fast.
"""

import gc
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from callpath.api import OpenNotebook
    from callpath.findings import CallpathError, Finding
    from callpath.reports.text import ReportInput

FINDINGS = 1
COULD_NOT_RUN = 2

COMMANDS = {
    "check": ("check", "Check notes and pages; with a source, against it."),
    "coverage": ("show", "Report how many of the calls the notes cover."),
    "date": ("history", "Report which releases the NOTE fits, whatever its pin."),
    "drift": ("history", "Report what became of every reference and edge between two versions."),
    "eras": ("history", "Report in which releases each reference and edge holds."),
    "fetch": ("check", "Bring the source files that the notes need into the cache."),
    "fix": ("fix", "Rewrite what is certain of links and citations in pages and notes."),
    "graph": ("show", "Print the call graph of NOTE (`kvm/init`), or of all notes of one version."),
    "lock": ("check", "Resolve every reference in a source and write the lockfile."),
    "merge": ("history", "Join what STORES of other machines know with the site's own."),
    "pages": ("pages", "Write the pages as a project of Zensical, or for other generators."),
    "refs": ("show", "Print all references and edges, as the lockfile has them."),
    "repin": ("history", "Rewrite the notes, the site's pin and the lockfile for another version."),
    "rule": ("show", "Print what the rule NAME finds, and why; or list all rules."),
    "schema": ("show", "Print the JSON Schema of a note."),
    "serve": ("pages", "Serve the site, which follows every edit."),
}
"""Each command's module in this package, and the first sentence of its help."""

_STYLES: dict[str, dict[str, Any]] = {
    "place": {"bold": True},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "gutter": {"fg": "blue"},
    "caret": {"fg": "red", "bold": True},
    "hint": {"fg": "cyan"},
}
"""By the value of a `Part`."""


_OBJECTS = 100_000
"""How many new objects Python waits for before it looks for cycles; while modules are imported
there are none, and looking takes a tenth of the time of a short run."""


class _Group(click.Group):
    """Imports a command's module when the command is called; a `CallpathError` is exit status 2."""

    def main(self, *given: Any, **options: Any) -> Any:
        gc.set_threshold(_OBJECTS)
        # Plugins of pydantic watch models in services; to look for them costs a tenth of a check.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
        return super().main(*given, **options)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = (cmd_name,) if cmd_name in COMMANDS else COMMANDS  # for "did you mean", all of them
        for name in known:
            import_module(f"callpath.cli.{COMMANDS[name][0]}")
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        known = {name: click.Command(name, help=text) for name, (_, text) in COMMANDS.items()}
        click.Group(commands=known).format_commands(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        from callpath.findings import CallpathError

        try:
            return super().invoke(ctx)
        except CallpathError as error:
            print_error(error)
            sys.exit(COULD_NOT_RUN)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="callpath", prog_name="callpath")
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


def source_option(text: str = "", *, required: bool = True) -> Callable[[Any], Any]:
    """The option `--source`, which can be given several times; by default it takes every SPEC."""
    from callpath.sources.spec import FORMS

    forms = f"{FORMS}; `VERSION=SPEC` for one version, `PROJECT=SPEC` for another project."
    return click.option(
        "--source", "sources", multiple=True, required=required, metavar="SPEC", help=text or forms
    )


def jobs_option() -> Callable[[Any], Any]:
    """The option `--jobs`; with 0 each command has a number of its own."""
    return click.option(
        "--jobs",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Use up to so many processes; by default one, and for releases one for each core.",
    )


def executor_option() -> Callable[[Any], Any]:
    """The option `--executor`."""
    return click.option(
        "--executor",
        default="",
        metavar="ADDRESS",
        help="Work on a cluster that runs already: `dask://HOST:PORT`, its scheduler's address.",
    )


class Shard(click.ParamType):  # type: ignore[type-arg,unused-ignore] # only since click 8.2
    """`K/N`: the K-th of N parts, from 1."""

    name = "K/N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", str(value), re.ASCII)
        if not found or not 0 < int(found[1]) <= int(found[2]):
            self.fail(f"`{value}` is no part: write `2/5` for the second of five", param, ctx)
        return int(found[1]), int(found[2])


def shard_option(what: str) -> Callable[[Any], Any]:
    """The option `--shard`, which chooses a part of something."""
    return click.option(
        "--shard",
        type=Shard(),
        help=f"Look only at this part of the {what}, `2/5` is the second of five, and keep what "
        "they say for `merge`.",
    )


def format_option(*forms: str, kind: Any = click.Choice) -> Callable[[Any], Any]:
    """The option `--format`; the first form is the default one."""
    return click.option("--format", "form", type=kind(forms), default=forms[0], show_default=True)


def given_config() -> Path | None:
    """The site's configuration that the command line names, if it names one."""
    config: Path | None = click.get_current_context().obj
    return config


def given_notebook() -> "OpenNotebook":
    """The notebook that the command line names."""
    from callpath.api import open_notebook

    return open_notebook(given_config())


def look_ahead(sources: Sequence[str], jobs: int, executor: str = "") -> None:
    """Begin to look at the directories among the SPECs, while the command is not that far yet."""
    places = [
        place
        for text in sources
        for owner, kind, place in [text.partition("tree:")]
        if kind and (not owner or owner.endswith("="))
    ]
    if places and not executor:
        from callpath.sources.looking import looking_ahead

        found = (Path(place).expanduser() for place in places)
        roots = {str(folder.resolve()): None for folder in found if folder.is_dir()}
        click.get_current_context().with_resource(looking_ahead(roots, jobs))


def report_of(
    notebook: "OpenNotebook", findings: Sequence["Finding"], paths: Sequence[str] = ()
) -> "ReportInput":
    """What a report of findings is made from; `paths` are those that were asked for, if any."""
    from callpath.checks import report_input

    return report_input(notebook.workspace, notebook.parsed, findings, paths)


def print_report(given: "ReportInput", form: str) -> None:
    """Print a report in a format, in colours on a terminal."""
    from callpath.reports import report_format, text

    if form != "text":  # for a program: the same bytes wherever it runs
        from importlib.metadata import version

        from msgspec.structs import replace

        told = replace(given, version=version("callpath"))
        click.echo(report_format(form)(told).encode(), nl=False)
    elif sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        styled = text.text_report(given, lambda words, part: click.style(words, **_STYLES[part]))
        click.echo(styled, nl=False, color=True)
    else:
        click.echo(text.text_report(given), nl=False)


def print_error(error: "CallpathError") -> None:
    """Print why something could not be done."""
    click.echo(f"error: {error.message}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)


def print_message(message: str) -> None:
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

"""The site by other generators: its pages written, once or at every edit, or served by one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import click
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from callpath.addresses import Layout
from callpath.cache import CACHE
from callpath.cli import app
from callpath.findings import CallpathError, UsageError
from callpath.site.write import write_pages
from callpath.site.zensical import SETTINGS_FILE
from callpath.workspace import Workspace, open_workspace

_HOSTS = ("mkdocs", "properdocs", "zensical")
_QUIET = 0.1  # seconds without an edit before the pages are written
_LOOK = 0.5  # seconds after which a server is looked at that may have ended
_EDITS = frozenset({"created", "modified", "moved", "deleted"})


@app.main.command()
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder."
)
@click.option(
    "--directory-urls/--no-directory-urls",
    default=None,
    help="Whether addresses end in `/`; as the site's configuration says by default.",
)
@click.option("--watch", is_flag=True, help="Stay, and write what changes at every edit.")
def pages(out: Path, *, directory_urls: bool | None, watch: bool) -> None:
    """Write the pages as a project of Zensical, or for other generators."""
    layout = None if directory_urls is None else Layout(directory_urls)
    if not watch:
        return _write(out, layout)
    with _until_ended(), _edits() as edits:
        _write(out, layout)
        while True:
            _write_when_edited(edits, out, layout)


@app.main.command()
@click.option("--with", "host", type=click.Choice(_HOSTS), default=_HOSTS[0], show_default=True)
@click.option("-a", "--dev-addr", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT")
def serve(host: str, dev_addr: str) -> None:
    """Serve the site, which follows every edit."""
    if find_spec(host) is None:
        raise UsageError(f"{host} is not installed", f"run `pip install {host}`")
    workspace = open_workspace(app.given_config())
    command = [sys.executable, "-m", host, "serve", "--dev-addr", dev_addr, "--config-file"]
    if host != "zensical":
        os.execv(command[0], [*command, str(workspace.config)])  # noqa: S606 (the same Python)
    out = workspace.root / CACHE / host
    status = 0
    with _until_ended(), _edits() as edits:
        _write(out)
        status = _follow([*command, str(out / SETTINGS_FILE)], edits, out)
    if status:
        raise UsageError(f"{host} ended with status {status}")


def _follow(command: Sequence[str], edits: Event, out: Path) -> int:
    """Run a server and write what is edited until it ends; returns its status."""
    with subprocess.Popen(command) as server:  # noqa: S603 (the same Python)
        try:
            while (status := server.poll()) is None:
                _write_when_edited(edits, out)
        finally:
            server.terminate()
    return status


@contextmanager
def _until_ended() -> Iterator[None]:
    """Ends what is in it, in order, when the user or the system ends the command."""
    for each in (signal.SIGINT, signal.SIGTERM):  # a shell may start it with the first ignored
        signal.signal(each, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        yield


def _write(out: Path, layout: Layout | None = None) -> None:
    notebook = app.given_notebook()
    layout = layout or Layout(notebook.workspace.site.use_directory_urls)
    done = write_pages(notebook.workspace, notebook.checked, out, layout)
    said = f"{done.files} files: {done.changed} written, {done.removed} removed"
    if found := len(notebook.checked.findings):
        said += f"; `callpath check` has findings on the notes: {found}"
    click.echo(said, err=True)


def _write_when_edited(edits: Event, out: Path, layout: Layout | None = None) -> None:
    """Write what changed once nobody edits; return after a while if there was no edit."""
    if not edits.wait(_LOOK):
        return
    while edits.is_set():
        edits.clear()
        edits.wait(_QUIET)
    try:
        _write(out, layout)
    except CallpathError as error:  # the next edit may fix it
        app.print_error(error)


class _Watch(FileSystemEventHandler):
    def __init__(self, workspace: Workspace) -> None:
        self.edits = Event()
        self._folder, self._files = workspace.notes_folder.resolve(), frozenset(workspace.files)

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _EDITS:
            return
        paths = (Path(os.fsdecode(each)) for each in (event.src_path, event.dest_path) if each)
        if any(path in self._files or path.is_relative_to(self._folder) for path in paths):
            self.edits.set()


@contextmanager
def _edits() -> Iterator[Event]:
    """What is set at an edit of the notes' folder or of the site's settings."""
    workspace = open_workspace(app.given_config())
    watch, observer = _Watch(workspace), Observer()
    observer.schedule(watch, str(workspace.notes_folder.resolve()), recursive=True)
    for folder in {file.parent for file in workspace.files}:
        observer.schedule(watch, str(folder))
    observer.start()
    try:
        yield watch.edits
    finally:
        observer.stop()
        observer.join()

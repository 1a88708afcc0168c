"""A notebook in which a thousand notes are wrong: each is told of, the good ones still render."""

import os

from click.testing import CliRunner

from bad_notes import bad_notes
from callpath.addresses import Layout, link_provider
from callpath.cli import main
from callpath.graph.engine import GraphCache
from callpath.notebook import read_notebook
from callpath.site.site import Site
from callpath.site.strings import strings_for
from callpath.site.views import SiteContext
from callpath.workspace import (
    Workspace,
    open_workspace,
)

SEED = int(os.environ.get("CALLPATH_SEED", "7"))
COUNT = 1_000
UNKNOWN_SYMBOL = b"title: x\nsteps:\n  - function: lamp_no_such\n    file: drivers/lamp/lamp.c\n"


def _with_bad_notes(workspace: Workspace, count: int) -> dict[str, str]:
    """Adds the bad notes; what is wrong with each, by its file as places name it."""
    folder = workspace.notes_folder / "bad"
    folder.mkdir()
    faults = {}
    for number, bad in enumerate(bad_notes(SEED, count)):
        if bad.fault == "other-file":
            continue  # a list is no note; a YAML file that is none stays what it is
        (folder / f"n{number:04}.yml").write_bytes(bad.data)
        faults[f"{workspace.notes_prefix}bad/n{number:04}.yml"] = bad.fault
    (folder / "unknown.yml").write_bytes(UNKNOWN_SYMBOL)
    faults[f"{workspace.notes_prefix}bad/unknown.yml"] = "unknown symbol"
    return faults


def test_every_bad_note_is_told_of_and_the_good_ones_render(workspace: Workspace) -> None:
    good = read_notebook(workspace)
    assert not good.findings
    faults = _with_bad_notes(workspace, COUNT)

    notebook = read_notebook(open_workspace(workspace.root / "mkdocs.yml"))
    found = [*notebook.findings, *notebook.lock_findings]
    told = {finding.location.file for finding in found}
    assert {file: fault for file, fault in faults.items() if file not in told} == {}

    links, strings = link_provider("elixir"), strings_for("zh")
    site = Site(SiteContext(notebook, Layout(), links, strings), GraphCache("none"))
    for path, note in notebook.notes.items():
        html = site.note_html(note, "")
        assert html.count("<section") == len(notebook.index.places[note.id]), path
    for path in notebook.faulty:
        assert "callpath-fault" in site.content(path, "")
    for path, note in good.notes.items():
        assert notebook.notes[path] == note
        assert "callpath-fault" not in site.note_html(note, "")


def test_the_command_tells_of_them_all_without_a_traceback(workspace: Workspace) -> None:
    faults = _with_bad_notes(workspace, COUNT // 8)
    result = CliRunner().invoke(main, ["-f", str(workspace.root / "mkdocs.yml"), "check"])
    assert result.exit_code == 1
    assert not isinstance(result.exception, Exception)
    assert "Traceback" not in result.output
    assert [file for file in faults if f"{file}:" not in result.output] == []

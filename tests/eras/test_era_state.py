"""Whether the file of eras knows what the notes state, and no more."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callpath.checks import check_notebook
from callpath.cli import main
from callpath.eras.eras import write_eras
from callpath.facts.eras import Eras, Statement, format_eras
from callpath.facts.lock import StatedSymbol, above_of, stated_edge, stated_symbol
from callpath.findings import Finding
from callpath.notebook import Notebook, read_notebook
from callpath.rules import STALE_ERAS
from callpath.workspace import (
    Workspace,
    open_workspace,
    read_eras,
    readable,
)
from kernel import FAN_NOTE, NOTES, lock_site, said, write_files, write_site

HELD = Statement((("v3.7", "v3.7"),))
WRITE = "  run `callpath eras --source git:REPO --write`"


def whole(notebook: Notebook) -> Eras:
    """Eras that know all of a notebook."""
    return Eras(
        "linux",
        ("v3.7",),
        {stated_symbol(each): HELD for each in notebook.references},
        {stated_edge(edge): HELD for edge in notebook.edges},
    )


def found(notebook: Notebook, eras: Eras) -> list[str]:
    stale = [each for each in check_notebook(notebook, eras=eras) if each.rule == STALE_ERAS.name]
    return [said(each) for each in stale]


def test_a_file_that_knows_all_is_not_spoken_of(locked: Notebook) -> None:
    assert check_notebook(locked, eras=whole(locked)) == ()
    assert check_notebook(locked) == ()


def test_all_that_the_file_does_not_know_is_one_finding_where_it_is_stated_first(
    locked: Notebook,
) -> None:
    eras = whole(locked)
    without = Eras(
        "linux",
        eras.tags,
        {key: held for key, held in eras.symbols.items() if key[1] != "LAMP_NAME"},
        {ends: held for ends, held in eras.edges.items() if ends.callee[1] != "lamp_reset"},
    )
    assert found(locked, without) == [
        "notes/fan.yml:7:19 stale-eras: `fan_start` → `lamp_reset` is not in `notes/notes.eras`; "
        "2 more facts are stale\n" + WRITE,
    ]


def test_of_an_edge_whose_symbol_is_not_known_only_the_symbol_is_told(locked: Notebook) -> None:
    eras = whole(locked)
    symbols = {key: held for key, held in eras.symbols.items() if key[1] != "lamp_clamp"}
    edges = {ends: held for ends, held in eras.edges.items() if ends.callee[1] != "lamp_clamp"}
    (told,) = found(locked, Eras("linux", eras.tags, symbols, edges))
    assert "`lamp_clamp` in `include/linux/lamp.h`" in told


def test_what_no_note_states_is_told(workspace: Workspace, tree: str) -> None:
    eras = whole(read_notebook(workspace))
    (workspace.notes_folder / "fan.yml").unlink()
    lamp = NOTES["lamp.yml"].replace("via: lamp_ops.reset", "via: lamp_ops.set")
    write_files(workspace.notes_folder, {"lamp.yml": lamp})
    # First the lockfile is written anew; only then the eras are what is left to do.
    assert found(read_notebook(workspace), eras) == []
    relocked = lock_site(workspace, linux=tree)
    # The edge through another pointer is not locked, which is a finding of its own.
    assert found(relocked, eras) == [
        "notes/notes.eras:1:1 stale-eras: no note refers to function `fan_start` in "
        f"`drivers/fan/fan.c`; 2 more facts are stale\n{WRITE}"
    ]


def test_a_note_that_cannot_be_read_may_state_it(workspace: Workspace) -> None:
    eras = whole(read_notebook(workspace))
    write_files(workspace.notes_folder, {"fan.yml": FAN_NOTE + "  - function: [\n"})
    assert found(read_notebook(workspace), eras) == []


def test_another_code_base_is_no_affair_of_the_file(workspace: Workspace) -> None:
    eras = whole(read_notebook(workspace))
    qemu = "title: t\npin: {project: qemu, version: v8.2.0}\nsteps:\n- {function: f, file: a.c}\n"
    write_files(workspace.notes_folder, {"qemu.yml": qemu})
    assert found(read_notebook(workspace), eras) == []


def test_a_symbol_above_that_changes_the_answer_is_part_of_the_edge(locked: Notebook) -> None:
    eras = whole(locked)
    told = {stated_edge(edge, above_of(edge)): HELD for edge in locked.edges}
    assert found(locked, Eras("linux", eras.tags, eras.symbols, told)) == []


# --- the command, and damaged files ------------------------------------------------------------


def run(workspace: Workspace, *words: str) -> Result:
    return CliRunner().invoke(main, ["-f", str(workspace.root / "mkdocs.yml"), *words])


def test_the_command_warns_and_passes(workspace: Workspace) -> None:
    assert run(workspace, "check").stdout == ""
    write_eras(workspace, Eras("linux", ("v3.7",)))
    done = run(workspace, "check")
    assert done.exit_code == 0
    assert "warning" in done.stdout
    assert "stale-eras" in done.stdout


def test_a_site_can_weigh_it_otherwise(workspace: Workspace) -> None:
    write_eras(workspace, Eras("linux", ("v3.7",)))
    config = workspace.root / "mkdocs.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text + "      rules: {stale-eras: error}\n", encoding="utf-8")
    assert run(workspace, "check").exit_code == 1
    config.write_text(text + "      rules: {stale-eras: off}\n", encoding="utf-8")
    assert "stale-eras" not in run(workspace, "check").stdout


DAMAGES = {
    "another file": b"hello\n",
    "cut off": format_eras(
        Eras("linux", ("v3.7",), {StatedSymbol("a.c", "f", "", 0): HELD})
    ).encode()[:-9],
    "no text": b"\xff\xfe",
    "a newer format": b'{"callpath-eras": 99}\n',
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_stops_the_check_and_not_its_own_remedy(
    workspace: Workspace, damage: bytes
) -> None:
    file = workspace.notes_folder / "notes.eras"
    file.write_bytes(damage)
    done = run(workspace, "check")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert "notes/notes.eras" in done.stderr
    assert run(workspace, "refs").exit_code == 0
    again = open_workspace(workspace.root / "mkdocs.yml")
    write_eras(again, whole(read_notebook(again)))
    assert read_eras(again) is not None
    assert run(workspace, "check").exit_code == 0


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_pages_do_without_a_damaged_file_and_say_so_in_a_line(
    tmp_path: Path, damage: bytes
) -> None:
    workspace = write_site(tmp_path, {"notes.eras": damage})
    complaints: list[str] = []
    assert readable(read_eras, workspace, complaints.append) is None
    (complaint,) = complaints
    assert "notes/notes.eras" in complaint
    assert "\n" not in complaint


def test_no_file_is_no_complaint(tmp_path: Path) -> None:
    complaints: list[str] = []
    assert readable(read_eras, write_site(tmp_path, {}), complaints.append) is None
    assert complaints == []


def test_findings_are_data(locked: Notebook) -> None:
    (first, *_) = check_notebook(locked, eras=Eras("linux", ("v3.7",)))
    assert isinstance(first, Finding)
    assert first.severity == STALE_ERAS.severity

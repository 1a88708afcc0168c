"""One mistake is one finding: each slip of the pen, and the one place that the check names."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from callpath.checks import check_notebook
from callpath.cli import main
from callpath.eras.eras import write_eras
from callpath.facts.eras import Eras, Statement
from callpath.facts.lock import stated_edge, stated_symbol
from callpath.findings import Finding
from callpath.notebook import read_notebook
from callpath.workspace import Workspace, open_workspace, read_eras
from kernel import FAN_NOTE, LAMP_NOTE, lock_site, sources, write_files, write_site, write_tree

OVEN_C = """\
static int oven_light(void) { return 0; }
static int oven_fan(void) { return 0; }
int oven_heat(void)
{
	return oven_light() + oven_fan();
}
int oven_start(void)
{
	return oven_heat();
}
"""
OVEN_NOTE = """\
title: How an oven starts
description: |
  It heats.
steps:
  - function: oven_start
    file: oven.c
    steps:
      - function: oven_heat
        file: oven.c
        steps:
          - function: oven_light
            file: oven.c
          - function: oven_fan
            file: oven.c
"""
PAGE = "# Home\n\n[oven_heat](src:oven.c#oven_heat), [fans](fan.yml), [ovens](oven.yml)\n"
NOTES = {"oven.yml": OVEN_NOTE, "fan.yml": FAN_NOTE, "lamp.yml": LAMP_NOTE, "index.md": PAGE}


@pytest.fixture
def spec(tree: str) -> str:
    return write_tree(Path(tree.removeprefix("tree:")), {"oven.c": OVEN_C})


@pytest.fixture
def site(tmp_path: Path, spec: str) -> Workspace:
    """A clean notebook with a lockfile and eras."""
    workspace = write_site(tmp_path / "kitchen", NOTES)
    book = lock_site(workspace, linux=spec)
    held = Statement((("v3.7", "v3.7"),))
    symbols = {stated_symbol(each): held for each in book.references}
    edges = {stated_edge(edge): held for edge in book.edges}
    write_eras(workspace, Eras("linux", ("v3.7",), symbols, edges))
    assert checked(workspace) == ()
    return workspace


def checked(site: Workspace, spec: str = "") -> tuple[Finding, ...]:
    """All that a check finds; with a source, if it is given."""
    workspace = open_workspace(site.config)
    real = sources(linux=spec) if spec else None
    return check_notebook(read_notebook(workspace), real, eras=read_eras(workspace))


def change(site: Workspace, path: str, old: str, new: str) -> None:
    file = site.root / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


OVEN = "notes/oven.yml"
SLIPS = {
    "misspelt name": ("function: oven_heat", "function: oven_haet", "8:19", "`oven_heat`"),
    "misspelt leaf": ("function: oven_fan", "function: oven_fna", "13:23", "`oven_fan`"),
    "misspelt top": ("function: oven_start", "function: oven_strat", "5:15", "`oven_start`"),
    "wrong file": (
        "oven_heat\n        file: oven.c",
        "oven_heat\n        file: oven/a.c",
        "8:19",
        "`oven.c`",
    ),
    "wrong kind": ("function: oven_fan", "macro: oven_fan", "13:20", "callpath lock"),
    "no occurrence": (
        "- function: oven_fan",
        "- occurrence: 2\n            function: oven_fan",
        "14:23",
        "callpath lock",
    ),
    "step for steps": ("\nsteps:", "\nstep:", "4:1", "`steps`"),
    "another word for steps": ("\nsteps:", "\nway:", "4:1", "`steps`"),
    "lower step for steps": ("\n    steps:", "\n    step:", "7:5", "`steps`"),
    "no line of steps": ("\nsteps:", "", "1:1", "`steps:`"),
    "pin of another version": ("\nsteps:", "\npin: v3.8\nsteps:", "4:6", "`pin: v3.7`"),
    "pin of another project": (
        "\nsteps:",
        "\npin: {project: lnux, version: v3.7}\nsteps:",
        "4:6",
        "did you mean `linux`?",
    ),
    "pin without version": ("\nsteps:", "\npin: latest\nsteps:", "4:6", ""),
    "new step": (
        "\nsteps:",
        "\nsteps:\n  - {function: oven_stop, file: oven.c}",
        "5:16",
        "callpath lock",
    ),
    "other edge": (
        "          - function: oven_fan\n            file: oven.c\n",
        "      - function: oven_fan\n        file: oven.c\n",
        "13:19",
        "callpath lock",
    ),
}


@pytest.mark.parametrize(("old", "new", "place", "hint"), SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_in_a_note_is_one_finding_there_that_says_what_to_do(
    site: Workspace, old: str, new: str, place: str, hint: str
) -> None:
    change(site, OVEN, old, new)
    (found,) = checked(site)
    assert str(found.location) == f"{OVEN}:{place}"
    assert hint in found.hint


@pytest.mark.parametrize("name", ["misspelt name", "misspelt leaf", "wrong file", "wrong kind"])
def test_with_a_source_it_is_still_one_finding(site: Workspace, spec: str, name: str) -> None:
    old, new, place, _ = SLIPS[name]
    change(site, OVEN, old, new)
    (found,) = checked(site, spec)
    assert str(found.location) == f"{OVEN}:{place}"
    assert found.rule in ("undefined-symbol", "missing-file", "wrong-kind")


def test_one_wrong_path_in_many_steps_is_one_finding(site: Workspace, spec: str) -> None:
    text = (site.notes_folder / "oven.yml").read_text(encoding="utf-8")
    write_files(site.notes_folder, {"oven.yml": text.replace("file: oven.c", "file: own/oven.c")})
    (alone,) = checked(site)
    assert (alone.rule, str(alone.location)) == ("not-locked", f"{OVEN}:5:15")
    (asked,) = checked(site, spec)
    assert (asked.rule, str(asked.location)) == ("missing-file", f"{OVEN}:5:15")
    assert [each.line for each in asked.related] == [8, 11, 13]
    assert "`oven.c" in asked.hint


def gone_leaf(site: Workspace) -> None:
    change(site, OVEN, "          - function: oven_fan\n            file: oven.c\n", "")


def gone_note(site: Workspace) -> None:
    (site.notes_folder / "lamp.yml").unlink()


def gone_version(site: Workspace) -> None:
    change(site, "mkdocs.yml", "pin: v3.7", "pin: v3.8")


def gone_project(site: Workspace) -> None:
    change(site, "mkdocs.yml", "pin: v3.7", "pin: {project: lamps, version: v3.7}")


def gone_fact(site: Workspace) -> None:
    lines = site.lockfile.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith('{"name": "oven_light"')]
    assert len(kept) == len(lines) - 1
    site.lockfile.write_text("".join(kept), encoding="utf-8")


def no_lockfile(site: Workspace) -> None:
    site.lockfile.unlink()


def later_eras(site: Workspace) -> None:
    write_eras(site, Eras("linux", ("v3.7",)))


@pytest.mark.parametrize(
    ("slip", "place", "rule"),
    [
        (gone_leaf, "notes/notes.lock:1:1", "stale-lock"),
        (gone_note, "notes/notes.lock:1:1", "stale-lock"),
        (gone_version, "mkdocs.yml:6:12", "not-locked"),
        (gone_project, "mkdocs.yml:6:12", "unlinked-project"),
        (gone_fact, "notes/oven.yml:11:23", "not-locked"),
        (no_lockfile, "notes/notes.lock:1:1", "not-locked"),
        (later_eras, "notes/fan.yml:3:15", "stale-eras"),
    ],
)
def test_a_slip_elsewhere_is_one_finding(
    site: Workspace, slip: Callable[[Workspace], None], place: str, rule: str
) -> None:
    slip(site)
    found = [each for each in checked(site) if each.rule != "broken-link"]
    assert [(str(each.location), each.rule) for each in found] == [(place, rule)]


def test_what_a_removed_step_leaves_names_the_step_above(site: Workspace) -> None:
    gone_leaf(site)
    (found,) = checked(site)
    assert "function `oven_fan` in `oven.c`" in found.message
    assert [str(each) for each in found.related] == ["notes/oven.yml:8:19"]


def test_a_renamed_note_is_one_finding_in_each_file_that_links_to_it(site: Workspace) -> None:
    (site.notes_folder / "fan.yml").rename(site.notes_folder / "fans.yml")
    change(site, "notes/lamp.yml", "It resets the lamp.", "As [a fan](fan.yml).")
    found = checked(site)
    assert [(each.location.file, each.rule, len(each.related)) for each in found] == [
        ("notes/index.md", "broken-link", 0),
        ("notes/lamp.yml", "broken-link", 1),
    ]
    assert all("`fans.yml`" in each.hint for each in found)


def test_two_mistakes_are_two_findings(site: Workspace) -> None:
    change(site, OVEN, "function: oven_light", "function: oven_lihgt")
    gone_note(site)
    found = [each for each in checked(site) if each.rule != "broken-link"]
    assert [each.rule for each in found] == ["not-locked", "stale-lock"]
    assert "lamp" in found[1].message


def test_findings_on_notes_come_before_those_on_the_files_made_from_them(site: Workspace) -> None:
    write_files(
        site.notes_folder, {"zebra.yml": "title: z\nsteps:\n  - {function: z, file: z.c}\n"}
    )
    gone_note(site)
    files = [each.location.file for each in checked(site)]
    assert files == ["notes/zebra.yml", "notes/notes.lock"]


def test_a_damaged_lockfile_is_named_by_its_line(site: Workspace) -> None:
    text = site.lockfile.read_text(encoding="utf-8").splitlines(keepends=True)
    site.lockfile.write_text("".join([*text[:4], text[4][:30] + "\n", *text[5:]]), encoding="utf-8")
    done = CliRunner().invoke(main, ["-f", str(site.config), "check"])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "notes/notes.lock:5:1" in done.stderr
    assert "callpath lock --source SPEC" in done.stderr

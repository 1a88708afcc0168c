"""A site names a macro of its code base that dispatches: the edge behind it is then proved."""

from pathlib import Path

import pytest

from callpath.checks import check_notebook
from callpath.notebook import read_notebook
from callpath.workspace import open_workspace
from kernel import CONFIG, MAKEFILE, sources, write_files, write_tree

SOURCE = """\
struct lamp_ops { int (*reset)(int level); };
static int desk_reset(int level) { return level; }
static struct lamp_ops desk_ops = { .reset = desk_reset };
int lamp_start(int level)
{
	return lamp_run(desk, do_reset)(level);
}
"""

NOTE = """\
title: t
steps:
  - function: lamp_start
    file: lamp.c
    steps:
      - function: desk_reset
        file: lamp.c
        via: lamp_ops.reset
"""

KNOWN = CONFIG + "      dispatch_macros:\n        - {name: lamp_run, argument: 2, prefix: do_}\n"
WRONG = CONFIG + "      dispatch_macros:\n        - {name: lamp_run, argument: 0}\n"


def _rules(folder: Path, config: str) -> list[str]:
    tree = write_tree(folder / "tree", {"Makefile": MAKEFILE, "lamp.c": SOURCE})
    write_files(folder / "site", {"mkdocs.yml": config, "notes/n.yml": NOTE})
    notebook = read_notebook(open_workspace(folder / "site" / "mkdocs.yml"))
    found = check_notebook(notebook, sources(linux=tree))
    return [finding.rule for finding in found if finding.rule != "not-locked"]


def test_an_edge_behind_an_unknown_macro_is_not_proved(tmp_path: Path) -> None:
    assert _rules(tmp_path, CONFIG) == ["half-proved-edge"]


def test_it_is_proved_once_the_site_names_the_macro(tmp_path: Path) -> None:
    assert _rules(tmp_path, KNOWN) == []


def test_a_wrong_argument_is_told_with_its_place(tmp_path: Path) -> None:
    assert "invalid-value" in _rules(tmp_path, WRONG)


OPERATIONS = """\
struct core_ops { int (*power)(struct desk *desk, int on); };
struct video_ops { int (*power)(struct desk *desk, int on); };
struct desk_ops { const struct core_ops *core; const struct video_ops *video; };
struct desk { const struct desk_ops *ops; };
static int core_power(struct desk *desk, int on) { return on; }
static int video_power(struct desk *desk, int on) { return on; }
static int hook_power(struct desk *desk, int on) { return on; }
static const struct core_ops core = { .power = core_power };
static const struct video_ops video = { .power = video_power };
union hooks { int (*power)(struct desk *desk, int on); };
static union hooks hook = { .power = hook_power };
int by_operations(struct desk *desk) { return desk_call(desk, core, power, 1); }
int by_member(struct desk *desk) { return desk_member(desk->ops->video->power, desk); }
int by_name(struct desk *desk) { return desk_hook(power, desk); }
"""

MACROS = (
    CONFIG
    + """\
      dispatch_macros:
        - {name: desk_call, argument: 3, ops: 2}
        - desk_member
        - {name: desk_hook, struct: hooks}
"""
)


@pytest.mark.parametrize("caller", ["by_operations", "by_member", "by_name"])
@pytest.mark.parametrize("callee", ["core_power", "video_power", "hook_power"])
def test_a_macro_that_makes_the_call_itself(tmp_path: Path, caller: str, callee: str) -> None:
    right = {"by_operations": "core_power", "by_member": "video_power", "by_name": "hook_power"}
    tree = write_tree(tmp_path / "tree", {"Makefile": MAKEFILE, "lamp.c": OPERATIONS})
    note = NOTE.replace("lamp_start", caller).replace("desk_reset", callee)
    note = "".join(line for line in note.splitlines(keepends=True) if "via" not in line)
    write_files(tmp_path / "site", {"mkdocs.yml": MACROS, "notes/n.yml": note})
    notebook = read_notebook(open_workspace(tmp_path / "site" / "mkdocs.yml"))
    found = check_notebook(notebook, sources(linux=tree))
    rules = [finding.rule for finding in found if finding.rule != "not-locked"]
    assert (rules == []) is (right[caller] == callee)

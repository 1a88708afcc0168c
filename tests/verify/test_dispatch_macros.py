"""A site names a macro of its code base that dispatches: the edge behind it is then proved."""

from pathlib import Path

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

"""A site names a macro of its code base that heads a function: then steps and edges find it."""

from pathlib import Path

import pytest

from callpath.checks import check_notebook
from callpath.notebook import read_notebook
from callpath.workspace import open_workspace
from kernel import CONFIG, MAKEFILE, sources, write_files, write_tree

SOURCE = """\
int lamp_dim(int level) { return level; }
lamp_entry(desk, hall) { return lamp_dim(1); }
"""

NOTE = """\
title: t
steps:
  - function: {name}
    file: lamp.c
    steps:
      - function: lamp_dim
        file: lamp.c
"""

SAID = CONFIG + "      defining_macros:\n        - "


def _rules(folder: Path, config: str, name: str) -> list[str]:
    tree = write_tree(folder / "tree", {"Makefile": MAKEFILE, "lamp.c": SOURCE})
    note = NOTE.format(name=name)
    write_files(folder / "site", {"mkdocs.yml": config, "notes/n.yml": note})
    notebook = read_notebook(open_workspace(folder / "site" / "mkdocs.yml"))
    found = check_notebook(notebook, sources(linux=tree))
    return [finding.rule for finding in found if finding.rule != "not-locked"]


def test_a_macro_that_nobody_knows_defines_nothing(tmp_path: Path) -> None:
    assert "undefined-symbol" in _rules(tmp_path, CONFIG, "desk")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("lamp_entry", "desk"),
        ("{name: lamp_entry, argument: 2}", "hall"),
        ("{name: lamp_entry, argument: 2, prefix: go_}", "go_hall"),
    ],
)
def test_what_a_site_says_of_it_names_the_function(tmp_path: Path, said: str, name: str) -> None:
    assert _rules(tmp_path, SAID + said + "\n", name) == []


def test_a_macro_can_dispatch_and_define(tmp_path: Path) -> None:
    both = SAID + "lamp_entry\n      dispatch_macros: [{name: lamp_entry, argument: 2}]\n"
    assert _rules(tmp_path, both, "desk") == []


def test_a_wrong_argument_is_reported(tmp_path: Path) -> None:
    assert "invalid-value" in _rules(tmp_path, SAID + "{name: lamp_entry, argument: 0}\n", "desk")

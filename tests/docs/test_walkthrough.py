"""docs/walkthrough.md names functions that exist, in the order in which a build calls them."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_pages import ROOT, text_of

from callpath.cache import CACHE
from callpath.workspace import Workspace

PAGE = ROOT / "docs" / "walkthrough.md"
PACKAGE = ROOT / "plugins" / "callpath"
_ROW = re.compile(r"^\| `(?P<file>[\w/]+\.py)` \| `(?P<function>[\w.]+)` \|", re.MULTILINE)
_INLINE = re.compile(r"`(?P<file>[\w/]+\.py)` `(?P<function>\w+)`")

_TRACED = """
import json, sys
from mkdocs.commands.build import build
from mkdocs.config import load_config

calls = {}

def note(frame, event, _):
    code = frame.f_code
    if event == "call" and "/callpath/" in code.co_filename:
        calls.setdefault(f"{code.co_filename.rpartition('/callpath/')[2]} {code.co_qualname}")

config = load_config(sys.argv[1])
config.plugins.on_startup(command="build", dirty=False)
sys.setprofile(note)
build(config)
sys.setprofile(None)
print(json.dumps(list(calls)))
"""


@pytest.fixture
def calls(workspace: Workspace) -> list[str]:
    """The functions that a build of a small site calls, in the order of their first calls."""
    shutil.rmtree(workspace.root / CACHE, ignore_errors=True)  # what is known is not read
    traced = subprocess.run(
        [sys.executable, "-c", _TRACED, str(workspace.config)],
        cwd=workspace.root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(traced.stdout.splitlines()[-1]))


def test_the_table_is_in_the_order_of_a_build(calls: list[str]) -> None:
    named = [f"{row['file']} {row['function']}" for row in _ROW.finditer(text_of(PAGE))]
    assert named
    assert [name for name in named if name not in calls] == []
    assert sorted(named, key=calls.index) == named


def test_other_functions_of_the_page_exist() -> None:
    named = [(row["file"], row["function"]) for row in _INLINE.finditer(text_of(PAGE))]
    assert named
    assert [each for each in named if each[1] not in _functions(PACKAGE / each[0])] == []


def _functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

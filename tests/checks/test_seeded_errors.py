"""Every error that is put into a notebook is found, by the right rule, at the right place, truly.

`CALLPATH_SEED` chooses other errors. `CALLPATH_V37` and `CALLPATH_V612` name sources of Linux v3.7
and v6.12 (`tree:DIR` or `git:REPO`), for the errors in this project's own notebook.
"""

import os
from pathlib import Path

import pytest
import yaml

from callpath.model import Pin
from callpath.sources.spec import open_source, parse_spec
from kernel import FAN_NOTE, LAMP_NOTE, PIN, write_tree
from seeded_checks import check_all, findings, read_notebook

ROOT = Path(__file__).parents[2]

# --- a small tree -----------------------------------------------------------------------------


def test_errors_in_the_small_notebook_are_found(tmp_path: Path) -> None:
    with open_source(parse_spec(write_tree(tmp_path / "linux")), PIN) as source:
        notes = [LAMP_NOTE, FAN_NOTE]
        assert findings(read_notebook(notes, source.pin), source) == [[], []]
        kinds = check_all(notes, source, 12)
    assert sum(kinds.values()) >= 20
    assert len(kinds) >= 8


# --- this project's own notebook ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "variable"), [("v3.7", "CALLPATH_V37"), ("v6.12", "CALLPATH_V612")]
)
def test_errors_in_the_own_notebook_are_found(version: str, variable: str) -> None:
    spec = os.environ.get(variable, "")
    if not spec:
        pytest.skip(
            f"no source of Linux {version} (Debian has none): "
            f"{variable}=tree:DIR pytest tests/checks/test_seeded_errors.py"
        )
    notes = [text for text in _own_notes() if yaml.safe_load(text).get("pin", "v3.7") == version]
    with open_source(parse_spec(spec), Pin("linux", version)) as source:
        assert findings(read_notebook(notes, source.pin), source) == [[] for _ in notes]
        kinds = check_all(notes, source, 15)
    assert sum(kinds.values()) >= 150, kinds
    assert len(kinds) >= 14, kinds


def _own_notes() -> list[str]:
    return [path.read_text("utf-8") for path in sorted((ROOT / "notes").rglob("*.yml"))]

"""Every error that is put into a notebook is found, by the right rule, at the right place, truly.

`CALLPATH_SEED` chooses other errors. `CALLPATH_V37` names a source of Linux v3.7 (`tree:DIR` or
`git:REPO`), for the errors in this project's own notebook.
"""

import os
from pathlib import Path

import pytest

from callpath.sources import open_source
from kernel import FAN_NOTE, LAMP_NOTE, PIN, write_tree
from seeded_checks import check_all, findings, read_notebook

ROOT = Path(__file__).parents[2]

# --- a small tree -----------------------------------------------------------------------------


def test_errors_in_the_small_notebook_are_found(tmp_path: Path) -> None:
    with open_source(write_tree(tmp_path / "linux"), PIN) as source:
        notes = [LAMP_NOTE, FAN_NOTE]
        assert findings(read_notebook(notes, source.pin), source) == [[], []]
        kinds = check_all(notes, source, 12)
    assert sum(kinds.values()) >= 20
    assert len(kinds) >= 8


# --- this project's own notebook ---------------------------------------------------------------


def test_errors_in_the_own_notebook_are_found() -> None:
    spec = os.environ.get("CALLPATH_V37", "")
    if not spec:
        pytest.skip(
            "no source of Linux v3.7 (Debian has none): "
            "CALLPATH_V37=tree:DIR pytest tests/project/test_seeded_errors.py"
        )
    notes = [path.read_text("utf-8") for path in sorted((ROOT / "notes").rglob("*.yml"))]
    with open_source(spec, PIN) as source:
        assert findings(read_notebook(notes, source.pin), source) == [[] for _ in notes]
        kinds = check_all(notes, source, 15)
    assert sum(kinds.values()) >= 150, kinds
    assert len(kinds) >= 14, kinds

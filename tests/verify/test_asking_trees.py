"""How often trees are searched for the names of a text, and by how many processes."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callpath.sources.base import ScanProgress, silent
from callpath.sources.git import GitSource
from two_versions import CONFIG, NEW, OLD, invoke, write_notebook, write_versions

OLD_TREE = {"kernel/lamp.c": "int lamp_start(void)\n{\n\treturn 0;\n}\nint lamp_level;\n"}
NEW_TREE = {"kernel/lamp.c": "int lamp_begin(void)\n{\n\treturn 0;\n}\nint lamp_level;\n"}
PAGE = (
    "# Lamps\n\n`lamp_start()` was `lamp_begin()`; `lamp_levle` is none, nor is `lamp_strat()`.\n"
)
LATER = "title: Later\npin: v3.8\ndescription: |\n  `lamp_begin()` and `lamp_start()`.\nsteps:\n"
STEP = "  - variable: lamp_level\n    file: kernel/lamp.c\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    config = CONFIG + f"      versions: [{OLD}, {NEW}]\n      mentions:\n        names: true\n"
    notes = {"index.md": PAGE, "later.yml": LATER + STEP}
    write_versions(tmp_path / "linux", v3_7=OLD_TREE, v3_8=NEW_TREE)
    return write_notebook(tmp_path / "site", notes, config)


def checked(site: Path, *words: str) -> tuple[int, str, str]:
    shutil.rmtree(site / ".cache", ignore_errors=True)
    named = [f"{version}=git:{site.parent / 'linux'}" for version in (OLD, NEW)]
    sources = [word for spec in named for word in ("--source", spec)]
    return invoke(site, "check", *sources, *words)


def test_what_is_found_is_the_same_with_any_number_of_processes(site: Path) -> None:
    found = checked(site, "--jobs", "1")
    assert "lamp_strat" in found[1]
    for jobs in ("2", "8"):
        assert checked(site, "--jobs", jobs) == found
    assert checked(site) == found


def test_a_tree_is_searched_once_for_its_own_names_and_those_of_other_versions(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: Counter[str] = Counter()
    stream = GitSource.stream

    def counting(
        source: GitSource, wanted: Callable[[str], bool], progress: ScanProgress = silent
    ) -> Iterator[tuple[str, bytes]]:
        searched[source.pin.version] += wanted("kernel/lamp.c")  # of two passes, the one for code
        return stream(source, wanted, progress)

    monkeypatch.setattr(GitSource, "stream", counting)
    checked(site, "--jobs", "1")
    assert searched == {OLD: 1, NEW: 1}

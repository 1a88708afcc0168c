"""Every error that is put into a page is found, by the right rule, at the right place, truly.

`CALLPATH_SEED` chooses other pages and errors. `CALLPATH_V37` and `CALLPATH_V612` name one
repository that has Linux v3.7 and v6.12 (`git:REPO`).
"""

import os
from pathlib import Path

import pytest

from page_truths import tree_of_git
from seeded_page_checks import check_pages, sources_of


@pytest.mark.parametrize(("version", "other"), [("v6.12", "v3.7"), ("v3.7", "v6.12")])
def test_errors_in_pages_are_found(version: str, other: str, tmp_path: Path) -> None:
    specs = {os.environ.get("CALLPATH_V37", ""), os.environ.get("CALLPATH_V612", "")}
    spec = next(iter(specs))
    if len(specs) > 1 or not spec.startswith("git:"):
        pytest.skip(
            "no repository of Linux v3.7 and v6.12 (Debian has none): "
            "CALLPATH_V37=git:REPO CALLPATH_V612=git:REPO pytest tests/checks/test_seeded_pages.py"
        )
    repository = Path(spec.removeprefix("git:"))
    tree = tree_of_git(repository, version, tmp_path / version)
    older = tree_of_git(repository, other, tmp_path / other)
    kinds = check_pages(tree, sources_of({"": spec}), tmp_path / "site", older)
    assert sum(kinds.values()) >= 300, kinds
    assert min(kinds.values()) >= 5, kinds
    assert len(kinds) >= 25, kinds

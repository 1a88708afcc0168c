"""Every error that is put into pages about Linux 6.12 is found, truly, and true pages have none."""

from pathlib import Path

import pytest
from debian_source import pin_of

from page_truths import tree_of_folder
from seeded_page_checks import check_pages, sources_of

pytestmark = pytest.mark.oracle


def test_errors_in_pages_on_linux_6_12_are_found(linux_6_12: Path, tmp_path: Path) -> None:
    tree = tree_of_folder(linux_6_12, pin_of(linux_6_12).version)
    kinds = check_pages(tree, sources_of({"": f"tree:{linux_6_12}"}), tmp_path)
    assert sum(kinds.values()) >= 200, kinds
    assert min(kinds.values()) >= 5, kinds
    assert len(kinds) >= 23, kinds

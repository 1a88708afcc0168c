"""Every error that is put into the note of KVM's initialisation is found on Linux 6.12, truly."""

from pathlib import Path

import pytest
from debian_source import NOTE, pin_of

from callpath.sources.spec import open_source, parse_spec
from seeded_checks import check_all, findings, read_notebook

pytestmark = pytest.mark.oracle


def test_errors_on_linux_6_12_are_found(linux_6_12: Path) -> None:
    notes = [NOTE.read_text("utf-8")]
    with open_source(parse_spec(f"tree:{linux_6_12}"), pin_of(linux_6_12)) as source:
        assert findings(read_notebook(notes, source.pin), source) == [[]]
        kinds = check_all(notes, source, 16)
    assert sum(kinds.values()) >= 150, kinds
    assert len(kinds) >= 14, kinds

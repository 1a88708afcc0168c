"""docs/publishing.md says of the hosts what the tests try."""

from pathlib import Path

from hosts_table import START, with_table

PAGE = Path(__file__).parents[2] / "docs" / "publishing.md"


def test_the_table_of_the_hosts_is_the_one_that_is_tried() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written.count(START) == 1
    assert written == with_table(written), "docs/publishing.md: run `make docs`"

"""docs/rules.md says what the table of rules says."""

from pathlib import Path

from rules_page import rules_page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_the_rules_is_the_table() -> None:
    written = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert written == rules_page(), "docs/rules.md is not what `make docs` writes: run it"

"""Words that cost a reader time, and what is written instead; CONTRIBUTING has the list."""

import re
from pathlib import Path

import pytest
from markdown_pages import PAGES, ROOT

WORSE = {
    r"\bnothing (when|where|if)\b": "or None; empty",
    r"\bknows (no|nothing|neither)\b": "does not depend on; does not have",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\bstands? beside\b": "is beside; is next to",
}
LIST = "## Style"
"""The section of CONTRIBUTING that names these words, and so may hold them."""

FILES = sorted([*(ROOT / "plugins").rglob("*.py"), *PAGES])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_word_that_has_a_better_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "CONTRIBUTING.md":
        before, _, style = text.partition(LIST)
        text = before + style.partition("\n## ")[2]
    found = {
        f"{text.count(chr(10), 0, hit.start()) + 1}: {hit[0]}: {better}"
        for word, better in WORSE.items()
        for hit in re.finditer(word, text, re.IGNORECASE)
    }
    assert found == set()

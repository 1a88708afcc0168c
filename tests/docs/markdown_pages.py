"""Reads the project's Markdown pages: fenced blocks, commands, headings, anchors, links."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]))

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(?P<marks>#+) (?P<title>.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]+`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language (may be empty) and its text."""

    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """The command lines of a console block, without comments, continued lines joined."""
        lines = self.text.replace("\\\n", " ").splitlines()
        bare = [line.split(" #")[0].strip() for line in lines]
        return [line for line in bare if line and not line.startswith("#")]


@cache
def text_of(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[Block]:
    """The fenced blocks of a language, in order."""
    found = (Block(each["language"], each["text"]) for each in _FENCE.finditer(text_of(page)))
    return [block for block in found if block.language == language]


def commands(page: Path) -> list[str]:
    """Every command that a page tells its reader to run, in order."""
    return [command for block in blocks(page, "sh") for command in block.commands]


def headings(page: Path) -> list[tuple[int, str]]:
    """Level and title of every heading, in order."""
    prose = _FENCE.sub("", text_of(page))
    return [(len(each["marks"]), each["title"].strip()) for each in _HEADING.finditer(prose)]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    found = set()
    for _, title in headings(page):
        kept = re.sub(r"[^\w\- ]", "", title.lower().replace("`", ""))
        found.add(kept.replace(" ", "-"))
    return found


def links(page: Path) -> list[str]:
    """The targets of a page's links; those in code are none."""
    prose = _CODE.sub("", _FENCE.sub("", text_of(page)))
    return [each["target"] for each in _LINK.finditer(prose)]

"""How much room a text takes, roughly, for a browser that has not laid it out yet. Pure."""

import re
from html import unescape

_TAG = re.compile(r"<[^>]*>")
_BLOCK = re.compile(r"<(?:p|li|tr|dt|dd|pre)\b")
_WIDE = "\u2e80"
"""The first letter that is as wide as it is high; those before it are half as wide."""
_BLOCK_SIZE = 16
"""What a block takes beside its text, by its margins and its last line, in letters.

This, `STEP_SIZE` and the height of a letter in the style sheet were fitted to the 344 steps of
three notes, 360 to 1400 pixels wide: the height of a note comes out within a tenth.
"""
STEP_SIZE = 200
"""What a step takes without its text, for its heading and where it is, in letters."""


def text_size(*texts: str) -> int:
    """The room of some HTML, in Chinese letters; other letters count half, blocks 16 more."""
    text = "".join(texts)
    said = unescape(_TAG.sub("", text))
    wide = sum(letter >= _WIDE for letter in said)
    return (wide + len(said)) // 2 + _BLOCK_SIZE * len(_BLOCK.findall(text))

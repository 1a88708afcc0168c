"""How much two definitions have in common: their tokens, without comments and their own names."""

import hashlib
import re

from rapidfuzz.distance import Indel

from callpath.core.c_parser.lexing import without_comments
from callpath.core.drift.values import Piece

FEW_TOKENS = 20
"""Definitions with fewer tokens are alike by chance: `{ return 0; }`."""

_TOKEN = re.compile(
    rb'[A-Za-z_]\w*|[0-9][\w.]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\S', re.ASCII
)
_OWN_NAME = b"\0"
_LARGEST = 20_000
"""How many tokens of a definition are compared; longer ones are tables."""
_FIRST_CHARACTER = 0x10000
"""Tokens are compared as single characters, from here on."""


class Likeness:
    """Compares definitions; what it computed of one is kept."""

    def __init__(self) -> None:
        self._characters: dict[bytes, str] = {}
        self._written: dict[Piece, str] = {}

    def written(self, piece: Piece) -> str:
        """A definition with one character for each token, and one for its own name."""
        known = self._written.get(piece)
        if known is None:
            known = "".join(map(self._character, _tokens(piece)))
            self._written[piece] = known
        return known

    def alike(self, one: Piece, other: Piece, least: float = 0.0) -> float:
        """How much of two definitions is the same, 0 to 1; 0 when it is below `least`."""
        return float(
            Indel.normalized_similarity(
                self.written(one), self.written(other), score_cutoff=least or None
            )
        )

    def is_short(self, piece: Piece) -> bool:
        """Whether a definition is so short that likeness says little."""
        return len(self.written(piece)) < FEW_TOKENS

    def _character(self, token: bytes) -> str:
        known = self._characters.get(token)
        if known is None:
            # Past the last character all other tokens are one: no two real files have so many.
            number = min(_FIRST_CHARACTER + len(self._characters), 0x10FFFF)
            known = self._characters[token] = chr(number)
        return known


def nameless_digest(piece: Piece) -> str:
    """A digest of a definition's tokens without its own name: renamed, it is still the same."""
    return hashlib.sha256(b"\n".join(_tokens(piece))).hexdigest()


def _tokens(piece: Piece) -> list[bytes]:
    name = piece.definition.name.rpartition(".")[2].encode()
    tokens = _TOKEN.findall(without_comments(piece.text))[:_LARGEST]
    return [_OWN_NAME if token == name else token for token in tokens]


def in_percent(share: float) -> str:
    """A share as readers write it; never 100 % of what is not the same."""
    return f"{min(int(share * 100), 99)} %"

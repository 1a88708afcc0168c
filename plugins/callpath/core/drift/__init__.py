"""How definitions and edges differ between two versions, and where those that are gone went.

`values` are what is told, `matching` finds a definition among those of its name, `elsewhere` in
other files, `likeness` compares texts, `renames` looks for another name, `calling` says what is now
called where the old one was, `edges` compares proofs. Pure: no source, no notes' text.
"""

from callpath.core.drift.values import (
    Candidate,
    Drift,
    DriftStatus,
    EdgeDrift,
    EdgeStatusChange,
    Outcome,
    Piece,
    ReferenceDrift,
)

__all__ = [
    "Candidate",
    "Drift",
    "DriftStatus",
    "EdgeDrift",
    "EdgeStatusChange",
    "Outcome",
    "Piece",
    "ReferenceDrift",
]

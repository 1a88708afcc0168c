"""What drift is told in: a definition with its text, an outcome, candidates. Values only."""

from dataclasses import dataclass
from enum import StrEnum

from callpath.core.c_parser.lexing import without_comments
from callpath.core.model import Definition, Pin, Reference, SymbolKind
from callpath.core.proof import EdgeStatus, Verdict
from callpath.core.prover.edges import Edge

_TAGGED = (SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM)


class DriftStatus(StrEnum):
    """How a definition differs between two versions."""

    SAME = "same"
    """The same text at the same line of the same file."""
    MOVED = "moved"
    """The same text at another line of its file."""
    MOVED_FILE = "moved-file"
    """The same text in another file."""
    CHANGED = "changed"
    """Another text under the same name, wherever it stands now."""
    RENAMED = "renamed"
    """Another name, or the same name as another kind of symbol."""
    GONE = "gone"
    """Nothing that is certainly the same symbol; candidates say what may be."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A definition with its text.

    Attributes:
        definition: The definition.
        occurrence: Which it is of the definitions of its name and kind in the file, 1-based.
        of: How many of them there are.
        text: The lines that it stands on, unchanged.
    """

    definition: Definition
    occurrence: int
    of: int
    text: bytes

    @property
    def content(self) -> tuple[str, bytes]:
        """What makes its text: the digest, and of a struct what stands behind its brace.

        `__packed` behind a struct is no part of the digest, but changes its layout.
        """
        if self.definition.kind not in _TAGGED:
            return self.definition.digest, b""
        behind = without_comments(self.text.rpartition(b"}")[2])
        return self.definition.digest, behind.partition(b";")[0].strip()

    @property
    def is_private(self) -> bool:
        """Whether only its own file can see it: `static`, and not in a header."""
        found = self.definition
        return found.path.endswith(".c") and "static" in found.signature.split()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where a symbol may have gone.

    Attributes:
        definition: What stands there.
        score: How likely it is, from 0 to 1.
        reason: Why, in words; no full stop.
    """

    definition: Definition
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one definition.

    Attributes:
        status: How it differs.
        after: What it is now; nothing when it is gone.
        evidence: Why that is known, in words; no full stop.
        candidates: Where it may have gone, the likeliest first; of what is gone or renamed.
    """

    status: DriftStatus
    after: Piece | None = None
    evidence: str = ""
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceDrift:
    """What became of what a reference names.

    Attributes:
        reference: The reference, at the old version.
        before: What it named.
        outcome: What became of it.
        choice: Which of several definitions the reference must name at the new version, 1-based;
            0 when there is only one.
    """

    reference: Reference
    before: Piece
    outcome: Outcome
    choice: int = 0


class EdgeStatusChange(StrEnum):
    """How an edge differs between two versions."""

    PROVED = "proved"
    """It is proved as before."""
    OTHERWISE = "proved-otherwise"
    """It is proved, but in another way: another kind of proof, of site, or another pointer."""
    GONE = "gone"
    """It is no longer proved."""
    ASSERTED = "asserted"
    """Its author vouches for it; the new version does not prove it."""
    HALF = "half"
    """Only one half of it is found, as before."""
    NOT_SEARCHED = "not-searched"
    """The new version's source cannot be searched for it."""


@dataclass(frozen=True, slots=True)
class EdgeDrift:
    """What became of an edge.

    Attributes:
        edge: The edge as the notes state it.
        status: How it differs.
        before: What the old version says of it.
        after: What the new version says of it; `reason` is the nearest truth.
    """

    edge: Edge
    status: EdgeStatusChange
    before: Verdict
    after: Verdict

    @property
    def is_weaker(self) -> bool:
        """Whether it was proved, and is not any more."""
        return (self.before.status, self.after.status) == (
            EdgeStatus.PROVED,
            EdgeStatus.ASSERTED,
        )


@dataclass(frozen=True, slots=True)
class Drift:
    """How what the notes speak of differs between two versions.

    Attributes:
        old: The pin of the notes.
        new: The version that it is compared with.
        references: What became of each reference, in the notes' order.
        edges: What became of each edge, in the notes' order.
        unresolved: The references that name nothing at the old version, in the notes' order.
    """

    old: Pin
    new: Pin
    references: tuple[ReferenceDrift, ...]
    edges: tuple[EdgeDrift, ...] = ()
    unresolved: tuple[Reference, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing drifted."""
        kept = (EdgeStatusChange.PROVED, EdgeStatusChange.ASSERTED, EdgeStatusChange.HALF)
        return (
            all(one.outcome.status is DriftStatus.SAME for one in self.references)
            and all(edge.status in kept and not edge.is_weaker for edge in self.edges)
            and not self.unresolved
        )

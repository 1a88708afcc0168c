"""What a repin asks its author to read again. Values only."""

from dataclasses import dataclass

from callpath.core.diagnostics import Place
from callpath.core.drift.values import ReferenceDrift


@dataclass(frozen=True, slots=True)
class Review:
    """A mention of a definition whose text changed.

    Attributes:
        drift: What became of it.
        place: Where the mention stands now.
    """

    drift: ReferenceDrift
    place: Place

    @property
    def since(self) -> str:
        """The version that it was pinned to."""
        return self.drift.reference.pin.version

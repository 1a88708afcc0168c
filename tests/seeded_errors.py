"""Makes notes with one error each, out of a notebook without any."""

from collections.abc import Sequence

from seeded_edges import EDGE_MAKERS
from seeded_making import Seeder
from seeded_notes import Seeded
from seeded_references import REFERENCE_MAKERS
from seeded_texts import Texts


def seeded_errors(notes: Sequence[str], texts: Texts, seed: int, most: int) -> list[Seeded]:
    """Errors of every kind.

    Parameters:
        notes: The YAML texts of a notebook without errors.
        texts: The source.
        seed: Chooses among the possible errors.
        most: How many of each kind there are at most.
    """
    seeder = Seeder(notes, texts, seed)
    found: list[Seeded] = []
    for make in (*REFERENCE_MAKERS, *EDGE_MAKERS):
        order = [stop for stop in seeder.stops if "asserted" not in stop.data]
        seeder.random.shuffle(order)
        made = (error for stop in order if (error := make(seeder, stop)) is not None)
        found += [error for error, _ in zip(made, range(most), strict=False)]
    return found

"""Which releases a note without a pin fits: counts, what never holds, what cannot hold together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callpath.core.diagnostics import Place
from callpath.core.eras import MAY_HOLD, EdgeEnds, Era, Standing, SymbolKey, eras_of


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of a note, with what each release says of it.

    Attributes:
        of: The symbol, or the edge.
        place: Where the note states it first.
        standings: The standing at each release.
    """

    of: SymbolKey | EdgeEnds
    place: Place
    standings: tuple[Standing, ...]

    @property
    def is_edge(self) -> bool:
        """Whether it is an edge."""
        return isinstance(self.of, EdgeEnds)

    def told(self) -> str:
        """It as a clause: `` `kvm_init` in `virt/kvm/kvm_main.c` ``, `` `f` → `g` ``."""
        if isinstance(self.of, EdgeEnds):
            return f"`{self.of.caller[1]}` → `{self.of.callee[1]}`"
        path, name, *_ = self.of
        return f"`{name}` in `{path}`"

    @property
    def possible(self) -> frozenset[int]:
        """The numbers of the releases in which it may hold, from 0."""
        return frozenset(
            number for number, standing in enumerate(self.standings) if standing in MAY_HOLD
        )

    def holds_at(self, number: int) -> bool:
        """Whether it holds in a release."""
        return self.standings[number] is Standing.HOLDS


@dataclass(frozen=True, slots=True)
class Score:
    """How many statements hold in a release.

    Attributes:
        version: The release.
        references: How many symbols are where the note says.
        references_of: How many there are.
        edges: How many edges are proved.
        edges_of: How many there are.
    """

    version: str
    references: int
    references_of: int
    edges: int
    edges_of: int

    @property
    def total(self) -> int:
        """How many statements hold."""
        return self.references + self.edges


@dataclass(frozen=True, slots=True)
class Apart:
    """A statement that holds somewhere, but cannot hold together with what the best release has.

    Attributes:
        claim: The statement.
        eras: Where it holds.
        others: Statements of the best releases. With each of them alone it cannot hold; when
            `is_joint`, only not with all of them.
        is_joint: Whether it takes all of the others.
    """

    claim: Claim
    eras: tuple[Era, ...]
    others: tuple[Claim, ...]
    is_joint: bool = False


@dataclass(frozen=True)
class Dated:
    """What a note's statements say of its age.

    Attributes:
        tags: The releases that were looked at, in order.
        claims: The statements, each once, in the order of the note.
    """

    tags: tuple[str, ...]
    claims: tuple[Claim, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        """How many statements hold in each release, in order."""
        return tuple(self._score(number) for number in range(len(self.tags)))

    def _score(self, number: int) -> Score:
        edges = [claim for claim in self.claims if claim.is_edge]
        symbols = [claim for claim in self.claims if not claim.is_edge]
        return Score(
            self.tags[number],
            sum(claim.holds_at(number) for claim in symbols),
            len(symbols),
            sum(claim.holds_at(number) for claim in edges),
            len(edges),
        )

    @property
    def best(self) -> tuple[Score, ...]:
        """The releases in which most statements hold, in order; none when none holds anywhere."""
        most = max((score.total for score in self.scores), default=0)
        return tuple(score for score in self.scores if most and score.total == most)

    @property
    def never(self) -> tuple[Claim, ...]:
        """The statements that hold in none of the releases."""
        return tuple(claim for claim in self.claims if not claim.possible)

    @property
    def open(self) -> tuple[Claim, ...]:
        """The statements that are found to hold nowhere, but cannot be ruled out everywhere."""
        return tuple(
            claim
            for claim in self.claims
            if claim.possible and Standing.HOLDS not in claim.standings
        )

    @property
    def apart(self) -> tuple[Apart, ...]:
        """The statements that cannot hold together with those of the best releases."""
        names = {score.version for score in self.best}
        best = frozenset(number for number, tag in enumerate(self.tags) if tag in names)
        held = [claim for claim in self.claims if any(map(claim.holds_at, best))]
        return tuple(self._apart(best, held))

    def _apart(self, best: frozenset[int], held: Sequence[Claim]) -> Iterator[Apart]:
        for claim in self.claims:
            if best and claim.possible and not claim.possible & best:
                eras = eras_of(self.tags, claim.standings)
                single = tuple(other for other in held if not other.possible & claim.possible)
                others = single or tuple(_together_impossible(claim, held))
                yield Apart(claim, eras, others, is_joint=not single)


def _together_impossible(claim: Claim, held: Iterable[Claim]) -> Iterator[Claim]:
    """Statements that together leave no release for a claim: always the next that leaves fewest."""
    left = claim.possible
    others = list(held)
    while left and others:
        following = min(others, key=lambda other: len(other.possible & left))
        if following.possible & left == left:
            return
        yield following
        left &= following.possible
        others.remove(following)

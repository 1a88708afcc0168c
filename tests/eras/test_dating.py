"""What a note's statements say of its age."""

from callpath.eras.dating import (
    Claim,
    Dated,
)
from callpath.facts.eras import ReleaseStatus
from callpath.facts.lock import StatedEdge, StatedSymbol
from callpath.findings import Location

LETTERS = {
    "x": ReleaseStatus.HOLDS,
    ".": ReleaseStatus.ABSENT,
    "?": ReleaseStatus.UNKNOWN,
    "o": ReleaseStatus.OTHERWISE,
}


def symbol(name: str, statuses: str, *, edge: bool = False) -> Claim:
    key = StatedSymbol("a.c", name, "function", 0)
    of = StatedEdge(key, key) if edge else key
    return Claim(of, Location("note.yml"), tuple(LETTERS[letter] for letter in statuses))


def dated(**claims: str) -> Dated:
    tags = tuple(f"v{number}" for number in range(1, len(next(iter(claims.values()))) + 1))
    return Dated(tags, tuple(symbol(name, statuses) for name, statuses in claims.items()))


def names(claims: tuple[Claim, ...]) -> list[str]:
    return [claim.of.name for claim in claims if isinstance(claim.of, StatedSymbol)]


def test_symbols_and_edges_are_counted_apart() -> None:
    found = Dated(
        ("v1", "v2"), (symbol("f", "x."), symbol("g", "xx"), symbol("e", "?x", edge=True))
    )
    assert [(each.references, each.references_of) for each in found.scores] == [(2, 2), (1, 2)]
    assert [(each.edges, each.edges_of) for each in found.scores] == [(0, 1), (1, 1)]
    assert [score.version for score in found.best] == ["v1", "v2"]


def test_nothing_is_best_where_nothing_holds() -> None:
    assert dated(f="..", g="?.").best == ()
    assert dated(f="..", g="?.").apart == ()


def test_what_cannot_be_told_is_not_said_never_to_hold() -> None:
    found = dated(f="..", g="?.", h="o.", i=".x")
    assert names(found.never) == ["f", "h"]
    assert names(found.open) == ["g"]


def test_a_statement_is_set_against_those_it_never_meets() -> None:
    (apart,) = dated(old="xx..", new="..xx", always="xxxx", late="...x", never="....").apart
    assert names((apart.claim,)) == ["old"]
    assert apart.eras == (("v1", "v2"),)
    assert names(apart.others) == ["new", "late"]
    assert not apart.is_joint


def test_several_statements_may_rule_one_out_only_together() -> None:
    # `odd` holds in v1 with `a` and in v2 with `b`; in v3, the best, without it.
    (apart,) = dated(odd="xx.", a="x.x", b=".xx", c="x.x", d=".xx").apart
    assert names((apart.claim,)) == ["odd"]
    assert names(apart.others) == ["a", "b"]
    assert apart.is_joint

"""Which links to source viewers can be `src:` links: those to one symbol, where it is defined."""

from callpath.facts.mentions import MentionFacts, PathNature
from callpath.fixing.rewrite import Rewriting
from callpath.mentions.judging.judge import tree_of
from callpath.mentions.model import Address, AddressKind, Judgement, SourceLink, Verdict
from callpath.model import Symbol
from callpath.notes.links import SCHEME


def source_rewriting(judgement: Judgement, facts: MentionFacts) -> Rewriting | None:
    """The rewriting of a right link as a `src:` link; None if it does not lead to one symbol.

    It does if its words name one symbol, its file defines that once, and its line is where that
    definition begins. A link to another version than the page's stays.
    """
    placed, mention = judgement.placed, judgement.placed.mention
    if judgement.verdict is not Verdict.RIGHT or judgement.replacement:
        return None
    if not isinstance(mention, SourceLink) or not isinstance(mention.address, Address):
        return None
    address = mention.address
    is_own = not address.floating and tree_of(placed) == placed.pin
    if not is_own or address.kind is not AddressKind.PATH or len(mention.named) != 1:
        return None
    [name] = mention.named
    path, place = facts.path(placed.pin, address.path), facts.place(placed.pin, address.path, name)
    if path is None or path.nature is not PathNature.FILE or place is None:
        return None
    if len(place.definitions) != 1 or not address.first:
        return None
    line, first, last = place.definitions[0]
    if address.first not in (line, first) or address.last > last:
        return None
    return Rewriting(placed, f"{SCHEME}{address.path}#{name}", Symbol(address.path, name))

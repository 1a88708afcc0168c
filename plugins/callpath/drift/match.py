"""What became of a definition, by its name: in its own file, or in one of those that have it now.

Also the values that drift is made of. Compares texts that it is given; reads no source.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename, dirname

from rapidfuzz.distance import Indel

from callpath.c.lexer import without_comments
from callpath.facts.lock import Candidate, DriftStatus, EdgeStatusChange
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.languages import language_of
from callpath.model import Definition, Edge, Pin, Reference, Symbol, SymbolKind


@dataclass(frozen=True, slots=True)
class DefinitionText:
    """A definition with the lines of its text, unchanged."""

    definition: Definition
    occurrence: int  # which it is of the definitions of its name and kind in the file, 1-based
    of: int  # how many of them there are
    text: bytes

    @property
    def content(self) -> tuple[str, bytes]:
        """What makes its text: the digest, and of a struct what stands behind its brace.

        `__packed` behind a struct is not a part of the digest, but changes its layout.
        """
        if self.definition.kind not in language_of(self.definition.path).tags:
            return self.definition.digest, b""
        behind = without_comments(self.text.rpartition(b"}")[2])
        return self.definition.digest, behind.partition(b";")[0].strip()

    @property
    def is_private(self) -> bool:
        """Whether only its own file can see it: `static`, and not in a header."""
        return language_of(self.definition.path).is_static(self.definition)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one definition."""

    status: DriftStatus
    after: DefinitionText | None = None  # what it is now, or None if it is gone
    evidence: str = ""  # why that is known, in words; no full stop
    candidates: tuple[Candidate, ...] = ()  # of what is gone or renamed, the likeliest first


Named = tuple[Symbol, int]
"""What a reference names: the symbol, and which of several definitions (0: not chosen)."""


@dataclass(frozen=True, slots=True)
class ReferenceDrift:
    """What became of what a reference names."""

    reference: Reference  # at the old version
    before: DefinitionText
    outcome: Outcome
    choice: int = 0  # the definition to name of several at the new version, 1-based; 0: only one

    @property
    def named(self) -> Named:
        """What the reference names."""
        return (self.reference.symbol, self.reference.occurrence)


@dataclass(frozen=True, slots=True)
class EdgeDrift:
    """What became of an edge; the `reason` of `after` is the nearest truth."""

    edge: Edge
    status: EdgeStatusChange
    before: Verdict
    after: Verdict

    @property
    def is_weaker(self) -> bool:
        """Whether it was proved, and is now only asserted."""
        return (self.before.status, self.after.status) == (EdgeStatus.PROVED, EdgeStatus.ASSERTED)


@dataclass(frozen=True, slots=True)
class Drift:
    """How what the notes speak of differs between two versions; all in the notes' order.

    Attributes:
        old: The pin of the notes.
        new: The version that it is compared with.
        unresolved: The references that name nothing at the old version.
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


_FEW_TOKENS = 20  # definitions with fewer tokens are alike by chance: `{ return 0; }`
_TOKEN = re.compile(
    rb'[A-Za-z_]\w*|[0-9][\w.]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\S', re.ASCII
)
_OWN_NAME = b"\0"
_LARGEST = 20_000  # how many tokens of a definition are compared; longer ones are tables
_FIRST_CHARACTER = 0x10000  # tokens are compared as single characters, from here on


@dataclass(slots=True)
class Likeness:
    """Compares definitions by their tokens; what it computed of one is kept."""

    _characters: dict[bytes, str] = field(default_factory=dict)
    _written: dict[DefinitionText, str] = field(default_factory=dict)

    def written(self, piece: DefinitionText) -> str:
        """A definition with one character for each token, and one for its own name."""
        if piece not in self._written:
            self._written[piece] = "".join(map(self._character, _tokens(piece)))
        return self._written[piece]

    def alike(self, one: DefinitionText, other: DefinitionText) -> float:
        """How much of two definitions is the same, 0 to 1."""
        return Indel.normalized_similarity(self.written(one), self.written(other))

    def is_short(self, piece: DefinitionText) -> bool:
        """Whether a definition is so short that likeness says little."""
        return len(self.written(piece)) < _FEW_TOKENS

    def _character(self, token: bytes) -> str:
        # Past the last character all other tokens are one: no two real files have so many.
        number = min(_FIRST_CHARACTER + len(self._characters), 0x10FFFF)
        return self._characters.setdefault(token, chr(number))


def nameless_digest(piece: DefinitionText) -> str:
    """A digest of a definition's tokens without its own name: renamed, it is still the same."""
    return hashlib.sha256(b"\n".join(_tokens(piece))).hexdigest()


def _tokens(piece: DefinitionText) -> list[bytes]:
    name = piece.definition.name.rpartition(".")[2].encode()
    tokens = _TOKEN.findall(without_comments(piece.text))[:_LARGEST]
    return [_OWN_NAME if token == name else token for token in tokens]


def in_percent(share: float) -> str:
    """A share as readers write it; never 100 % of what is not the same."""
    return f"{min(int(share * 100), 99)} %"


def by_score(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates, the likeliest first."""
    return sorted(
        candidates, key=lambda one: (-one.score, one.definition.path, one.definition.line)
    )


_LEAD = 0.1  # how much more alike the likeliest of several in one file must be than the next


def in_its_file(
    old: DefinitionText, named: Sequence[DefinitionText], likeness: Likeness
) -> Outcome | None:
    """What became of a definition in its own file, or None if the file has none of its kind.

    `named` are the file's definitions of that name now, in line order.
    """
    meant = [piece for piece in named if piece.definition.kind is old.definition.kind]
    if not meant:
        return None
    found = _the_one(old, meant, likeness)
    if found is not None:
        return _found_at(old, found, likeness)
    candidates = by_score(_one_of_several(old, piece, len(meant), likeness) for piece in meant)
    return Outcome(DriftStatus.GONE, None, f"defined {len(meant)} times now", tuple(candidates))


def _the_one(
    old: DefinitionText, meant: Sequence[DefinitionText], likeness: Likeness
) -> DefinitionText | None:
    """Which of one file's definitions of a name and kind is the old one, or None if it is open.

    The same text decides, then the condition, then the number, then likeness.
    """
    equal = [piece for piece in meant if piece.content == old.content]
    among = equal or meant
    if len(among) == 1:
        return among[0]
    same = [piece for piece in among if piece.definition.condition == old.definition.condition]
    if len(same) == 1:
        return same[0]
    for piece in among if old.of == len(meant) else ():
        if piece.occurrence == old.occurrence:
            return piece
    return None if equal else _likeliest(old, among, _LEAD, likeness)


def _likeliest(
    old: DefinitionText, among: Sequence[DefinitionText], lead: float, likeness: Likeness
) -> DefinitionText | None:
    """The one of several that is most like the old one, if it is clearly ahead."""
    ranked = sorted(among, key=lambda piece: -likeness.alike(old, piece))
    first, second = (likeness.alike(old, piece) for piece in ranked[:2])
    return ranked[0] if first >= second + lead else None


def _found_at(old: DefinitionText, new: DefinitionText, likeness: Likeness) -> Outcome:
    before, after = old.definition, new.definition
    if old.content != new.content:
        share = in_percent(likeness.alike(old, new))
        return Outcome(DriftStatus.CHANGED, new, f"{share} of its tokens are the same")
    if before.path != after.path:
        return Outcome(DriftStatus.MOVED_FILE, new, "the same text in another file")
    if before.line != after.line:
        return Outcome(DriftStatus.MOVED, new, "the same text at another line")
    return Outcome(DriftStatus.SAME, new, "the same text at the same line")


def _one_of_several(
    old: DefinitionText, piece: DefinitionText, count: int, likeness: Likeness
) -> Candidate:
    share = likeness.alike(old, piece)
    where = f" under `{piece.definition.condition}`" if piece.definition.condition else ""
    return Candidate(
        piece.definition,
        round(share, 2),
        f"definition {piece.occurrence} of {count}{where}, with {in_percent(share)} of its tokens",
    )


def choice_of(symbol: Symbol, piece: DefinitionText, named: Sequence[DefinitionText]) -> int:
    """Which of a name's definitions in a file a reference must name, 1-based; 0 if it needs none.

    `named` has all of them, in line order; a symbol without a kind may mean any kind.
    """
    kind = symbol.kind and piece.definition.kind
    meant = [each for each in named if kind in ("", each.definition.kind)]
    return meant.index(piece) + 1 if len(meant) > 1 else 0


_COPIES = ("tools/", "samples/", "scripts/", "usr/", "Documentation/")
"""Folders whose code runs outside of the kernel and repeats its headers."""

_ARCHITECTURE = re.compile(r"(?:arch/|include/asm-)([^/]+)/")
_FAMILIES = {
    "i386": "x86",
    "x86_64": "x86",
    "ppc": "powerpc",
    "ppc64": "powerpc",
    "sparc64": "sparc",
    "sh64": "sh",
    "m68knommu": "m68k",
    "generic": "",
}
"""Architectures that were merged into others, by the folders of Linux 2.6 to 6."""


def why_apart(path: str, origin: str) -> str:
    """Why code cannot have gone from one file to another, in words; empty if it can."""
    if path.startswith(_COPIES) != origin.startswith(_COPIES):
        return "not a part of the kernel itself"
    there, here = _architecture(path), _architecture(origin)
    return "of another architecture" if there and here and there != here else ""


def _architecture(path: str) -> str:
    found = _ARCHITECTURE.match(path)
    return _FAMILIES.get(found[1], found[1]) if found else ""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Where an old file's symbols went, of those that were looked for."""

    taken: Mapping[str, int]  # for each file of the new version how many names it took over
    lost: int  # how many names went to other files

    def heirs(self) -> list[str]:
        """The files that took over more than one name, those with the most first."""
        ranked = sorted(self.taken.items(), key=lambda item: (-item[1], item[0]))
        return [path for path, count in ranked if count > 1]

    def main_heir(self) -> str:
        """The file that took over most of the lost names, or empty."""
        return next((path for path in self.heirs()[:1] if self.taken[path] * 2 > self.lost), "")

    def evidence(self, path: str) -> str:
        """What a file took over, in words; empty if that is next to nothing."""
        count = self.taken.get(path, 0)
        return f"`{path}` has {count} of {self.lost} names that left its file" if count > 1 else ""


_ALIKE = 0.5
"""A definition of the same name that has this much of the old text is the old one, changed."""
_LEAD_OF_FILES = 0.15  # how much more alike the likeliest of several files' must be than the next

_KINDS_THAT_CHANGE = (
    {SymbolKind.FUNCTION, SymbolKind.MACRO},
    {SymbolKind.VARIABLE, SymbolKind.MACRO},
    {SymbolKind.ENUMERATOR, SymbolKind.MACRO},
    {SymbolKind.STRUCT, SymbolKind.UNION},
)
"""What may become what without another name."""


def in_other_files(
    old: DefinitionText,
    named: Sequence[DefinitionText],
    twins: Collection[str],
    around: Neighbourhood,
    likeness: Likeness,
) -> Outcome:
    """What became of a definition that its own file no longer has; `gone` if it stays open.

    `named` are the definitions of its name in all files, sorted by path, then line; `twins` the
    files that defined the same name and kind before already.
    """
    if not named:
        return Outcome(DriftStatus.GONE, None, "no file has the name")
    kind = old.definition.kind
    own_side = [p for p in named if not why_apart(p.definition.path, old.definition.path)]
    meant = [p for p in own_side if p.definition.kind is kind and p.definition.path not in twins]
    found = _choose(old, meant, around, likeness)
    if found is not None:
        outcome = _found_at(old, found, likeness)
        evidence = _with_neighbours(outcome.evidence, old, found, around)
        return Outcome(outcome.status, found, evidence)
    if not meant and (other := _other_kind(old, own_side, likeness)):
        return other
    ranked = by_score(_candidate(old, piece, twins, around, likeness) for piece in named)
    return Outcome(DriftStatus.GONE, None, _why_open(old, meant), tuple(ranked))


def _choose(
    old: DefinitionText, meant: Sequence[DefinitionText], around: Neighbourhood, likeness: Likeness
) -> DefinitionText | None:
    """Which of several files' definitions is the old one, or None if it is open."""
    by_file: dict[str, list[DefinitionText]] = {}
    for piece in meant:
        by_file.setdefault(piece.definition.path, []).append(piece)
    per_file = [_the_one(old, pieces, likeness) for pieces in by_file.values()]
    chosen = [piece for piece in per_file if piece is not None]
    if not chosen or len(chosen) < len(per_file):
        return None
    equal = [piece for piece in chosen if piece.content == old.content]
    near = _nearest(old, equal or chosen, around)
    if equal or (near is not None and _is_it(old, near, around, likeness)):
        return near
    likeliest = _likeliest(old, chosen, _LEAD_OF_FILES, likeness) if len(chosen) > 1 else None
    is_alike = likeliest is not None and likeness.alike(old, likeliest) >= _ALIKE
    return likeliest if is_alike else None


def _is_it(
    old: DefinitionText, new: DefinitionText, around: Neighbourhood, likeness: Likeness
) -> bool:
    """Whether the only definition of a name elsewhere, with another text, is the old one."""
    if around.taken.get(new.definition.path, 0) > 1 or _is_near(old, new):
        return True
    if not old.is_private and not new.is_private:
        return True  # one name that the whole kernel shares
    return likeness.alike(old, new) >= _ALIKE and not likeness.is_short(old)


def _is_near(old: DefinitionText, new: DefinitionText) -> bool:
    """Whether a file stands in the old one's folder or below, or has its name."""
    there, here = new.definition.path, old.definition.path
    return there.startswith(dirname(here) + "/") or basename(there) == basename(here)


def _nearest(
    old: DefinitionText, among: Sequence[DefinitionText], around: Neighbourhood
) -> DefinitionText | None:
    """The only one, or the one where the old file went, or alone in its folder or of its name."""
    path, heir = old.definition.path, around.main_heir()
    for fitting in (
        among,
        [each for each in among if each.definition.path == heir],
        [each for each in among if dirname(each.definition.path) == dirname(path)],
        [each for each in among if _is_near(old, each)],
    ):
        if len(fitting) == 1:
            return fitting[0]
    return None


def _other_kind(
    old: DefinitionText, named: Sequence[DefinitionText], likeness: Likeness
) -> Outcome | None:
    """The same name as another kind of symbol, in the old file or nowhere else."""
    kind, path = old.definition.kind, old.definition.path
    fitting = [piece for piece in named if {piece.definition.kind, kind} in _KINDS_THAT_CHANGE]
    in_file = [piece for piece in fitting if piece.definition.path == path]
    if len(in_file or fitting) != 1 or (not in_file and old.is_private):
        return None
    (found,) = in_file or fitting
    reason = f"the same name as {_a(found.definition.kind)}"
    score = round(0.8 + 0.2 * likeness.alike(old, found), 2)
    candidate = Candidate(found.definition, score, reason)
    return Outcome(DriftStatus.RENAMED, found, reason, (candidate,))


def _candidate(
    old: DefinitionText,
    piece: DefinitionText,
    twins: Collection[str],
    around: Neighbourhood,
    likeness: Likeness,
) -> Candidate:
    found = piece.definition
    share = likeness.alike(old, piece)
    reasons = [f"the same name with {in_percent(share)} of its tokens"]
    if piece.content == old.content:
        reasons, share = ["the same name and text"], 1.0
    score = 0.3 + 0.5 * share
    if found.kind is not old.definition.kind:
        reasons.append(f"but {_a(found.kind)}")
        score *= 0.5
    if found.path in twins:
        reasons.append("but it was there before")
        score *= 0.3
    elif evidence := around.evidence(found.path):
        reasons.append(evidence)
        score += 0.1
    if why := why_apart(found.path, old.definition.path):
        reasons.append(f"but {why}")
        score *= 0.3
    return Candidate(found, round(min(score, 1.0), 2), ", ".join(reasons))


def _with_neighbours(
    evidence: str, old: DefinitionText, found: DefinitionText, around: Neighbourhood
) -> str:
    """The evidence, with what points to the other file."""
    more = around.evidence(found.definition.path)
    if not more and found.content != old.content:
        more = "no other file has the name that could be meant"
    return "; ".join(filter(None, (evidence, more)))


def _why_open(old: DefinitionText, meant: Sequence[DefinitionText]) -> str:
    if not meant:
        return f"no file took over {_a(old.definition.kind)} of the name"
    files = len({piece.definition.path for piece in meant})
    if files == 1:
        return "another file has the name, with a text that is not like it"
    return f"{files} files have the name, and none is clearly it"


def _a(kind: SymbolKind) -> str:
    return f"{'an' if kind.value[0] in 'eu' and kind is not SymbolKind.UNION else 'a'} {kind}"

"""What became of a definition, by its name: in its own file, or in one of those that have it now.

Also the values that drift is made of. Compares texts that it is given; reads no source.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from posixpath import basename, dirname

from msgspec import Struct, field
from msgspec.structs import replace
from rapidfuzz.distance import Indel

from callpath.c.lexer import without_comments
from callpath.facts.lock import Candidate, DriftStatus, EdgeStatusChange
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.languages import language_of
from callpath.model import Definition, Edge, Pin, Reference, Symbol, SymbolKind


class DefinitionText(Struct, frozen=True):
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


class Outcome(Struct, frozen=True):
    """What became of one definition."""

    status: DriftStatus
    after: DefinitionText | None = None  # what it is now, or None if it is gone
    evidence: str = ""  # why that is known, in words; no full stop
    candidates: tuple[Candidate, ...] = ()  # of what is gone or renamed, the likeliest first


Named = tuple[Symbol, int]
"""What a reference names: the symbol, and which of several definitions (0: not chosen)."""


class ReferenceDrift(Struct, frozen=True):
    """What became of what a reference names."""

    reference: Reference  # at the old version
    before: DefinitionText
    outcome: Outcome
    choice: int = 0  # the definition to name of several at the new version, 1-based; 0: only one


class EdgeDrift(Struct, frozen=True):
    """What became of an edge; the `reason` of `after` is the nearest truth."""

    edge: Edge
    status: EdgeStatusChange
    before: Verdict
    after: Verdict

    @property
    def is_weaker(self) -> bool:
        """Whether it was proved, and is now only asserted."""
        return (self.before.status, self.after.status) == (EdgeStatus.PROVED, EdgeStatus.ASSERTED)


class Drift(Struct, frozen=True):
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


class Likeness(Struct):
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


class Neighbourhood(Struct, frozen=True):
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


_NOWHERE = Neighbourhood({}, 0)

_LEAD = 0.1  # how much more alike the likeliest of several in one file must be than the next
_LEAD_OF_FILES = 0.15  # the same of several files
_ALIKE = 0.5
"""A definition of the same name that has this much of the old text is the old one, changed."""

_KINDS_THAT_CHANGE = (
    {SymbolKind.FUNCTION, SymbolKind.MACRO},
    {SymbolKind.VARIABLE, SymbolKind.MACRO},
    {SymbolKind.ENUMERATOR, SymbolKind.MACRO},
    {SymbolKind.STRUCT, SymbolKind.UNION},
)
"""What may become what without another name."""


class Matcher(Struct, frozen=True):
    """Says what became of a definition, given those of its name in the other version."""

    old: DefinitionText
    likeness: Likeness
    around: Neighbourhood = _NOWHERE
    twins: Collection[str] = ()  # the files that defined the same name and kind before already

    def in_its_file(self, named: Sequence[DefinitionText]) -> Outcome | None:
        """What became of it in its own file, or None if the file has none of its kind.

        `named` are the file's definitions of that name now, in line order.
        """
        meant = [piece for piece in named if piece.definition.kind is self.old.definition.kind]
        if not meant:
            return None
        if found := self._the_one(meant):
            return self._found_at(found)
        candidates = by_score(self._one_of_several(piece, len(meant)) for piece in meant)
        return Outcome(DriftStatus.GONE, None, f"defined {len(meant)} times now", tuple(candidates))

    def in_other_files(self, named: Sequence[DefinitionText]) -> Outcome:
        """What became of it if its own file no longer has it; `gone` if it stays open.

        `named` are the definitions of its name in all files, sorted by path, then line.
        """
        if not named:
            return Outcome(DriftStatus.GONE, None, "no file has the name")
        kind, origin = self.old.definition.kind, self.old.definition.path
        own_side = [piece for piece in named if not why_apart(piece.definition.path, origin)]
        same_kind = [piece for piece in own_side if piece.definition.kind is kind]
        meant = [piece for piece in same_kind if piece.definition.path not in self.twins]
        if found := self._choose(meant):
            outcome = self._found_at(found)
            more = self.around.evidence(found.definition.path)
            if not more and found.content != self.old.content:
                more = "no other file has the name that could be meant"
            evidence = f"{outcome.evidence}; {more}" if more else outcome.evidence
            return replace(outcome, evidence=evidence)
        if not meant and (other := self._other_kind(own_side)):
            return other
        candidates = tuple(by_score(map(self._candidate, named)))
        return Outcome(DriftStatus.GONE, None, self._why_open(meant), candidates)

    def _alike(self, piece: DefinitionText) -> float:
        return self.likeness.alike(self.old, piece)

    def _the_one(self, meant: Sequence[DefinitionText]) -> DefinitionText | None:
        """Which of one file's definitions of its name and kind it is, or None if it is open.

        The same text decides, then the condition, then the number, then likeness.
        """
        old = self.old
        equal = [piece for piece in meant if piece.content == old.content]
        among = equal or meant
        found = _only_one(
            among,
            [each for each in among if each.definition.condition == old.definition.condition],
            [each for each in among if (each.occurrence, len(meant)) == (old.occurrence, old.of)],
        )
        return found if found or equal else self._likeliest(among, _LEAD)

    def _likeliest(self, among: Sequence[DefinitionText], lead: float) -> DefinitionText | None:
        """The one of several that is most like the old one, if it is clearly ahead."""
        ranked = sorted(among, key=self._alike, reverse=True)
        first, second = map(self._alike, ranked[:2])
        return ranked[0] if first >= second + lead else None

    def _found_at(self, new: DefinitionText) -> Outcome:
        before, after = self.old.definition, new.definition
        if self.old.content != new.content:
            share = in_percent(self._alike(new))
            return Outcome(DriftStatus.CHANGED, new, f"{share} of its tokens are the same")
        if before.path != after.path:
            return Outcome(DriftStatus.MOVED_FILE, new, "the same text in another file")
        if before.line != after.line:
            return Outcome(DriftStatus.MOVED, new, "the same text at another line")
        return Outcome(DriftStatus.SAME, new, "the same text at the same line")

    def _one_of_several(self, piece: DefinitionText, count: int) -> Candidate:
        found, share = piece.definition, self._alike(piece)
        where = f" under `{found.condition}`" if found.condition else ""
        which = f"definition {piece.occurrence} of {count}{where}"
        reason = f"{which}, with {in_percent(share)} of its tokens"
        return Candidate(found, round(share, 2), reason)

    def _choose(self, meant: Sequence[DefinitionText]) -> DefinitionText | None:
        """Which of several files' definitions it is, or None if it is open."""
        files = groupby(meant, attrgetter("definition.path"))
        per_file = [self._the_one(list(pieces)) for _, pieces in files]
        chosen = [piece for piece in per_file if piece]
        if not chosen or len(chosen) < len(per_file):
            return None
        equal = [piece for piece in chosen if piece.content == self.old.content]
        near = self._nearest(equal or chosen)
        if equal or (near and self._is_it(near)):
            return near
        likeliest = self._likeliest(chosen, _LEAD_OF_FILES) if len(chosen) > 1 else None
        return likeliest if likeliest and self._alike(likeliest) >= _ALIKE else None

    def _is_it(self, new: DefinitionText) -> bool:
        """Whether the only definition of its name elsewhere, with another text, is the old one."""
        if self.around.taken.get(new.definition.path, 0) > 1 or self._is_near(new):
            return True
        if not self.old.is_private and not new.is_private:
            return True  # one name that the whole kernel shares
        return self._alike(new) >= _ALIKE and not self.likeness.is_short(self.old)

    def _is_near(self, new: DefinitionText) -> bool:
        """Whether a file stands in the old one's folder or below, or has its name."""
        there, here = new.definition.path, self.old.definition.path
        return there.startswith(dirname(here) + "/") or basename(there) == basename(here)

    def _nearest(self, among: Sequence[DefinitionText]) -> DefinitionText | None:
        """The only one, or the one where the old file went, or alone in its folder or near it."""
        folder, heir = dirname(self.old.definition.path), self.around.main_heir()
        return _only_one(
            among,
            [each for each in among if each.definition.path == heir],
            [each for each in among if dirname(each.definition.path) == folder],
            [each for each in among if self._is_near(each)],
        )

    def _other_kind(self, named: Sequence[DefinitionText]) -> Outcome | None:
        """The same name as another kind of symbol, in the old file or nowhere else."""
        kind, path = self.old.definition.kind, self.old.definition.path
        fitting = [piece for piece in named if {piece.definition.kind, kind} in _KINDS_THAT_CHANGE]
        in_file = [piece for piece in fitting if piece.definition.path == path]
        if len(in_file or fitting) != 1 or (not in_file and self.old.is_private):
            return None
        (found,) = in_file or fitting
        reason = f"the same name as {_a(found.definition.kind)}"
        candidate = Candidate(found.definition, round(0.8 + 0.2 * self._alike(found), 2), reason)
        return Outcome(DriftStatus.RENAMED, found, reason, (candidate,))

    def _candidate(self, piece: DefinitionText) -> Candidate:
        found, old = piece.definition, self.old.definition
        share = self._alike(piece)
        reasons = [f"the same name with {in_percent(share)} of its tokens"]
        if piece.content == self.old.content:
            reasons, share = ["the same name and text"], 1.0
        score = 0.3 + 0.5 * share
        if found.kind is not old.kind:
            reasons.append(f"but {_a(found.kind)}")
            score *= 0.5
        if found.path in self.twins:
            reasons.append("but it was there before")
            score *= 0.3
        elif evidence := self.around.evidence(found.path):
            reasons.append(evidence)
            score += 0.1
        if why := why_apart(found.path, old.path):
            reasons.append(f"but {why}")
            score *= 0.3
        return Candidate(found, round(min(score, 1.0), 2), ", ".join(reasons))

    def _why_open(self, meant: Sequence[DefinitionText]) -> str:
        files = len({piece.definition.path for piece in meant})
        if not files:
            return f"no file took over {_a(self.old.definition.kind)} of the name"
        if files == 1:
            return "another file has the name, with a text that is not like it"
        return f"{files} files have the name, and none is clearly it"


def _only_one(*choices: Sequence[DefinitionText]) -> DefinitionText | None:
    """What the first choice holds that holds just one."""
    return next((choice[0] for choice in choices if len(choice) == 1), None)


def _a(kind: SymbolKind) -> str:
    return f"{'an' if kind.value[0] in 'eu' and kind is not SymbolKind.UNION else 'a'} {kind}"


def choice_of(symbol: Symbol, piece: DefinitionText, named: Sequence[DefinitionText]) -> int:
    """Which of a name's definitions in a file a reference must name, 1-based; 0 if it needs none.

    `named` has all of them, in line order; a symbol without a kind may mean any kind.
    """
    kind = symbol.kind and piece.definition.kind
    meant = [each for each in named if kind in ("", each.definition.kind)]
    return meant.index(piece) + 1 if len(meant) > 1 else 0

"""The code that proofs are looked for in: files that are parsed on demand, symbols, bodies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from callpath.c.facts import Binding, Body, Call, FileUse, Mention
from callpath.c.file import CodeFile
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.languages import language_of
from callpath.model import Definition, Step, SymbolKind
from callpath.proof.headers import Headers


class Files(Protocol):
    """A source's files, as the prover asks for them."""

    @property
    def searchable(self) -> bool:
        """Whether the whole tree can be looked through."""

    def file(self, path: str) -> CodeFile | None:
        """A file, read and parsed once; None if the source has no such text."""

    def has(self, path: str, word: str) -> bool:
        """Whether a file's text has an identifier in it, without parsing the file."""

    def holding(self, word: str) -> Sequence[str]:
        """The `.c` and `.h` files that contain an identifier, as far as can be searched."""

    def defining(self, word: str, near: str) -> Sequence[str]:
        """The headers that may define a type or announce a variable, nearest to `near` first."""

    def defines_type(self, path: str, word: str) -> bool:
        """Whether a file's text seems to define a type of a name, without parsing the file."""

    def announces(self, path: str, word: str) -> bool:
        """The same of a type, a variable or a function."""

    def included(self, path: str) -> Sequence[str]:
        """What a file includes, as written (`linux/fs.h`); empty for what cannot be read."""

    def located(self, spelled: str) -> Sequence[str]:
        """The files whose path is or ends in what an include says; empty if none is listed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A symbol with the definitions that are meant: one, or all that a step leaves open."""

    path: str
    name: str  # of a field the whole `struct.member`
    kind: SymbolKind | str  # empty if any kind is meant
    definitions: tuple[Definition, ...]

    @property
    def is_static(self) -> bool:
        """Whether it is seen in its own file only."""
        found = self.definitions
        return bool(found) and all(map(language_of(self.path).is_static, found))


@dataclass
class Code:
    """The code of one source."""

    files: Files
    nearby: Sequence[str] = ()  # the files of the note, which are looked through first
    beyond: Sequence[str] = ()  # files at hand, which are looked through before the whole tree
    brief: bool = False  # only the verdict itself is asked for: no reason, no count of others
    _at_hand: dict[tuple[str, ...], Sequence[str]] = field(default_factory=dict, repr=False)

    @cached_property
    def headers(self) -> Headers:
        """What files see of each other by their `#include` lines."""
        return Headers(self.files)

    def file(self, path: str) -> CodeFile | None:
        """A file of the source."""
        return self.files.file(path)

    def target(self, step: Step) -> Target:
        """What a step is about, with its definitions in the source."""
        symbol = step.symbol
        return self.symbol(symbol.path, symbol.name, symbol.kind, step.occurrence)

    def symbol(
        self, path: str, name: str, kind: SymbolKind | str = "", occurrence: int = 0
    ) -> Target:
        """A symbol with its definitions in line order; `occurrence` (1-based) chooses one."""
        file = self.file(path)
        named = file.named(name) if file else ()
        meant = tuple(found for found in named if kind in ("", found.kind))
        found = meant[occurrence - 1 : occurrence] if occurrence else meant
        return Target(path, name, kind and SymbolKind(kind), found)

    def bodies(self, target: Target) -> Iterator[Body]:
        """The inside of each of a symbol's definitions."""
        file = self.file(target.path)
        return map(file.body, target.definitions) if file else iter(())

    def at_hand(self, *first: str) -> Sequence[str]:
        """The files that need no search, each once: those named first, the note's, the others."""
        if first not in self._at_hand:
            self._at_hand[first] = tuple(dict.fromkeys((*first, *self.nearby, *self.beyond)))
        return self._at_hand[first]

    def searched(self, word: str, *first: str) -> Iterator[CodeFile]:
        """The files that contain a word, each once: those at hand, then those of the tree."""
        at_hand = self.at_hand(*first)
        for path in at_hand:
            if self.files.has(path, word) and (file := self.file(path)):
                yield file
        for path in self.files.holding(word):
            if path not in at_hand and (file := self.file(path)):
                yield file

    def naming(self, callee: Target, *first: str) -> Iterator[CodeFile]:
        """The files in which a function's name can mean it: only its own if it is static."""
        if callee.is_static:
            own = self.file(callee.path)
            yield from (own,) if own else ()
            return
        for file in self.searched(callee.name, callee.path, *first):
            path = file.facts.path
            if path == callee.path or not self.symbol(path, callee.name, callee.kind).definitions:
                yield file


def site_of(
    path: str, found: Call | Mention | Binding | FileUse, role: SiteRole, name: str = ""
) -> ProofSite:
    """The place of something in a file."""
    return ProofSite(path, found.line, role, found.condition, name)


def proved(
    proof: Proof, sites: Iterable[ProofSite], *, member: str = "", others: int = 0, above: str = ""
) -> Verdict | None:
    """A proof by its sites; None if there are none."""
    found = tuple(sites)
    return Verdict(EdgeStatus.PROVED, proof, found, member, others, above) if found else None

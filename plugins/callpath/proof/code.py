"""The code that proofs are looked for in: files that are parsed on demand, symbols, bodies."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Protocol

from msgspec import Struct, field

from callpath.c.facts import Binding, Body, Call, FileUse, Mention
from callpath.c.file import CodeFile
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.languages import language_of
from callpath.model import Definition, Step, SymbolKind
from callpath.proof.headers import Headers
from callpath.proof.linkage import Cause, Linkage, LinkedFiles


class Files(LinkedFiles, Protocol):
    """A source's files, as the prover asks for them."""

    @property
    def linkage(self) -> Linkage:
        """What names mean in its files."""

    @property
    def searchable(self) -> bool:
        """Whether the whole tree can be looked through."""

    def has(self, path: str, word: str) -> bool:
        """Whether a file's text has an identifier in it, without parsing the file."""

    def holding(self, word: str) -> Sequence[str]:
        """The `.c` and `.h` files that contain an identifier, as far as can be searched."""

    def is_searched(self, word: str) -> bool:
        """Whether an identifier was searched for in the whole tree."""

    def defining(self, word: str, near: str) -> Sequence[str]:
        """The headers that may define a type or announce a variable, nearest to `near` first."""

    def defines_type(self, path: str, word: str) -> bool:
        """Whether a file's text seems to define a type of a name, without parsing the file."""

    def announces(self, path: str, word: str) -> bool:
        """The same of a type, a variable or a function."""

    def may_bind(self, path: str, word: str) -> bool:
        """Whether a file's text may put a function somewhere, without parsing the file."""


class Target(Struct, frozen=True):
    """A symbol with the definitions that are meant: one, or all that a step leaves open."""

    path: str
    name: str  # of a field the whole `struct.member`
    kind: SymbolKind | str  # empty if any kind is meant
    definitions: tuple[Definition, ...]
    # Whether its file says `static` elsewhere than in the definition's own head.
    declared_static: bool = False

    @property
    def is_static(self) -> bool:
        """Whether it is seen in its own file only."""
        language, found = language_of(self.path), self.definitions
        if self.declared_static and language.is_unit(self.path):
            return True
        return bool(found) and all(map(language.is_static, found))


class Code(Struct, dict=True):
    """The code of one source."""

    files: Files
    nearby: Sequence[str] = ()  # the files of the note, which are looked through first
    beyond: Sequence[str] = ()  # files at hand, which are looked through before the whole tree
    brief: bool = False  # only the verdict itself is asked for: no reason, no count of others
    hints: bool = True  # whether what is not proved at all gets a reason
    _at_hand: dict[tuple[str, ...], Sequence[str]] = field(default_factory=dict)
    _made_in: dict[str, Sequence[Binding]] = field(default_factory=dict)

    @cached_property
    def headers(self) -> Headers:
        """What files see of each other by their `#include` lines."""
        return Headers(self.files, self.files.linkage.links)

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
        is_static = file is not None and bool(found) and name in file.facts.static
        return Target(path, name, kind and SymbolKind(kind), found, is_static)

    def bodies(self, target: Target) -> Iterator[Body]:
        """The inside of each of a symbol's definitions."""
        file = self.file(target.path)
        return map(file.body, target.definitions) if file else iter(())

    def at_hand(self, *first: str) -> Sequence[str]:
        """The files that need no search, each once: those named first, the note's, the others."""
        if first not in self._at_hand:
            self._at_hand[first] = tuple(dict.fromkeys((*first, *self.nearby, *self.beyond)))
        return self._at_hand[first]

    def searched(self, word: str, *first: str, near: str = "") -> Iterator[str]:
        """The files that contain a word, each once: those at hand, then those of the tree.

        The latter are in the order of how near they are to a file, if one is given.
        """
        at_hand = self.at_hand(*first)
        yield from (path for path in at_hand if self.files.has(path, word))
        held = self.files.holding(word)
        nearness = partial(self.files.linkage.links.nearness, origin=near)
        for path in sorted(held, key=nearness) if near else held:
            if path not in at_hand:
                yield path

    def visible(self, path: str, word: str) -> Iterator[str]:
        """The files that say what a word means in a file, as far as they have it: headers last."""
        linkage = self.files.linkage
        if self.files.has(path, word):
            yield path
        yield from self.files.holders(word, linkage.includes.visible(path))

    def macros(self, path: str, name: str, line: int = 0) -> Iterator[tuple[str, Body]]:
        """The texts of a macro that may be meant at a line of a file; 0 if any line counts.

        Its own, and those of headers, without what a later one or an `#undef` removes.
        """
        for each in self.visible(path, name):
            if not self.files.glance(each, name).defines:
                continue
            for macro in self.symbol(each, name, SymbolKind.MACRO).definitions:
                target = Target(each, name, SymbolKind.MACRO, (macro,))
                if self.files.linkage.meaning(path, target).may_be(macro, line):
                    yield from ((each, body) for body in self.bodies(target))

    def bindings_beside(self, path: str, word: str) -> Sequence[Binding]:
        """What a file binds in definitions that hold a word, or by macros of headers."""
        file = self.file(path)
        found = file.bindings_beside(word) if file else ()
        return (*found, *(each for each in self.made_beside(path) if each.target == word))

    def objects(self, path: str, name: str) -> Iterator[Binding]:
        """What macros put into an object of a file, which no definition may show."""
        file = self.file(path) if path in self.at_hand() else None
        for binding in (*(file.made if file else ()), *self.made_beside(path)):
            if binding.owner == name and not binding.function:
                yield binding

    def made_beside(self, path: str) -> Sequence[Binding]:
        """What macros of headers make in a file's tables and of its calls at file level.

        Headers are asked only for the files at hand.
        """
        if path not in self.at_hand():
            return ()
        if path not in self._made_in:
            file = self.file(path)
            texts = [
                text
                for name in (file.open_macros if file else ())
                for where in self.visible(path, name)
                if where != path and (header := self.file(where))
                for text in header.macro_texts(name)
            ]
            self._made_in[path] = file.bindings_made(tuple(texts)) if file and texts else ()
        return self._made_in[path]

    def naming(self, callee: Target, *first: str) -> Iterator[CodeFile]:
        """The files in which a function's name can mean it, but for those that only call it.

        If it is static, these are its own, what that includes from its folder, and those of the
        files named first that include it.
        """
        linkage = self.files.linkage
        if callee.is_static:
            joined = self._included_beside(callee)
            above = (path for path in first if callee.path in linkage.includes.visible(path))
            found = map(self.file, dict.fromkeys((callee.path, *joined, *above)))
            yield from (file for file in found if file)
            return
        at_hand = self.at_hand(callee.path, *first)
        for path in self.searched(callee.name, callee.path, *first):
            if path not in at_hand and not self.files.may_bind(path, callee.name):
                continue
            if (file := self.file(path)) and linkage.is_reached(path, callee):
                yield file

    def means(self, callee: Target, path: str, line: int) -> bool:
        """Whether a symbol's name, as a value at a line of a file, is not that of something else.

        Of the many files that may name it, only those at hand are looked at with their headers.
        """
        if path == callee.path or path not in self.at_hand():
            return True
        found = self.files.linkage.meaning(path, callee).hidden(line, called=False)
        return found is None or found.cause is not Cause.OTHER

    def _included_beside(self, callee: Target) -> Iterator[str]:
        """What a symbol's file includes from its own folder and holds its name."""
        folder = callee.path.rpartition("/")[0]
        visible = self.files.linkage.includes.visible(callee.path)
        beside = (path for path in visible if path.rpartition("/")[0] == folder)
        return (path for path in beside if self.files.has(path, callee.name))


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

"""The code that proofs are looked for in: parsed files on demand, and types across files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from callpath.core.c_parser import CodeFile
from callpath.core.c_parser.body_facts import Binding, Body, Call
from callpath.core.model import Definition, Step, Symbol, SymbolKind


class Files(Protocol):
    """A source's files, as the prover asks for them."""

    def file(self, path: str) -> CodeFile | None:
        """A file, read and parsed once; nothing when the source has no such text."""

    @property
    def searchable(self) -> bool:
        """Whether the whole tree can be looked through."""

    def holding(self, word: str) -> Sequence[str]:
        """The `.c` and `.h` files that contain an identifier, as far as can be searched."""


@dataclass(frozen=True, slots=True)
class Target:
    """A symbol with the definitions that are meant: one, or all that a step leaves open."""

    symbol: Symbol
    definitions: tuple[Definition, ...]

    @property
    def name(self) -> str:
        """Its name; of a field the whole `struct.member`."""
        return self.symbol.name

    @property
    def path(self) -> str:
        """The file that defines it."""
        return self.symbol.path

    @property
    def kind(self) -> SymbolKind:
        """What it is."""
        return SymbolKind(self.symbol.kind)

    @property
    def is_static(self) -> bool:
        """Whether it is seen in its own file only: `static`, and not in a header."""
        return self.path.endswith(".c") and any(
            "static" in definition.signature.split() for definition in self.definitions
        )


@dataclass
class Code:
    """The code of one source.

    Parameters:
        files: Reads and parses files.
        nearby: The files of the note, which are looked through before the whole tree.
    """

    files: Files
    nearby: Sequence[str] = ()
    _opened: dict[str, CodeFile] = field(default_factory=dict, init=False)

    def file(self, path: str) -> CodeFile | None:
        """A file of the source."""
        found = self._opened.get(path)
        if found is None:
            found = self.files.file(path)
            if found is not None:
                self._opened[path] = found
        return found

    def target(self, step: Step) -> Target:
        """What a step is about, with its definitions in the source."""
        return self.symbol(step.symbol, step.occurrence)

    def symbol(self, symbol: Symbol, occurrence: int = 0) -> Target:
        """A symbol with its definitions in the source; `occurrence` (1-based) chooses one."""
        file = self.file(symbol.path)
        named = [
            found
            for found in (file.facts.definitions if file else ())
            if found.name == symbol.name and symbol.kind in ("", found.kind)
        ]
        chosen = named[occurrence - 1 : occurrence] if occurrence else named
        return Target(symbol, tuple(chosen))

    def bodies(self, target: Target) -> Iterator[tuple[Definition, Body]]:
        """The inside of each of a symbol's definitions."""
        file = self.file(target.path)
        if file is not None:
            for definition in target.definitions:
                yield definition, file.body(definition)

    def twin(self, name: str, path: str, kinds: Iterable[SymbolKind]) -> Definition | None:
        """The definition of a name in a file, of one of the kinds."""
        file = self.file(path)
        wanted = tuple(kinds)
        for found in file.facts.definitions if file else ():
            if found.name == name and found.kind in wanted:
                return found
        return None

    def searched(self, word: str, *first: str) -> Iterator[CodeFile]:
        """The files that contain a word, each once: those named first, those nearby, the others."""
        seen: set[str] = set()
        for path in (*first, *self.nearby):
            if path not in seen:
                seen.add(path)
                if (file := self.file(path)) is not None:
                    yield file
        for path in self.files.holding(word):
            if path not in seen and (file := self.file(path)) is not None:
                seen.add(path)
                yield file

    def can_search(self) -> bool:
        """Whether the whole tree can be looked through."""
        return self.files.searchable

    # --- types ---------------------------------------------------------------------------------

    def receiver_tag(self, call: Call) -> str:
        """The tag of the struct that a called member belongs to, or empty."""
        if call.receiver_tag:
            return call.receiver_tag
        tag = call.root_tag or self._variable_tag(call.receiver_root)
        for member in call.receiver_path:
            tag = self._member_tag(tag, member)
        return tag

    def owner_tag(self, binding: Binding) -> str:
        """The tag of the struct that a binding fills, or empty."""
        return binding.owner_tag or (
            "" if binding.index or binding.position >= 0 else self._variable_tag(binding.owner)
        )

    def slot(self, binding: Binding) -> str:
        """The member that a binding fills, also one that is filled by its position; or empty."""
        if binding.member or binding.position < 0:
            return binding.member
        for file in list(self._opened.values()):
            order = file.member_order.get(binding.owner_tag)
            if order is not None:
                return order[binding.position] if binding.position < len(order) else ""
        return ""

    def _variable_tag(self, name: str) -> str:
        for file in list(self._opened.values()) if name else ():
            if tag := file.variable_tags.get(name, ""):
                return tag
        return ""

    def _member_tag(self, tag: str, member: str) -> str:
        for file in list(self._opened.values()) if tag else ():
            if (members := file.member_tags.get(tag)) is not None and member in members:
                return members[member]
        return ""

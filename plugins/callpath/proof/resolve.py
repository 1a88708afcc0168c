"""Reference → definition, in one parsed file: resolved, or exactly why not.

Does not depend on sources: the caller scans the tree for definitions in other files, and gives
them to `diagnose`.
"""

from collections.abc import Sequence

from msgspec import Struct

from callpath import rules
from callpath.c.facts import Declaration, SourceFile
from callpath.findings import Finding, nearest_name, offer
from callpath.model import Definition, Reference, Symbol, SymbolKind

_EXPORTS = "EXPORT_"  # `EXPORT_SYMBOL_GPL(kvm_init)` makes no name that a note could mean


class Resolved(Struct, frozen=True):
    """The one definition that is meant, and which of how many of that name and kind it is."""

    definition: Definition
    occurrence: int
    of: int


class Ambiguous(Struct, frozen=True):
    """Several definitions, and the reference does not choose; in line order."""

    candidates: tuple[Definition, ...]


class NoSuchOccurrence(Struct, frozen=True):
    """The reference chooses a definition that is not there; those that are, in line order."""

    candidates: tuple[Definition, ...]


class OtherKind(Struct, frozen=True):
    """The file defines the name as something else."""

    candidates: tuple[Definition, ...]


class OnlyDeclared(Struct, frozen=True):
    """The file has a prototype or an `extern`, no definition."""

    declaration: Declaration


class Absent(Struct, frozen=True):
    """The file does not have the name; the nearest names that it has, nearest first.

    `macro` names a macro use of the file whose pasted names may hold it, or is empty.
    """

    nearest: tuple[str, ...] = ()
    macro: str = ""


class Trace(Struct, frozen=True):
    """Where a name stands that nothing defines for the parser, and why it is not seen there."""

    path: str
    line: int
    reason: str  # goes on after the place: `in an assembly file, which is not read`

    def __str__(self) -> str:
        """As messages go on after `stands at`."""
        return f"{self.path}:{self.line}, {self.reason}"


Undefined = OnlyDeclared | Absent  # the file does not define the name; another one may
Resolution = Resolved | Ambiguous | NoSuchOccurrence | OtherKind | Undefined


def resolve(symbol: Symbol, occurrence: int, file: SourceFile) -> Resolution:
    """Find what a reference names in its file; `occurrence` is 1-based, 0 if not chosen."""
    named = [found for found in file.definitions if found.name == symbol.name]
    meant = [found for found in named if symbol.kind in ("", found.kind)]
    if not meant:
        return OtherKind(tuple(named)) if named else _not_defined(symbol, file)
    if occurrence > len(meant):
        return NoSuchOccurrence(tuple(meant))
    if occurrence == 0 and len(meant) > 1:
        return Ambiguous(tuple(meant))
    chosen = meant[max(occurrence, 1) - 1]
    same = [found for found in named if found.kind == chosen.kind]
    return Resolved(chosen, same.index(chosen) + 1, len(same))


def _not_defined(symbol: Symbol, file: SourceFile) -> Undefined:
    for declaration in file.declarations:
        if declaration.name == symbol.name and symbol.kind in ("", declaration.kind):
            return OnlyDeclared(declaration)
    names = {found.name for found in file.definitions if symbol.kind in ("", found.kind)}
    every = {found.name for found in file.definitions}
    near = nearest_name(symbol.name, sorted(names)) or nearest_name(symbol.name, sorted(every))
    return Absent(near, _generated_by(symbol.name, file))


def _generated_by(name: str, file: SourceFile) -> str:
    """The macro use of a file that may paste a name together from one of its arguments."""
    for use in file.pasted:
        arguments = (argument for argument in use.arguments if argument != name)
        if not use.name.startswith(_EXPORTS) and any(f"_{a}_" in f"_{name}_" for a in arguments):
            return use.name
    return ""


def diagnose(
    reference: Reference,
    resolution: Resolution,
    elsewhere: Sequence[Definition] = (),
    trace: Trace | None = None,
    *,
    searched: bool = True,
) -> Finding | None:
    """The finding for a reference that is not resolved; None for one that is.

    `elsewhere` are definitions of the name in other files, nearest first; `trace` is where else it
    stands, if it is nowhere defined; `searched` is whether other files were looked through at all.
    """
    name, path, kind = reference.symbol.name, reference.symbol.path, reference.symbol.kind
    match resolution:
        case Resolved():
            return None
        case Ambiguous(found):
            rule = rules.AMBIGUOUS_SYMBOL
            fact = f"`{name}` is defined {len(found)} times in `{path}`: {_each(found)}"
            by_link = f"choose one: `src:{path}#{name}@1`"
            hint = by_link if reference.link else "choose one with `occurrence`"
        case NoSuchOccurrence(found):
            rule, wanted = rules.NO_SUCH_OCCURRENCE, reference.occurrence
            fact = f"`{path}` has no definition {wanted} of `{name}`, only {len(found)}"
            hint = _each(found)
        case OtherKind((first, *_)):
            rule = rules.WRONG_KIND
            fact = f"`{name}` is {_a(first.kind)}, not {_a(kind)}, at `{path}:{first.line}`"
            hint = f"write `{first.kind}: {name}`"
        case OnlyDeclared() | Absent() if elsewhere:
            return _elsewhere(reference, elsewhere, declared=isinstance(resolution, OnlyDeclared))
        case OnlyDeclared(declaration):
            rule = rules.NOT_A_DEFINITION
            fact = f"`{path}:{declaration.line}` only declares `{name}`"
            hint = "name the file that defines it"
        case Absent(near, macro):
            rule = rules.UNDEFINED_SYMBOL
            others = ", nor has any other file" if searched else ""
            others = f"; it stands at {trace}" if trace else others
            fact = f"`{path}` has no {kind or 'symbol'} `{name}`{others}"
            if trace and trace.path == path:
                fact = f"`{name}` stands at {trace}"
            made = f"`{macro}` may make it from pasted tokens, which no parser sees"
            hint = "; ".join(filter(None, (offer(near), made if macro else "")))
    return rule.at(reference.location, fact, hint)


def _elsewhere(reference: Reference, elsewhere: Sequence[Definition], *, declared: bool) -> Finding:
    name, path = reference.symbol.name, reference.symbol.path
    verb = "only declares" if declared else "does not define"
    first = elsewhere[0]
    others = f" (and {len(elsewhere) - 1} more)" if len(elsewhere) > 1 else ""
    kind = "" if first.kind == reference.symbol.kind else f" as {_a(first.kind)}"
    rule = rules.NOT_A_DEFINITION if declared else rules.DEFINED_ELSEWHERE
    fact = f"`{path}` {verb} `{name}`; `{first.path}:{first.line}` does{kind}{others}"
    return rule.at(reference.location, fact, "" if kind else f"write `{first.path}`")


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] == 'e' else 'a'} {kind}"


def _each(candidates: Sequence[Definition]) -> str:
    return ", ".join(
        f"{number}: line {found.line}" + (f" ({found.condition})" if found.condition else "")
        for number, found in enumerate(candidates, start=1)
    )


def bare_name(symbol: Symbol) -> str:
    """The identifier to search a tree for: a field's member, else the name."""
    return symbol.name.rpartition(".")[2] if symbol.kind == SymbolKind.FIELD else symbol.name

"""What a parsed source file tells. Values only: knows no parser."""

from dataclasses import dataclass

from callpath.core.model import Definition, SymbolKind


@dataclass(frozen=True, slots=True, order=True)
class Declaration:
    """A name that a file announces without defining it.

    Attributes:
        path: The file.
        name: The name.
        kind: `function` for a prototype, `variable` for an `extern` one or a tentative definition
            that the same file completes, `struct`, `union` or `enum` for a forward declaration.
        line: The line that holds the name.
    """

    path: str
    name: str
    kind: SymbolKind
    line: int


@dataclass(frozen=True, slots=True, order=True)
class MacroUse:
    """A macro call at file level, which may generate names that no parser sees.

    Attributes:
        line: The line that holds the macro's name.
        name: The macro (`TRACE_EVENT`).
        arguments: Those of its arguments that are one identifier, perhaps behind `&`, in order.
    """

    line: int
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The facts of one C file.

    Attributes:
        path: The file.
        definitions: Sorted by start line, then name.
        declarations: Sorted by line, then name.
        pasted: Macro calls at file level, sorted by line.
    """

    path: str
    definitions: tuple[Definition, ...]
    declarations: tuple[Declaration, ...]
    pasted: tuple[MacroUse, ...]

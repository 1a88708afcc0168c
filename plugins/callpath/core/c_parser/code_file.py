"""Everything of one C file."""

from collections.abc import Mapping

from callpath.core.c_parser.assembly import assemble
from callpath.core.c_parser.body_facts import Binding, Body, FileUse
from callpath.core.c_parser.facts import SourceFile
from callpath.core.model import Definition


class CodeFile:
    """Everything of one file."""

    def __init__(self, facts: SourceFile) -> None:
        self.facts = facts
        self.bindings: tuple[Binding, ...] = ()
        self.uses: tuple[FileUse, ...] = ()
        self.variable_tags: Mapping[str, str] = {}
        self.member_tags: Mapping[str, Mapping[str, str]] = {}
        self.member_order: Mapping[str, tuple[str, ...]] = {}

    def body(self, definition: Definition) -> Body:
        """The inside of a definition."""
        del definition
        return Body()


def read_code(path: str, text: bytes) -> CodeFile:
    """Read one C file."""
    return CodeFile(assemble(path, text).facts)


def parse_source(path: str, text: bytes) -> SourceFile:
    """The facts of one C file."""
    return read_code(path, text).facts

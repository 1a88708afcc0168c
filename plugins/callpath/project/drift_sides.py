"""One of the two versions that are compared: its files, and its definitions with their text."""

from collections.abc import Callable, Iterable, Sequence

from callpath.core.c_parser import Body
from callpath.core.drift import Piece
from callpath.core.errors import SourceError
from callpath.core.model import Definition, Pin
from callpath.project.source_code import SourceCode
from callpath.sources import FileText, Source, Unknown, Unreadable
from callpath.sources.content import NOT_CLONED


class Side:
    """One version.

    Parameters:
        pin: The version.
        code: Its source's code.

    Attributes:
        pin: The version.
        code: Its source's code.
    """

    def __init__(self, pin: Pin, code: SourceCode) -> None:
        self.pin = pin
        self.code = code
        self._pieces: dict[str, dict[str, tuple[Piece, ...]]] = {}

    def load(self, paths: Iterable[str]) -> None:
        """Read files, all in one go.

        Raises:
            SourceError: The source broke, or cannot tell what it has there.
        """
        for result in self.code.load(paths):
            if isinstance(result, Unknown):
                raise SourceError(f"no answer on `{result.path}`: {result.reason}")
            if isinstance(result, Unreadable) and result.reason == NOT_CLONED:
                spec, version = self.code.source.spec, self.pin.version
                raise SourceError(
                    f"`{spec}` is a partial clone without `{result.path}` of {version}",
                    "name a clone that has every file of the tag",
                )

    def has_file(self, path: str) -> bool:
        """Whether there is a text file at a path."""
        self.load([path])
        return isinstance(next(iter(self.code.load([path]))), FileText)

    def named(self, path: str, name: str) -> tuple[Piece, ...]:
        """A file's definitions of a name, in line order."""
        return self._of(path).get(name, ())

    def pieces(self, path: str) -> Sequence[Piece]:
        """All definitions of a file, in line order of each name."""
        return [piece for named in self._of(path).values() for piece in named]

    def names(self, path: str) -> frozenset[str]:
        """The names that a file defines."""
        return frozenset(self._of(path))

    def body(self, definition: Definition) -> Body:
        """The inside of a definition of one of the files."""
        file = self.code.file(definition.path)
        return file.body(definition) if file is not None else Body()

    def _of(self, path: str) -> dict[str, tuple[Piece, ...]]:
        if path not in self._pieces:
            self.load([path])
            self._pieces[path] = self._read(path)
        return self._pieces[path]

    def _read(self, path: str) -> dict[str, tuple[Piece, ...]]:
        result, file = next(iter(self.code.load([path]))), self.code.file(path)
        if file is None or not isinstance(result, FileText):
            return {}
        lines = result.data.split(b"\n")
        by_name: dict[str, list[Definition]] = {}
        for definition in file.facts.definitions:
            by_name.setdefault(definition.name, []).append(definition)
        return {name: tuple(_numbered(found, lines)) for name, found in by_name.items()}


def _numbered(named: Sequence[Definition], lines: Sequence[bytes]) -> Iterable[Piece]:
    for definition in named:
        same = [each for each in named if each.kind is definition.kind]
        text = b"\n".join(lines[definition.start - 1 : definition.end]) + b"\n"
        yield Piece(definition, same.index(definition) + 1, len(same), text)


def check_tree(source: Source, pin: Pin) -> None:
    """Refuse a source that is not of the version that it is asked for.

    Raises:
        SourceError: Its tree says that it is of another version, or is no kernel's.
    """
    version = source.version()
    if version == pin.version or (version is None and pin.project != "linux"):
        return
    if version is None and not source.searchable:
        return  # a cache or a site: it is asked for a version by its name
    if version is not None:
        raise SourceError(
            f"`{source.spec}` is {version}, not {pin.version}",
            f"name a source of {pin.version}: `--source {pin.version}=SPEC`",
        )
    raise SourceError(
        f"`{source.spec}` has no kernel at {pin.version}: no `Makefile` tells a version",
        "name a tag of a kernel",
    )


def open_side(
    pin: Pin, open_source: Callable[[Pin], Source], code: Callable[[Source], SourceCode]
) -> Side:
    """Open the source of a version; the caller closes `code.source`.

    Raises:
        SourceError: It cannot be opened, or is not of that version.
    """
    source = open_source(pin)
    try:
        check_tree(source, pin)
    except BaseException:
        source.close()
        raise
    return Side(pin, code(source))

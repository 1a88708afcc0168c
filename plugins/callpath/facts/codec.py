"""Files of facts: a head with the format's version, then one fact a line, as JSON.

Structs declare what a line may hold. The text is canonical: a changed fact is one changed line.
Does not depend on what the facts mean.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar

from msgspec import Struct, defstruct
from msgspec.json import Decoder, decode
from msgspec.structs import fields

from callpath.findings import CallpathError, Location

T = TypeVar("T")


class FactLine(Struct, frozen=True, kw_only=True):
    """A line: its keys in the order of the fields; a key with its default value is left out.

    A field has the name that the value has in the fact; where the file's key is another, it has
    that as its name.
    """

    @classmethod
    def data(cls, *parts: Any, **values: object) -> dict[str, Any]:
        """The line of a fact, as JSON values.

        Parameters:
            parts: Structs and named tuples with the values; of two that have one, the last
                decides.
            values: What the parts do not have, or have otherwise.
        """
        known = {name: getattr(part, name) for part in parts for name in _names_of(part)}
        known |= values
        return {key: known[name] for name, key, default in _keys_of(cls) if known[name] != default}

    def make(self, fact: Callable[..., T], **values: object) -> T:
        """The struct or named tuple with the values of the line, and those that are given."""
        names, get = _shared_names(type(self), fact)
        return fact(**{**dict(zip(names, get(self), strict=True)), **values})

    def value(self) -> object:
        """The fact that the line holds; raises ValueError if the line contradicts itself."""
        raise NotImplementedError


@cache
def _keys_of(line: type[FactLine]) -> list[tuple[str, str, object]]:
    """The fields of a line with key and default; `NODEFAULT` for those that have none."""
    return [(each.name, each.encode_name, each.default) for each in fields(line)]


def _names_of(fact: Any) -> Iterable[str]:
    names: Iterable[str] = getattr(fact, "_fields", None) or fact.__struct_fields__
    return names


@cache
def _shared_names(line: type[FactLine], fact: Any) -> tuple[list[str], Callable[[Any], Any]]:
    """The names that a line and a fact share, and what reads their values from a line."""
    names = [name for name in _names_of(fact) if name in line.__struct_fields__]
    return names, attrgetter(*names) if len(names) > 1 else lambda of: (getattr(of, names[0]),)


@cache
def _decoder(line: type[FactLine]) -> Decoder[FactLine]:
    return Decoder(line)


@cache
def _sure_decoder(line: type[FactLine]) -> Decoder[FactLine]:
    """A decoder that refuses other keys, one of which might say that it is another kind of line."""
    sure = defstruct(line.__name__, [], bases=(line,), frozen=True, forbid_unknown_fields=True)
    return Decoder(sure)


class FactFormat(Struct, frozen=True):
    """The format of one kind of file."""

    name: str  # what messages call the file
    key: str  # the key of the head whose value is the version
    version: int
    error: type[CallpathError]
    command: str  # that writes the file
    # What lines may hold, by a key that only such lines have; the first that fits decides.
    lines: Callable[[], Mapping[str, type[FactLine]]]

    def format(self, lines: Iterable[dict[str, Any]], **head: Any) -> str:
        """The text of a file; `head` is what its head holds after the version."""
        from json import JSONEncoder

        encode, data = JSONEncoder(ensure_ascii=False).encode, [{self.key: self.version, **head}]
        return "".join(encode(line) + "\n" for line in chain(data, lines))

    def head(self, file: str, text: str) -> dict[str, Any]:
        """The head of a file; raises `error` if it is another kind, or of an unknown version."""
        try:
            head = decode(text.partition("\n")[0])
        except (ValueError, RecursionError):
            head = None
        if not isinstance(head, dict) or self.key not in head:
            hint = f"make it with `{self.command}`"
            raise self.error(f"`{file}` is not a Callpath {self.name}", hint)
        version = head[self.key]
        if version != self.version:
            is_older = type(version) is int and version < self.version
            again = f"make it again with `{self.command}`"
            raise self.error(
                f"`{file}` has {self.name} format {version!r}; "
                f"this Callpath knows format {self.version}",
                again if is_older else "use the Callpath that wrote it, or a newer one",
            )
        return head

    def facts(
        self, file: str, text: str, read: Callable[[Any], T], passed_over: Iterable[str] = ()
    ) -> list[T]:
        """What `read` makes of each line below the head, in order; empty lines do not count.

        Parameters:
            passed_over: The first keys of lines that are not read, which then may be damaged.

        Raises `error` if a line is not of the format, or `read` refuses it.
        """
        found, skipped = [], tuple(f'{{"{key}": ' for key in passed_over)
        lines = self.lines()
        for number, line in enumerate(text.split("\n")[1:], start=2):
            try:
                if line and not line.startswith(skipped):
                    found.append(read(_decoded(lines, line)))
            except (ValueError, TypeError, LookupError, StopIteration, RecursionError) as error:
                raise self.error(
                    f"`{Location(file, number)}` holds no fact that can be read",
                    f"restore the file, or make it again with `{self.command}`",
                ) from error
        return found


def _decoded(lines: Mapping[str, type[FactLine]], line: str) -> FactLine:
    """What a line holds; raises ValueError or StopIteration if it is of no kind.

    As a rule its first key says of which kind it is.
    """
    if (first := lines.get(line[2 : line.find('"', 2)])) is not None:
        try:
            return _sure_decoder(first).decode(line)
        except ValueError:
            pass
    keys = decode(line, type=dict[str, Any])
    return _decoder(next(model for key, model in lines.items() if key in keys)).decode(line)

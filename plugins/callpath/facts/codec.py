"""Files of facts: a head with the format's version, then one fact a line, as JSON.

Models declare what a line may hold. The text is canonical: a changed fact is one changed line.
Does not depend on what the facts mean.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct, field
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from callpath.findings import CallpathError, Location

T = TypeVar("T")
_JSON = json.JSONEncoder(ensure_ascii=False)


class FactLine(BaseModel, ABC):
    """A line: its keys in the order of the fields; a key with its default value is left out.

    A field has the name that the value has in the fact; where the file's key is another, an alias.
    """

    model_config = ConfigDict(strict=True, frozen=True, defer_build=True)

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
        known = vars(self)
        return fact(**{name: known[name] for name in _shared_names(type(self), fact)} | values)

    @abstractmethod
    def value(self) -> object:
        """The fact that the line holds; raises ValueError if the line contradicts itself."""


@cache
def _keys_of(line: type[FactLine]) -> list[tuple[str, str, object]]:
    """The fields of a line with key and default; `PydanticUndefined` for those that have none."""
    fields = line.model_fields.items()
    return [(name, field.alias or name, field.default) for name, field in fields]


def _names_of(fact: Any) -> Iterable[str]:
    names: Iterable[str] = getattr(fact, "_fields", None) or fact.__struct_fields__
    return names


@cache
def _shared_names(line: type[FactLine], fact: Any) -> list[str]:
    return [name for name in _names_of(fact) if name in line.model_fields]


class FactFormat(Struct, frozen=True):
    """The format of one kind of file."""

    name: str  # what messages call the file
    key: str  # the key of the head whose value is the version
    version: int
    error: type[CallpathError]
    command: str  # that writes the file
    # The models of lines, by a key that only such lines have; the first that fits decides. They
    # are asked for when a line is not plain.
    lines: Callable[[], Mapping[str, type[FactLine]]]
    # What makes a fact of the most frequent lines, by the key that they begin with, ten times
    # faster than their models; None if there is anything unusual, on which the model decides.
    plain: Mapping[str, Callable[[dict[str, Any]], object | None]] = field(default_factory=dict)

    def format(self, lines: Iterable[dict[str, Any]], **head: Any) -> str:
        """The text of a file; `head` is what its head holds after the version."""
        data = [{self.key: self.version, **head}, *lines]
        return "".join(_JSON.encode(line) + "\n" for line in data)

    def head(self, file: str, text: str) -> dict[str, Any]:
        """The head of a file; raises `error` if it is another kind, or of an unknown version."""
        try:
            head = from_json(text.partition("\n")[0])
        except ValueError:
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

        Of a plain line it is its fact.

        Parameters:
            passed_over: The first keys of lines that are not read, which then may be damaged.

        Raises `error` if a line is not of the format, or `read` refuses it.
        """
        found, skipped = [], tuple(f'{{"{key}": ' for key in passed_over)
        for number, line in enumerate(text.split("\n")[1:], start=2):
            try:
                if line and not line.startswith(skipped):
                    keys = from_json(line)
                    if (fact := self._plain(keys)) is not None:
                        found.append(fact)
                        continue
                    model = next(model for key, model in self.lines().items() if key in keys)
                    found.append(read(model.model_validate_json(line)))
            except (ValueError, TypeError, KeyError, StopIteration) as error:
                raise self.error(
                    f"`{Location(file, number)}` holds no fact that can be read",
                    f"restore the file, or make it again with `{self.command}`",
                ) from error
        return found

    def _plain(self, keys: Any) -> Any:
        read = self.plain.get(next(iter(keys), "")) if isinstance(keys, dict) else None
        return read(keys) if read else None

"""The findings that a site knows and does not yet fix: a file that only ever shrinks by itself.

An entry has no line, so that what is written elsewhere in a file does not matter.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from callpath.facts.codec import FactFormat, FactLine
from callpath.findings import Finding, UsageError


class KnownFinding(NamedTuple):
    """What identifies a finding that is known."""

    file: str  # relative to the project's root
    rule: str
    text: str  # the reference as it is written; the message of what is no reference


Baseline = Counter[KnownFinding]
"""How often each of the findings is known."""


class _Line(FactLine, frozen=True, kw_only=True):
    rule: str
    file: str
    text: str
    count: Annotated[int, Meta(ge=1)] = 1

    def value(self) -> tuple[KnownFinding, int]:
        return self.make(KnownFinding), self.count


_FORMAT = FactFormat(
    name="baseline",
    key="callpath-baseline",
    version=1,
    error=UsageError,
    command="callpath check --baseline FILE --update-baseline",
    lines=lambda: {"rule": _Line},
)


def parse_baseline(file: str, text: str) -> Baseline:
    """The entries of a baseline; raises UsageError if it cannot be read."""
    _FORMAT.head(file, text)
    return Counter(dict(_FORMAT.facts(file, text, lambda line: line.value())))


def format_baseline(known: Baseline) -> str:
    """The canonical text of a baseline."""
    return _FORMAT.format(_Line.data(each, count=count) for each, count in sorted(known.items()))


Identify = Callable[[Finding], KnownFinding]
"""Returns what identifies a finding."""


class Compared(Struct, frozen=True):
    """The findings of a check beside what is known."""

    new: tuple[Finding, ...]  # those that are not known, in order
    left: Baseline  # what is known and still found, or was not looked at
    gone: int  # how many known findings are no longer found


def compare(
    known: Baseline,
    found: Iterable[Finding],
    identify: Identify,
    is_settled: Callable[[KnownFinding], bool],
) -> Compared:
    """Compare the findings of a check with those that are known.

    Of several that are alike the first ones are those that are known.

    Parameters:
        found: The findings, in order.
        is_settled: Whether the check would have found a known finding if it were still there.
    """
    open_ones, left, new = Counter(known), Baseline(), list[Finding]()
    for finding in found:
        key = identify(finding)
        if open_ones[key] > 0:
            open_ones[key] -= 1
            left[key] += 1
        else:
            new.append(finding)
    unseen = Counter({key: count for key, count in open_ones.items() if not is_settled(key)})
    left += unseen
    return Compared(tuple(new), left, open_ones.total() - unseen.total())


def updated(
    known: Baseline,
    found: Iterable[Finding],
    identify: Identify,
    is_settled: Callable[[KnownFinding], bool],
) -> Baseline:
    """The baseline that knows all that a check found, and keeps what the check did not look at."""
    kept = Counter({key: count for key, count in known.items() if not is_settled(key)})
    return Counter(map(identify, found)) | kept

"""One address for every kind of page of a notebook, found by rule and not by name."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

KINDS = ("home", "note", "symbol", "file", "index", "versions", "comparison")


def longest_note(report: Any) -> str:
    """The note with most steps, by what `callpath refs` says: `kvm/init`."""
    return _commonest(each["note"] for each in _steps(report))


def addresses(report: Any) -> dict[str, str]:
    """Every kind's address, relative to the home page's.

    The symbol is the function that leads to most others, the file that which most steps are in.
    """
    steps = _steps(report)
    places = {each["symbol"]: each["path"] for each in steps if each["kind"] == "function"}
    symbol = _commonest(each["caller"] for each in report["edges"] if each["caller"] in places)
    source = f"source/{report['project']}"
    return {
        "home": "",
        "note": f"{longest_note(report)}/",
        "symbol": f"{source}/{places[symbol]}/{symbol}/",
        "file": f"{source}/{_commonest(each['path'] for each in steps)}/",
        "index": "symbols/",
        "versions": "versions/",
        "comparison": _comparison(report),
    }


def _comparison(report: Any) -> str:
    """The longest note in another version that notes speak of, which is tracked for that."""
    note = longest_note(report)
    own = {each["version"] for each in _steps(report) if each["note"] == note}
    other = min({each["version"] for each in _steps(report)} - own)
    return f"versions/{note}/{other}/"


def _steps(report: Any) -> list[Any]:
    return [each for each in report["references"] if not each.get("link")]


def _commonest(names: Iterable[str]) -> str:
    count = Counter(names)
    return max(sorted(count), key=count.__getitem__)

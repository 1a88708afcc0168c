"""Makes the table of docs/publishing.md from tests/data/hosts.toml: `make docs` writes it."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).parents[1] / "data" / "hosts.toml"
START, END = "<!-- written by make docs -->\n", "<!-- end -->\n"


def hosts_table() -> str:
    """Every reading with what each host makes of it, and the reasons of what it cannot."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    hosts, readings = table["hosts"], table["reading"]
    return "\n".join(
        [
            "",
            f"| what a reader finds | {' | '.join(hosts.values())} |",
            f"|---|{'---|' * len(hosts)}",
            *(f"| {each['said']} | {' | '.join(_cells(each, hosts))} |" for each in readings),
            "",
            *(f"- {hosts[host]}: {why}." for host, why in _reasons(readings)),
            "",
            "",
        ]
    )


def _cells(reading: dict[str, dict[str, str]], hosts: dict[str, str]) -> Iterator[str]:
    return ("no" if host in reading.get("cannot", {}) else "yes" for host in hosts)


def _reasons(readings: list[dict[str, dict[str, str]]]) -> Iterator[tuple[str, str]]:
    for reading in readings:
        yield from reading.get("cannot", {}).items()


def with_table(page: str) -> str:
    """A page with the table between its marks."""
    head, _, rest = page.partition(START)
    _, _, tail = rest.partition(END)
    return head + START + hosts_table() + END + tail


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(with_table(file.read_text(encoding="utf-8")), encoding="utf-8")

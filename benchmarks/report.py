"""Tells what was measured: a table and charts for `docs/performance.md`. It measures nothing."""

import json
import math
import shutil
import statistics
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
"""What is between these lines of the page is written anew."""


class RowResult(TypedDict):
    """What a row gave: when, of which commits, on which machine, beside which programs."""

    date: str
    before: str
    now: str
    machine: str
    versions: dict[str, str]
    readings: dict[str, dict[str, list[float]]]  # side → figure → in order of reading


Results = dict[str, RowResult]
"""By the row's name."""


@dataclass(frozen=True)
class Goal:
    """A line of the table; `rows.toml` says what its parts are."""

    row: str
    work: str
    figure: str
    unit: str
    beside: str = ""
    goal: float | None = None
    remark: str = ""


@dataclass(frozen=True)
class Told:
    """A goal with what was measured for one side; `ratio` is what the goal is about."""

    value: float
    spread: tuple[float, float]
    ratio: float
    peer: float | None


@dataclass(frozen=True)
class Rows:
    """What `rows.toml` says: the commit before, the peers' names, and the goals."""

    before: str
    sides: Mapping[str, str]
    goals: Sequence[Goal]


def read_rows() -> Rows:
    """The table of goals."""
    table = tomllib.loads((HERE / "rows.toml").read_text(encoding="utf-8"))
    goals = [Goal(**{"goal": None, **each}) for each in table["goal"]]
    return Rows(table["before"], table["sides"], goals)


def read_results(path: Path) -> Results:
    """What was measured so far."""
    results: Results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return results


def write_results(path: Path, results: Results) -> None:
    """Keep what was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def told(goal: Goal, result: RowResult, side: str) -> Told | None:
    """What one side gave for a goal; nothing where it, or its peer, was not measured."""
    values = result["readings"].get(side, {}).get(goal.figure)
    if not values:
        return None
    value, spread = statistics.median(values), (min(values), max(values))
    if not goal.beside:
        return Told(value, spread, value, None)
    other, _, figure = goal.beside.partition(".")
    peers = result["readings"].get(side if other == "own" else other, {}).get(figure)
    if not peers:
        return None
    peer = statistics.median(peers)
    return Told(value, spread, value / peer, peer)


def write_page(page: Path, results: Results, rows: Rows) -> None:
    """Write the table into a page, and the charts into the folder of its name beside it."""
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    charts = dict(_charts(results, rows))
    pictures = [f"![{title}]({page.stem}/{name}.svg)\n" for name, (title, _) in charts.items()]
    lines = [*_measured(results), *_table(results, rows), "", *pictures, *_remarks(results, rows)]
    page.write_text(f"{head}{begin}\n\n" + "\n".join(lines) + f"\n{end}{tail}", encoding="utf-8")
    folder = page.with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, (_, svg) in charts.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")


def _measured(results: Results) -> Iterator[str]:
    """When, where and beside what; one sentence of each kind where all rows agree."""
    if not results:
        return
    dates = sorted({each["date"] for each in results.values()})
    yield f"Measured on {' and '.join(dict.fromkeys((dates[0], dates[-1])))}:"
    for machine in sorted({each["machine"] for each in results.values()}):
        yield f"{machine}."
    for side in ("before", "now"):
        yield f"`{side}` is {' or '.join(sorted({str(each[side]) for each in results.values()}))}."
    versions = {name: text for each in results.values() for name, text in each["versions"].items()}
    yield f"Versions: {', '.join(f'{name} {text}' for name, text in sorted(versions.items()))}.\n"


def _table(results: Results, rows: Rows) -> Iterator[str]:
    yield "| row | work | before | now | beside | goal | |"
    yield "|---|---|--:|--:|---|--:|---|"
    for goal in rows.goals:
        result = results.get(goal.row)
        cells = _cells(goal, result, rows) if result else ["", "not measured", "", _goal(goal), ""]
        work = f"{goal.work}, on the clock" if goal.unit == "s wall" else goal.work
        yield f"| {' | '.join([f'`{goal.row}`', work, *cells])} |"


def _cells(goal: Goal, result: RowResult, rows: Rows) -> list[str]:
    before, now = told(goal, result, "before"), told(goal, result, "now")
    other = goal.beside.partition(".")[0]
    beside = ""
    if now and now.peer is not None and other not in ("before", "own"):
        beside = f"{rows.sides[other]} {_quantity(now.peer, goal.unit)}"
    return [
        _cell(goal, before, ratio=other != "before"),
        _cell(goal, now, ratio=True),
        beside,
        _goal(goal),
        _held(goal, now),
    ]


def _cell(goal: Goal, side: Told | None, *, ratio: bool) -> str:
    if side is None:
        return ""
    low, high = side.spread
    spread = f" ({_number(low)}–{_number(high)})" if _number(low) != _number(high) else ""
    times = f": {_number(side.ratio)} ×" if goal.beside and ratio else ""
    return f"{_quantity(side.value, goal.unit)}{spread}{times}"


def _goal(goal: Goal) -> str:
    if goal.goal is None:
        return ""
    return f"≤ {goal.goal:g} ×" if goal.beside else f"≤ {_quantity(goal.goal, goal.unit)}"


def _held(goal: Goal, side: Told | None) -> str:
    if goal.goal is None or side is None:
        return ""
    return "holds" if side.ratio <= goal.goal else "**missed**"


def _quantity(value: float, unit: str) -> str:
    return f"{_number(value)} {unit.partition(' ')[0]}"


def _number(value: float) -> str:
    """Three digits: 0.123, 1.23, 12.3, 123, 1,230."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{round(value, digits if value < 100 else 0):,.{min(digits, 3)}f}"


def _remarks(results: Results, rows: Rows) -> Iterator[str]:
    for goal in rows.goals:
        if goal.remark and goal.row in results:
            yield f"- `{goal.row}`, {goal.work}: {goal.remark}"


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: its kind is the side, which decides its colour."""

    kind: str
    value: float
    text: str


Group = tuple[str, Sequence[Bar]]
"""Bars under one label."""


def _charts(results: Results, rows: Rows) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name, title and SVG of each chart that something was measured for."""
    if groups := list(_goal_groups(results, rows)):
        title = "Each figure beside its goal, on a logarithmic scale: left of the line it holds"
        yield "goals", (title, _chart(title, groups, goal=1.0))
    if build := results.get("build"):
        groups = [
            (f"{rows.sides.get(side, side)}, {run}", [_bar(side, figures[figure], "s")])
            for figure, run in (("cold", "first run"), ("warm", "second run"))
            for side, figures in build["readings"].items()
            if figure in figures
        ]
        title = "Seconds of processor time for a site of 3,000 symbols"
        yield "build", (title, _chart(title, groups))
    if pages := results.get("pages"):
        groups = [
            (f"{size} symbols", [_bar(side, each[figure], "ms") for side, each in sides])
            for size in ("300", "3,000", "10,000")
            for figure in [f"at {size}"]
            for sides in [[pair for pair in pages["readings"].items() if figure in pair[1]]]
        ]
        title = "Milliseconds of processor time for a page more"
        yield "pages", (title, _chart(title, groups))


def _bar(kind: str, values: Iterable[float], unit: str) -> Bar:
    value = statistics.median(values)
    return Bar(kind, value, _quantity(value, unit))


def _goal_groups(results: Results, rows: Rows) -> Iterator[Group]:
    for goal in rows.goals:
        if goal.goal is None or (result := results.get(goal.row)) is None:
            continue
        sides = ((side, told(goal, result, side)) for side in ("before", "now"))
        bars = [
            Bar(kind, side.ratio / goal.goal, f"{_number(side.ratio / goal.goal)} ×")
            for kind, side in sides
            if side
        ]
        if bars:
            yield f"{goal.row}: {goal.work.replace('`', '').removeprefix('… ')}", bars


def _chart(title: str, groups: Sequence[Group], goal: float | None = None) -> str:
    """A chart of bars as SVG; with a goal the scale is logarithmic and has a line there."""
    values = [bar.value for _, bars in groups for bar in bars if bar.value > 0]
    low, high = (min(values) / 1.5, max(values)) if goal is not None else (0.0, max(values))

    def place(value: float) -> float:
        if goal is None:
            return value / high
        return math.log(max(value, low) / low) / math.log(max(high, goal) / low)

    templates = Environment(
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    shown: list[dict[str, Any]] = [
        {"label": label, "bars": [(bar.kind, place(bar.value), bar.text) for bar in bars]}
        for label, bars in groups
    ]
    line = place(goal) if goal is not None else None
    return templates.get_template("chart.svg").render(title=title, groups=shown, line=line) + "\n"

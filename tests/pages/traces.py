"""Traces of chromium: what the page's main thread did, and for how long."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

_CATEGORIES = [
    "toplevel",
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.stack",
    "__metadata",
]
_TASK = "ThreadControllerImpl::RunTask"
_PARTS = {
    "EvaluateScript", "EventDispatch", "FireAnimationFrame", "FunctionCall", "HitTest", "Layout",
    "MajorGC", "MinorGC", "Paint", "ParseHTML", "PrePaint", "TimerFire", "UpdateLayoutTree",
}  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One task of the main thread; times in milliseconds."""

    start: float
    """Since the trace began."""
    wall: float
    cpu: float
    """What the thread itself ran: other programs on the machine do not count."""
    parts: tuple[str, ...]
    """What it ran, longest first, each as `name milliseconds function`."""


@dataclass
class Trace:
    """What was traced, once it has ended."""

    events: list[Any] = field(default_factory=list)

    def tasks(self) -> list[Task]:
        """The tasks of the page's main thread in order of time."""
        events = self._main()
        begin = min((each["ts"] for each in self.events if each.get("ts")), default=0)
        parts = [each for each in events if each["name"] in _PARTS]
        tasks = [each for each in events if each["name"] == _TASK]
        longest = [each for each in tasks if each["dur"] > 5000]
        inside = {
            id(task): [
                each for each in parts if task["ts"] <= each["ts"] < task["ts"] + task["dur"]
            ]
            for task in longest
        }
        return [
            Task(
                (each["ts"] - begin) / 1000,
                each["dur"] / 1000,
                each.get("tdur", each["dur"]) / 1000,
                _described(inside.get(id(each), [])),
            )
            for each in sorted(tasks, key=lambda each: each["ts"])
        ]

    def counts(self, name: str, count: str) -> list[int]:
        """The numbers that events of a name carry, in no order."""
        found = [each["args"] for each in self.events if each.get("name") == name]
        return [(args | args.get("beginData", {})).get(count, 0) for args in found]

    def _main(self) -> list[Any]:
        """The events with a duration of the renderer that did most."""
        threads = {
            (each["pid"], each["tid"])
            for each in self.events
            if each.get("name") == "thread_name" and each["args"]["name"] == "CrRendererMain"
        }
        timed = [each for each in self.events if each.get("ph") == "X" and each.get("dur")]
        by_thread = {
            thread: [each for each in timed if (each["pid"], each["tid"]) == thread]
            for thread in sorted(threads)
        }
        return max(by_thread.values(), key=len, default=[])


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[Trace]:
    """Trace a page while the block runs; the trace is whole after it."""
    browser.start_tracing(page=page, categories=_CATEGORIES)
    trace = Trace()
    try:
        yield trace
    finally:
        trace.events = json.loads(browser.stop_tracing())["traceEvents"]


def _described(events: list[Any]) -> tuple[str, ...]:
    longest = sorted(events, key=lambda each: -each["dur"])[:5]
    return tuple(
        f"{each['name']} {each['dur'] / 1000:.0f} {_function(each)}".strip() for each in longest
    )


def _function(event: Any) -> str:
    args = event.get("args", {})
    data = args.get("data") or {}
    stack = (args.get("beginData") or data).get("stackTrace") or []
    if data.get("functionName"):
        stack = [data]
    if not stack:
        return str(data.get("type", ""))
    url = stack[0].get("url", "").rpartition("/")[2]
    return f"{stack[0].get('functionName') or '?'}@{url}:{stack[0].get('lineNumber', 0)}"

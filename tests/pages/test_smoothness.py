"""A note of 200 steps is read to its end without work that grows with the note.

`benchmarks/scrolling.py` measures how long a task of the page takes; here the work is counted.
"""

from pathlib import Path

import pytest
from long_note import NOTE, build_long_note
from playwright.sync_api import Browser
from reading_trace import read_note
from runs import made_once
from web_server import Served

pytestmark = pytest.mark.browser

_AT_ONCE = 600
"""Elements that one step may have styled anew, and objects that it may have laid out anew."""


def test_wheel_and_keys_do_little_at_once_through_two_hundred_steps(
    chromium: Browser, shared: Path
) -> None:
    site = made_once(shared / "long", build_long_note)
    with Served(site) as served:
        readings = read_note(chromium, served.address + NOTE)
    assert readings["keys"].steps == 200
    for name, reading in readings.items():
        styled = reading.trace.counts("UpdateLayoutTree", "elementCount")
        laid_out = reading.trace.counts("Layout", "dirtyObjects")
        assert reading.elements > 5 * _AT_ONCE, name
        assert len(styled) > 50, name
        assert len(laid_out) > 50, name
        assert max(styled) <= _AT_ONCE, name
        assert max(laid_out) <= _AT_ONCE, name

"""A note of 200 steps is read to its end without a task that is felt."""

from pathlib import Path

import pytest
from long_note import NOTE, build_long_note
from playwright.sync_api import Browser
from reading_trace import LIMIT, read_note
from runs import made_once
from web_server import Served

pytestmark = pytest.mark.browser


def test_wheel_and_keys_stay_smooth_through_two_hundred_steps(
    chromium: Browser, shared: Path
) -> None:
    """Measured in the thread's own time, so that tests that run beside this one do not count."""
    site = made_once(shared / "long", build_long_note)
    with Served(site) as served:
        readings = read_note(chromium, served.address + NOTE)
    assert readings["keys"].steps == 200
    for name, reading in readings.items():
        assert len(reading.tasks) > 100, name
        assert [task for task in reading.longest() if task.cpu > LIMIT] == [], name

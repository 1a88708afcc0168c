"""A note of 200 steps is read to its end without a task that is felt."""

from pathlib import Path

import pytest
from long_note import NOTE, build_long_note
from playwright.sync_api import Browser
from reading_trace import LIMIT, read_note
from runs import made_once
from traces import Task
from web_server import Served

pytestmark = pytest.mark.browser


_TRIES = 3
"""A task that is felt comes in every reading; one that other tests made long does not."""


def test_wheel_and_keys_stay_smooth_through_two_hundred_steps(
    chromium: Browser, shared: Path
) -> None:
    """Measured in the thread's own time, so that tests that run beside this one count little."""
    site = made_once(shared / "long", build_long_note)
    felt: dict[str, list[Task]] = {}
    with Served(site) as served:
        for _ in range(_TRIES):
            readings = read_note(chromium, served.address + NOTE)
            assert readings["keys"].steps == 200
            assert all(len(reading.tasks) > 100 for reading in readings.values())
            felt = {
                name: [task for task in reading.longest() if task.cpu > LIMIT]
                for name, reading in readings.items()
            }
            if not any(felt.values()):
                return
    assert not any(felt.values()), felt

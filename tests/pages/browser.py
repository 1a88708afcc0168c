"""Debian's chromium, started as the tests and the benchmarks need it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from checkers import FLAGS
from playwright.sync_api import Browser, sync_playwright


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium without a window, for as long as the block runs."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("`chromium` not found: install the Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()

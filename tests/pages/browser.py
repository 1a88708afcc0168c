"""Debian's chromium, started as the tests and the benchmarks need it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from checkers import FLAGS
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

_PATIENCE = 300_000
"""Milliseconds that a page may take for anything: a busy machine is no fault."""


def _be_patient(browser: Browser) -> None:
    """Let all pages that a browser opens wait long."""
    new_context, new_page = browser.new_context, browser.new_page

    def patient_context(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.set_default_timeout(_PATIENCE)
        return context

    def patient_page(**options: Any) -> Page:
        page = new_page(**options)
        page.set_default_timeout(_PATIENCE)
        return page

    vars(browser).update(new_context=patient_context, new_page=patient_page)


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium without a window, for as long as the block runs."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("`chromium` not found: install the Debian package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        _be_patient(browser)
        yield browser
        browser.close()

"""Pictures of every kind of page: light, dark and on a phone.

    python scripts/screenshots.py [--site DIR] [--all DIR] [--kept DIR]

The notebook is built, served on this machine and opened in chromium. All pictures go to
`build/screenshots`, those that the README shows to `docs/screenshots`.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

sys.path.append(str(Path(__file__).parents[1] / "tests" / "pages"))

from browser import launched
from built_site import ADDRESS
from page_kinds import addresses
from playwright.sync_api import Browser, ViewportSize
from runs import ROOT, callpath, run
from web_server import Served


class Look(NamedTuple):
    """A way to look at a page."""

    size: ViewportSize
    scheme: Literal["light", "dark"]


LOOKS = {
    "light": Look({"width": 1400, "height": 875}, "light"),
    "dark": Look({"width": 1400, "height": 875}, "dark"),
    "phone": Look({"width": 390, "height": 844}, "light"),
}
KEPT = ("note-light", "note-phone")
"""The pictures that the README shows."""


def main() -> int:
    """Take all pictures and keep some."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--site", type=Path, help="a built site to take instead of building one")
    options.add_argument("--all", type=Path, default=ROOT / "build" / "screenshots")
    options.add_argument("--kept", type=Path, default=ROOT / "docs" / "screenshots")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = given.site or built(Path(folder) / "site")
        with Served(site) as served, launched() as browser:
            for name, picture in pictures(browser, served.address):
                write(given.all / f"{name}.png", picture)
                if name in KEPT:
                    write(given.kept / f"{name}.png", picture)
    return 0


def built(folder: Path) -> Path:
    """The notebook's site, built into a folder."""
    done = run("mkdocs", "build", "-q", "-d", folder, at=ROOT, SITE_URL=ADDRESS)
    if done.status:
        sys.exit(done.said)
    return folder


def pictures(browser: Browser, address: str) -> Iterator[tuple[str, bytes]]:
    """The name of every picture, and the picture as PNG."""
    kinds = addresses(json.loads(callpath("refs", "--format", "json", at=ROOT).out))
    for look, (size, scheme) in LOOKS.items():
        for kind, path in kinds.items():
            yield f"{kind}-{look}", picture(browser, address + path, size, scheme)


def picture(
    browser: Browser, address: str, size: ViewportSize, scheme: Literal["light", "dark"]
) -> bytes:
    """A page as it opens; a note where its third step is read."""
    context: Any = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    with context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        steps = page.locator("section.callpath-step > h2")
        if steps.count() > 2:
            steps.nth(2).evaluate("heading => heading.scrollIntoView({behavior: 'instant'})")
        page.wait_for_timeout(1000)
        taken: bytes = page.screenshot(animations="disabled", caret="hide")
        return taken


def write(file: Path, data: bytes) -> None:
    """Write a picture."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    sys.stdout.write(f"{file} {len(data) / 1000:.0f} kB\n")


if __name__ == "__main__":
    sys.exit(main())

"""The checkers that npm brings: axe, the Nu Html Checker, Lighthouse. `make test` installs them."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runs import ROOT

_WEB = ROOT / "tests" / "web"
_MODULES = _WEB / "node_modules"
_VISIT = _WEB / "visit.mjs"
AXE = _MODULES / "axe-core" / "axe.min.js"
_VNU = _MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""How chromium is started: without what asks the network by itself."""
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FORMS = ("desktop", "mobile")


_PACKAGES = {
    "java": "the Debian package default-jre-headless",
    "node": "the Debian packages nodejs and npm",
    "chromium": "the Debian package chromium",
}


def absent_program(program: str) -> str:
    """What to install if a program is not there; else nothing."""
    return "" if shutil.which(program) else f"`{program}` not found: install {_PACKAGES[program]}"


def missing(*programs: str) -> str:
    """What to install before the checkers run with these programs; nothing if all is there."""
    for reason in map(absent_program, programs):
        if reason:
            return reason
    if not AXE.exists():
        return "no checkers: install the Debian packages nodejs and npm, then run `make test`"
    return ""


@dataclass(frozen=True, order=True)
class HtmlError:
    """What the Nu Html Checker says of a page."""

    page: str
    message: str
    extract: str
    """The piece of the page that it speaks of."""


def html_errors(files: Iterable[Path]) -> list[HtmlError]:
    """Every error in some pages, in one run of the checker."""
    done = subprocess.run(
        ["java", "-jar", _VNU, "--format", "json", "--errors-only", *map(str, files)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=300,
    )
    said = json.loads(done.stderr)
    assert "non-document-error" not in {each["type"] for each in said["messages"]}, done.stderr
    return [HtmlError(each["url"], each["message"], _marked(each)) for each in said["messages"]]


def _marked(message: Mapping[str, Any]) -> str:
    start = message.get("hiliteStart", 0)
    extract: str = message.get("extract", "")
    return extract[start : start + message.get("hiliteLength", 0)]


@dataclass(frozen=True)
class Lighthouse:
    """One run's report."""

    report: Any

    def score(self, category: str) -> int:
        """A category's score, 0 to 100."""
        return round(self.report["categories"][category]["score"] * 100)

    def number(self, audit: str) -> float:
        """An audit's number, in its own unit."""
        return float(self.report["audits"][audit]["numericValue"])

    def failed(self, category: str) -> list[str]:
        """The audits that cost the category points, sorted by name."""
        audits = self.report["audits"]
        named = [
            each["id"]
            for each in self.report["categories"][category]["auditRefs"]
            if each["weight"]
        ]
        return sorted(
            name
            for name in named
            if (audits[name]["score"] or 0) < 1
            and audits[name]["scoreDisplayMode"] not in {"notApplicable", "manual", "informative"}
        )


def lighthouse(address: str, form: str, categories: Iterable[str] = CATEGORIES) -> Lighthouse:
    """Let Lighthouse visit a page in Debian's chromium, with an empty cache.

    `form` is `desktop` or `mobile`.
    """
    chromium = shutil.which("chromium")
    assert chromium
    words = [address, form, ",".join(categories), chromium, "--headless=new", *FLAGS]
    done = subprocess.run(
        ["node", _VISIT, *words], capture_output=True, check=False, encoding="utf-8", timeout=600
    )
    assert done.returncode == 0, done.stderr
    found = Lighthouse(json.loads(done.stdout))
    assert "runtimeError" not in found.report, found.report["runtimeError"]
    return found

"""The documentation as a site: `make docs-site` builds it without a warning."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_pages import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs-site")
    command = ["build", "--strict", "--config-file", "docs-site.yml", "--site-dir", str(folder)]
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", *command],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_of_the_documentation_is_on_the_site(site: Path) -> None:
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} | {"contributing", "changelog"}
    assert {page for page in pages if not (site / page / "index.html").is_file()} == set()


def test_the_readme_is_the_start_page_with_its_pictures(site: Path) -> None:
    start = (site / "index.html").read_text(encoding="utf-8")
    title = re.search(r"^# (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert title
    assert title[1] in start
    pictures = re.findall(r'<img[^>]+src="(?!https?:|data:)([^"]+)"', start)
    assert pictures
    assert {picture for picture in pictures if not (site / picture).is_file()} == set()

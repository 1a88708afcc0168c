"""Parts, the home page and the errata among the written pages."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown import Markdown

from callpath.addresses import Layout
from callpath.notebook import read_notebook
from callpath.site.write import write_pages
from kernel import CONFIG, NOTES, lock_site, write_site

MARKS = (
    "# Parts\n\nSee [it](src:drivers/lamp/lamp.c#lamp_set).\n"
    "<!-- callpath: paths -->\n<!-- callpath: graph -->\n<!-- callpath: graph -->\n"
    "<!-- callpath: errata -->\n<!-- callpath: legend -->\n<!-- callpath: pahts -->\n\n"
    "```\n<!-- callpath: paths -->\n```\n\n*The end.*\n"
)
SITE = CONFIG + "      graph: {engine: none}\n"


def written(tmp_path: Path, tree: str, notes: dict[str, str], config: str = SITE) -> Path:
    workspace = write_site(tmp_path / "site", notes, config)
    lock_site(workspace, linux=tree)
    write_pages(workspace, read_notebook(workspace), tmp_path / "out", Layout())
    return tmp_path / "out" / "docs"


def text(out: Path, path: str) -> str:
    return (out / path).read_text(encoding="utf-8")


def html(out: Path, path: str) -> str:
    return Markdown(extensions=["meta", "fenced_code"]).convert(text(out, path))


def leads_nowhere(out: Path) -> list[str]:
    """The links of all pages that lead to no written file."""
    broken = []
    for file in sorted(out.rglob("*.md")):
        path = file.relative_to(out).as_posix()
        for href in re.findall(r'<a\s[^>]*?href="([^"]*)"', html(out, path)):
            target = urlsplit(unquote(href)).path
            if not re.match(r"[a-z]+:", href) and target and not (file.parent / target).is_file():
                broken.append(f"{path}: {href}")
    return broken


@pytest.mark.parametrize("page", ["index.md", "kvm/deep/page.md"])
def test_parts_become_html_whose_links_name_files(tmp_path: Path, tree: str, page: str) -> None:
    out = written(tmp_path, tree, {**NOTES, page: MARKS})
    found = html(out, page)
    up = posixpath.relpath(".", posixpath.dirname(page) or ".").removeprefix(".")
    base = f"{'.' + up}/" if up else ""
    assert f'<h3 data-search-exclude><a href="{base}fan.md">How a fan starts</a></h3>' in found
    assert f'<a href="{base}errata.md#lamp">' in found
    assert found.count('class="callpath-outline"') == 1
    assert found.count('class="callpath-how-to-read"') == 1
    assert "&lt;!-- callpath: paths --&gt;" in found  # in the code block
    assert "<!-- callpath: pahts -->" in found
    assert "<em>The end.</em>" in found
    assert leads_nowhere(out) == []


def test_the_page_of_errata_names_files_too(tmp_path: Path, tree: str) -> None:
    lamp = NOTES["lamp.yml"].replace(
        "It switches the lamp on", '"It [spins](#lamp_set), as [fans](fan.yml#fan_start) do"'
    )
    out = written(tmp_path, tree, {**NOTES, "lamp.yml": lamp})
    page = text(out, "errata.md")
    assert page.startswith('---\ntitle: "Errata"\ndescription: "1 ')
    assert '<a href="lamp.md#lamp_set">spins</a>' in page
    assert '<a href="fan.md#fan_start">fans</a>' in page
    assert 'href="source/linux/drivers/lamp/lamp.c/lamp_set.md"' in page
    assert leads_nowhere(out) == []


def test_without_an_index_a_home_page_is_written_in_the_navigations_order(
    tmp_path: Path, tree: str
) -> None:
    notes = {path: note for path, note in NOTES.items() if path != "index.md"}
    config = SITE + "site_description: All of them\nnav:\n  - Lamp: lamp.yml\n  - More: [fan.yml]\n"
    out = written(tmp_path, tree, notes, config)
    page = text(out, "index.md")
    assert page.startswith('---\ntitle: "Lamps"\ndescription: "All of them"\ntemplate:')
    assert re.findall(r'<h3 data-search-exclude><a href="([^"]*)"', page) == ["lamp.md", "fan.md"]
    assert leads_nowhere(out) == []


@pytest.mark.parametrize("name", ["README.md", "index.html"])
def test_a_home_page_of_the_users_own_stays_the_only_one(
    tmp_path: Path, tree: str, name: str
) -> None:
    notes = {path: note for path, note in NOTES.items() if path != "index.md"} | {name: "mine\n"}
    out = written(tmp_path, tree, notes)
    assert not (out / "index.md").exists()
    assert text(out, name) == "mine\n"


def test_without_errata_there_is_no_page_of_them(tmp_path: Path, tree: str) -> None:
    out = written(tmp_path, tree, {"fan.yml": NOTES["fan.yml"], "index.md": MARKS})
    assert not (out / "errata.md").exists()
    assert "There are no errata." in text(out, "index.md")

"""Generators beside MkDocs: ProperDocs runs the plugin, Zensical builds the written pages."""

from pathlib import Path

import pytest
from built_site import ADDRESS, BuiltSite
from runs import ROOT, callpath, run

_ZENSICAL = """\
[project]
site_name = "Pages"
site_url = "{address}"
use_directory_urls = {folders}
extra_css = ["assets/callpath/callpath.css"]
extra_javascript = ["assets/callpath/callpath.js"]

[project.theme]
font = false
features = ["navigation.prune"]
"""


def _html(site: BuiltSite) -> set[str]:
    return {path for path in site.files if path.endswith(".html")}


def test_properdocs_builds_the_same_pages(notebook, tmp_path):
    out = tmp_path / "site"
    done = run(
        *("properdocs", "build", "--strict", "-f", "mkdocs.yml", "-d", out),
        at=ROOT,
        SITE_URL=ADDRESS,
    )
    assert (done.status, done.warnings) == (0, []), done.said
    site = BuiltSite(out)
    assert _html(site) == _html(notebook)
    note = "kvm/init/index.html"
    headings = '//section[has-class("callpath-step")]/h2/@id'
    assert site.pages[note].find(headings) == notebook.pages[note].find(headings)


def _zensical(folder: Path, docs: Path, folders: bool) -> BuiltSite:
    text = _ZENSICAL.format(address=ADDRESS, folders=str(folders).lower())
    (folder / "zensical.toml").write_text(text, encoding="utf-8")
    assert docs == folder / "docs"
    # `--strict` makes Zensical check every link itself, those in HTML too.
    done = run("zensical", "build", "--strict", "-f", "zensical.toml", at=folder)
    assert done.status == 0, done.out + done.said
    return BuiltSite(folder / "site")


def test_zensical_builds_the_written_pages_of_the_notebook(notebook, tmp_path):
    done = callpath("pages", "--out", tmp_path / "docs", at=ROOT)
    assert done.status == 0, done.said
    site = _zensical(tmp_path, tmp_path / "docs", folders=True)
    assert _html(site) == _html(notebook)
    assert site.faults() == []
    assert site.foreign_requests() == []
    assert not [path for path in site.files if path.endswith((".yml", ".lock"))]


@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_zensical_builds_a_small_site_in_both_forms(small, tmp_path, folders):
    small.write("docs/kvm/more.md", "# More\n\nBack to [the start](../index.md).\n")
    small.replace(
        "docs/kvm/exit.yml", "The other way round.", "See [more](more.md), [home](../index.md)."
    )
    docs = tmp_path / "out/docs"
    form = "--directory-urls" if folders else "--no-directory-urls"
    done = callpath("pages", "--out", docs, form, at=small.root)
    assert done.status == 0, done.said
    site = _zensical(docs.parent, docs, folders)
    assert site.faults() == []
    note = site.pages["kvm/exit/index.html" if folders else "kvm/exit.html"]
    leads = [site.target(note, href) for href in note.hrefs("//article//p/a[not(@class)]")]
    more = "kvm/more/index.html" if folders else "kvm/more.html"
    assert (more, "") in leads
    assert ("index.html", "") in leads

"""Generators beside MkDocs: ProperDocs runs the plugin, Zensical builds the written project."""

from pathlib import Path

import pytest
from built_site import ADDRESS, BuiltSite
from runs import ROOT, callpath, run


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


def _zensical(project: Path) -> BuiltSite:
    # `--strict` makes Zensical check every link itself, those in HTML too.
    done = run("zensical", "build", "--strict", at=project)
    assert done.status == 0, done.out + done.said
    return BuiltSite(project / "site")


def test_zensical_builds_the_written_project_of_the_notebook(notebook, tmp_path):
    done = callpath("pages", "--out", tmp_path, at=ROOT, SITE_URL=ADDRESS)
    assert done.status == 0, done.said
    site = _zensical(tmp_path)
    assert _html(site) == _html(notebook)
    assert site.faults() == []
    assert site.foreign_requests() == []
    assert not [path for path in site.files if path.endswith((".yml", ".lock"))]
    home = site.pages["index.html"]
    navigation = home.texts('//nav[has-class("md-nav--primary")]//a[has-class("md-nav__link")]')
    assert {"首页", "KVM 初始化", "符号", "版本"} <= {each.strip() for each in navigation}
    for path, page in notebook.pages.items():
        if path.startswith("kvm/"):
            rail = '//div[has-class("callpath-rail")]//nav[has-class("callpath-path")]//a/@href'
            assert site.pages[path].find(rail) == page.find(rail) != []


def test_a_small_project_stays_small(tmp_path):
    assert callpath("pages", "--out", tmp_path, at=ROOT).status == 0
    _zensical(tmp_path)
    files = [file for file in (tmp_path / "site").rglob("*") if file.is_file()]
    code = [file for file in files if file.suffix == ".js" and "kvm" in file.parts]
    assert sum(file.stat().st_size for file in {*files} - {*code}) <= 25_000_000
    assert (tmp_path / "site" / "404.html").stat().st_size <= 20_000


@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_zensical_builds_a_small_site_in_both_forms(small, tmp_path, folders):
    small.write("docs/kvm/more.md", "# More\n\nBack to [the start](../index.md).\n")
    small.replace(
        "docs/kvm/exit.yml", "The other way round.", "See [more](more.md), [home](../index.md)."
    )
    out = tmp_path / "out"
    form = "--directory-urls" if folders else "--no-directory-urls"
    done = callpath("pages", "--out", out, form, at=small.root)
    assert done.status == 0, done.said
    site = _zensical(out)
    assert site.faults() == []
    note = site.pages["kvm/exit/index.html" if folders else "kvm/exit.html"]
    leads = [site.target(note, href) for href in note.hrefs("//article//p/a[not(@class)]")]
    more = "kvm/more/index.html" if folders else "kvm/more.html"
    assert (more, "") in leads
    assert ("index.html", "") in leads

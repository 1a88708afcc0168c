"""`zensical.toml`, as it is made from a site's MkDocs settings."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from callpath.addresses import Layout
from callpath.findings import SettingsError
from callpath.site.zensical import SEPARATOR, for_unicode, page_templates, zensical_settings
from callpath.workspace import open_workspace
from kernel import write_files

PLUGIN = "plugins:\n  - search\n  - callpath: {pin: v3.7}\n"


def project(folder: Path, config: str, pages: tuple[str, ...] = (), **files: str) -> dict[str, Any]:
    """The table `project` for a site with these settings."""
    write_files(
        folder, {"mkdocs.yml": config, **{name.replace("_", "."): files[name] for name in files}}
    )
    workspace = open_workspace(folder / "mkdocs.yml")
    made = tomllib.loads(zensical_settings(workspace, pages, Layout()))
    assert list(made) == ["project"]
    return dict(made["project"])


def test_a_site_says_the_same_in_both(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        "site_name: Lamps\nsite_url: https://lamps.example/\ncopyright: Mine\n"
        "repo_url: https://git.example/lamps\ntheme:\n  name: material\n  language: zh\n"
        "  font: false\n  features: [navigation.instant]\n"
        "  palette:\n    - {scheme: default, toggle: {icon: material/brightness-7, name: dark}}\n"
        "    - scheme: slate\n      primary: null\n"
        "extra_css: [mine.css]\nextra:\n  social: [{icon: fontawesome/brands/git, link: https://x.example}]\n"
        + PLUGIN,
    )
    assert made["site_name"] == "Lamps"
    assert made["site_url"] == "https://lamps.example/"
    assert made["copyright"] == "Mine"
    assert made["repo_url"] == "https://git.example/lamps"
    assert made["extra"]["social"][0]["link"] == "https://x.example"
    assert made["extra_css"] == ["assets/callpath/callpath.css", "mine.css"]
    assert made["extra_javascript"] == ["assets/callpath/callpath.js"]
    theme = made["theme"]
    assert (theme["language"], theme["font"], theme["features"]) == (
        "zh",
        False,
        ["navigation.instant"],
    )
    assert theme["palette"][0]["toggle"] == {"icon": "material/brightness-7", "name": "dark"}
    assert theme["palette"][1] == {"scheme": "slate"}
    assert made["plugins"] == {"search": {"separator": SEPARATOR}}


def test_a_navigation_names_the_written_pages(tmp_path: Path) -> None:
    nav = "nav:\n  - Home: index.md\n  - Paths:\n      - lamp.yml\n      - Fan: deep/fan.yaml\n"
    nav += "  - Git: https://git.example/a.yml\n"
    assert project(tmp_path, "site_name: L\n" + nav + PLUGIN)["nav"] == [
        {"Home": "index.md"},
        {"Paths": ["lamp.md", {"Fan": "deep/fan.md"}]},
        {"Git": "https://git.example/a.yml"},
    ]


def test_without_a_navigation_it_has_the_notebooks_pages(tmp_path: Path) -> None:
    made = project(tmp_path, "site_name: L\n" + PLUGIN, ("index.md", "lamp.yml", "symbols.md"))
    assert made["nav"] == ["index.md", "lamp.md", "symbols.md"]


def test_extensions_keep_their_options_and_their_python_objects(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        "site_name: L\nmarkdown_extensions:\n  - footnotes\n"
        "  - toc:\n      permalink: true\n"
        "      slugify: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}\n"
        "  - pymdownx.emoji: {emoji_index: !!python/name:material.extensions.emoji.twemoji ''}\n"
        "  - pymdownx.superfences:\n      custom_fences:\n"
        "        - name: mermaid\n          class: mermaid\n"
        "          format: !!python/name:pymdownx.superfences.fence_code_format ''\n" + PLUGIN,
    )
    footnotes, toc, emoji, fences = made["markdown_extensions"]
    assert footnotes == "footnotes"
    assert toc["toc"]["slugify"] == {"object": "pymdownx.slugs.slugify", "kwds": {"case": "lower"}}
    assert emoji["pymdownx.emoji"]["emoji_index"] == "zensical.extensions.emoji.twemoji"
    (fence,) = fences["pymdownx.superfences"]["custom_fences"]
    assert fence["format"] == "pymdownx.superfences.fence_code_format"


def test_without_extensions_it_has_no_others_than_mkdocs(tmp_path: Path) -> None:
    assert project(tmp_path, "site_name: L\n" + PLUGIN)["markdown_extensions"] == []


def test_lists_are_those_of_the_nearest_file_and_variables_have_their_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMP_SITE", "https://here.example/")
    made = project(
        tmp_path,
        "INHERIT: base.yml\nsite_name: L\nsite_url: !ENV [LAMP_SITE, none]\nextra_css: [near.css]\n"
        + PLUGIN,
        base_yml="site_name: B\ncopyright: B's\nextra_css: [far.css]\n"
        "theme: {name: material, language: de}\n",
    )
    assert (made["site_name"], made["site_url"], made["copyright"]) == (
        "L",
        "https://here.example/",
        "B's",
    )
    assert made["extra_css"] == ["assets/callpath/callpath.css", "near.css"]
    assert made["theme"]["language"] == "de"


@pytest.mark.parametrize(
    ("search", "separator"),
    [("search", SEPARATOR), ("search: {separator: '[ ]+', lang: en}", "[ ]+"), ("tags", SEPARATOR)],
    ids=["bare", "with options", "none"],
)
def test_of_the_search_only_the_separator_is_carried_over(
    tmp_path: Path, search: str, separator: str
) -> None:
    made = project(tmp_path, f"site_name: L\nplugins:\n  - {search}\n  - callpath: {{pin: v3.7}}\n")
    assert made["plugins"]["search"] == {"separator": separator}


@pytest.mark.parametrize(
    ("material", "zensical"),
    [
        (r"[\s\-]+", r"[\s\-]+"),
        (r"[\s\"_\:\=]+", r"[\s\"_:=]+".replace(r"\"", '"')),
        (r"\s|\-|\.(?!\d)", r"\s|-|\.(?!\d)"),
        (r"[\]\[\\]|\u200b|\!", r"[\]\[\\]|\u200b|!"),
    ],
)
def test_a_separator_suits_the_flag_that_zensical_sets(material: str, zensical: str) -> None:
    assert for_unicode(material) == zensical


def test_another_theme_leaves_its_language(tmp_path: Path) -> None:
    made = project(tmp_path, "site_name: L\ntheme: {name: mkdocs, locale: zh_CN}\n" + PLUGIN)
    assert made["theme"] == {"custom_dir": "overrides", "language": "zh"}
    made = project(tmp_path, "site_name: L\ntheme: readthedocs\n" + PLUGIN)
    assert made["theme"] == {"custom_dir": "overrides"}


def test_a_sites_own_templates_go_over_ours(tmp_path: Path) -> None:
    own = {
        "own/main.html": "mine",
        "own/partials/x.html": "more",
        "own/callpath-note.html": "other",
    }
    config = "site_name: L\ntheme: {name: material, custom_dir: own}\n" + PLUGIN
    write_files(tmp_path, {"mkdocs.yml": config, **own})
    found = dict(page_templates(open_workspace(tmp_path / "mkdocs.yml")))
    assert found["main.html"] == b"mine"
    assert found["partials/x.html"] == b"more"
    assert found["callpath-note.html"] == b"other"
    assert b"extends" in found["callpath-page.html"]


def test_a_tag_that_nothing_is_known_of_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"`mkdocs\.yml` cannot be read"):
        project(tmp_path, "site_name: L\nextra: !other x\n" + PLUGIN)

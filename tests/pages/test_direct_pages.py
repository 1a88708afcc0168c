"""Pages that are written without MkDocs' passes over them are what they would be with them."""

import hashlib

import pytest
from runs import run

from callpath.plugin.page_shell import page_shell

_HOOK = "def on_post_page(output, **_):\n    return output\n"
_LOOKS = """\
{% extends "base.html" %}
{% block content %}
<p>{{ page.meta.description | upper | truncate(40) }}</p>
{{ super() }}{% endblock %}
"""


def _built(small, folder, **settings):
    """The site's files as digests, and the pages that MkDocs itself has built."""
    small.configure(**settings)
    site, date = small.root / folder, "1700000000"
    done = run("mkdocs", "build", "-v", "-d", site, at=small.root, SOURCE_DATE_EPOCH=date)
    assert done.status == 0, done.said
    files = {
        file.relative_to(site).as_posix(): hashlib.sha256(file.read_bytes()).digest()
        for file in site.rglob("*")
        if file.is_file()
    }
    mark = "Building page "
    return files, {line.partition(mark)[2] for line in done.said.splitlines() if mark in line}


@pytest.mark.parametrize(
    ("theme", "more"),
    [
        ({"name": "material", "font": False}, {}),
        ({"name": "material", "font": False}, {"use_directory_urls": False, "site_url": ""}),
        ({"name": "mkdocs", "highlightjs": False}, {}),
        ({"name": "readthedocs"}, {"use_directory_urls": False}),
        ({"name": "mkdocs", "highlightjs": False, "custom_dir": "looks"}, {}),
    ],
    ids=["material", "material-files", "mkdocs", "readthedocs", "a-template-that-looks"],
)
def test_the_site_is_the_same_with_and_without_passes_over_its_pages(small, theme, more):
    small.write("hook.py", _HOOK)
    small.write("looks/main.html", _LOOKS)
    direct, few = _built(small, "direct", theme=theme, **more)
    passed, all_pages = _built(small, "passed", theme=theme, hooks=["hook.py"], **more)
    assert direct == passed
    assert {path for path in all_pages - few if path.startswith("source/")} == all_pages - few
    assert len(all_pages - few) == 6 + 4  # symbols and files


def _shell(render):
    marked = {"title": "slot1x", "body": "slot2x"}
    return page_shell(marked, "slot", render, [{"title": "A & b" * 30, "body": "<p>c</p>"}])


def test_a_shell_has_slots_where_a_template_prints_values():
    shell = _shell(lambda at: f"<title>{at['title']}</title>{at['body']} {at['title']}")
    assert shell.filled({"title": "kvm", "body": ""}) == "<title>kvm</title> kvm"


@pytest.mark.parametrize(
    "render",
    [
        lambda at: at["title"].upper() + at["body"],
        lambda at: at["title"][:20] + at["body"],
        lambda at: "none" if len(at["title"]) < 20 else at["title"],
        lambda at: at["title"].replace("&", "&amp;") + at["body"],
        lambda at: at["body"][1:] + at["body"],
    ],
    ids=["upper", "cut", "looked-at", "escaped", "a-part"],
)
def test_there_is_no_shell_where_it_does_more(render):
    assert _shell(render) is None

"""Pages that are written without MkDocs' passes over them are what they would be with them."""

import hashlib

import pytest
from mkdocs.config import load_config
from mkdocs.structure.files import Files
from runs import run

from callpath.plugin.files import add_file
from callpath.plugin.page_shell import page_shell, squeezed
from callpath.site.views import SiteFile

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


_THEME = (
    "<body>\n\n   \n  <p>a  b</p>\n    <PRE>x\n\n  y</PRE>\n"
    "  {}\n\n <script>`\n  `</script>\n \n</body>"
)
_SHORT = "<body>\n<p>a  b</p>\n<PRE>x\n\n  y</PRE>\n{}\n<script>`\n  `</script>\n</body>"


def test_a_page_has_no_blank_lines_and_no_indentation_around_its_content():
    content = "<code>a\n\n   b</code>"
    assert squeezed(_THEME.format(content), content) == _SHORT.format(content)


@pytest.mark.parametrize("content", ["", "<p>other</p>"])
def test_a_page_whose_content_is_not_known_stays_as_it_is(content):
    page = _THEME.format("<code>a\n\n   b</code>")
    assert squeezed(page, content) == page


@pytest.fixture
def config(small):
    loaded = load_config(str(small.root / "mkdocs.yml"), site_dir=str(small.root / "site"))
    loaded.plugins._current_plugin = "callpath"  # as while a hook runs
    return loaded


def test_the_text_of_a_file_is_made_when_it_is_copied(config, tmp_path):
    files, asked = Files([]), []
    add_file(files, SiteFile("a/b.json", lambda: asked.append(1) or "中文\n"), config)
    add_file(files, SiteFile("a/b.json", lambda: "not this"), config)  # there is one
    [file] = files
    assert not asked
    file.copy_file()
    assert (len(asked), (tmp_path / file.abs_dest_path).read_text("utf-8")) == (1, "中文\n")
    assert (file.content_string, file.content_bytes) == ("中文\n", "中文\n".encode())


def test_another_plugin_may_put_its_own_text_there(config, tmp_path):
    files = Files([])
    add_file(files, SiteFile("a.txt", lambda: "ours"), config)
    [file] = files
    file.content_string = "theirs"
    file.copy_file()
    assert (tmp_path / file.abs_dest_path).read_text("utf-8") == "theirs"

"""The written pages: all there, their links lead to written files, nothing half-written."""

import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from markdown import Markdown

from callpath.addresses import Layout
from callpath.findings import (
    SettingsError,
    UsageError,
)
from callpath.graph import engine
from callpath.notebook import read_notebook
from callpath.site.write import Written, write_pages
from callpath.workspace import Workspace
from kernel import CONFIG, NOTES, lock_site, write_files, write_site

SUMMARY = "kvm/deep/over.yml"
MORE = {
    **NOTES,
    SUMMARY: (
        "title: 'Deep \"quoted\": note'\n"
        "steps:\n  - function: lamp_init\n    file: drivers/lamp/lamp.c\n"
        "    commentary: |\n"
        "      See [lamps](../../lamp.yml#lamp_set), [home](../../index.md), [bad](http://[x)\n"
        "      and `fan_start()`, [again](../../l%61mp.yml#lamp_set).\n"
    ),
    "kvm/page.md": (
        "---\ntitle: Kept\n---\n"
        "`[a](src:drivers/lamp/lamp.c#lamp_set)` is written as "
        "[a](src:drivers/lamp/lamp.c#lamp_set).\n\n"
        "[note](../lamp.yml#lamp_set), [web](https://example.org), [page](../index.md),\n"
        "[not locked](src:drivers/lamp/lamp.c#lamp_none), [again](../l%61mp.yml#lamp_set)\n"
    ),
    "data.yml": "people: [a, b]\n",
    "pictures/lamp.svg": "<svg/>",
}


@pytest.fixture
def site(tmp_path: Path, tree: str) -> Workspace:
    workspace = write_site(tmp_path / "site", MORE, CONFIG + "      graph: {engine: none}\n")
    lock_site(workspace, linux=tree)
    return workspace


def export(workspace: Workspace, out: Path, layout: Layout | None = None) -> Written:
    return write_pages(workspace, read_notebook(workspace), out, layout or Layout())


def written(out: Path) -> set[str]:
    docs = out / "docs"
    return {file.relative_to(docs).as_posix() for file in docs.rglob("*") if file.is_file()}


def text(out: Path, path: str) -> str:
    return (out / "docs" / path).read_text(encoding="utf-8")


def test_every_page_and_file_is_written(site: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = export(site, out)
    files = written(out)
    assert done == Written(files=len(files) + 3, changed=len(files) + 3, removed=0)
    others = {file.name for file in out.rglob("*") if file.is_file() and "docs" not in file.parts}
    made = {"zensical.toml", "callpath-note.html", "callpath-page.html", ".callpath-pages"}
    assert others == made
    assert {
        *("lamp.md", "fan.md", "kvm/deep/over.md", "kvm/page.md", "index.md"),
        *("symbols.md", "files.md", "graph.md", "data.yml", "pictures/lamp.svg"),
        "source/linux/drivers/lamp/lamp.c.md",
        "source/linux/drivers/lamp/lamp.c/lamp_init.md",
        "source/linux/include/linux/lamp.h/struct.lamp.md",
        "assets/callpath/callpath.css",
    } <= files
    assert not {"lamp.yml", "notes.lock", "kvm/deep/over.yml"} & files
    assert text(out, "data.yml") == MORE["data.yml"]


def metadata(out: Path, path: str) -> dict[str, Any]:
    """What the page says of itself, as YAML has it."""
    _, said, html = text(out, path).split("---\n", 2)
    assert html.startswith("\n<div")
    return dict(yaml.safe_load(said))


def test_pages_say_what_their_template_asks_for(site: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(site, out)
    note = metadata(out, "lamp.md")
    assert note["title"] == "How a lamp starts"
    assert note["description"] == "From loading the driver to the first light."
    assert note["template"] == "callpath-note.html"
    assert note["callpath"]["kind"] == "article"
    assert re.findall(r'<a href="#(\w+)"', note["callpath_rail"])[:2] == [
        "lamp_init",
        "lamp_register",
    ]
    assert metadata(out, "kvm/deep/over.md")["title"] == 'Deep "quoted": note'
    symbol = metadata(out, "source/linux/drivers/lamp/lamp.c/lamp_init.md")
    assert symbol["template"] == "callpath-page.html"
    assert "callpath_rail" not in symbol


def test_only_what_changed_is_written_again(site: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(site, out)
    (out / "docs" / "mine.md").write_text("# Mine\n")
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.is_file()}
    assert export(site, out).changed == 0
    assert {file: file.stat().st_mtime_ns for file in before} == before
    note = site.notes_folder / SUMMARY
    note.write_text(note.read_text().replace("See [lamps]", "Look at [lamps]"))
    (site.notes_folder / "kvm/page.md").unlink()
    done = export(site, out)
    assert done.removed == 1
    assert not (out / "docs/kvm/page.md").exists()
    changed = {
        file.relative_to(out / "docs").as_posix()
        for file, then in before.items()
        if file.name.endswith(".md") and file.exists() and file.stat().st_mtime_ns != then
    }
    assert "kvm/deep/over.md" in changed
    assert not {"lamp.md", "fan.md", "symbols.md", "mine.md"} & changed


def test_a_record_of_files_elsewhere_removes_nothing(site: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# Other\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".callpath-pages").write_text(f"../other.md\n{other}\n")
    assert export(site, tmp_path / "out").removed == 0
    assert other.read_text() == "# Other\n"


def hrefs(page: str) -> list[str]:
    html = Markdown(extensions=["tables", "meta"]).convert(page)
    return [unquote(href) for href in re.findall(r'<a\s[^>]*?href="([^"]*)"', html)]


@pytest.mark.parametrize("directory_urls", [True, False])
def test_every_link_leads_to_a_written_file(
    site: Workspace, tmp_path: Path, directory_urls: bool
) -> None:
    out = tmp_path / "out"
    export(site, out, Layout(directory_urls))
    files = written(out)
    seen = 0
    for path in sorted(files):
        if not path.endswith(".md"):
            continue
        for href in hrefs(text(out, path)):
            if re.match(r"[a-z]+:", href):
                continue
            parts = urlsplit(href)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), parts.path))
            target = target if parts.path else path
            assert target in files, f"{path}: {href}"
            if parts.fragment and "/deep/" not in path:
                assert f'id="{parts.fragment}"' in text(out, target), f"{path}: {href}"
            seen += 1
    assert seen > 50


def test_source_links_of_markdown_pages_lead_to_symbols(site: Workspace, tmp_path: Path) -> None:
    export(site, tmp_path / "out")
    assert text(tmp_path / "out", "kvm/page.md") == (
        "---\ntitle: Kept\n---\n"
        "`[a](src:drivers/lamp/lamp.c#lamp_set)` is written as "
        "[a](../source/linux/drivers/lamp/lamp.c/lamp_set.md).\n\n"
        "[note](../lamp.md#lamp_set), [web](https://example.org), [page](../index.md),\n"
        "[not locked](src:drivers/lamp/lamp.c#lamp_none), [again](../l%61mp.md#lamp_set)\n"
    )


def test_prose_of_notes_is_rendered_with_its_links(site: Workspace, tmp_path: Path) -> None:
    export(site, tmp_path / "out")
    page = text(tmp_path / "out", "kvm/deep/over.md")
    assert '<a href="../../lamp.md#lamp_set">lamps</a>' in page
    assert '<a href="../../index.md">home</a>' in page
    assert "<code>fan_start()</code></a>" in page


def test_a_page_of_the_users_own_wins_over_a_generated_one(tmp_path: Path, tree: str) -> None:
    notes = {**NOTES, "symbols.md": "# My own\n"}
    workspace = write_site(tmp_path / "site", notes, CONFIG + "      graph: {engine: none}\n")
    lock_site(workspace, linux=tree)
    assert export(workspace, tmp_path / "out").files == len(written(tmp_path / "out")) + 3
    assert text(tmp_path / "out", "symbols.md") == "# My own\n"


@pytest.mark.parametrize("where", ["site/notes", "site/notes/out", "site", ".", "site/x/../notes"])
def test_a_folder_that_overlaps_the_notes_is_refused(
    site: Workspace, tmp_path: Path, where: str
) -> None:
    folder = site.notes_folder
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with pytest.raises(UsageError, match="overlaps the notes' folder"):
        export(site, tmp_path / where)
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_what_is_there_under_other_names_stays(site: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_files(out / "docs", {"mine.md": "mine", "lamp.md": "old"})
    export(site, out)
    assert text(out, "mine.md") == "mine"
    assert text(out, "lamp.md").startswith("---\n")


def test_writing_again_gives_the_same_bytes(site: Workspace, tmp_path: Path) -> None:
    export(site, tmp_path / "one")
    export(site, tmp_path / "two")
    export(site, tmp_path / "two")
    one, two = tmp_path / "one", tmp_path / "two"
    assert written(one) == written(two)
    assert (one / "zensical.toml").read_bytes() == (two / "zensical.toml").read_bytes()
    for path in written(one):
        assert (one / "docs" / path).read_bytes() == (two / "docs" / path).read_bytes()


def test_a_folder_that_cannot_be_written_is_named(site: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"cannot write to `.*file`"):
        export(site, tmp_path / "file")


def test_no_page_is_ever_half_written(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_files(out / "docs", {"lamp.md": "old"})
    replace = Path.replace

    def fail_at_lamp(self: Path, target: Path) -> Path:
        if Path(target).name == "lamp.md":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_at_lamp)
    with pytest.raises(SettingsError, match="no space left on device"):
        export(site, out)
    assert text(out, "lamp.md") == "old"
    assert [name for name in written(out) if posixpath.basename(name).startswith(".")] == []
    for path in written(out) - {"lamp.md"}:
        assert text(out, path).endswith("\n")


def test_graphs_that_were_drawn_are_not_drawn_again(
    tmp_path: Path, tree: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = write_site(tmp_path / "site", MORE, CONFIG)
    lock_site(workspace, linux=tree)
    run, drawn = engine._run, []

    def counted(command: list[str], *rest: Any, **options: Any) -> Any:
        drawn.extend(word for word in command if word == "-Tsvg")
        return run(command, *rest, **options)

    monkeypatch.setattr(engine, "_run", counted)
    export(workspace, tmp_path / "first")
    assert drawn
    drawn.clear()
    export(workspace, tmp_path / "second")
    assert drawn == []
    assert (workspace.root / ".cache/callpath/graphs").is_dir()
    first, second = (tmp_path / name / "docs/lamp.md" for name in ("first", "second"))
    assert "<svg" in first.read_text(encoding="utf-8")
    assert first.read_bytes() == second.read_bytes()

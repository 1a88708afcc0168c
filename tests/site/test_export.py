"""The written pages: all there, their links lead to written files, nothing half-written."""

import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from markdown import Markdown

from callpath.addresses import Layout
from callpath.findings import (
    SettingsError,
    UsageError,
)
from callpath.graph import engine
from callpath.notebook import read_notebook
from callpath.site.write import write_pages
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


def export(workspace: Workspace, out: Path, layout: Layout | None = None) -> int:
    return write_pages(workspace, read_notebook(workspace), out, layout or Layout())


def written(out: Path) -> set[str]:
    return {file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file()}


def text(out: Path, path: str) -> str:
    return (out / path).read_text(encoding="utf-8")


def test_every_page_and_file_is_written(site: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    count = export(site, out)
    files = written(out)
    assert count == len(files)
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


def test_pages_carry_title_and_description(site: Workspace, tmp_path: Path) -> None:
    export(site, tmp_path / "out")
    assert text(tmp_path / "out", "lamp.md").startswith(
        '---\ntitle: "How a lamp starts"\n'
        'description: "From loading the driver to the first light."\n---\n\n<div'
    )
    assert text(tmp_path / "out", "kvm/deep/over.md").startswith(
        '---\ntitle: "Deep \\"quoted\\": note"\n'
        'description: "From lamp_init to lamp_init, read at linux v3.7; steps: 1."\n---\n\n<div'
    )


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
    count = export(workspace, tmp_path / "out")
    assert text(tmp_path / "out", "symbols.md") == "# My own\n"
    assert count == len(written(tmp_path / "out"))


@pytest.mark.parametrize("where", ["site/notes", "site/notes/out", "site", ".", "site/x/../notes"])
def test_a_folder_that_overlaps_the_notes_is_refused(
    site: Workspace, tmp_path: Path, where: str
) -> None:
    before = {path: text(site.notes_folder, path) for path in written(site.notes_folder)}
    with pytest.raises(UsageError, match="overlaps the notes' folder"):
        export(site, tmp_path / where)
    assert {path: text(site.notes_folder, path) for path in written(site.notes_folder)} == before


def test_what_is_there_under_other_names_stays(site: Workspace, tmp_path: Path) -> None:
    out = write_files(tmp_path / "out", {"mine.md": "mine", "lamp.md": "old"})
    export(site, out)
    assert text(out, "mine.md") == "mine"
    assert text(out, "lamp.md").startswith("---\n")


def test_writing_again_gives_the_same_bytes(site: Workspace, tmp_path: Path) -> None:
    export(site, tmp_path / "one")
    export(site, tmp_path / "two")
    export(site, tmp_path / "two")
    one, two = tmp_path / "one", tmp_path / "two"
    assert written(one) == written(two)
    for path in written(one):
        assert (one / path).read_bytes() == (two / path).read_bytes()


def test_a_folder_that_cannot_be_written_is_named(site: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"cannot write to `.*file`"):
        export(site, tmp_path / "file")


def test_no_page_is_ever_half_written(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = write_files(tmp_path / "out", {"lamp.md": "old"})
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
    first, second = (tmp_path / name / "lamp.md" for name in ("first", "second"))
    assert "<svg" in first.read_text(encoding="utf-8")
    assert first.read_bytes() == second.read_bytes()

"""What texts said in earlier runs."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from callpath.mentions import kept as kept_module
from callpath.mentions.kept import KeptReadings, reading_maker
from callpath.mentions.markup import markdown
from callpath.mentions.markup.markdown import read_markdown
from callpath.mentions.model import Document, Mention
from callpath.mentions.reading import read_mentions
from callpath.mentions.viewers import VIEWERS, ViewerForm, repository_viewers
from callpath.notebook import Notebook, read_notebook
from callpath.store import Store
from callpath.workspace import open_workspace

PAGE = (
    "# Lamps\n\n"
    "`lamp_on()` is in `drivers/lamp.c:12`, see drivers/lamp.h too, and `struct lamp`.\n\n"
    "[`lamp_off()`](https://elixir.bootlin.com/linux/v3.7/source/drivers/lamp.c#L20) and "
    "[a broken one](https://github.com/torvalds/linux/blob/).\n"
)


def read() -> tuple[Mention, ...]:
    return read_mentions(read_markdown(PAGE))


def never() -> Sequence[Mention]:
    raise AssertionError("it is read again")


def filled(folder: Path, maker: str = "a") -> None:
    kept = KeptReadings(Store(folder), maker)
    kept.mentions(PAGE, is_rst=False, read=read)
    kept.keep()


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    filled(tmp_path)
    known = KeptReadings(Store(tmp_path), "a").mentions(PAGE, is_rst=False, read=never)
    assert known == read()
    assert {type(one).__name__ for one in known} == {"SourceLink", "Citation", "Name"}


@pytest.mark.parametrize("change", ["text", "rst", "maker"])
def test_another_text_or_reader_is_not_known(tmp_path: Path, change: str) -> None:
    filled(tmp_path)
    kept = KeptReadings(Store(tmp_path), "b" if change == "maker" else "a")
    text = PAGE + "\n" if change == "text" else PAGE
    assert kept.mentions(text, is_rst=change == "rst", read=lambda: ()) == ()


@pytest.mark.parametrize("damage", [b"nonsense", b"", b"\x80", b"\xc0"])
def test_a_damaged_value_counts_as_absent(tmp_path: Path, damage: bytes) -> None:
    class Damaged(Store):
        def get_many(self, kind: str, maker: str, keys: Iterable[str]) -> dict[str, bytes]:
            return dict.fromkeys(keys, damage)

    kept = KeptReadings(Damaged(tmp_path), "a")
    if damage == b"\x80":  # an empty map, which says that nothing is mentioned
        assert kept.mentions(PAGE, is_rst=False, read=never) == ()
    else:
        assert kept.mentions(PAGE, is_rst=False, read=read) == read()


def test_the_store_is_asked_once_for_many_texts_and_not_again_for_new_ones(tmp_path: Path) -> None:
    asked = list[set[str]]()

    class Counting(Store):
        def get_many(self, kind: str, maker: str, keys: Iterable[str]) -> dict[str, bytes]:
            asked.append({*keys})
            return super().get_many(kind, maker, asked[-1])

    kept = KeptReadings(Counting(tmp_path), "a")
    kept.look_up([(PAGE, False), ("`a_b()`", False)])
    kept.mentions(PAGE, is_rst=False, read=read)
    kept.look_up([(PAGE, False)])
    assert [len(keys) for keys in asked] == [2]
    kept.mentions("`c_d()`", is_rst=False, read=read)
    assert [len(keys) for keys in asked] == [2, 1]


def test_a_run_that_reads_one_page_keeps_what_is_known_of_others(tmp_path: Path) -> None:
    filled(tmp_path)
    kept = KeptReadings(Store(tmp_path), "a")
    kept.mentions("`desk_on()`", is_rst=False, read=lambda: read_mentions(read_markdown("`a_b()`")))
    kept.keep()
    KeptReadings(Store(tmp_path), "a").mentions(PAGE, is_rst=False, read=never)


def test_what_is_no_text_is_read_each_time(tmp_path: Path) -> None:
    odd = tuple(replace(one, start=0) for one in read() if hasattr(one, "written"))
    odd = tuple(replace(one, written="\udcff") for one in odd)
    kept = KeptReadings(Store(tmp_path), "a")
    assert kept.mentions("odd", is_rst=False, read=lambda: odd) == odd
    kept.keep()
    again = KeptReadings(Store(tmp_path), "a")
    assert again.mentions("odd", is_rst=False, read=lambda: ()) == ()


def test_the_reader_depends_on_code_viewers_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = reading_maker(Store(), VIEWERS, ())
    more = (*VIEWERS, *repository_viewers("lamps.example/git", "lamps", ViewerForm.GITLAB))
    assert reading_maker(Store(), more, ()) != plain
    assert reading_maker(Store(), VIEWERS, ["lamp_desk"]) != plain
    monkeypatch.setattr(kept_module, "_DECIDING", ("callpath.mentions.viewers",))
    assert reading_maker(Store(), VIEWERS, ()) != plain


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with three pages."""
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Lamps\nplugins:\n  - callpath:\n      pin: v3.7\n"
    )
    for number in range(3):
        page = tmp_path / "docs" / f"page{number}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"# Page {number}\n\n{PAGE}\n")
    return tmp_path


def opened(site: Path) -> Notebook:
    return read_notebook(open_workspace(site / "mkdocs.yml"))


def count_reads(notebook: Notebook) -> tuple[int, object]:
    reads = list[str]()

    def counted(text: str) -> Document:
        reads.append(text)
        return read_markdown(text)

    with patch.object(markdown, "read_markdown", counted):
        mentions = notebook.mentions
    return len(reads), mentions


def test_a_second_run_reads_only_the_pages_that_changed(site: Path) -> None:
    count, first = count_reads(opened(site))
    assert count == 3
    assert count_reads(opened(site)) == (0, first)
    page = site / "docs" / "page1.md"
    page.write_text(page.read_text() + "\n`lamp_new()`\n")
    count, changed = count_reads(opened(site))
    assert count == 1
    page.write_text(page.read_text().removesuffix("\n`lamp_new()`\n"))
    assert changed != first
    assert count_reads(opened(site)) == (0, first)

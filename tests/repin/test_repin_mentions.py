"""`callpath repin` and the links and citations of pages and notes."""

from pathlib import Path

import pytest

from two_versions import contents, invoke, write_notebook, write_versions

LAMP = "drivers/lamp/lamp.c"
_TOP = "/* The lamp. */\n#include <linux/lamp.h>\n\n"
_SET = "int lamp_set(int level)\n{\n\tlamp_check(level);\n\treturn lamp_write(level);\n}\n"
_GET = "\nint lamp_get(void)\n{\n\treturn lamp_read();\n}\n"
_OFF = "\nvoid lamp_off(void)\n{\n\tlamp_write(0);\n}\n"
_NEW_SET = _SET.replace("\tlamp_check(level);\n", "\tlamp_lock();\n\tlamp_check(level);\n")
ELIXIR = "https://elixir.bootlin.com/linux/v3.7/source/drivers/lamp/lamp.c"
TEXT = "https://elixir.bootlin.com/linux/v3.7/source/Documentation/lamp"
GITHUB = "https://github.com/torvalds/linux/blob/v3.7/drivers/lamp/lamp.c"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    repository = write_versions(
        tmp_path_factory.mktemp("linux"),
        v3_7={LAMP: _TOP + _SET + _GET + _OFF, "Documentation/lamp.txt": "Lamps\n"},
        v3_8={
            LAMP: _TOP + "int lamp_count;\n\n" + _NEW_SET,
            "drivers/lamp/get.c": _GET,
            "Documentation/lamp.rst": "Lamps\n",
        },
    )
    return ("--source", f"git:{repository}")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    note = "title: t\nsteps:\n  - function: lamp_set\n    file: drivers/lamp/lamp.c\n"
    note += f"    commentary: |\n      一行 [它]({ELIXIR}#L7)，`drivers/lamp/lamp.c:4`\n"
    return write_notebook(tmp_path, {"a.yml": note.encode()})


def page(site: Path, text: str) -> Path:
    file = site / "notes" / "page.md"
    file.write_text(text, encoding="utf-8")
    return file


def repinned(site: Path, source: tuple[str, str], text: str) -> tuple[str, str]:
    """The page after a repin, and what was reported."""
    file = page(site, text)
    _, out, said = invoke(site, "repin", "v3.8", *source)
    return file.read_text(encoding="utf-8"), out + said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"[`lamp_set`]({ELIXIR}#L4)", f"[`lamp_set`]({ELIXIR}#L6)"),  # its name
        (f"[b]({ELIXIR}#L6)", f"[b]({ELIXIR}#L9)"),  # a line within it
        (f"[b]({ELIXIR}#L4-L8)", f"[b]({ELIXIR}#L6-L11)"),  # all of it, which grew
        (f"<{ELIXIR}#L1>", f"<{ELIXIR}#L1>"),  # outside of definitions
        (f"[b]({GITHUB}#L7)", f"[b]({GITHUB}#L10)"),
        (f"[b]({ELIXIR})", f"[b]({ELIXIR})"),
        (f"[b]({TEXT}.txt)", f"[b]({TEXT}.rst)"),  # a text that was converted
        (f"[`lamp_get`]({ELIXIR}#L10)", f"[`lamp_get`]({ELIXIR[:-6]}get.c#L2)"),  # another file
    ],
)
def test_a_link_gets_the_version_and_the_line_where_its_text_is_now(
    site: Path, source: tuple[str, str], before: str, after: str
) -> None:
    text, _ = repinned(site, source, f"# A\n\nSee {before} 和 more.\n")
    assert text == f"# A\n\nSee {after} 和 more.\n".replace("v3.7", "v3.8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("`drivers/lamp/lamp.c:4`", "`drivers/lamp/lamp.c:6`"),
        ("`lamp.c:4-8`", "`lamp.c:6-11`"),
        ("drivers/lamp/lamp.c:7", "drivers/lamp/lamp.c:10"),
        ("`drivers/lamp/lamp.c:10`", "`drivers/lamp/get.c:2`"),
        ("`drivers/lamp/lamp.c`", "`drivers/lamp/lamp.c`"),
    ],
)
def test_a_citation_gets_the_line_where_its_text_is_now(
    site: Path, source: tuple[str, str], before: str, after: str
) -> None:
    text, _ = repinned(site, source, f"See {before} for it.\n")
    assert text == f"See {after} for it.\n"


def test_a_link_of_a_note_follows_with_its_note(site: Path, source: tuple[str, str]) -> None:
    _, reviews, _ = invoke(site, "repin", "v3.8", *source)
    note = (site / "notes" / "a.yml").read_text(encoding="utf-8")
    assert f"[它]({ELIXIR.replace('v3.7', 'v3.8')}#L10)，`drivers/lamp/lamp.c:6`\n" in note
    line = note.splitlines().index(next(one for one in note.splitlines() if "elixir" in one)) + 1
    assert f"notes/a.yml:{line}:" in reviews  # it leads into what changed


def test_what_is_gone_stays_and_is_reported(site: Path, source: tuple[str, str]) -> None:
    before = f"[`lamp_off`]({ELIXIR}#L17)\n"
    text, said = repinned(site, source, before)
    assert text == before
    assert f"page.md:1:{before.index('http') + 1}: error: line 17 of `{LAMP}`" in said


def test_links_to_other_versions_and_floating_ones_stay(
    site: Path, source: tuple[str, str]
) -> None:
    other = ELIXIR.replace("v3.7", "v3.8")
    before = f"[a]({other}#L6) [b]({ELIXIR.replace('v3.7', 'latest')}#L4) `lamp_set()`\n"
    assert repinned(site, source, before)[0] == before


def test_a_patch_writes_nothing(site: Path, source: tuple[str, str]) -> None:
    page(site, f"[`lamp_set`]({ELIXIR}#L4)\n")
    before = contents(site)
    _, patch, _ = invoke(site, "repin", "v3.8", "--diff", *source)
    assert contents(site) == before
    assert f"+[`lamp_set`]({ELIXIR.replace('v3.7', 'v3.8')}#L6)" in patch


def test_the_lockfile_speaks_of_the_new_version(site: Path, source: tuple[str, str]) -> None:
    page(site, f"[`lamp_set`]({ELIXIR}#L4), `lamp.c:7` and `lamp_check()`\n")
    assert invoke(site, "lock", *source)[0] == 0
    invoke(site, "repin", "v3.8", *source)
    status, out, _ = invoke(site, "check")
    assert (status, out) == (0, "")
    assert invoke(site, "lock", "--check", *source)[0] == 0


def test_what_the_new_version_lacks_is_reported(site: Path, source: tuple[str, str]) -> None:
    _, said = repinned(site, source, "# A\n\nIt ends in `lamp_write_off_all()` of `lamp.c:17`.\n")
    assert "notes/page.md:3:" in said
    assert f"line 17 of `{LAMP}` cannot be followed to v3.8" in said

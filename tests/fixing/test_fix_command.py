"""`callpath fix`: what is certain is rewritten, the rest left and told; twice changes nothing."""

from pathlib import Path

import pytest

from kernel import write_files, write_repository, write_site
from two_versions import contents, invoke

AT = "https://elixir.bootlin.com/linux"
HUB = "https://github.com/torvalds/linux/blob"
CGIT = "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git"
LAMP = "drivers/lamp/lamp.c"

BEFORE = f"""\
# Lamps

A lamp is lit by [`lamp_init()`]({AT}/v3.7/source/{LAMP}#L12), and
[`lamp_set`][set] sets it: <{CGIT}/tree/{LAMP}>. See [the file]({HUB}/master/{LAMP}).

> [no such]({AT}/v3.7/source/drivers/lamp/none.c#L3)
> [`lamp_init`]({AT}/v3.7/source/{LAMP}#L27)

[set]: {AT}/latest/source/{LAMP}#L1 "set"
"""
AFTER = f"""\
# Lamps

A lamp is lit by [`lamp_init()`]({AT}/v3.7/source/{LAMP}#L27), and
[`lamp_set`][set] sets it: <{CGIT}/tree/{LAMP}?h=v3.7>. See [the file]({HUB}/v3.7/{LAMP}).

> [no such]({AT}/v3.7/source/drivers/lamp/none.c#L3)
> [`lamp_init`]({AT}/v3.7/source/{LAMP}#L27)

[set]: {AT}/v3.7/source/{LAMP}#L11 "set"
"""
TO_SRC = (
    AFTER.replace(f"{AT}/v3.7/source/{LAMP}#L27", f"src:{LAMP}#lamp_init")
    .replace(f"{AT}/v3.7/source/{LAMP}#L11", f"src:{LAMP}#lamp_set")
)  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """The SPEC of a repository that has the small tree as `v3.7`."""
    return write_repository(tmp_path / "linux-work")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The small notebook with one more page, which is not locked."""
    workspace = write_site(tmp_path / "site")
    write_files(workspace.notes_folder, {"page.md": BEFORE})
    return workspace.root


def fixed(site: Path, spec: str, *words: str) -> tuple[int, str, str]:
    return invoke(site, "fix", *words, "--source", spec)


def test_what_is_certain_is_rewritten_in_a_page(site: Path, repository: str) -> None:
    before = contents(site)
    status, out, err = fixed(site, repository)
    assert contents(site) == {**before, "notes/page.md": AFTER.encode()}
    assert status == 1
    file = BEFORE.splitlines()[3].index(HUB) + 1
    assert [line.partition(" ")[0] for line in out.splitlines()] == [
        f"notes/page.md:{place}:" for place in ("3:34", "4:29", f"4:{file}", "9:8")
    ]
    assert f": {HUB}/master/{LAMP} → {HUB}/v3.7/{LAMP}\n" in out
    assert err.startswith("rewrote 4 references in 1 file\n")
    assert "notes/page.md:6:13: error: " in err


def test_twice_changes_nothing(site: Path, repository: str) -> None:
    fixed(site, repository)
    once = contents(site)
    status, out, err = fixed(site, repository)
    assert (contents(site), status, out) == (once, 1, "")
    assert err.startswith("rewrote 0 references in 0 files\n")


def test_a_patch_is_printed_and_nothing_written(site: Path, repository: str) -> None:
    before = contents(site)
    status, out, err = fixed(site, repository, "--diff")
    assert (contents(site), status) == (before, 1)
    added = [line[1:] for line in out.splitlines() if line.startswith("+") and line[1] != "+"]
    assert added == [line for line in AFTER.splitlines() if line not in BEFORE.splitlines()]
    assert err.startswith("would rewrite 4 references in 1 file\n")


def test_what_was_fixed_has_no_finding_any_more(site: Path, repository: str) -> None:
    fixed(site, repository)
    _, out, _ = invoke(site, "check", "notes/page.md", "--source", repository)
    assert [line.split(":")[1] for line in out.splitlines() if line.startswith("notes/")] == ["6"]


def test_links_to_symbols_become_source_links(site: Path, repository: str) -> None:
    _, _, err = fixed(site, repository, "--to-src")
    assert (site / "notes/page.md").read_text() == TO_SRC
    assert err.startswith("rewrote 5 references in 1 file\n")
    once = contents(site)
    _, out, _ = fixed(site, repository, "--to-src")
    assert (contents(site), out) == (once, "")


def test_notes_are_rewritten_in_literal_blocks_and_left_elsewhere(
    site: Path, repository: str
) -> None:
    link = f"[`lamp_init`]({AT}/latest/source/{LAMP}#L1)"
    note = f"""\
title: Notes
steps:
  - function: lamp_init  # here
    file: {LAMP}
    commentary: |
      It is {link}.

      灯: {link}
    steps:
      - function: lamp_register
        file: {LAMP}
        commentary: "It \\u0069s {link}."
"""
    write_files(site / "notes", {"new.yml": note, "page.md": "# Nothing\n"})
    _, out, err = fixed(site, repository)
    new = note.replace("latest", "v3.7", 2).replace("#L1)", "#L27)", 2)
    assert (site / "notes/new.yml").read_text() == new
    assert len(out.splitlines()) == 2
    assert err.startswith("notes/new.yml:12:21: left as it is: it is not written there as")


def test_only_named_paths_are_rewritten(site: Path, repository: str) -> None:
    write_files(site / "notes", {"other/page.md": BEFORE})
    fixed(site, repository, "notes/other")
    assert (site / "notes/page.md").read_text() == BEFORE
    assert (site / "notes/other/page.md").read_text() == AFTER


def test_documents_of_no_site_are_rewritten(tmp_path: Path, repository: str) -> None:
    crlf = "\ufeff" + BEFORE.replace("\n", "\r\n")
    folder = write_files(tmp_path / "docs", {"a.md": BEFORE, "b.md": crlf.encode()})
    invoke(folder, "fix", ".", "--source", f"v3.7={repository}")
    assert (folder / "a.md").read_text() == AFTER
    wanted = "\ufeff" + AFTER.replace("\n", "\r\n")
    assert (folder / "b.md").read_bytes() == wanted.encode()
    status, _, err = invoke(folder, "fix", ".", "--to-src", "--source", f"v3.7={repository}")
    assert (status, err.splitlines()[0]) == (2, "error: only pages of a site have `src:` links")


def test_a_rule_that_is_off_fixes_nothing(site: Path, repository: str) -> None:
    with (site / "mkdocs.yml").open("a") as file:
        file.write("      rules: {floating-link: off, wrong-line: off}\n")
    before = contents(site)
    fixed(site, repository)
    assert contents(site) == before


def test_the_lockfile_gives_the_fixes_that_it_has_the_facts_of(site: Path, repository: str) -> None:
    invoke(site, "lock", "--source", repository)
    status, _, err = invoke(site, "fix")
    assert status == 1
    assert (site / "notes/page.md").read_text() == AFTER
    assert err.endswith("hint: run `callpath lock`: the lockfile lacks what was rewritten\n")


def test_what_is_left_out_of_the_findings_is_left_as_it_is(site: Path, repository: str) -> None:
    page = BEFORE.replace("# Lamps\n", "# Lamps\n\n<!-- callpath: ignore floating-link -->")
    write_files(site / "notes", {"page.md": page})
    fixed(site, repository)
    now = (site / "notes/page.md").read_text()
    assert f"{LAMP}#L27), and" in now
    assert f"<{CGIT}/tree/{LAMP}>. See [the file]({HUB}/master/{LAMP})" in now
    write_files(
        site / "notes",
        {"page.md": "<!-- callpath: ignore-page floating-link wrong-line -->\n\n" + BEFORE},
    )
    before = contents(site)
    fixed(site, repository)
    assert contents(site) == before


def test_hostile_pages_are_left_or_rewritten_and_never_broken(site: Path, repository: str) -> None:
    link = f"{AT}/latest/source/{LAMP}"
    pages = {
        "nested.md": "[" * 500 + f"a]({link})" + "]" * 500,
        "script.md": f"<javascript:alert(1)> [a](javascript:{link})",
        "nul.md": f"a\0b <{link}>",
        "long.md": f"[a]({link}) " * 2_000,
        "latin.md": b"\xe9 " + f"<{link}>".encode(),
        "idn.md": f"[a](https://\u0435lixir.bootlin.com/linux/latest/source/{LAMP})",
        "up.md": f"[a]({AT}/latest/source/drivers/%2e%2e/{LAMP})",
    }
    write_files(site / "notes", pages)
    status, _, _ = fixed(site, repository)
    assert status == 1
    once = contents(site)
    assert once["notes/long.md"].decode() == pages["long.md"].replace("latest", "v3.7")
    for name in ("script.md", "nul.md", "latin.md", "idn.md", "up.md"):
        text = pages[name]
        assert once[f"notes/{name}"] == (text.encode() if isinstance(text, str) else text)
    fixed(site, repository)
    assert contents(site) == once


def test_the_tag_of_a_version_is_written_at_the_repository_of_a_site(
    tmp_path: Path, repository: str
) -> None:
    config = """\
site_name: Lamps
docs_dir: notes
plugins:
  - callpath:
      pin: {project: lamps, version: "3.7"}
      tag: ["v{number}"]
      links: {provider: github, base: "https://github.com/acme/lamps"}
"""
    link = f"<https://github.com/acme/lamps/blob/main/{LAMP}>\n"
    site = write_site(tmp_path / "lamps", {"page.md": link}, config).root
    status, out, err = fixed(site, repository)
    assert (site / "notes/page.md").read_text() == link.replace("main", "v3.7"), (out, err)
    assert status == 0


def test_what_was_not_checked_is_counted(site: Path, repository: str) -> None:
    other = "https://elixir.bootlin.com/linux/v9.9/source/drivers/lamp/lamp.c"
    write_files(site / "notes", {"page.md": f"# A\n\n[a]({other}) `drivers/lamp/lamp.c`\n"})
    counts = "1 citation, 0 names: checked; 1 not checked (version v9.9 is not in the sources)"
    assert f"0 links, {counts}\n" in fixed(site, repository, "notes/page.md")[2]

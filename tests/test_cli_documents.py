"""`callpath check` on documents that are no notebook: folders and files of Markdown and reST."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kernel import CONFIG, TREE, write_files, write_repository, write_site, write_tree
from two_versions import git, invoke

AT = "https://elixir.bootlin.com/linux"
LAMP = "drivers/lamp/lamp.c"

GUIDE = f"""\
# Lamps

A lamp is lit by [`lamp_init()`]({AT}/v3.7/source/{LAMP}#L27).
Its [level]({AT}/v3.7/source/{LAMP}#L99999) is in [no file]({AT}/v3.7/source/drivers/lamp/lmap.c),
and [what moves]({AT}/latest/source/{LAMP}) moves.
"""
RULES = [("missing-line", 4, 13), ("missing-file", 4, 102), ("floating-link", 5, 18)]


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """The SPEC of a repository that has the small tree as `v3.7`."""
    return write_repository(tmp_path / "linux-work")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder with documents below `docs/`, and no site."""
    folder = tmp_path / "project"
    write_files(folder / "docs", {"guide.md": GUIDE, "more/clean.md": "# Nothing\n"})
    return folder


def found(out: str) -> list[tuple[str, int, int]]:
    """The findings of a JSON report: rule, line, column."""
    told = json.loads(out)["diagnostics"]
    return [(one["rule"], one["at"]["line"], one["at"]["column"]) for one in told]


def check(folder: Path, *words: str) -> list[tuple[str, int, int]]:
    _, out, _ = invoke(folder, "check", *words, "--format", "json")
    return found(out)


def test_a_folder_is_checked_against_a_source(docs: Path, repository: str) -> None:
    status, out, err = invoke(docs, "check", "docs/", "--source", f"v3.7={repository}")
    assert status == 1
    assert out.startswith("docs/guide.md:4:13: error: ")
    assert out.rstrip().endswith("2 errors, 1 warning")
    assert err.splitlines()[-1].startswith("4 links, 0 citations, ")
    assert check(docs, "docs/", "--source", f"v3.7={repository}") == RULES


def test_the_version_is_that_of_the_revision_or_of_the_tree(
    docs: Path, repository: str, tmp_path: Path
) -> None:
    for spec in (f"{repository}@v3.7", write_tree(tmp_path / "tree")):
        assert check(docs, "docs", "--source", spec) == RULES


def test_a_source_that_tells_no_version_is_asked_for_one(docs: Path, repository: str) -> None:
    for words in ((), ("--source", repository)):
        status, out, err = invoke(docs, "check", "docs", *words)
        assert (status, out) == (2, "")
        assert err.startswith("error: nothing says which version these documents describe\n")
        assert "--source v6.12=git:../linux.git" in err


def test_a_tree_of_another_version_is_refused(docs: Path, tmp_path: Path) -> None:
    status, _, err = invoke(docs, "check", "docs", "--source", f"v9={write_tree(tmp_path / 't')}")
    assert status == 2
    assert "is v3.7, but" in err


def test_what_no_source_has_is_counted_and_no_finding(docs: Path, repository: str) -> None:
    link = f"[old]({AT}/v2.6.25/source/{LAMP}#L3), [older]({AT}/v2.6.12/source/{LAMP}#L3)\n"
    (docs / "docs" / "guide.md").write_text(link, encoding="utf-8")
    status, out, err = invoke(docs, "check", "docs", "--source", f"v3.7={repository}")
    assert (status, out) == (0, "")
    assert err == (
        "0 links, 0 citations, 0 names: checked; "
        "2 not checked (versions v2.6.12, v2.6.25 are not in the sources)\n"
    )


def test_links_to_the_newest_state_of_another_project_are_counted(
    docs: Path, repository: str
) -> None:
    link = "https://gitlab.com/qemu-project/qemu/-/blob/master/migration/ram.c"
    write_files(docs, {"a.md": f"<{link}>, <{AT}/v9.9/source/{LAMP}>\n"})
    _, _, err = invoke(docs, "check", "a.md", "--source", f"v3.7={repository}")
    why = "version v9.9 is not in the sources; 1 names no version"
    assert err == f"0 links, 0 citations, 0 names: checked; 2 not checked ({why})\n"


def test_other_versions_and_commits_are_read_where_the_repository_has_them(
    docs: Path, repository: str
) -> None:
    commit = git(Path(repository.removeprefix("git:")), "rev-parse", "HEAD")
    at = f"https://github.com/torvalds/linux/blob/{commit}/{LAMP}"
    text = f"[Now]({at}#L1) it has one line, and not [two]({at}#L2).\n"
    (docs / "docs" / "guide.md").write_text(text, encoding="utf-8")
    (finding,) = check(docs, "docs", "--source", f"v3.7={repository}")
    assert finding[0] == "missing-line"


def test_what_programs_make_and_what_is_hidden_is_left_out(docs: Path, repository: str) -> None:
    bad = f"[x]({AT}/v3.7/source/nothing.c)\n"
    folders = ("node_modules/a", ".hidden", "site", "build", "more/_build", "venv")
    write_files(docs / "docs", {f"{folder}/a.md": bad for folder in folders})
    write_files(docs / "docs", {".a.md": bad, "a.txt": bad, "note.yml": "title: t\nsteps: []\n"})
    assert check(docs, "docs", "--source", f"v3.7={repository}") == RULES
    # A folder that is named is meant, whatever it is called.
    assert check(docs, "docs/site", "--source", f"v3.7={repository}") == [("missing-file", 1, 5)]


def test_every_file_is_a_suite_of_the_junit_report(docs: Path, repository: str) -> None:
    words = ("docs", "--source", f"v3.7={repository}", "--format", "junit")
    _, out, _ = invoke(docs, "check", *words)
    suites = ElementTree.fromstring(out)  # noqa: S314 - this test's own
    assert [suite.get("name") for suite in suites] == ["docs/guide.md", "docs/more/clean.md"]


def test_a_file_of_another_kind_is_refused(docs: Path, repository: str) -> None:
    write_files(docs, {"notes.txt": "x"})
    status, _, err = invoke(docs, "check", "notes.txt", "--source", f"v3.7={repository}")
    assert status == 2
    assert "`notes.txt` is neither Markdown" in err
    status, _, err = invoke(docs, "check", "none.md", "--source", f"v3.7={repository}")
    assert (status, err.partition("\n")[0]) == (2, "error: there is no `none.md`")


@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_folder_without_documents_is_told(docs: Path, repository: str, command: str) -> None:
    write_files(docs / "empty", {"a.txt": "`drivers/none.c`\n"})
    status, _, err = invoke(docs, command, "empty", "--source", f"v3.7={repository}")
    assert status == 0
    assert err.startswith("warning: no documents in `empty` (`.md`, `.markdown`, `.rst`)\n")


def test_a_folder_without_a_site_needs_paths(docs: Path, repository: str) -> None:
    status, _, err = invoke(docs, "check", "--source", f"v3.7={repository}")
    assert status == 2
    assert "`callpath check FOLDER --source v6.12=git:../linux.git`" in err


def test_a_site_without_a_pin_takes_that_of_the_source(docs: Path, repository: str) -> None:
    (docs / "mkdocs.yml").write_text("site_name: s\n", encoding="utf-8")
    assert check(docs, "--source", f"v3.7={repository}") == RULES
    assert check(docs, "docs/more", "--source", f"v3.7={repository}") == []


# --- beside a site ------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with pages and no notes, never locked, and a document beside its folder."""
    workspace = write_site(tmp_path / "site", {"index.md": "# Lamps\n", "guide.md": GUIDE})
    (workspace.root / "README.md").write_text(GUIDE, encoding="utf-8")
    return workspace.root


def test_a_site_that_was_never_locked_is_judged_by_the_source(site: Path, repository: str) -> None:
    assert check(site, "--source", repository) == RULES


def test_locking_tells_of_the_facts_of_pages(site: Path, repository: str) -> None:
    _, _, err = invoke(site, "lock", "--source", repository)
    _, *lines = (site / "notes/notes.lock").read_text("utf-8").splitlines()
    facts = [line for line in lines if re.match(r'\{"(?:mentioned|on|in|word)"', line)]
    assert facts
    assert err.splitlines()[-1].endswith(f", {len(facts)} facts of links, citations and names")


def test_without_source_and_lockfile_only_what_needs_neither(site: Path) -> None:
    status, out, err = invoke(site, "check", "--format", "json")
    assert (status, found(out)) == (0, [RULES[-1]])
    assert "not checked (no source was named, and the lockfile does not know them)" in err


def test_a_document_beside_the_site_is_read_with_its_settings(site: Path, repository: str) -> None:
    status, out, _ = invoke(site, "check", "README.md", "--source", repository)
    assert status == 1
    assert {line.partition(":")[0] for line in out.splitlines() if ": error: " in line} == {
        "README.md"
    }
    both = check(site, "README.md", "notes/guide.md", "--source", repository)
    assert sorted(both) == sorted(RULES * 2)


def test_rules_weigh_what_they_weigh_in_the_site(site: Path, repository: str) -> None:
    weights = "      rules: {floating-link: error, missing-line: off, missing-file: warning}\n"
    (site / "mkdocs.yml").write_text(CONFIG + weights, encoding="utf-8")
    status, out, _ = invoke(site, "check", "--source", repository)
    assert status == 1
    assert out.rstrip().endswith("1 error, 1 warning")


# --- a hook -------------------------------------------------------------------------------------


def test_of_changed_files_only_pages_are_read(site: Path) -> None:
    write_files(site, {"Cargo.lock": "", "main.c": "int x;\n", "other.yml": "a: b\n"})
    assert check(site, "--changed", "notes/guide.md") == [RULES[-1]]
    assert check(site, "--changed", "notes/index.md") == []
    for words in (("Cargo.lock", "main.c", "other.yml", "README.md"), ()):
        assert invoke(site, "check", "--changed", *words) == (0, "", "")


def test_a_change_that_concerns_all_is_checked_in_all(site: Path) -> None:
    assert check(site, "--changed", "mkdocs.yml") == [RULES[-1]]
    write_files(site, {"notes/a.yml": "title: t\nsteps: []\n", "notes/notes.lock": "x\n"})
    assert invoke(site, "check", "--changed", "notes/notes.lock")[0] == 2


def test_a_link_of_a_changed_page_to_a_step_is_looked_up(tmp_path: Path) -> None:
    root = write_site(tmp_path / "lamps").root
    page = root / "notes" / "index.md"
    page.write_text("See [it](lamp.yml#lamp_inti).\n", encoding="utf-8")
    assert ("broken-link", 1, 10) in check(root, "--changed", "notes/index.md")


# --- a baseline ---------------------------------------------------------------------------------


def entries(file: Path) -> list[tuple[str, int]]:
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    return [(one["rule"], one.get("count", 1)) for one in map(json.loads, lines)]


def test_what_is_known_is_not_told(
    docs: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    words = ("check", "docs", "--source", f"v3.7={repository}", "--baseline", "known.jsonl")
    status, _, err = invoke(docs, *words)
    assert status == 2
    assert "there is no baseline `known.jsonl`" in err
    assert not (docs / "known.jsonl").exists()

    status, out, err = invoke(docs, *words, "--update-baseline")
    assert (status, out) == (0, "")
    assert "`known.jsonl` has 3 findings" in err
    known = docs / "known.jsonl"
    assert entries(known) == [("floating-link", 1), ("missing-file", 1), ("missing-line", 1)]
    before = known.read_text(encoding="utf-8")

    guide = docs / "docs" / "guide.md"
    guide.write_text("A new line.\n\n" + GUIDE, encoding="utf-8")
    assert invoke(docs, *words)[:2] == (0, "")

    guide.write_text(GUIDE + f"\n[x]({AT}/v3.7/source/other.c)\n", encoding="utf-8")
    status, out, _ = invoke(docs, *words, "--format", "json")
    assert (status, found(out)) == (1, [("missing-file", 7, 5)])
    assert known.read_text(encoding="utf-8") == before


def test_it_shrinks_by_itself_and_in_ci_only_says_so(
    docs: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    words = ("check", "docs", "--source", f"v3.7={repository}", "--baseline", "known.jsonl")
    invoke(docs, *words, "--update-baseline")
    guide, known = docs / "docs" / "guide.md", docs / "known.jsonl"
    guide.write_text(GUIDE.replace("lmap.c", "lamp.c"), encoding="utf-8")

    monkeypatch.setenv("CI", "true")
    status, out, err = invoke(docs, *words)
    assert (status, out) == (0, "")
    assert "1 finding of `known.jsonl` is gone" in err
    assert len(entries(known)) == 3

    monkeypatch.delenv("CI")
    assert invoke(docs, *words)[0] == 0
    assert entries(known) == [("floating-link", 1), ("missing-line", 1)]
    guide.write_text(GUIDE, encoding="utf-8")
    assert invoke(docs, *words)[0] == 1  # it came back: it is new


def test_what_a_check_does_not_look_at_stays_known(
    docs: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    write_files(docs / "docs", {"twice.md": f"[x]({AT}/v3.7/source/n.c)\n\n" * 2})
    source = ("--source", f"v3.7={repository}", "--baseline", "known.jsonl")
    invoke(docs, "check", "docs", *source, "--update-baseline")
    known = docs / "known.jsonl"
    assert ("missing-file", 2) in entries(known)
    before = known.read_text(encoding="utf-8")
    write_files(docs / "docs", {"guide.md": "", "twice.md": ""})

    invoke(docs, "check", "docs/more", *source)  # other files
    assert known.read_text(encoding="utf-8") == before
    invoke(docs, "check", "docs/twice.md", *source)
    assert entries(known) == [("floating-link", 1), ("missing-file", 1), ("missing-line", 1)]


def test_a_reference_that_no_source_could_judge_stays_known(
    docs: Path, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    only = f"[x]({AT}/v3.7/source/nothing.c)\n"
    write_files(docs / "docs", {"guide.md": only})
    words = ("docs", "--baseline", "known.jsonl")
    invoke(docs, "check", *words, "--source", f"v3.7={repository}", "--update-baseline")
    before = (docs / "known.jsonl").read_text(encoding="utf-8")
    newer = {**TREE, "Makefile": TREE["Makefile"].replace(b"= 7", b"= 8")}
    spec = f"v3.8={write_tree(tmp_path / 'newer', newer)}"
    assert invoke(docs, "check", *words, "--source", spec)[0] == 0
    assert (docs / "known.jsonl").read_text(encoding="utf-8") == before


def test_a_file_that_is_no_baseline_is_refused(docs: Path, repository: str) -> None:
    (docs / "known.jsonl").write_text("{}\n", encoding="utf-8")
    words = ("check", "docs", "--source", f"v3.7={repository}", "--baseline", "known.jsonl")
    status, _, err = invoke(docs, *words)
    assert (status, err.partition("\n")[0].endswith("is not a Callpath baseline")) == (2, True)
    status, _, err = invoke(docs, "check", "docs", "--update-baseline")
    assert (status, err.partition("\n")[0]) == (2, "error: `--update-baseline` needs a file")

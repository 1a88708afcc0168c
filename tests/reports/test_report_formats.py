"""What holds for every format, and for the command that prints them."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given as examples, settings
from made_findings import FILE, HOSTILE, HOSTILE_TEXTS, USUAL, given, spoilt

from callpath.checks import (
    lines_of,
    repository_prefix,
)
from callpath.cli import main
from callpath.findings import (
    Finding,
    Location,
    Severity,
    is_at,
)
from callpath.reports import FORMATS
from callpath.rules import UNKNOWN_KEY

NOTE = """\
title: 笔记
steps:
  - function: svm_init
    flie: arch/x86/kvm/svm.c
    commentary: 初始化
"""
SITE = "site_name: Notes\ndocs_dir: notes\nplugins:\n  - callpath:\n      pin: v3.7\n"


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None)
@examples(text=HOSTILE_TEXTS)
def test_any_report_can_be_written_and_is_the_same_again(form, text):
    report = FORMATS[form](spoilt(text))
    assert report.encode().decode() == report == FORMATS[form](spoilt(text))
    assert report.endswith("\n")
    assert not {"\x00", "\x1b", "\r", "\u202e", "\u2028"} & set(report)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_not_even_the_name_of_a_rule_is_trusted(form, text):
    report = FORMATS[form](given(Finding(text, Severity.ERROR, "message", Location(FILE))))
    usual = FORMATS[form](given(Finding("rule", Severity.ERROR, "message", Location(FILE))))
    assert len(report.encode().splitlines()) == len(usual.splitlines())


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_ends_with_a_newline_unless_it_is_empty(form):
    assert FORMATS[form](given(*USUAL)).endswith("\n")
    assert FORMATS[form](given()).endswith("\n") or not FORMATS[form](given())


def test_every_format_is_documented():
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    told = re.findall(r"^\| `([a-z]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in told if name in FORMATS] == list(FORMATS)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site in a subfolder of a repository, with two notes that have faults."""
    root = tmp_path / "repository" / "site"
    (root / "notes").mkdir(parents=True)
    (root.parent / ".git").mkdir()
    (root / "mkdocs.yml").write_text(SITE, encoding="utf-8")
    (root / "notes" / "init.yml").write_text(NOTE, encoding="utf-8")
    (root / "notes" / "faulty.yml").write_text("steps: [\n", encoding="utf-8")
    monkeypatch.chdir(root)
    return root


def _check(form: str, *more: str, status: int = 1) -> str:
    result = CliRunner().invoke(main, ["check", "--format", form, *more])
    assert result.exit_code == status, result.output
    return result.stdout_bytes.decode("utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_prints_every_format(site, form):
    assert "unknown-key" in _check(form)


def test_the_text_shows_the_line(site):
    text = _check("text", "notes/init.yml")
    assert "    4 |     flie: arch/x86/kvm/svm.c\n      |     ^\n" in text


def test_ci_formats_tell_paths_from_the_repositorys_root(site):
    assert "notes/init.yml:4:5: " in _check("text")
    assert "file=site/notes/init.yml,line=4,col=5," in _check("github")
    assert '"uri": "site/notes/init.yml"' in _check("sarif")
    assert 'classname="site/notes/init.yml"' in _check("junit")
    assert '"file": "notes/init.yml"' in _check("json")


def test_a_report_on_some_files_is_of_these_files(site):
    assert "faulty.yml" in _check("junit", "notes")
    assert "faulty.yml" not in _check("junit", "notes/init.yml")


def test_sarif_tells_the_installed_version(site):
    driver = json.loads(_check("sarif"))["runs"][0]["tool"]["driver"]
    assert driver["version"] == importlib.metadata.version("callpath")


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(
    ("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)]
)
def test_colours_are_for_terminals_that_want_them(site, variables, coloured):
    output = _on_a_terminal(
        [sys.executable, "-c", "from callpath.cli import main; main()", "check"], variables
    )
    assert (b"\x1b[31m" in output) is coloured
    assert b"unknown-key" in output


def test_no_colours_in_a_pipe(site):
    assert "\x1b" not in _check("text")


def _on_a_terminal(command: list[str], variables: dict[str, str]) -> bytes:
    """What a command prints to a terminal."""
    reader, writer = os.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    with subprocess.Popen(command, stdout=writer, env=environment | variables) as process:
        os.close(writer)
        printed = b""
        try:
            while part := os.read(reader, 4096):
                printed += part
        except OSError:  # Linux' way to say that the other end is closed
            pass
        os.close(reader)
    assert process.returncode == 1
    return printed


def test_lines_end_as_places_count_them(tmp_path):
    (tmp_path / "a.yml").write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\x0b\xc2\x85\nfour\xff")
    places = [
        Location("a.yml"),
        Location("missing.yml"),
        Location("a\0b"),
        Location("."),
        Location(""),
    ]
    found = [UNKNOWN_KEY.at(places[0], "x", related=places[1:])]
    assert lines_of(tmp_path, found) == {
        "a.yml": ("one", "two", "three\x0b\x85", "four\ufffd"),
        "missing.yml": (),
        "a\0b": (),
        ".": (),
    }


@pytest.mark.parametrize(
    ("paths", "expected"),
    [([], True), (["."], True), (["notes"], True), (["notes/a.yml"], True), (["note"], False)],
)
def test_a_file_is_at_itself_and_its_folders(paths, expected):
    assert is_at("notes/a.yml", paths) is expected


def test_the_prefix_is_empty_at_the_repositorys_root_and_outside_of_one(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert repository_prefix(deep) == ""
    (tmp_path / "a" / ".git").write_text("gitdir: elsewhere\n")
    assert repository_prefix(deep) == "b/"
    assert repository_prefix(tmp_path / "a") == ""

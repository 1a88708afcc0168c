"""`check --online`, and elixir as a source, against a server that misbehaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import misbehaving_server as served
from callpath.api import OpenNotebook
from callpath.checks import failing_unknown
from callpath.cli import main
from callpath.findings import (
    Finding,
    Severity,
    UsageError,
)
from callpath.notebook import (
    read_notebook,
)
from callpath.verify.online import (
    Comparison,
    compare_online,
)
from callpath.workspace import (
    Workspace,
    links_of,
    open_workspace,
)
from kernel import CONFIG, NOTES, TREE, lock_site, numbered, write_files, write_site, write_tree
from misbehaving_server import Behaviour, Server

LAMP, FAN, HEADER = "drivers/lamp/lamp.c", "drivers/fan/fan.c", "include/linux/lamp.h"
PLACE = "/linux/v3.7/source/"
ONLINE = """\
      links: {{provider: elixir, base: "{base}"}}
      online: {{delay: 0.02, timeout: 2, retries: 0, cache_days: {days}}}
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that has the whole tree."""
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as opened:
        for path, data in TREE.items():
            opened.answer(PLACE + path, served.raw(data))
        yield opened
    assert {request.method for request in opened.requests} <= {"GET"}


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Workspace:
    """The small notebook, locked from the tree, whose links lead to the server."""
    config = CONFIG + ONLINE.format(base=server.base, days=0)
    workspace = write_site(tmp_path / "site", config=config)
    lock_site(workspace, linux=write_tree(tmp_path / "linux"))
    return workspace


def compare(site: Workspace, *paths: str) -> Comparison:
    return compare_online(
        read_notebook(site),
        links_of(site),
        OpenNotebook(site).access,
        paths=[f"notes/{p}" for p in paths],
    )


def run(site: Workspace, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(site.root / "mkdocs.yml"), *words])


def told(found: tuple[Finding, ...]) -> list[str]:
    return [f"{one.location} {one.rule}: {one.message}" for one in found]


def host(server: Server) -> str:
    return f"127.0.0.1:{server.port}"


# --- comparing -------------------------------------------------------------------------------


def test_what_is_as_it_is_locked_has_no_finding(server: Server, site: Workspace) -> None:
    compared = compare(site)
    assert compared.findings == ()
    assert compared.summary == "3 files compared, 0 from cache, 0 unknown"
    assert server.targets() == [f"{PLACE}{path}?raw=1" for path in (FAN, LAMP, HEADER)]
    assert all(gap >= 0.02 for gap in server.gaps())


def test_the_second_run_asks_nothing_but_what_failed(server: Server, site: Workspace) -> None:
    config = CONFIG + ONLINE.format(base=server.base, days=7)
    site = open_workspace(write_files(site.root, {"mkdocs.yml": config}) / "mkdocs.yml")
    server.answer(PLACE + FAN, served.answer(503), served.raw(TREE[FAN]))
    assert compare(site).summary == "2 files compared, 0 from cache, 1 unknown"
    assert compare(site).summary == "3 files compared, 2 from cache, 0 unknown"
    assert compare(site).summary == "3 files compared, 3 from cache, 0 unknown"
    assert server.counts() == {"fan.c": 2, "lamp.c": 1, "lamp.h": 1}
    assert len(list((site.root / ".cache/callpath/elixir").iterdir())) == 3


def test_a_change_behind_the_definitions_is_no_finding(server: Server, site: Workspace) -> None:
    server.answer(PLACE + LAMP, served.raw(TREE[LAMP] + b"\nint new;\n"))
    assert compare(site).findings == ()


def test_moved_definitions_are_told_at_each_reference(server: Server, site: Workspace) -> None:
    server.answer(PLACE + FAN, served.raw(b"\n" + TREE[FAN]))
    start = f"`{host(server)}` serves another"
    line, column = numbered(NOTES, "fan.yml", "function: lamp_reset").split(":")
    place = f"{line}:{int(column) + len('function: ')}"
    assert told(compare(site).findings) == [
        f"notes/fan.yml:{numbered(NOTES, 'fan.yml', 'fan_start')} online-mismatch: {start} "
        "`fan_start` of v3.7 than is locked: line 11 instead of 10; start 11 instead of 10; "
        "end 14 instead of 13",
        f"notes/fan.yml:{place} online-mismatch: {start} "
        "`lamp_reset` of v3.7 than is locked: line 6 instead of 5; start 6 instead of 5; "
        "end 9 instead of 8",
    ]


@pytest.mark.parametrize(
    ("path", "old", "new", "symbol", "difference"),
    [
        (FAN, b"return -1", b"return -2", "lamp_reset", "another text"),
        (FAN, b"int fan_start(", b"long fan_start(", "fan_start", "signature long fan_start("),
        (FAN, b"fan_start", b"fan_begin", "fan_start", "has no function `fan_start`"),
        (FAN, b"int fan_start", b"#if X\nint fan_start", "fan_start", "condition X instead of "),
        (HEADER, b"#define LAMP_NAME ", b"enum { LAMP_NAME }; //", "LAMP_NAME", "kind enumerator"),
        (HEADER, b"#else\n#define lamp_clamp", b"#else\n#define clamp", "lamp_clamp", "only 1"),
    ],
)
def test_a_definition_that_differs(
    server: Server,
    site: Workspace,
    path: str,
    old: bytes,
    new: bytes,
    symbol: str,
    difference: str,
) -> None:
    assert old in TREE[path]
    server.answer(PLACE + path, served.raw(TREE[path].replace(old, new)))
    found = [one for one in compare(site).findings if f"another `{symbol}`" in one.message]
    assert found
    assert all(one.rule == "online-mismatch" for one in found)
    assert all(one.severity is Severity.ERROR for one in found)
    assert all(difference in one.message for one in found)
    assert not any("nor has any other file" in one.message for one in found)


def test_a_missing_file_is_told_once(server: Server, site: Workspace) -> None:
    server.answer(PLACE + FAN, served.missing())
    (finding,) = compare(site).findings
    assert finding.rule == "online-missing-file"
    assert finding.message == f"`{host(server)}` has no `{FAN}` of linux v3.7"
    assert len(finding.related) == 1


def test_a_file_that_is_served_as_something_else(server: Server, site: Workspace) -> None:
    server.answer(PLACE + FAN, served.raw(b"\0"))
    (finding,) = compare(site).findings
    assert finding.message == f"`{host(server)}` serves no text as `{FAN}` of linux v3.7"


def test_a_latin_1_file_that_elixir_recodes_is_the_same(server: Server, tmp_path: Path) -> None:
    text = '/* Jos\u00e9 */\nint fan_start(void)\n{\n\treturn sizeof("\u00e9");\n}\n'
    notes = {"fan.yml": NOTES["fan.yml"].partition("    steps:")[0]}
    config = CONFIG + ONLINE.format(base=server.base, days=0)
    site = write_site(tmp_path / "site", notes, config)
    tree = TREE | {FAN: text.encode("latin-1")}
    lock_site(site, linux=write_tree(tmp_path / "linux", tree))
    server.answer(PLACE + FAN, served.raw(text.encode()))
    assert compare(site).findings == ()
    server.answer(PLACE + FAN, served.raw(text.replace('\u00e9"', '\u00e8"').encode()))
    assert [one.rule for one in compare(site).findings] == ["online-mismatch"]


@pytest.mark.parametrize(
    "behaviour",
    [
        *[served.challenge(), served.answer(403), served.answer(429), served.answer(503)],
        *[served.silence, served.drip_body(), served.reset_in_body, served.cut_off],
        served.endless,
    ],
)
def test_no_answer_is_one_warning_a_file(
    server: Server, site: Workspace, behaviour: Behaviour
) -> None:
    server.answer(PLACE + FAN, behaviour)
    compared = compare(site)
    (finding,) = compared.findings
    assert finding.rule == "unknown-answer"
    assert finding.severity is Severity.WARNING
    assert finding.message.startswith(f"no answer on `{FAN}`: `{host(server)}` ")
    assert str(finding.location) == f"notes/fan.yml:{numbered(NOTES, 'fan.yml', 'fan_start')}"
    assert len(finding.related) == 1
    assert compared.summary == "2 files compared, 0 from cache, 1 unknown"


def test_only_the_files_of_the_named_notes_are_asked_for(server: Server, site: Workspace) -> None:
    assert compare(site, "fan.yml").summary == "1 file compared, 0 from cache, 0 unknown"
    assert server.counts() == {"fan.c": 1}


def test_a_file_that_no_note_speaks_of_is_told_at_the_lockfile(
    server: Server, site: Workspace
) -> None:
    (site.notes_folder / "fan.yml").unlink()
    server.answer(PLACE + FAN, served.missing())
    (finding,) = compare(site).findings
    assert str(finding.location) == "notes/notes.lock:1:1"


def test_a_tracked_version_is_compared_as_well(server: Server, tmp_path: Path) -> None:
    config = CONFIG + ONLINE.format(base=server.base, days=0) + "      versions: [v3.7, v3.8]\n"
    site = write_site(tmp_path / "site", config=config)
    later = {path: b"\n" + data for path, data in TREE.items()}
    later["Makefile"] = TREE["Makefile"].replace(b"LEVEL = 7", b"LEVEL = 8")
    moved = "drivers/fan/blades.c"
    later[moved] = later.pop(FAN)
    old = f"--source=v3.7={write_tree(tmp_path / 'old')}"
    new = f"--source=v3.8={write_tree(tmp_path / 'new', later)}"
    locked = run(site, "lock", old, new)
    assert locked.exit_code == 0, locked.output
    for path, data in later.items():
        server.answer(f"/linux/v3.8/source/{path}", served.raw(data))
    assert compare(site).findings == ()
    assert compare(site, "fan.yml").summary == "2 files compared, 0 from cache, 0 unknown"
    server.answer(f"/linux/v3.8/source/{moved}", served.raw(b"\n\n" + TREE[FAN]))
    found = told(compare(site).findings)
    assert found[0] == (
        f"notes/fan.yml:{numbered(NOTES, 'fan.yml', 'fan_start')} online-mismatch: "
        f"`{host(server)}` serves another `fan_start` of v3.8 than is locked: "
        "line 12 instead of 11; start 12 instead of 11; end 15 instead of 14"
    )
    server.answer(f"/linux/v3.8/source/{moved}", served.missing())
    (finding,) = compare(site).findings
    assert finding.message == f"`{host(server)}` has no `{moved}` of linux v3.8"
    assert str(finding.location).startswith("notes/fan.yml:")


def test_a_rule_can_be_weighed(server: Server, site: Workspace) -> None:
    server.answer(PLACE + FAN, served.answer(503))
    assert compare(site).findings[0].severity is Severity.WARNING
    notebook = failing_unknown(read_notebook(site))
    strict = compare_online(notebook, links_of(site), OpenNotebook(site).access)
    assert strict.findings[0].severity is Severity.ERROR


def test_without_a_lockfile_nothing_is_asked(server: Server, site: Workspace) -> None:
    site.lockfile.unlink()
    assert compare(site).summary == "0 files compared, 0 from cache, 0 unknown"
    assert server.requests == []


def test_links_that_lead_elsewhere_cannot_be_compared(site: Workspace) -> None:
    config = CONFIG + "      links: github\n"
    other = open_workspace(write_files(site.root, {"mkdocs.yml": config}) / "mkdocs.yml")
    with pytest.raises(UsageError, match="the links lead to GitHub"):
        compare(other)


def test_progress_tells_the_host(server: Server, site: Workspace) -> None:
    steps: list[tuple[str, int, int]] = []

    def progress(task: str, done: int, total: int) -> None:
        steps.append((task, done, total))

    compare_online(read_notebook(site), links_of(site), OpenNotebook(site).access, progress)
    assert steps == [(f"asking {host(server)}", done, 3) for done in range(3)]


# --- the command line ------------------------------------------------------------------------


def test_the_command_says_what_it_compared(server: Server, site: Workspace) -> None:
    result = run(site, "check", "--online")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == "3 files compared, 0 from cache, 0 unknown"


def test_the_exit_status_follows_the_findings(server: Server, site: Workspace) -> None:
    server.answer(PLACE + FAN, served.challenge())
    assert run(site, "check", "--online").exit_code == 0
    strict = run(site, "check", "--online", "--fail-unknown", "--format", "json")
    assert strict.exit_code == 1
    assert '"unknown-answer"' in strict.stdout
    server.answer(PLACE + FAN, served.missing())
    assert run(site, "check", "--online").exit_code == 1
    outside = run(site, "check", "--online", "--source", "elixir:nonsense")
    assert outside.exit_code == 2
    assert "does not name a web address" in outside.stderr


# --- elixir as a source ----------------------------------------------------------------------


def test_elixir_proves_what_a_tree_proves(server: Server, site: Workspace) -> None:
    result = run(site, "check", "--source", f"elixir:{server.base}")
    assert (result.exit_code, result.stdout.count("error")) == (0, 0), result.stdout
    assert server.counts() == {"fan.c": 1, "lamp.c": 1, "lamp.h": 1}


def test_a_source_that_does_not_answer_gives_one_warning_a_file(
    server: Server, site: Workspace
) -> None:
    server.answer(PLACE + FAN, served.challenge())
    result = run(site, "check", "--source", f"elixir:{server.base}")
    assert result.exit_code == 0
    assert result.stdout.count("[unknown-answer]") == 1
    assert result.stdout.count("warning:") == 1
    strict = run(site, "check", "--source", f"elixir:{server.base}", "--fail-unknown")
    assert strict.exit_code == 1


def test_a_source_that_cannot_be_searched_says_no_more_than_it_knows(
    server: Server, site: Workspace
) -> None:
    server.answer(PLACE + FAN, served.raw(b"int nothing;\n"))
    result = run(site, "check", "--source", f"elixir:{server.base}")
    assert result.exit_code == 1
    assert f"`{FAN}` has no function `fan_start`" in result.stdout
    assert "any other file" not in result.stdout


def test_locking_keeps_what_is_known_of_a_file_without_an_answer(
    server: Server, site: Workspace
) -> None:
    before = site.lockfile.read_bytes()
    for path in (FAN, LAMP, HEADER):
        server.answer(PLACE + path, served.challenge())
    result = run(site, "lock", "--source", f"elixir:{server.base}")
    assert result.exit_code == 0
    assert site.lockfile.read_bytes() == before
    for path in (FAN, LAMP, HEADER):
        server.answer(PLACE + path, served.raw(TREE[path]))
    assert run(site, "lock", "--source", f"elixir:{server.base}", "--check").exit_code == 0
    assert site.lockfile.read_bytes() == before

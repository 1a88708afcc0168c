"""`callpath eras` and `callpath date` over releases of a small driver."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from callpath.cli import main
from callpath.eras.eras import find_eras
from callpath.facts.eras import Statement, parse_eras
from callpath.facts.lock import stated_symbol
from callpath.model import note_edges
from callpath.notebook import read_notebook
from callpath.store import STORE
from callpath.workspace import open_workspace, read_eras
from releases import (
    BLOBS,
    FAN,
    LAMP,
    NOTE,
    RELEASES,
    git,
    release,
    write_notebook,
    write_releases,
)

Run = Callable[..., Result]
RANGES = {
    "type": "array",
    "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
}
ERAS = {
    "type": "object",
    "required": ["schema", "project", "tags", "references", "edges"],
    "additionalProperties": False,
    "properties": {
        "schema": {"const": 1},
        "project": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "references": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["symbol", "kind", "path", "eras"],
                "additionalProperties": False,
                "properties": {
                    **{key: {"type": "string"} for key in ("symbol", "kind", "path")},
                    "occurrence": {"type": "integer", "minimum": 1},
                    **dict.fromkeys(("eras", "unknown"), RANGES),
                },
            },
        },
        "edges": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["caller", "callee", "from", "to", "eras"],
                "additionalProperties": False,
                "properties": {
                    **{
                        key: {"type": "string"}
                        for key in ("caller", "callee", "via", "when", "by", "above")
                    },
                    **{key: {"type": "array", "minItems": 4} for key in ("from", "to")},
                    **dict.fromkeys(("eras", "otherwise", "unknown"), RANGES),
                },
            },
        },
    },
}
SCORE = ("references", "references_of", "edges", "edges_of")
DATE = {
    "type": "object",
    "required": ["schema", "best", "scores", "never", "unknown", "apart"],
    "additionalProperties": False,
    "properties": {
        "schema": {"const": 1},
        "best": {"type": "array", "items": {"type": "string"}},
        "scores": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["version", *SCORE],
                "properties": {key: {"type": "integer", "minimum": 0} for key in SCORE},
            },
        },
        **{
            key: {"type": "array", "items": {"type": "object", "required": ["at"]}}
            for key in ("never", "unknown")
        },
        "apart": {
            "type": "array",
            "items": {"type": "object", "required": ["at", "eras", "not_with"]},
        },
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the releases, made once."""
    folder = tmp_path_factory.mktemp("releases") / "linux"
    write_releases(folder)
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "site")


@pytest.fixture
def run(site: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in the site."""

    def call(*words: str | Path) -> Result:
        monkeypatch.chdir(site)
        done = CliRunner().invoke(main, [str(word) for word in words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call


def eras_of(done: Result) -> dict[str, Any]:
    assert done.exit_code == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(value, ERAS)
    return value


def symbol_eras(value: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {(each["symbol"], each["path"]): each["eras"] for each in value["references"]}


def test_symbols_appear_move_away_and_come_back(run: Run, made: Path) -> None:
    found = symbol_eras(eras_of(run("eras", "--source", f"git:{made}", "--format", "json")))
    assert found["lamp_dim", LAMP] == [["v2.6.10", "v2.6.10"], ["v3.1", "v3.2"]]
    assert found["lamp_dim", "drivers/lamp/dim.c"] == [["v3.0", "v3.0"]]
    assert found["lamp_init", LAMP] == [["v2.6.9", "v3.2"]]


def test_an_edge_holds_by_name_and_then_through_a_table(run: Run, made: Path) -> None:
    value = eras_of(run("eras", "--source", f"git:{made}", "--format", "json"))
    assert value["tags"] == ["v2.6.9", "v2.6.10", "v3.0", "v3.1", "v3.2"]
    (edge,) = value["edges"]
    assert (edge["caller"], edge["callee"]) == ("lamp_init", "lamp_reset")
    assert edge["eras"] == [["v2.6.9", "v3.2"]]


def test_a_pointer_that_is_named_holds_only_where_it_is_the_way(
    run: Run, made: Path, site: Path
) -> None:
    named = NOTE.replace("lamp_reset\n", "lamp_reset\n        via: lamp_ops.reset\n")
    (site / "notes/lamp.yml").write_text(named)
    (edge,) = eras_of(run("eras", "--source", f"git:{made}", "--format", "json"))["edges"]
    assert edge["eras"] == [["v3.1", "v3.2"]]
    assert edge["otherwise"] == [["v2.6.9", "v3.0"]]


def test_a_table_elsewhere_is_unknown_and_not_gone(run: Run, site: Path, tmp_path: Path) -> None:
    call = "int lamp_init(struct lamp_ops *ops)\n{\n\treturn ops->reset();\n}\n"
    reset = "int lamp_reset(void)\n{\n\treturn 0;\n}\n"
    table = "static struct lamp_ops desk_ops = { .reset = lamp_reset };\n"
    spec = write_releases(
        tmp_path / "linux",
        {
            "v3.0": {LAMP: reset + table + call},
            "v3.1": {LAMP: reset + call, "drivers/lamp/table.c": table},
            "v3.2": {LAMP: "static " + reset + call},
        },
    )
    (site / "notes/lamp.yml").write_text(
        NOTE.replace("lamp_reset\n", "lamp_reset\n        via: lamp_ops.reset\n")
    )
    (edge,) = eras_of(run("eras", "--source", spec, "--format", "json"))["edges"]
    assert edge["eras"] == [["v3.0", "v3.0"]]
    assert edge["unknown"][0][0] == "v3.1"


def test_each_different_file_is_parsed_once(run: Run, made: Path, site: Path) -> None:
    done = run("eras", "--source", f"git:{made}")
    assert f"{BLOBS} different files, {BLOBS} parsed" in done.stderr
    kept = (site / ".cache/callpath" / STORE).read_bytes()
    again = run("eras", "--source", f"git:{made}")
    assert f"{BLOBS} different files, 0 parsed" in again.stderr
    assert (site / ".cache/callpath" / STORE).read_bytes() == kept
    assert again.stdout == done.stdout


def test_a_further_release_costs_its_changed_files(run: Run, site: Path, tmp_path: Path) -> None:
    spec = write_releases(tmp_path / "linux")
    run("eras", "--source", spec)
    changed = RELEASES["v3.2"][LAMP] + "int lamp_more;\n"
    release(tmp_path / "linux", "v3.3", {LAMP: changed, FAN: RELEASES["v3.2"][FAN]})
    assert ", 1 parsed" in run("eras", "--source", spec).stderr


def test_facts_serve_other_statements(run: Run, made: Path, site: Path) -> None:
    run("eras", "--source", f"git:{made}")
    (site / "notes/lamp.yml").write_text(NOTE + "  - function: fan_stop\n    file: " + FAN + "\n")
    done = run("eras", "--source", f"git:{made}", "--format", "json")
    assert ", 0 parsed" in done.stderr
    assert symbol_eras(eras_of(done))["fan_stop", FAN] == []


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b\x08", b"{}", b"nonsense"])
def test_a_damaged_cache_is_made_anew(run: Run, made: Path, site: Path, damage: bytes) -> None:
    told = run("eras", "--source", f"git:{made}").stdout
    (site / ".cache/callpath" / STORE).write_bytes(damage)
    done = run("eras", "--source", f"git:{made}")
    assert f"{BLOBS} parsed" in done.stderr
    assert done.stdout == told
    assert ", 0 parsed" in run("eras", "--source", f"git:{made}").stderr


def test_answers_of_other_link_units_are_asked_again_without_a_parse(
    run: Run, made: Path, site: Path
) -> None:
    told = run("eras", "--source", f"git:{made}").stdout
    config = site / "mkdocs.yml"
    config.write_text(config.read_text() + "      link_units: [drivers/shade]\n")
    done = run("eras", "--source", f"git:{made}")
    assert ", 0 parsed" in done.stderr
    assert done.stdout == told


@pytest.mark.parametrize("key", ["dispatch_macros", "defining_macros"])
def test_facts_of_another_parser_do_not_count(run: Run, made: Path, site: Path, key: str) -> None:
    run("eras", "--source", f"git:{made}")
    config = site / "mkdocs.yml"
    config.write_text(config.read_text() + f"      {key}: [lamp_dispatch]\n")
    assert f"{BLOBS} parsed" in run("eras", "--source", f"git:{made}").stderr


def test_a_cache_that_cannot_be_written_is_done_without(run: Run, made: Path, site: Path) -> None:
    shutil.rmtree(site / ".cache", ignore_errors=True)
    (site / ".cache").write_text("in the way")
    assert run("eras", "--source", f"git:{made}").exit_code == 0


def test_the_file_of_eras_is_written_beside_the_lockfile(run: Run, made: Path, site: Path) -> None:
    done = run("eras", "--source", f"git:{made}", "--write")
    file = site / "notes/notes.eras"
    assert "wrote `notes.eras`" in done.stderr
    eras = parse_eras("notes.eras", file.read_text())
    assert read_eras(open_workspace(site / "mkdocs.yml")) == eras
    notebook = read_notebook(open_workspace(site / "mkdocs.yml"))
    (edge,) = note_edges(notebook.notes["lamp.yml"])
    assert eras.find_edge(edge) == Statement((("v2.6.9", "v3.2"),))
    for reference in notebook.references:
        assert eras.find(reference) == eras.symbols[stated_symbol(reference)]
    again = run("eras", "--source", f"git:{made}", "--write")
    assert "`notes.eras` is current" in again.stderr


def test_no_file_of_eras_is_no_eras(site: Path) -> None:
    assert read_eras(open_workspace(site / "mkdocs.yml")) is None


def test_text_tells_the_same(run: Run, made: Path) -> None:
    lines = run("eras", "--source", f"git:{made}").stdout.splitlines()
    told = {" ".join(line.split()) for line in lines}
    assert "function lamp_dim v2.6.10, v3.1 to v3.2" in told
    assert "lamp_init → lamp_reset v2.6.9 to v3.2" in told


def test_candidates_are_looked_at_when_they_are_asked_for(run: Run, made: Path) -> None:
    words = ("--tags", "v3.0-rc*,v3.0", "--format", "json")
    value = eras_of(run("eras", "--source", f"git:{made}", *words))
    assert value["tags"] == ["v3.0-rc1", "v3.0"]


def test_releases_of_several_repositories_stand_in_one_row(run: Run, tmp_path: Path) -> None:
    old = {tag: files for tag, files in RELEASES.items() if tag.startswith("v2")}
    new = {tag: files for tag, files in RELEASES.items() if tag not in old}
    specs = [write_releases(tmp_path / "new", new), write_releases(tmp_path / "old", old)]
    value = eras_of(run("eras", "--source", specs[0], "--source", specs[1], "--format", "json"))
    assert value["tags"] == ["v2.6.9", "v2.6.10", "v3.0", "v3.1", "v3.2"]


def test_a_link_is_unknown(run: Run, tmp_path: Path) -> None:
    spec = write_releases(tmp_path / "linux", {"v3.0": RELEASES["v3.0"]})
    (tmp_path / "linux" / FAN).unlink()
    (tmp_path / "linux" / FAN).symlink_to("../lamp/lamp.c")
    for words in (["add", "--all"], ["commit", "--quiet", "--message=link"], ["tag", "-f", "v3.0"]):
        git(tmp_path / "linux", *words)
    value = eras_of(run("eras", "--source", spec, "--format", "json"))
    (fan,) = (each for each in value["references"] if each["path"] == FAN)
    assert (fan["eras"], fan["unknown"]) == ([], [["v3.0", "v3.0"]])


def refused(done: Result, site: Path, *parts: str) -> None:
    """Whether a command said one clear sentence, ended with 2, and wrote nothing."""
    assert done.exit_code == 2
    error, *hint = done.stderr.splitlines()
    assert error.startswith("error: ")
    assert len(hint) <= 1
    for part in parts:
        assert part in done.stderr
    assert done.stdout == ""
    assert not (site / "notes/notes.eras").exists()


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--tags", "v9.*"], ["no tag of", "matches `v9.*`"]),
        (["--tags", "v3.3"], ["is `v3.3`", "did you mean"]),
        (["--tags", "v3.0,nonsense*"], ["matches `nonsense*`"]),
        (["--tags", ","], ["no tags are named"]),
    ],
)
def test_tags_that_do_not_exist_are_refused(
    run: Run, made: Path, site: Path, words: list[str], parts: list[str]
) -> None:
    refused(run("eras", "--source", f"git:{made}", "--write", *words), site, *parts)


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ("tree:{made}", "has no releases to look through"),
        ("git:", "does not say where the source is"),
        ("git:{made}@v3.0", "names one revision"),
        ("git:{made}/nowhere", "there is no directory"),
        ("git:{site}", "is not a git repository"),
        ("qemu=git:{made}", "is a source of `qemu`"),
    ],
)
def test_what_has_no_releases_is_refused(
    run: Run, made: Path, site: Path, spec: str, part: str
) -> None:
    spec = spec.format(made=made, site=site)
    refused(run("eras", "--source", spec, "--write"), site, part)


def test_a_shallow_clone_is_named(run: Run, made: Path, site: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{made}", "shallow")
    done = run("eras", "--source", f"git:{tmp_path / 'shallow'}", "--write", "--tags", "v3.*")
    refused(done, site, "no tag of", "it is a shallow clone", "--unshallow --tags")


@pytest.mark.parametrize(
    ("files", "part"),
    [({"README": "no kernel"}, "is no Linux kernel"), ({"Makefile": "all:\n"}, "is no Linux")],
)
def test_another_code_base_is_refused(
    run: Run, site: Path, tmp_path: Path, files: dict[str, str], part: str
) -> None:
    folder = tmp_path / "other"
    spec = write_releases(folder, {"v3.0": RELEASES["v3.0"]})
    git(folder, "rm", "--quiet", "Makefile")
    for path, text in files.items():
        (folder / path).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=other")
    git(folder, "tag", "v3.1")
    refused(run("eras", "--source", spec, "--write"), site, part, "`v3.1`")


def test_a_tag_of_another_version_is_refused(run: Run, site: Path, tmp_path: Path) -> None:
    spec = write_releases(tmp_path / "linux", {"v3.0": RELEASES["v3.0"]})
    git(tmp_path / "linux", "tag", "v3.9")
    refused(run("eras", "--source", spec, "--write"), site, "the tag `v3.9`", "is v3.0")


def test_a_partial_clone_that_lacks_a_file_is_named(
    run: Run, made: Path, site: Path, tmp_path: Path
) -> None:
    git(made, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", f"file://{made}", "partial")
    done = run("eras", "--source", f"git:{tmp_path / 'partial'}", "--write")
    refused(done, site, "is a partial clone and lacks `Makefile` of v2.6.9", "--refetch")


OLD = """\
title: Old
steps:
  - function: lamp_init
    file: drivers/lamp/lamp.c
    steps:
      - function: lamp_reset
        file: drivers/lamp/lamp.c
        via: lamp_ops.reset
  - function: fan_start
    file: drivers/fan/fan.c
    steps:
      - function: lamp_reset
        file: drivers/lamp/lamp.c
  - function: lamp_dim
    file: drivers/lamp/dim.c
"""


def test_a_note_is_dated(run: Run, made: Path, tmp_path: Path) -> None:
    (tmp_path / "old.yml").write_text(OLD)
    words = ("date", tmp_path / "old.yml", "--source", f"git:{made}")
    done = run(*words, "--format", "json")
    value = json.loads(done.stdout)
    jsonschema.validate(value, DATE)
    assert value["best"] == ["v3.0", "v3.1", "v3.2"]
    assert value["scores"][2] == {
        "version": "v3.0", "references": 4, "references_of": 4, "edges": 0, "edges_of": 2,
    }  # fmt: skip
    assert [(each["caller"], each["callee"]) for each in value["never"]] == [
        ("fan_start", "lamp_reset")
    ]
    assert value["apart"] == []
    text = run(*words).stdout
    assert text.startswith("best: v3.0, v3.1, v3.2, with 4 of 4 references, 0 of 2 edges\n")


def test_what_a_table_elsewhere_may_bind_is_not_said_never_to_hold(
    run: Run, made: Path, tmp_path: Path
) -> None:
    edge = "    steps:\n      - function: fan_start\n        file: drivers/fan/fan.c\n"
    note = "title: t\nsteps:\n  - function: lamp_init\n    file: drivers/lamp/lamp.c\n" + edge
    (tmp_path / "old.yml").write_text(note)
    done = run("date", tmp_path / "old.yml", "--source", f"git:{made}", "--format", "json")
    value = json.loads(done.stdout)
    assert value["never"] == []
    assert [each["callee"] for each in value["unknown"]] == ["fan_start"]


def test_what_cannot_hold_together_is_told(run: Run, made: Path, tmp_path: Path) -> None:
    more = "  - function: lamp_start\n    file: drivers/lamp/lamp.c\n"
    (tmp_path / "old.yml").write_text(OLD + more)
    words = ("date", tmp_path / "old.yml", "--source", f"git:{made}")
    value = json.loads(run(*words, "--format", "json").stdout)
    jsonschema.validate(value, DATE)
    assert value["best"] == ["v3.1", "v3.2"]
    (apart,) = value["apart"]
    assert (apart["symbol"], apart["eras"]) == ("lamp_dim", [["v3.0", "v3.0"]])
    told = [other.get("symbol") or other["callee"] for other in apart["not_with"]]
    assert told == ["lamp_reset", "lamp_start"]
    assert "not together with the best: 1" in run(*words).stdout


def test_a_note_is_dated_without_a_site(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.yml").write_text(OLD)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["date", "old.yml", "--source", f"git:{made}"])
    assert done.exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"old.yml"}


def test_the_pin_of_a_note_says_nothing_of_its_date(run: Run, made: Path, tmp_path: Path) -> None:
    words = ("--source", f"git:{made}", "--format", "json")
    (tmp_path / "old.yml").write_text(OLD)
    plain = json.loads(run("date", tmp_path / "old.yml", *words).stdout)
    (tmp_path / "old.yml").write_text(OLD.replace("steps:", "pin: v2.6.9\nsteps:", 1))
    pinned = json.loads(run("date", tmp_path / "old.yml", *words).stdout)
    assert pinned["scores"] == plain["scores"]


def test_what_cannot_be_read_of_a_note_is_told(run: Run, made: Path, tmp_path: Path) -> None:
    (tmp_path / "old.yml").write_text(OLD + "  - function: lamp_off\n")
    done = run("date", tmp_path / "old.yml", "--source", f"git:{made}")
    assert done.exit_code == 0
    assert "parts of the note cannot be read" in done.stderr
    assert "4 of 4 references" in done.stdout


@pytest.mark.parametrize("text", [None, "", "title: t\n", "a: [\n", "- a\n"])
def test_what_is_no_note_is_refused(
    run: Run, made: Path, site: Path, tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "old.yml").write_text(text)
    refused(run("date", tmp_path / "old.yml", "--source", f"git:{made}"), site, "old.yml")


def test_another_code_base_is_left_out(site: Path, made: Path) -> None:
    other = (
        "title: t\npin: {project: qemu, version: v8.2.0}\nsteps:\n  - function: f\n    file: a.c\n"
    )
    (site / "notes/other.yml").write_text(other)
    workspace = open_workspace(site / "mkdocs.yml")
    _, summary = find_eras(workspace, read_notebook(workspace), [f"git:{made}"], "*")
    assert "; 1 references to other code bases" in summary
    shutil.rmtree(site / ".cache")

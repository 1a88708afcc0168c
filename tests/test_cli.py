"""The `callpath` command as a process: what it prints where, and with which exit status."""

import json
import os
import subprocess
import sys
import textwrap
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from kernel import CONFIG, LAMP_NOTE, NOTES, TREE, lock_site, write_site, write_tree
from two_versions import invoke

PROGRAM = [sys.executable, "-c", "from callpath.cli import main; main()"]

# One flat note, so that what is said of calls between steps does not matter here.
FLAT = {
    "lamp.yml": (
        "title: Lamps\nsteps:\n"
        "  - function: lamp_init\n    file: drivers/lamp/lamp.c\n"
        "    commentary: 灯\n"
        "  - struct: lamp\n    file: include/linux/lamp.h\n"
    ),
    "index.md": "# Lamps\n",
}
WRONG = "title: t\nsteps:\n  - function: lamp_inti\n    file: drivers/lamp/lamp.c\n"

PLACE = {
    "type": "object",
    "required": ["file", "line", "column"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string"},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
    },
}
SITE = {
    "type": "object",
    "required": ["path", "line", "role"],
    "properties": {
        "path": {"type": "string"},
        "line": {"type": "integer", "minimum": 1},
        "role": {"enum": ["call", "copy", "binding", "hand-over", "object", "use"]},
    },
}
LINES = ("line", "start", "end")
REFS: dict[str, Any] = {
    "type": "object",
    "required": ["schema", "project", "references", "edges"],
    "properties": {
        "schema": {"const": 1},
        "project": {"type": "string"},
        "references": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["note", "step", "symbol", "kind", "version", "path", "status", "at"],
                "properties": {
                    **{name: {"type": "integer", "minimum": 1} for name in LINES},
                    "url": {"type": "string", "pattern": "^https://.*#L[0-9]+$"},
                    "status": {"enum": ["resolved", "not-locked"]},
                    "at": PLACE,
                },
                "if": {"properties": {"status": {"const": "resolved"}}},
                "then": {"required": [*LINES, "url"]},
            },
        },
        "edges": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [
                    *("note", "caller", "callee", "version", "proof", "sites", "status", "at"),
                ],
                "properties": {"sites": {"type": "array", "items": SITE}, "at": PLACE},
            },
        },
    },
}


def run(folder: Path, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with its output as pipes."""
    return subprocess.run(
        [*PROGRAM, *(str(word) for word in words)],
        cwd=folder,
        env=os.environ | {"PYTHONWARNINGS": "default"} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )


@pytest.fixture
def flat(tmp_path: Path, tree: str) -> Path:
    """A clean site."""
    workspace = write_site(tmp_path / "flat", FLAT)
    lock_site(workspace, linux=tree)
    return workspace.root


@pytest.fixture
def nested(tmp_path: Path, tree: str) -> Path:
    """The small notebook, locked."""
    workspace = write_site(tmp_path / "nested")
    lock_site(workspace, linux=tree)
    return workspace.root


# --- check --------------------------------------------------------------------------------------


def test_a_clean_notebook(flat: Path, tree: str) -> None:
    done = run(flat, "check", "--source", tree)
    assert done.returncode == 0
    assert done.stderr == "2 references, 0 edges, 0 asserted\n"
    assert "error" not in done.stdout
    for words in (["check"], ["check", "notes/lamp.yml"]):
        status, out, err = invoke(flat, *words)
        assert (status, err) == (0, "")
        assert "error" not in out


def test_it_says_of_every_edge_how_it_is_proved(nested: Path, tree: str) -> None:
    status, out, err = invoke(nested, "check", "--source", tree, "--verbose")
    assert (status, out) == (0, "")
    assert (
        "lamp_register → lamp_reset: pointer through `reset`; "
        "call at drivers/lamp/lamp.c:24, binding at drivers/lamp/lamp.c:18" in err
    )
    assert "0 asserted\n" in err


def test_findings_go_to_the_output_and_make_exit_status_1(flat: Path, tree: str) -> None:
    (flat / "notes" / "new.yml").write_text(WRONG, encoding="utf-8")
    status, out, err = invoke(flat, "check", "--source", tree)
    assert status == 1
    assert err == ""
    assert "notes/new.yml:3:15: error: `drivers/lamp/lamp.c` has no function `lamp_inti`" in out
    assert "[undefined-symbol]" in out
    assert "hint: did you mean `lamp_init`" in out
    assert out.rstrip().endswith("1 error")


def test_a_warning_alone_is_exit_status_0(flat: Path) -> None:
    config = CONFIG + "      rules: {broken-link: warning}\n"
    (flat / "mkdocs.yml").write_text(config, encoding="utf-8")
    note = flat / "notes" / "lamp.yml"
    note.write_text(FLAT["lamp.yml"].replace("灯", "'[x](none.md)'"), encoding="utf-8")
    status, out, _ = invoke(flat, "check")
    assert status == 0
    assert "warning: there is no `none.md` in the notebook" in out


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ([], ["notes/a.yml", "notes/kvm/b.yml"]),
        (["."], ["notes/a.yml", "notes/kvm/b.yml"]),
        (["notes"], ["notes/a.yml", "notes/kvm/b.yml"]),
        (["notes/kvm"], ["notes/kvm/b.yml"]),
        (["notes/kvm/"], ["notes/kvm/b.yml"]),
        (["notes/a.yml", "notes/kvm/b.yml"], ["notes/a.yml", "notes/kvm/b.yml"]),
        (["notes/lamp.yml"], []),
    ],
)
def test_only_the_named_paths_are_told(flat: Path, paths: list[str], told: list[str]) -> None:
    (flat / "notes" / "kvm").mkdir()
    for path in ("a.yml", "kvm/b.yml"):
        (flat / "notes" / path).write_text(WRONG, encoding="utf-8")
    status, out, _ = invoke(flat, "check", *paths)
    assert status == (1 if told else 0)
    found = {line.partition(":")[0] for line in out.splitlines() if line.startswith("notes/")}
    assert sorted(found) == told


def test_paths_are_those_of_the_folder_one_is_in(flat: Path) -> None:
    (flat / "notes" / "a.yml").write_text(WRONG, encoding="utf-8")
    status, out, _ = invoke(flat / "notes", "--config", "../mkdocs.yml", "check", "a.yml")
    assert status == 1
    assert out.startswith("notes/a.yml:3:15: error: ")


@pytest.mark.parametrize("path", ["notes/none.yml", "../flat2", "/"])
def test_a_path_outside_the_notebook_is_refused(flat: Path, path: str) -> None:
    status, out, err = invoke(flat, "check", path)
    assert (status, out) == (2, "")
    assert err.startswith(f"error: there is no `{path}` in the notebook\n")


def test_the_report_as_json(flat: Path) -> None:
    (flat / "notes" / "a.yml").write_text(WRONG, encoding="utf-8")
    status, out, err = invoke(flat, "check", "--format", "json")
    assert (status, err) == (1, "")
    (found,) = json.loads(out)["diagnostics"]
    assert found["rule"] == "not-locked"
    assert found["severity"] == "error"
    assert found["at"] == {"file": "notes/a.yml", "line": 3, "column": 15}
    assert "lamp_inti" in found["message"]


@pytest.mark.parametrize("form", ["json", "sarif", "junit", "github"])
def test_reports_for_programs_are_whole_with_and_without_findings(flat: Path, form: str) -> None:
    for expected in (0, 1):
        status, out, err = invoke(flat, "check", "--format", form)
        assert (status, err) == (expected, "")
        if form in ("json", "sarif"):
            json.loads(out)
        elif form == "junit":
            ElementTree.fromstring(out)  # noqa: S314 (our own output)
        else:
            assert out.startswith("::error ") == bool(expected)
        (flat / "notes" / "a.yml").write_text(WRONG, encoding="utf-8")


def test_hostile_notes_give_findings_and_no_traceback(flat: Path) -> None:
    texts: dict[str, bytes] = {
        "a.yml": b"steps: [\n",
        "b.yml": b"steps:\n\xff",
        "c.yml": b"steps: &a [*a]\n",
        "d.yml": b"title: t\nsteps:\n  - function: f\n    file: a.c\n"
        b"    commentary: '[x](http://[y) <b>'\n",
        "e.md": b"[x](src:\xff) [y](http://[z)\n",
    }
    for name, text in texts.items():
        (flat / "notes" / name).write_bytes(text)
    status, out, err = invoke(flat, "check")
    assert (status, err) == (1, "")
    for name in ("a.yml", "b.yml", "c.yml", "d.yml", "e.md"):
        assert f"notes/{name}:" in out


# --- lock ---------------------------------------------------------------------------------------


def test_locking_from_nothing(tmp_path: Path, tree: str) -> None:
    root = write_site(tmp_path / "site", FLAT).root
    lockfile = root / "notes" / "notes.lock"
    status, out, err = invoke(root, "lock", "--check", "--source", tree)
    assert (status, out, err) == (1, "", "the lockfile would change\n")
    assert not lockfile.exists()
    status, out, err = invoke(root, "lock", "--source", tree)
    assert (status, out) == (0, "")
    assert "2 definitions" in err
    assert lockfile.read_text(encoding="utf-8").startswith('{"callpath-lock": 1}\n')
    status, out, err = invoke(root, "lock", "--check", "--source", tree)
    assert (status, out, err) == (0, "", "the lockfile is current\n")
    before = lockfile.stat().st_mtime_ns
    status, _, err = invoke(root, "lock", "--source", tree)
    assert status == 0
    assert "is current" in err
    assert lockfile.stat().st_mtime_ns == before


def test_what_cannot_be_locked_is_told_and_the_rest_is_locked(flat: Path, tree: str) -> None:
    (flat / "notes" / "a.yml").write_text(WRONG, encoding="utf-8")
    status, out, err = invoke(flat, "lock", "--source", tree)
    assert status == 1
    assert "[undefined-symbol]" in out
    assert "2 definitions" in err
    status, _, err = invoke(flat, "lock", "--check", "--source", tree)
    assert (status, err) == (1, "the lockfile is current\n")


def test_locking_names_the_files_of_a_tree_that_changed(flat: Path, tree: str) -> None:
    file = Path(tree.removeprefix("tree:")) / "drivers/lamp/lamp.c"
    file.write_bytes(b"\n" + TREE["drivers/lamp/lamp.c"])
    status, out, _ = invoke(flat, "check", "--source", tree)
    assert status == 1
    assert "[lock-mismatch]" in out
    assert invoke(flat, "lock", "--check", "--source", tree)[0] == 1
    assert invoke(flat, "lock", "--source", tree)[0] == 0
    assert invoke(flat, "check", "--source", tree)[0] == 0


# --- refs, graph, pages, schema ---------------------------------


def test_refs_have_the_documented_form(nested: Path) -> None:
    status, out, err = invoke(nested, "refs", "--format", "json")
    assert (status, err) == (0, "")
    value = json.loads(out)
    jsonschema.validate(value, REFS)
    assert value["project"] == "linux"
    first = next(one for one in value["references"] if one["note"] == "lamp" and one["step"])
    assert {name: first[name] for name in ("step", "symbol", "kind", "version", "path")} == {
        "step": "lamp_init",
        "symbol": "lamp_init",
        "kind": "function",
        "version": "v3.7",
        "path": "drivers/lamp/lamp.c",
    }
    assert (first["line"], first["start"], first["end"]) == (27, 27, 32)
    assert first["url"] == ("https://elixir.bootlin.com/linux/v3.7/source/drivers/lamp/lamp.c#L27")
    assert first["at"] == {"file": "notes/lamp.yml", "line": 5, "column": 15}
    assert [(edge["caller"], edge["callee"]) for edge in value["edges"]] == [
        ("fan_start", "lamp_reset"),
        ("lamp_init", "lamp_register"),
        ("lamp_register", "lamp_reset"),
        ("lamp_set", "lamp_clamp"),
    ]


def test_refs_without_lockfile_are_not_locked(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site").root
    status, out, _ = invoke(root, "refs")
    value = json.loads(out)
    jsonschema.validate(value, REFS)
    assert status == 0
    assert {one["status"] for one in value["references"]} == {"not-locked"}


def test_references_to_other_projects_say_so(tmp_path: Path) -> None:
    other = LAMP_NOTE.replace("title:", "pin: {project: qemu, version: v8.2.0}\ntitle:", 1)
    root = write_site(tmp_path / "site", {**NOTES, "other.yml": other}).root
    value = json.loads(invoke(root, "refs")[1])
    assert {one.get("project") for one in value["references"] if one["note"] == "other"} == {"qemu"}
    assert {one.get("project") for one in value["references"] if one["note"] == "lamp"} == {None}


@pytest.mark.parametrize(
    ("form", "start", "has"),
    [
        ("dot", "digraph ", "lamp_init -> lamp_register"),
        ("mermaid", "", "lamp_register"),
        ("json", "{", '"lamp_register"'),
        ("svg", "<svg ", "lamp_register"),
    ],
)
def test_graphs_in_every_format(nested: Path, form: str, start: str, has: str) -> None:
    status, out, err = invoke(nested, "graph", "lamp", "--format", form)
    assert (status, err) == (0, "")
    assert out.startswith(start)
    assert has in out
    if form == "json":
        assert json.loads(out)["name"] == "graph-lamp"
    if form == "svg":
        assert invoke(nested, "graph", "notes/lamp.yml")[1] == out


def test_the_graph_of_all_notes_is_that_of_one_version(tmp_path: Path) -> None:
    later = LAMP_NOTE.replace("title:", "pin: v3.8\ntitle:", 1).replace("lamp_set", "lamp_dim")
    root = write_site(tmp_path / "site", {"lamp.yml": LAMP_NOTE, "later.yml": later}).root

    def labels(*words: str) -> set[str]:
        status, out, err = invoke(root, "graph", "--format", "json", *words)
        assert (status, err) == (0, "")
        return {node["label"] for node in json.loads(out)["nodes"]}

    assert labels() == labels("--version", "v3.7") >= {"lamp_set", "lamp_init"}
    assert labels() ^ labels("--version", "v3.8") == {"lamp_set", "lamp_dim"}
    assert invoke(root, "graph", "--version", "v3.9", "--format", "json") == (
        2,
        "",
        "error: no note is about `v3.9`\nhint: did you mean `v3.7`?\n",
    )
    status, _, err = invoke(root, "graph", "later", "--version", "v3.8")
    assert (status, err.splitlines()[0]) == (2, "error: both `later` and `--version` are given")


def test_a_graph_that_no_engine_can_draw(nested: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLPATH_GRAPH_ENGINE", "none")
    status, out, err = invoke(nested, "graph", "lamp")
    assert (status, out) == (2, "")
    assert err.startswith("error: graphs are switched off\n")


def test_an_unknown_note_is_told_with_the_nearest(nested: Path) -> None:
    status, out, err = invoke(nested, "graph", "lmap")
    assert (status, out) == (2, "")
    assert err == "error: there is no note `lmap`\nhint: did you mean `lamp`?\n"


def test_pages_are_written(nested: Path, tmp_path: Path) -> None:
    status, out, err = invoke(nested, "pages", "--out", tmp_path / "out")
    count = sum(1 for file in (tmp_path / "out").rglob("*") if file.is_file()) - 1  # its record
    assert (status, out, err) == (0, "", f"{count} files: {count} written, 0 removed\n")
    assert (tmp_path / "out" / "docs" / "lamp.md").is_file()
    status, out, err = invoke(nested, "pages", "--out", tmp_path / "out")
    assert (status, out, err) == (0, "", f"{count} files: 0 written, 0 removed\n")
    status, _, err = invoke(nested, "pages", "--out", nested / "notes")
    assert status == 2
    assert "overlaps the notes' folder" in err


def test_the_schema_is_one_that_the_notes_fit() -> None:
    status, out, err = invoke(Path(__file__).parent, "schema")
    assert (status, err) == (0, "")
    schema = json.loads(out)
    jsonschema.Draft202012Validator.check_schema(schema)
    note = {"title": "t", "steps": [{"function": "f", "file": "a.c"}]}
    jsonschema.validate(note, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**note, "stpes": []}, schema)


# --- what cannot be run ---------------------------------------------------


def test_the_version() -> None:
    status, out, _ = invoke(Path.cwd(), "--version")
    assert status == 0
    assert out == f"callpath, version {version('callpath')}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--format", "yaml"],
        ["check", "--no-such-option"],
        ["lock"],
        ["graph", "--format", "png"],
        ["graph", "lamp", "--format", "png"],
        ["refs", "--format", "text"],
        ["pages"],
        ["no-such-command"],
        [],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_exit_status_2(flat: Path, words: list[str]) -> None:
    status, out, err = invoke(flat, *words)
    assert status == 2
    assert "Usage: " in err
    assert out == ""


@pytest.mark.parametrize(
    ("words", "meant"),
    [(["covrage"], "coverage"), (["check", "--verbos"], "--verbose"), (["fetsh"], "fetch")],
)
def test_a_slip_of_the_pen_is_answered_with_the_nearest(
    flat: Path, words: list[str], meant: str
) -> None:
    status, _, err = invoke(flat, *words)
    assert status == 2
    assert f"Did you mean '{meant}'?" in err


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("nonsense", "`nonsense` is not a source"),
        ("tree:", "`tree:` does not say where the source is"),
        ("tree:/no/such/folder", "/no/such/folder"),
        ("git:/no/such/folder", "/no/such/folder"),
        ("archive:/no/such.tar.xz", "/no/such.tar.xz"),
    ],
)
def test_a_source_that_cannot_be_opened(flat: Path, spec: str, message: str) -> None:
    for command in ("check", "lock"):
        status, out, err = invoke(flat, command, "--source", spec)
        assert (status, out) == (2, "")
        assert err.startswith("error: ")
        assert message in err


def test_a_source_of_another_version(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", FLAT).root
    makefile = TREE["Makefile"].replace(b"PATCHLEVEL = 7", b"PATCHLEVEL = 8")
    spec = write_tree(tmp_path / "new", {**TREE, "Makefile": makefile})
    status, out, err = invoke(root, "lock", "--source", spec)
    assert (status, out) == (2, "")
    assert "is v3.8, but the notes are pinned to v3.7" in err
    assert "hint: name a source of v3.7, or change the pin" in err


def test_two_sources_for_one_project(flat: Path, tree: str) -> None:
    status, _, err = invoke(flat, "check", "--source", tree, "--source", f"linux={tree}")
    assert status == 2
    assert "there are two sources for `linux`" in err


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "error: there is no `mkdocs.yml` in this folder\nhint: "),
        ({"mkdocs.yml": "site_name: x\nplugins: [callpath]\n"}, "error: the site has no `pin`\n"),
        ({"mkdocs.yml": "site_name: [\n"}, "error: mkdocs.yml:"),
        ({"mkdocs.yml": "plugins: {callpath: {pin: latest}}\n"}, "error: mkdocs.yml:1:27: "),
        ({"mkdocs.yml": CONFIG}, "error: there is no folder `notes`\n"),
        (
            {"mkdocs.yml": CONFIG, "notes/notes.lock": "<<<<<<<\n"},
            "error: `notes/notes.lock` is not a Callpath lockfile\n",
        ),
        (
            {"mkdocs.yml": CONFIG, "notes/notes.lock": '{"callpath-lock": 99}\n'},
            "error: `notes/notes.lock` has lockfile format 99; this Callpath knows format 1\n",
        ),
    ],
)
def test_a_site_that_cannot_be_read(tmp_path: Path, files: dict[str, str], message: str) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    for words in (["check"], ["refs"], ["graph", "x"]):
        status, out, err = invoke(tmp_path, *words)
        assert (status, out) == (2, "")
        assert err.startswith(message)


def test_the_pin_may_come_from_the_environment(flat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
        site_name: Lamps
        docs_dir: !ENV [NOTES_DIR, notes]
        theme:
          name: nobody-has-this-theme
          icon: !!python/name:nowhere.to_be.found
        plugins: [nobody-has-this-plugin, {callpath: {pin: !ENV [CALLPATH_PIN, "v3.7"]}}]
    """
    (flat / "mkdocs.yml").write_text(textwrap.dedent(text), encoding="utf-8")
    monkeypatch.delenv("CALLPATH_PIN", raising=False)
    assert invoke(flat, "check")[0] == 0
    monkeypatch.setenv("CALLPATH_PIN", "v6.12")
    status, out, _ = invoke(flat, "check")
    assert status == 1
    assert "nothing is locked at v6.12" in out


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    status, _, err = invoke(tmp_path, "--config", "none.yml", "check")
    assert status == 2
    assert err.startswith("error: cannot read `none.yml`: no such file or directory")


# --- streams ---------------------------------------------------


@pytest.mark.parametrize("words", ["refs", "check"])
def test_a_reader_that_leaves_early_sees_no_traceback(nested: Path, words: str) -> None:
    (nested / "notes" / "many.yml").write_text(
        "title: t\nsteps:\n" + "  - function: f\n    file: a.c\n" * 3000, encoding="utf-8"
    )
    command = " ".join(f"'{word}'" for word in [*PROGRAM, *words.split()])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} | head -c 10"],
        cwd=nested,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert len(done.stdout) == 10
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("words", [["check"], ["graph", "lamp", "--format", "dot"]])
def test_chinese_is_printed_whatever_the_locale(flat: Path, words: list[str]) -> None:
    note = FLAT["lamp.yml"].replace("Lamps", "灯").replace("灯\n  - s", "'[灯](无.md)'\n  - s")
    (flat / "notes" / "lamp.yml").write_text(note, encoding="utf-8")
    done = run(flat, *words, LC_ALL="C", LANG="C")
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert "灯" in done.stdout or "无" in done.stdout


def test_without_a_terminal_there_is_no_progress_and_no_colour(flat: Path, tree: str) -> None:
    (flat / "notes" / "a.yml").write_text(WRONG, encoding="utf-8")
    _, out, err = invoke(flat, "check", "--source", tree)
    assert err == ""
    assert "\033" not in out

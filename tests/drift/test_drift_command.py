"""`callpath drift` as a command: what it takes and prints, and what it refuses in one sentence."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from kernel import NOTES, TREE, write_files
from test_cli import PLACE
from two_versions import NEW, OLD, git, invoke, makefile, write_notebook, write_versions

LAMP = "drivers/lamp/lamp.c"
FILES = {path: data.decode() for path, data in TREE.items() if path.endswith((".c", ".h"))}
LATER = {**FILES, LAMP: "/* Later. */\n" + FILES[LAMP].replace("lamp_set(", "lamp_put(")}

_LINE = {
    "type": "object",
    "required": ["path", "line"],
    "properties": {"path": {"type": "string"}, "line": {"type": "integer", "minimum": 1}},
}
_STATUSES = ["same", "moved", "moved-file", "changed", "renamed", "gone"]
DRIFT = {
    "type": "object",
    "required": ["schema", "from", "to", "references", "edges"],
    "properties": {
        "schema": {"const": 1},
        "references": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["symbol", "kind", "status", "from", "to", "candidates", "at"],
                "properties": {
                    "status": {"enum": _STATUSES},
                    "from": _LINE,
                    "to": {"anyOf": [_LINE, {"type": "null"}]},
                    "candidates": {
                        "type": "array",
                        "items": {**_LINE, "required": ["symbol", "path", "score", "reason"]},
                    },
                    "at": PLACE,
                },
            },
        },
        "edges": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["caller", "callee", "status", "from", "to", "at"],
                "properties": {"status": {"enum": ["proved", "proved-otherwise", "gone", "half"]}},
            },
        },
    },
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_versions(tmp_path_factory.mktemp("linux"), v3_7=FILES, v3_8=LATER)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "site", NOTES)


def test_json_has_its_form(site: Path, repository: Path) -> None:
    status, told, _ = invoke(
        site, "drift", OLD, NEW, "--source", f"git:{repository}", "--format", "json"
    )
    value = json.loads(told)
    jsonschema.validate(value, DRIFT)
    assert status == 1
    assert (value["from"], value["to"]) == (OLD, NEW)
    put = next(each for each in value["references"] if each["symbol"] == "lamp_set")
    assert put["status"] == "renamed"
    assert put["to"]["symbol"] == put["candidates"][0]["symbol"] == "lamp_put"
    assert {each["status"] for each in value["references"]} == {"same", "moved", "renamed"}


def test_only_the_named_notes_are_told(site: Path, repository: Path) -> None:
    source = ("--source", f"git:{repository}")
    status, told, _ = invoke(site, "drift", OLD, NEW, "fan", *source, "--format", "json")
    assert {each["note"] for each in json.loads(told)["references"]} == {"fan"}
    assert status == 0
    assert invoke(site, "drift", OLD, NEW, "fun", *source)[0] == 2


def test_each_version_can_have_a_source_of_its_own(
    site: Path, repository: Path, tmp_path: Path
) -> None:
    trees = []
    for version, files in ((OLD, FILES), (NEW, LATER)):
        write_files(tmp_path / version, {"Makefile": makefile(version), **files})
        trees += ["--source", f"{version}=tree:{tmp_path / version}"]
    whole = invoke(site, "drift", OLD, NEW, "--source", f"git:{repository}")
    assert invoke(site, "drift", OLD, NEW, *trees) == whole


def test_a_locked_notebook_drifts_alike(site: Path, repository: Path) -> None:
    source = ("--source", f"git:{repository}")
    before = invoke(site, "drift", OLD, NEW, *source)
    invoke(site, "lock", *source)
    assert invoke(site, "drift", OLD, NEW, *source) == before


def refused(site: Path, *words: str) -> str:
    status, told, messages = invoke(site, "drift", *words)
    assert (status, told) == (2, "")
    lines = messages.splitlines()
    assert len(lines) <= 2
    return lines[0]


def test_wrong_use_is_told_in_one_sentence(site: Path, repository: Path, tmp_path: Path) -> None:
    source = ("--source", f"git:{repository}")
    assert refused(site, OLD, "v9.9", *source) == f"error: `{repository}` has no tag `v9.9`"
    assert refused(site, "v3.6", NEW, *source) == "error: no note is pinned to `v3.6`"
    assert "two sources for `v3.8`" in refused(
        site, OLD, NEW, *source, "--source", "v3.8=cache", "--source", "v3.8=cache"
    )
    assert "there is no source for `linux` v3.8" in refused(
        site, OLD, NEW, "--source", f"v3.7=git:{repository}"
    )
    wrong = f"git:{repository}@{OLD}"
    assert refused(site, OLD, NEW, "--source", wrong) == f"error: `{wrong}` is v3.7, not v3.8"


def test_a_shallow_clone_says_how_to_deepen_it(
    site: Path, repository: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", "--branch", NEW, f"file://{repository}", "shallow")
    status, _, messages = invoke(site, "drift", OLD, NEW, "--source", f"git:{tmp_path / 'shallow'}")
    assert status == 2
    assert "is a shallow clone" in messages


def test_a_tag_that_is_no_kernel(site: Path, repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository, tmp_path / "other")
    git(tmp_path / "other", "reset", "-q")
    git(tmp_path / "other", "rm", "-q", "--cached", "Makefile")
    git(tmp_path / "other", "commit", "-qm", "no kernel")
    git(tmp_path / "other", "tag", "v4.0")
    told = refused(site, OLD, "v4.0", "--source", f"git:{tmp_path / 'other'}")
    assert "has no Linux kernel at v4.0" in told


def test_a_file_that_a_partial_clone_lacks(site: Path, repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    address = f"file://{repository}"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", address, "partial")
    git(tmp_path / "partial", "show", f"{OLD}:Makefile")
    git(tmp_path / "partial", "show", f"{NEW}:Makefile")
    told = refused(site, OLD, NEW, "--source", f"git:{tmp_path / 'partial'}")
    assert "is a partial clone without" in told


def test_what_cannot_be_searched_is_not_called_gone(
    site: Path, repository: Path, tmp_path: Path
) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    address = f"file://{repository}"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", address, "partial")
    for version in (OLD, NEW):
        for path in ("Makefile", LAMP, "drivers/fan/fan.c", "include/linux/lamp.h"):
            git(tmp_path / "partial", "show", f"{version}:{path}")
    told = refused(
        site, OLD, NEW, "--source", f"v3.7=git:{repository}", "--source",
        f"v3.8=git:{tmp_path / 'partial'}",
    )  # fmt: skip
    assert "cannot be searched, and `lamp_set` is no longer in `drivers/lamp/lamp.c`" in told


PARTS = (
    "static int f{0}(int a)\n{{\n\treturn a + {0};\n}}\n",
    "#define M{0} {0}\n",
    "#ifdef A{0}\n#define T{0} 1\n#else\n#define T{0} 2\n#endif\n",
    "struct s{0} {{\n\tint a;\n\tchar b[{0}];\n}};\n",
    "enum e{0} {{ ONE{0}, TWO{0} }};\n",
    "int v{0} = {0};\n",
    "typedef long t{0};\n",
    "union u{0} {{ int a; }};\n",
)
KINDS: tuple[Callable[[int], list[str]], ...] = (
    lambda n: [f"function: f{n}"],
    lambda n: [f"macro: M{n}"],
    lambda n: [f"macro: T{n}, occurrence: 1", f"macro: T{n}, occurrence: 2"],
    lambda n: [f"struct: s{n}", f"field: s{n}.b"],
    lambda n: [f"enum: e{n}", f"enumerator: TWO{n}"],
    lambda n: [f"variable: v{n}"],
    lambda n: [f"typedef: t{n}"],
    lambda n: [f"union: u{n}"],
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(range(len(PARTS))), min_size=1, max_size=12))
def test_from_a_version_to_itself_all_is_same(
    tmp_path_factory: pytest.TempPathFactory, parts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("same")
    code = "".join(PARTS[part].format(number) for number, part in enumerate(parts, 1))
    steps = [named for number, part in enumerate(parts, 1) for named in KINDS[part](number)]
    note = "title: t\nsteps:\n" + "".join(f"- {{{step}, file: a/a.c}}\n" for step in steps)
    write_files(folder / "linux", {"Makefile": makefile(OLD), "a/a.c": code})
    site = write_notebook(folder / "site", {"a.yml": note})
    status, told, _ = invoke(site, "drift", OLD, OLD, "--source", f"tree:{folder / 'linux'}")
    count = f"{len(steps)} reference{'s' if len(steps) != 1 else ''}"
    assert (status, told) == (0, f"v3.7 → v3.7: {count}: {len(steps)} same\n")


def test_a_notebook_drifts_not_at_all_to_itself(site: Path, repository: Path) -> None:
    status, told, _ = invoke(site, "drift", OLD, OLD, "--source", f"git:{repository}")
    assert status == 0
    assert told.startswith("v3.7 → v3.7: ")
    assert " same\n" in told

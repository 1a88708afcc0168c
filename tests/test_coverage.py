"""Call-path coverage: what bodies call, what the notes speak of, what they leave out on purpose."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from callpath.c.file import read_code
from callpath.cli import main
from callpath.coverage import (
    Total,
    coverage,
    spoken_of,
    total,
)
from callpath.notebook import Notebook
from callpath.proof.direct import calls_in
from callpath.workspace import Workspace
from kernel import lock_site, write_site, write_tree

BODY = b"""\
static int start(int level)
{
	int (*local)(int) = dim;

	LAMP_CHECK(level);
	if (ready(level) && ready(level + 1))
		return local(level);
#if 0
	never();
#endif
	ops->reset(level);
	return finish(sizeof(other(level)));
}
"""

STARTER = """\
static int lamp_warm(void) { return 0; }
static int lamp_glow(void) { return lamp_warm(); }
static int lamp_log(int level) { return level; }
int lamp_start(void)
{
	lamp_log(1);
	return lamp_warm() + lamp_glow() + lamp_dim();
}
int lamp_dim(void) { return 1; }
"""

NOTE = """\
title: t
steps:
  - function: lamp_start
    file: start.c
    commentary: Then it [dims](src:start.c#lamp_dim).
    steps:
      - function: lamp_warm
        file: start.c
"""

OMITS = """\
omits:
  - function: lamp_log
    reason: it only reports
"""


def test_what_a_body_calls_by_name_each_once_in_line_order() -> None:
    code = read_code("a.c", BODY)
    assert calls_in(code.body(code.facts.definitions[0])) == (("ready", 6), ("finish", 12))


def site(folder: Path, note: str) -> Workspace:
    workspace = write_site(folder / "site", {"n.yml": note})
    lock_site(workspace, linux=write_tree(folder / "tree", {"start.c": STARTER}))
    return workspace


def loaded(folder: Path, note: str) -> Notebook:
    workspace = write_site(folder / "site", {"n.yml": note})
    return lock_site(workspace, linux=write_tree(folder / "tree", {"start.c": STARTER}))


@pytest.mark.parametrize(
    ("note", "omitted", "untold", "percent"),
    [
        (NOTE, [], ["lamp_log", "lamp_glow"], 50.0),
        (NOTE + OMITS, ["lamp_log"], ["lamp_glow"], 100 * 2 / 3),
    ],
)
def test_what_the_notes_speak_of(
    tmp_path: Path, note: str, omitted: list[str], untold: list[str], percent: float
) -> None:
    notebook = loaded(tmp_path, note)
    (only,) = notebook.notes.values()
    found = list(coverage(notebook.index, only, spoken_of(notebook.index)))
    (start,) = [step for step in found if step.place.step.id == "lamp_start"]
    assert [call.name for call in start.covered] == ["lamp_warm", "lamp_dim"]
    assert [call.name for call, _ in start.omitted] == omitted
    assert [call.name for call in start.missing] == untold
    assert total(found).percent == pytest.approx(percent)


def test_nothing_to_tell_is_all_told() -> None:
    assert Total(0, 0).percent == 100.0


@pytest.mark.parametrize(
    ("options", "status"), [([], 0), (["--fail-under", "50"], 0), (["--fail-under", "51"], 1)]
)
def test_the_command_fails_under_what_is_asked(
    tmp_path: Path, options: list[str], status: int
) -> None:
    config = str(site(tmp_path, NOTE).root / "mkdocs.yml")
    done = CliRunner().invoke(main, ["-f", config, "coverage", *options])
    assert done.exit_code == status
    assert "notes/n.yml:3:15: lamp_start: lamp_log:6, lamp_glow:7" in done.stdout
    assert "all: 2 of 4 calls told, 50.0 %" in done.stdout


def test_the_same_as_json_and_in_refs(tmp_path: Path) -> None:
    config = str(site(tmp_path, NOTE + OMITS).root / "mkdocs.yml")
    told = json.loads(
        CliRunner().invoke(main, ["-f", config, "coverage", "--format", "json"]).stdout
    )
    assert (told["schema"], told["told"], told["calls"]) == (1, 2, 3)
    (step,) = told["notes"][0]["steps"]
    assert step["omitted"] == [{"name": "lamp_log", "line": 6, "reason": "it only reports"}]
    refs = json.loads(CliRunner().invoke(main, ["-f", config, "refs"]).stdout)
    assert refs["coverage"] == [{"note": "n", **step}]


def test_an_unknown_note_is_one_sentence(tmp_path: Path) -> None:
    config = str(site(tmp_path, NOTE).root / "mkdocs.yml")
    done = CliRunner().invoke(main, ["-f", config, "coverage", "nn"])
    assert done.exit_code == 2
    assert "there is no note `nn`" in done.stderr

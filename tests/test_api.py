"""The library: what `import callpath` gives, and the programs of `docs/api.md`."""

import ast
import csv
import inspect
import io
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import callpath
from callpath.cli import main
from callpath.cli.app import COMMANDS
from callpath.extensions import extensions
from callpath.workspace import Workspace
from kernel import CONFIG, FAN_NOTE, TREE, write_files, write_repository, write_site, write_tree

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
HELLO, LONGER, DOCUMENTS, INDIRECT, CALLERS, RULE = re.findall(
    r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
)
(METADATA,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def run(program: str, *words: str, cwd: Path) -> str:
    """What a program prints; it may not fail."""
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def notebook(workspace: Workspace) -> callpath.Notebook:
    """The small notebook, locked, as a program opens it."""
    return callpath.open_notebook(workspace.config)


def test_documents_of_no_site_are_checked(tmp_path: Path) -> None:
    spec = write_repository(tmp_path / "linux-work")
    base = "https://elixir.bootlin.com/linux/v3.7/source/drivers/lamp"
    files = {"docs/a.md": f"[x]({base}/none.c)\n", "README.md": f"[y]({base}/lamp.c#L999)\n"}
    write_files(tmp_path / "here", files)
    program = DOCUMENTS.replace("v6.12=git:../linux.git", f"v3.7={spec}")
    shown = "import callpath\n" + program + "for one in findings: print(one.location, one.rule)\n"
    assert run(shown, cwd=tmp_path / "here").splitlines() == [
        "README.md:1:5 missing-line",
        "docs/a.md:1:5 missing-file",
    ]
    assert "import callpath" in HELLO
    documents = callpath.open_documents([tmp_path / "here" / "docs"], f"v3.7={spec}")
    result = documents.check_result(f"v3.7={spec}")
    assert [each.rule for each in result.findings] == ["missing-file"]
    assert result.counts == "1 link, 0 citations, 0 names: checked"


# --- the names ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", callpath.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(callpath, name)
    assert value is getattr(callpath, name)
    assert name in dir(callpath)
    assert f"`callpath.{name}`" in PAGE or f"callpath.{name}\n" in PAGE or f"`{name}`" in PAGE
    if inspect.isclass(value) or inspect.isfunction(value):
        assert (value.__doc__ or "").strip()


def test_type_checkers_and_programs_see_the_same_names() -> None:
    tree = ast.parse(inspect.getsource(callpath))
    (typed,) = (node for node in tree.body if isinstance(node, ast.If))
    imported = {
        (alias.asname or alias.name): f"{node.module}:{alias.name}"
        for node in typed.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(imported) == set(callpath.__all__)
    for name, home in imported.items():
        module, _, inner = home.partition(":")
        __import__(module)
        assert getattr(callpath, name) is getattr(sys.modules[module], inner)


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="`callpath` has no attribute `nothing`"):
        _ = callpath.nothing  # type: ignore[attr-defined]


def test_nothing_is_imported_before_it_is_asked_for(tmp_path: Path) -> None:
    program = """\
        import sys, callpath
        before = [name for name in sys.modules if name.startswith("callpath.")]
        from callpath.cli import main
        main(["--help"], standalone_mode=False)
        heavy = {"pydantic", "yaml", "markdown", "rapidfuzz", "callpath.findings"} & {*sys.modules}
        print(before, sorted(heavy))
    """
    assert run(textwrap.dedent(program), cwd=tmp_path).endswith("[] []\n")


def test_opening_a_sound_notebook_reads_no_prose_and_no_code(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    shutil.copy(root / "mkdocs.yml", tmp_path)
    shutil.copytree(root / "notes", tmp_path / "notes")
    program = """\
        import sys, callpath
        notebook = callpath.open_notebook("mkdocs.yml")
        heavy = {"markdown", "rapidfuzz", "tree_sitter", "callpath.c.vocabulary"}
        print(len(notebook.notes) > 1, sorted(heavy & {*sys.modules}))
        notebook.check()
        print(sorted(heavy & {*sys.modules}))
    """
    told = run(textwrap.dedent(program), cwd=tmp_path).splitlines()
    assert told[0] == "True []"
    assert "'markdown'" in told[1]


def test_the_list_of_commands_has_the_first_sentence_of_each_help() -> None:
    context = main.make_context("callpath", ["--help"], resilient_parsing=True)
    for name, (_, text) in COMMANDS.items():
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(200).rstrip(".") == text.rstrip(".")


# --- a notebook ---------------------------------------------------------------------------------


def test_a_notebook_is_checked_with_and_without_a_source(
    notebook: callpath.Notebook, tree: str
) -> None:
    assert notebook.check() == ()
    assert notebook.check(tree) == ()
    with callpath.open_source(tree, "v3.7") as source:
        assert notebook.check(source) == notebook.check([source]) == ()
    broken = {**TREE, "drivers/fan/fan.c": b"int lamp_count;\n"}
    other = write_tree(notebook.workspace.root.parent / "other", broken)
    assert "undefined-symbol" in {finding.rule for finding in notebook.check(other)}


def test_a_lockfile_is_made_and_written(tmp_path: Path, tree: str) -> None:
    notebook = callpath.open_notebook(write_site(tmp_path / "new").config)
    assert "not-locked" in {finding.rule for finding in notebook.check()}
    lock = notebook.lock(tree)
    assert (lock.findings, lock.changed) == ((), True)
    lock.write()
    assert not lock.changed
    assert callpath.open_notebook(notebook.workspace.config).check() == ()


def test_steps_have_their_definition_and_the_proof_of_their_edge(
    notebook: callpath.Notebook,
) -> None:
    steps = list(notebook.notes["lamp"].walk())
    assert [step.symbol.name for step in steps][:3] == ["lamp_init", "lamp_register", "lamp_reset"]
    assert all(step.definition and step.definition.name == step.symbol.name for step in steps)
    assert [step.verdict.proof for step in steps][1:3] == [
        callpath.Proof.CALL,
        callpath.Proof.POINTER,
    ]
    assert notebook.note("notes/lamp.yml") is notebook.notes["lamp"]
    with pytest.raises(callpath.UsageError, match="there is no note `lmap`"):
        notebook.note("lmap")


def test_the_graph_of_a_notebook_is_that_of_one_version(notebook: callpath.Notebook) -> None:
    labels = {node.label for node in notebook.graph().content.nodes}
    assert labels >= {node.label for node in notebook.notes["lamp"].graph().content.nodes}
    assert notebook.graph("v3.7").content == notebook.graph().content
    with pytest.raises(callpath.UsageError, match="no note is about `v9`"):
        notebook.graph("v9")


def test_a_graph_is_text_of_several_forms(notebook: callpath.Notebook) -> None:
    graph = notebook.notes["lamp"].graph()
    assert graph.to_mermaid().count("lamp_register")
    assert graph.to_svg().startswith("<svg ")
    assert graph.to("dot").startswith("digraph ")


def write_two_versions(folder: Path) -> str:
    """A repository with `v3.7`, and a `v6.12` in which the lamp's file is another; its SPEC."""
    spec = write_repository(folder)
    makefile = TREE["Makefile"].replace(b"= 3\n", b"= 6\n").replace(b"= 7\n", b"= 12\n")
    (folder / "Makefile").write_bytes(makefile)
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *settings, "commit", "-qam", "third"], cwd=folder, check=True)
    subprocess.run(["git", "tag", "v6.12"], cwd=folder, check=True)
    return spec


def test_drift_between_two_versions(tmp_path: Path) -> None:
    spec = write_two_versions(tmp_path / "linux.git")
    notebook = callpath.open_notebook(write_site(tmp_path / "site").config)
    with callpath.open_source(spec, "v3.7") as source:
        drift = notebook.drift("v6.12", source, notes=["fan"])
        assert not notebook.drift("v6.12", source).is_clean
    assert drift.is_clean
    assert {one.reference.note for one in drift.references} == {"fan"}
    with pytest.raises(callpath.UsageError, match="no note is pinned to `v9`"):
        notebook.drift("v6.12", spec, since="v9")


def test_a_notebook_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(callpath.CallpathError) as caught:
        callpath.open_notebook(tmp_path / "none.yml")
    assert isinstance(caught.value, callpath.SettingsError)


def test_c_is_read() -> None:
    file = callpath.read_c("lamp.c", TREE["drivers/lamp/lamp.c"])
    names = [definition.name for definition in file.definitions]
    assert "lamp_init" in names
    register = file.definitions[names.index("lamp_register")]
    assert [call.name for call in file.body(register).calls] == ["reset"]
    assert {binding.target for binding in file.bindings} >= {"lamp_reset", "lamp_set"}


# --- the programs of the page -------------------------------------------------------------------


def test_the_first_program(workspace: Workspace) -> None:
    assert run(HELLO, cwd=workspace.root) == ""
    (workspace.notes_folder / "fan.yml").write_text(FAN_NOTE.replace("file", "flie", 1))
    assert "notes/fan.yml:4:5 unknown-key" in run(HELLO, cwd=workspace.root)


def test_the_second_program(tmp_path: Path) -> None:
    write_two_versions(tmp_path / "linux.git")
    note = {"kvm/init.yml": FAN_NOTE}
    root = write_site(tmp_path / "site", note).root
    printed = run(HELLO + LONGER, cwd=root)
    assert (root / "notes" / "notes.lock").is_file()
    assert "fan_start" in printed


def test_indirect_edges_as_csv(workspace: Workspace) -> None:
    rows = list(csv.reader(io.StringIO(run(INDIRECT, cwd=workspace.root))))
    assert rows[0] == ["note", "caller", "callee", "proof", "file", "line"]
    assert [row[:5] for row in rows[1:]] == [
        ["lamp", "lamp_register", "lamp_reset", "pointer", "drivers/lamp/lamp.c", *[]]
        for _ in rows[1:]
    ]
    assert len(rows) == 3


def test_callers_of_a_symbol(tree: str, tmp_path: Path) -> None:
    printed = run(CALLERS, tree, "v3.7", "lamp_reset", cwd=tmp_path)
    assert printed == "drivers/fan/fan.c:12: fan_start\n"


# --- rules of other packages --------------------------------------------------------------------


@pytest.fixture
def rule_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's rule, installed as a package of its own."""
    folder = tmp_path / "packages"
    points = METADATA.replace("[project.entry-points.", "[").replace('"', "")
    write_files(
        folder,
        {
            "uncommented.py": RULE,
            "uncommented-1.0.dist-info/METADATA": "Name: uncommented\nVersion: 1.0\n",
            "uncommented-1.0.dist-info/entry_points.txt": points,
        },
    )
    monkeypatch.syspath_prepend(str(folder))
    extensions.cache_clear()
    yield folder
    extensions.cache_clear()
    sys.modules.pop("uncommented", None)


BARE = {"fan.yml": re.sub(r" +commentary: Always fails.\n", "", FAN_NOTE)}
FOUND = "notes/fan.yml:7:19"


def invoke(root: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["-f", str(root / "mkdocs.yml"), *words])
    return result.exit_code, result.output


def weighing(weight: str) -> str:
    return CONFIG + f"      rules: {{not-locked: off, uncommented-step: {weight}}}\n"


@pytest.mark.usefixtures("rule_package")
def test_a_rule_of_ones_own_is_run_weighed_and_documented(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", BARE, weighing("warning")).root
    status, out = invoke(root, "check")
    assert status == 0
    assert f"{FOUND}: warning: `lamp_reset` has no commentary [uncommented-step]" in out
    (root / "mkdocs.yml").write_text(weighing("error"))
    assert invoke(root, "check")[0] == 1
    (root / "mkdocs.yml").write_text(weighing("off"))
    assert "uncommented-step" not in invoke(root, "check")[1]
    for form in ("json", "sarif", "junit", "github"):
        (root / "mkdocs.yml").write_text(weighing("error"))
        assert "uncommented-step" in invoke(root, "check", "--format", form)[1]
    status, out = invoke(root, "rule", "uncommented-step")
    assert (status, out.splitlines()[0]) == (0, "# uncommented-step")
    assert "uncommented-step" in invoke(root, "rule")[1]


@pytest.mark.usefixtures("rule_package")
def test_a_rule_of_ones_own_is_run_by_the_build(tmp_path: Path, rule_package: Path) -> None:
    root = write_site(tmp_path / "site", BARE, weighing("warning")).root
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=root,
        env={"PYTHONPATH": f"{rule_package}:{ROOT / 'plugins'}", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert f"{FOUND}: `lamp_reset` has no commentary" in done.stderr


def test_without_the_package_its_rule_is_unknown(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", BARE, weighing("off")).root
    assert "unknown rule `uncommented-step`" in invoke(root, "check")[1]
    assert invoke(root, "rule", "uncommented-step")[0] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "`uncommented-step` of `callpath.rules` is no rule"),
        (RULE.replace('"uncommented-step"', '"other"'), "is no rule"),
        ("import nothing_of_the_kind\n", "cannot load `uncommented-step` of `callpath.rules`"),
    ],
)
def test_a_rule_that_cannot_be_used(
    tmp_path: Path, rule_package: Path, text: str, message: str
) -> None:
    (rule_package / "uncommented.py").write_text(text)
    root = write_site(tmp_path / "site", BARE).root
    status, out = invoke(root, "check")
    assert status == 2
    assert message in out

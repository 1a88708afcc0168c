"""Only `languages` decides by file endings, only `projects` by names of projects."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import callpath
from callpath.languages import LANGUAGES, LISTED, SEARCHED, C, language_of
from callpath.model import Definition, SymbolKind
from callpath.projects import LINUX, PROJECTS, project_named

PACKAGE = Path(callpath.__file__).parent
ENDINGS = {*LISTED, *(ending.encode() for ending in LISTED)}
NAMES = {*PROJECTS, *(name.encode() for name in PROJECTS)}
DECIDING = {"languages.py": ENDINGS, "projects.py": NAMES}
KEYS = {"site/strings.py"}  # what pages call a project is a text of the interface


def texts_of(tree: ast.AST) -> Iterator[tuple[int, object]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield node.lineno, node.value


@pytest.mark.parametrize(("home", "words"), DECIDING.items())
def test_a_language_and_a_project_are_told_in_one_module(home: str, words: set[object]) -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {text!r}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != PACKAGE / home and str(path.relative_to(PACKAGE)) not in KEYS
        for line, text in texts_of(ast.parse(path.read_bytes()))
        if isinstance(text, (str, bytes)) and text in words
    ]
    assert not found


def test_a_file_is_of_the_language_that_claims_its_ending() -> None:
    assert LANGUAGES == (C,)
    assert language_of("a/b.c") is language_of("a/b.h") is language_of("a/b.S") is C
    assert SEARCHED == (".c", ".h")
    assert LISTED == (".c", ".h", ".S")
    assert C.is_header("a.h")
    assert not C.is_header("a.c")


def test_a_language_reads_its_files() -> None:
    [found] = C.read("a.c", b"int f(void) { return 0; }\n", {}).facts.definitions
    assert (found.name, found.kind) == ("f", SymbolKind.FUNCTION)
    assert found.kind in C.kinds


@pytest.mark.parametrize(
    ("path", "kind", "signature", "hidden"),
    [
        ("a.c", SymbolKind.FUNCTION, "static int f(void)", True),
        ("a.c", SymbolKind.FUNCTION, "int f(void)", False),
        ("a.h", SymbolKind.FUNCTION, "static int f(void)", False),
        ("a.c", SymbolKind.MACRO, "#define f 1", True),
        ("a.h", SymbolKind.MACRO, "#define f 1", False),
        ("a.c", SymbolKind.STRUCT, "struct f", False),
    ],
)
def test_what_other_files_can_name(
    path: str, kind: SymbolKind, signature: str, *, hidden: bool
) -> None:
    found = Definition(path, "f", kind, 1, 1, 1, signature, "")
    assert C.is_hidden(found) is hidden


def test_an_unknown_project_has_only_its_name() -> None:
    lamps = project_named("lamps")
    assert (lamps.elixir, lamps.title, lamps.remotes) == ("lamps", "lamps", ())
    assert lamps.read_version(b"VERSION = 1\n") is None
    assert project_named("linux") is LINUX

"""What a tree answers to the questions of mentions, from every kind of source."""

import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callpath.facts.mentions import (
    LineFact,
    LineNature,
    PathFact,
    PathNature,
    PlaceFact,
    Questions,
)
from callpath.model import Pin, SymbolKind
from callpath.sources.base import FileText, Missing, ReadResult, Source, SourceSpec
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.answers import Fact, answer

PIN = Pin("linux", "v3.7")

LAMP = """\
// SPDX-License-Identifier: MIT
// A lamp.
#include "lamp.h"

/**
 * lamp_on - light it
 * @lamp: which one
 */
int lamp_on(struct lamp *lamp)
{
	if (lamp->lit) {
		/* It is on. */
		return 0;
	}

	return lamp_set(lamp, 1);
}

SYSCALL_DEFINE2(lamp_read, int, which, char __user *, text)
{
	return 0;
}

static DEFINE_MUTEX(lamp_lock);
"""
HEADER = """\
struct lamp {
	int lit;
	int level;	/* how
		bright */
};
struct shade {
	int level;
};
#ifdef DIM
#define LAMP_MOST 5
#else
#define LAMP_MOST 9
#endif
enum lamp_colour { LAMP_RED, LAMP_BLUE };
int lamp_on(struct lamp *lamp);
"""
FILES = {
    "Makefile": "VERSION = 3\nPATCHLEVEL = 7\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "house/lamp/lamp.c": LAMP,
    "include/linux/lamp.h": HEADER,
    "include/uapi/linux/lamp.h": "int uapi;\n",
    "tools/include/linux/lamp.h": "int copy;\n",
    "house/lamp/set.c": "int lamp_set(struct lamp *lamp, int lit)\n{\n\treturn lit;\n}\n",
    "house/lamp/Kconfig": "config LAMP\n\tbool\n\thelp\n\t  Light.\n\nconfig LAMP_DIM\n\tbool\n",
    "house/lamp/entry.S": "SYM_FUNC_START(lamp_entry)\n\tret\nSYM_FUNC_END(lamp_entry)\n"
    "plain:\n\tret\n",
    "house/door/main.c": "int door;\n",
    "house/gate/main.c": "int gate;\n",
    "house/sched/core.c": "int core;\n",
    "Documentation/house/lamps/lamp-switch.rst": "Lamps\n=====\n\nlamp_on() lights.\n",
    "empty.c": "",
    "cut.c": "int cut;\nint off;",
}
LINKS = {"house/same.c": "lamp/set.c", "house/out.c": "../../out.c", "shed": "house/lamp"}


def write_tree(root: Path) -> Path:
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for path, target in LINKS.items():
        (root / path).symlink_to(target)
    (root / "house/lamp/picture.png").write_bytes(b"\x89PNG\0\0")
    return root


def git(root: Path, *arguments: str) -> None:
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


def as_git(root: Path) -> str:
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=all")
    git(root, "tag", "v3.7")
    return f"git:{root}"


def as_archive(root: Path) -> str:
    file = root.parent / "tree.tar"
    with tarfile.open(file, "w") as archive:
        archive.add(root, "linux")
    return f"archive:{file}"


MAKERS: dict[str, Callable[[Path], str]] = {
    "tree": lambda root: f"tree:{root}",
    "git": as_git,
    "archive": as_archive,
}


@pytest.fixture(scope="module", params=MAKERS)
def source(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Source]:
    root = write_tree(tmp_path_factory.mktemp("made") / "linux-3.7")
    with open_source(parse_spec(MAKERS[request.param](root)), PIN) as opened:
        yield opened


@contextmanager
def tree_of(root: Path, files: dict[str, str]) -> Iterator[Source]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    with open_source(parse_spec(f"tree:{root}"), PIN) as opened:
        yield opened


def path_fact(source: Source, path: str) -> PathFact | None:
    facts = answer(Questions(paths=(path,)), source, PIN)
    return next((fact for fact in facts if isinstance(fact, PathFact)), None)


def line_fact(source: Source, path: str, line: int) -> LineFact | None:
    facts = answer(Questions(lines=((path, line),)), source, PIN)
    return next((fact for fact in facts if isinstance(fact, LineFact)), None)


def place_fact(source: Source, path: str, name: str) -> PlaceFact:
    facts = answer(Questions(places=((path, name),)), source, PIN)
    return next(fact for fact in facts if isinstance(fact, PlaceFact))


# Paths


def test_a_file_has_its_number_of_lines(source: Source) -> None:
    assert path_fact(source, "house/lamp/set.c") == PathFact(
        "linux", "v3.7", "house/lamp/set.c", PathNature.FILE, (), 4
    )


@pytest.mark.parametrize(("path", "lines"), [("empty.c", 0), ("cut.c", 2)])
def test_the_last_line_may_lack_its_end(source: Source, path: str, lines: int) -> None:
    fact = path_fact(source, path)
    assert fact is not None
    assert fact.lines == lines


def test_a_file_that_is_no_text_is_there_without_lines(source: Source) -> None:
    fact = path_fact(source, "house/lamp/picture.png")
    assert fact is not None
    assert (fact.nature, fact.lines) == (PathNature.FILE, 0)


@pytest.mark.parametrize("path", ["house", "house/lamp", "house/lamp/", "shed"])
def test_a_folder_is_one_with_and_without_a_slash(source: Source, path: str) -> None:
    fact = path_fact(source, path)
    assert fact is not None
    assert (fact.path, fact.nature) == (path, PathNature.FOLDER)


def test_a_link_in_the_tree_is_what_it_leads_to(source: Source) -> None:
    for path in ("house/same.c", "shed/set.c"):
        fact = path_fact(source, path)
        assert fact is not None
        assert (fact.nature, fact.lines) == (PathNature.FILE, 4)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../house/lamp/set.c",
        "house/../house/lamp/set.c",
        "house//lamp/set.c",
        "./house/lamp/set.c",
        "house/lamp/set.c\0",
        "house/\ud800.c",
        "house/out.c",
        "",
        "/",
    ],
)
def test_what_is_no_path_of_a_tree_has_no_fact(source: Source, path: str) -> None:
    asked = Questions((path,), ((path, 1),), ((path, "lamp"),))
    assert answer(asked, source, PIN) == ()


@pytest.mark.parametrize(
    ("ending", "whole"),
    [
        ("set.c", "house/lamp/set.c"),
        ("lamp/set.c", "house/lamp/set.c"),
        ("linux/house/lamp/set.c", "house/lamp/set.c"),
        ("linux-3.7/house/lamp/set.c", "house/lamp/set.c"),
        ("linux/lamp.h", "include/linux/lamp.h"),
        ("lamps/lamp-switch.rst", "Documentation/house/lamps/lamp-switch.rst"),
        ("house/lamps", "Documentation/house/lamps"),
    ],
)
def test_the_end_of_one_path_is_that_path(source: Source, ending: str, whole: str) -> None:
    fact = path_fact(source, ending)
    assert fact is not None
    assert (fact.nature, fact.found) == (PathNature.ENDING, (whole,))
    assert bool(fact.lines) == ("." in whole)


def test_the_end_of_several_paths_has_all_of_them(source: Source) -> None:
    fact = path_fact(source, "main.c")
    assert fact is not None
    assert fact.nature is PathNature.SEVERAL
    assert fact.found == ("house/door/main.c", "house/gate/main.c")


def test_a_header_s_copy_for_the_tools_is_not_meant(source: Source) -> None:
    fact = path_fact(source, "lamp.h")
    assert fact is not None
    assert fact.found == ("include/linux/lamp.h", "include/uapi/linux/lamp.h")


def test_too_many_are_several_without_names(tmp_path: Path) -> None:
    files = {f"house/room{number}/wall.c": "int wall;\n" for number in range(9)}
    with tree_of(tmp_path, files) as source:
        fact = path_fact(source, "wall.c")
        assert fact is not None
        assert (fact.nature, fact.found) == (PathNature.SEVERAL, ())


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        # Its name elsewhere, in the folders that it names.
        ("house/core.c", ("house/sched/core.c",)),
        ("house/lamp/bulb/set.c", ("house/lamp/set.c",)),
        # Another ending, and a folder that moved.
        ("house/lamp/set.rs", ()),
        ("Documentation/lamps/lamp-switch.txt", ("Documentation/house/lamps/lamp-switch.rst",)),
        (
            "Documentation/house/lamps/lamp-switch.txt",
            ("Documentation/house/lamps/lamp-switch.rst",),
        ),
        # A file that became a folder.
        ("house/sched.c", ("house/sched/core.c",)),
        # A folder that moved, and the file whose name is longer.
        ("Documentation/lamps", ("Documentation/house/lamps",)),
        ("house/lamp/witch.c", ()),
        ("Documentation/house/lamps/switch.rst", ("Documentation/house/lamps/lamp-switch.rst",)),
        # A slip in the name, in a folder, in the case.
        (
            "Documentation/house/lamps/lamp-swicth.rst",
            ("Documentation/house/lamps/lamp-switch.rst",),
        ),
        ("hosue/lamp/lamp.c", ("house/lamp/lamp.c",)),
        ("House/Lamp/lamp.c", ("house/lamp/lamp.c",)),
        ("house/lamps/lamp.c", ("house/lamp/lamp.c",)),
        (
            "Documentation/huose/lamps/lamp-switch.rst",
            ("Documentation/house/lamps/lamp-switch.rst",),
        ),
        ("blob/house/lamp/lamp.c", ("house/lamp/lamp.c",)),
        # Nothing is said of what may be anything.
        ("house/hall/main.c", ()),
        ("house/lamp/lmap.c", ()),
        ("cellar/boiler.c", ()),
        ("elsewhere/lamp/set.c", ()),
        ("include/generated/lamp.h", ()),
    ],
)
def test_where_an_absent_file_may_be(source: Source, gone: str, found: tuple[str, ...]) -> None:
    fact = path_fact(source, gone)
    assert fact is not None
    assert (fact.nature, fact.found) == (PathNature.ABSENT, found)


def test_the_same_name_of_another_machine_is_another_file(tmp_path: Path) -> None:
    files = {"arch/vax/boot/lamp_start.c": "int start;\n", "arch/pdp/boot/door.c": "int door;\n"}
    with tree_of(tmp_path, files) as source:
        fact = path_fact(source, "arch/pdp/kernel/lamp_start.c")
        assert fact is not None
        assert fact.found == ()


def test_a_file_that_became_a_folder_is_first_looked_for_in_it(tmp_path: Path) -> None:
    paths = ("house/attic/lamp.c", "house/lamp/lamp.c", "elsewhere/lamp.c")
    with tree_of(tmp_path, dict.fromkeys(paths, "int a;\n")) as source:
        fact = path_fact(source, "house/lamp.c")
        assert fact is not None
        assert fact.found == ("house/lamp/lamp.c", "house/attic/lamp.c")


def test_a_submodule_is_a_folder_and_what_is_in_it_unknown(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "lamp.c").write_text("int lamp;\n")
    git(other, "init", "--quiet")
    git(other, "add", "--all")
    git(other, "commit", "--quiet", "--message=all")
    root = tmp_path / "root"
    root.mkdir()
    git(root, "init", "--quiet")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", str(other), "part")
    git(root, "commit", "--quiet", "--message=all")
    git(root, "tag", "v3.7")
    with open_source(parse_spec(f"git:{root}"), PIN) as source:
        fact = path_fact(source, "part")
        assert fact is not None
        assert fact.nature is PathNature.FOLDER
        assert path_fact(source, "part/lamp.c") is None


# Lines


@pytest.mark.parametrize(
    ("path", "line", "nature"),
    [
        ("house/lamp/lamp.c", 1, LineNature.CODE),
        ("house/lamp/lamp.c", 2, LineNature.COMMENT),
        ("house/lamp/lamp.c", 4, LineNature.BLANK),
        ("house/lamp/lamp.c", 5, LineNature.CODE),
        ("house/lamp/lamp.c", 6, LineNature.COMMENT),
        ("house/lamp/lamp.c", 8, LineNature.COMMENT),
        ("house/lamp/lamp.c", 9, LineNature.CODE),
        ("house/lamp/lamp.c", 10, LineNature.BRACE),
        ("house/lamp/lamp.c", 12, LineNature.CODE),
        ("house/lamp/lamp.c", 14, LineNature.BRACE),
        ("house/lamp/lamp.c", 24, LineNature.CODE),
        ("house/lamp/lamp.c", 25, LineNature.ABSENT),
        ("house/lamp/lamp.c", 0, LineNature.ABSENT),
        ("include/linux/lamp.h", 4, LineNature.COMMENT),
        ("include/linux/lamp.h", 5, LineNature.BRACE),
        ("empty.c", 1, LineNature.ABSENT),
        ("cut.c", 2, LineNature.CODE),
        ("cut.c", 3, LineNature.ABSENT),
        ("house/lamp/Kconfig", 5, LineNature.BLANK),
        ("house/lamp/Kconfig", 4, LineNature.CODE),
        ("Documentation/house/lamps/lamp-switch.rst", 2, LineNature.CODE),
        ("Documentation/house/lamps/lamp-switch.rst", 9, LineNature.ABSENT),
    ],
)
def test_what_is_on_a_line(source: Source, path: str, line: int, nature: LineNature) -> None:
    fact = line_fact(source, path, line)
    assert fact is not None
    assert fact.nature is nature
    assert bool(fact.digest) == (nature is not LineNature.ABSENT)


@pytest.mark.parametrize(
    ("path", "line", "name", "kind", "occurrence"),
    [
        ("house/lamp/lamp.c", 7, "", "", 0),
        ("house/lamp/lamp.c", 9, "lamp_on", SymbolKind.FUNCTION, 1),
        ("house/lamp/lamp.c", 15, "lamp_on", SymbolKind.FUNCTION, 1),
        ("house/lamp/lamp.c", 18, "", "", 0),
        ("house/lamp/lamp.c", 21, "sys_lamp_read", SymbolKind.FUNCTION, 1),
        ("house/lamp/lamp.c", 24, "lamp_lock", SymbolKind.VARIABLE, 1),
        ("include/linux/lamp.h", 1, "lamp", SymbolKind.STRUCT, 1),
        ("include/linux/lamp.h", 2, "lamp.lit", SymbolKind.FIELD, 1),
        ("include/linux/lamp.h", 10, "LAMP_MOST", SymbolKind.MACRO, 1),
        ("include/linux/lamp.h", 12, "LAMP_MOST", SymbolKind.MACRO, 2),
        ("house/lamp/entry.S", 2, "", "", 0),
    ],
)
def test_the_innermost_definition_of_a_line(
    source: Source, path: str, line: int, name: str, kind: str, occurrence: int
) -> None:
    fact = line_fact(source, path, line)
    assert fact is not None
    assert (fact.name, fact.kind, fact.occurrence) == (name, kind, occurrence)


def test_space_does_not_change_a_line_s_digest(tmp_path: Path) -> None:
    with tree_of(tmp_path, {"a.c": "int a;\n\tint  a ;\r\nint b;\n"}) as source:
        first, second, third = (line_fact(source, "a.c", line) for line in (1, 2, 3))
        assert first is not None
        assert second is not None
        assert third is not None
        assert first.digest == second.digest != third.digest


@pytest.mark.parametrize(
    "text",
    [
        'char *a = "/* no */\\\n*/";\nint b;\n',
        "int a; /* one */ int c;\nint b;\n",
        "#define A \\\n\t1\nint b;\n",
        "int a; // one\n// two\n",
        "/* one\n */ int b;\n",
        "/* one */\n/* two */\n",
    ],
)
def test_what_only_looks_like_the_middle_of_a_comment(tmp_path: Path, text: str) -> None:
    with tree_of(tmp_path, {"a.c": text}) as source:
        fact = line_fact(source, "a.c", 2)
        assert fact is not None
        assert fact.nature is LineNature.CODE


def test_a_comment_in_a_directive_has_a_middle(tmp_path: Path) -> None:
    with tree_of(tmp_path, {"a.c": "#define A 1 /* one\n   two */\n"}) as source:
        fact = line_fact(source, "a.c", 2)
        assert fact is not None
        assert fact.nature is LineNature.COMMENT


def test_lines_are_of_the_whole_path_of_an_ending(source: Source) -> None:
    fact = line_fact(source, "lamp/set.c", 3)
    assert fact is not None
    assert (fact.path, fact.name) == ("house/lamp/set.c", "lamp_set")


def test_lines_of_the_end_of_a_few_paths_are_those_of_each(source: Source) -> None:
    facts = answer(Questions(lines=(("main.c", 1),)), source, PIN)
    lines = [(fact.path, fact.name) for fact in facts if isinstance(fact, LineFact)]
    assert lines == [("house/door/main.c", "door"), ("house/gate/main.c", "gate")]


# Places


@pytest.mark.parametrize(
    ("path", "name", "definitions", "uses"),
    [
        ("house/lamp/lamp.c", "lamp_on", ((9, 9, 17),), (6, 9)),
        ("house/lamp/lamp.c", "lamp_set", (), (16,)),
        ("house/lamp/lamp.c", "lamp_read", ((19, 19, 22),), (19,)),
        ("house/lamp/lamp.c", "sys_lamp_read", ((19, 19, 22),), ()),
        ("house/lamp/lamp.c", "__x64_sys_lamp_read", ((19, 19, 22),), ()),
        ("house/lamp/lamp.c", "lamp_lock", ((24, 24, 24),), (24,)),
        ("include/linux/lamp.h", "lamp", ((1, 1, 5),), (1, 15)),
        ("include/linux/lamp.h", "level", ((3, 3, 3), (7, 7, 7)), (3, 7)),
        ("include/linux/lamp.h", "LAMP_BLUE", ((14, 14, 14),), (14,)),
        ("include/linux/lamp.h", "LAMP_MOST", ((10, 10, 10), (12, 12, 12)), (10, 12)),
        ("include/linux/lamp.h", "lamp_on", (), (15,)),
        ("house/lamp/entry.S", "lamp_entry", ((1, 1, 3),), (1, 3)),
        ("house/lamp/entry.S", "plain", ((4, 4, 4),), (4,)),
        ("house/lamp/Kconfig", "CONFIG_LAMP", ((1, 1, 4),), (1,)),
        ("house/lamp/Kconfig", "CONFIG_LAMP_DIM", ((6, 6, 7),), (6,)),
        ("Documentation/house/lamps/lamp-switch.rst", "lamp_on", (), (4,)),
    ],
)
def test_where_a_file_has_a_name(
    source: Source, path: str, name: str, definitions: object, uses: object
) -> None:
    fact = place_fact(source, path, name)
    assert (fact.path, fact.name) == (path, name)
    assert (fact.definitions, fact.uses) == (definitions, uses)


@pytest.mark.parametrize(
    ("path", "name", "elsewhere"),
    [
        ("house/lamp/lamp.c", "lamp_set", (("house/lamp/set.c", 1),)),
        ("include/linux/lamp.h", "lamp_on", (("house/lamp/lamp.c", 9),)),
        ("house/door/main.c", "sys_lamp_read", (("house/lamp/lamp.c", 19),)),
        ("house/door/main.c", "lamp_entry", (("house/lamp/entry.S", 1),)),
        ("house/door/main.c", "nobody", ()),
        ("house/lamp/lamp.c", "lamp_on", ()),
    ],
)
def test_where_the_tree_defines_what_a_file_does_not(
    source: Source, path: str, name: str, elsewhere: object
) -> None:
    assert place_fact(source, path, name).elsewhere == elsewhere


def test_what_is_of_one_architecture_comes_last(tmp_path: Path) -> None:
    body = "int lamp_on(void)\n{\n\treturn 0;\n}\n"
    calls = "int lamp_try(void)\n{\n\tif (lamp_on()) {\n\t}\n\treturn 0;\n}\n"
    files = {
        "tools/lamp.c": body,
        "house/deep/lamp/on.c": body,
        "arch/vax/lamp.c": body,
        "room/table.c": calls,
    }
    with tree_of(tmp_path, {**files, "room/lamp.h": "int lamp_on(void);\n"}) as source:
        assert place_fact(source, "room/lamp.h", "lamp_on").elsewhere == (
            ("house/deep/lamp/on.c", 1),
            ("arch/vax/lamp.c", 1),
        )


def test_a_tool_s_function_is_not_the_one_that_a_header_lacks(tmp_path: Path) -> None:
    files = {"tools/lamp.c": "int lamp_on(void)\n{\n\treturn 0;\n}\n", "room/lamp.h": "int a;\n"}
    with tree_of(tmp_path, {**files, "samples/lamp.c": "int lamp;\n"}) as source:
        assert place_fact(source, "room/lamp.h", "lamp_on").elsewhere == ()
        assert place_fact(source, "samples/lamp.c", "lamp_on").elsewhere == (("tools/lamp.c", 1),)


def test_a_name_that_a_macro_may_make_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    files = {
        "room/flags.h": "LAMPFLAG(Dim, dim)\nint a;\n",
        "room/other.c": "int LampDim(void)\n{\n\treturn 0;\n}\n",
        "room/door.h": "int b;\n",
    }
    with tree_of(tmp_path, files) as source:
        assert place_fact(source, "room/flags.h", "LampDim").elsewhere == ()
        assert place_fact(source, "room/door.h", "LampDim").elsewhere == (("room/other.c", 1),)


def test_an_event_is_where_its_macro_is_called(tmp_path: Path) -> None:
    text = "TRACE_EVENT(lamp_lit,\n\tTP_PROTO(int level),\n\tTP_ARGS(level)\n);\n"
    text += "EXPORT_SYMBOL(door);\n"
    with tree_of(tmp_path, {"include/trace/lamp.h": text}) as source:
        for name in ("lamp_lit", "trace_lamp_lit"):
            assert place_fact(source, "include/trace/lamp.h", name).definitions == ((1, 1, 4),)
        assert place_fact(source, "include/trace/lamp.h", "door").definitions == ()


def test_at_most_fifty_uses_are_listed(tmp_path: Path) -> None:
    with tree_of(tmp_path, {"a.c": "int b = a;\n" * 80}) as source:
        assert place_fact(source, "a.c", "a").uses == tuple(range(1, 51))


@pytest.mark.parametrize("name", ["", "a b", "1a", "a-b", "ä", "(", "a\0"])
def test_what_is_no_identifier_has_no_place(source: Source, name: str) -> None:
    facts = answer(Questions(places=(("house/lamp/lamp.c", name),)), source, PIN)
    assert not [fact for fact in facts if isinstance(fact, PlaceFact)]


# Sources that cannot list their tree


class Unlisted(Source):
    """A source that only says what is at a path."""

    has_tree = True

    def read_one(self, path: str) -> ReadResult:
        text = FILES.get(path) if self.has_tree else None
        return Missing(path) if text is None else FileText(path, text.encode(), "0" * 40)


def facts_of_unlisted(asked: Questions) -> tuple[Fact, ...]:
    return answer(asked, Unlisted(SourceSpec("unlisted", ""), PIN), PIN)


def test_a_whole_path_is_never_the_end_of_another(source: Source) -> None:
    asked = Questions(("lamp/set.c", "lamp/lamp.c"), whole=("lamp/set.c",))
    whole, end = answer(asked, source, PIN)
    assert isinstance(whole, PathFact)
    assert isinstance(end, PathFact)
    assert (whole.path, whole.nature) == ("lamp/lamp.c", PathNature.ENDING)
    assert (end.path, end.nature) == ("lamp/set.c", PathNature.ABSENT)


def test_what_may_be_an_end_or_a_file_that_moved_is_several(tmp_path: Path) -> None:
    files = {"arch/vax/house/clock_hand.c": "int a;\n", "house/time/clock_hand.c": "int b;\n"}
    with tree_of(tmp_path, files) as source:
        fact = path_fact(source, "house/clock_hand.c")
        assert fact is not None
        assert fact.nature is PathNature.SEVERAL
        assert fact.found == tuple(sorted(files))
        (gone,) = answer(Questions(whole=(), paths=("house/clock.c",)), source, PIN)
        assert gone.nature is PathNature.ABSENT


def test_without_a_list_what_is_there_is_known() -> None:
    asked = Questions(("house/lamp/set.c",), (("house/lamp/set.c", 3),))
    path, line = facts_of_unlisted(asked)
    assert isinstance(path, PathFact)
    assert (path.nature, path.lines) == (PathNature.FILE, 4)
    assert isinstance(line, LineFact)
    assert line.name == "lamp_set"


def test_without_a_list_only_a_whole_path_is_known_to_be_absent() -> None:
    assert facts_of_unlisted(Questions(("lamp/set.c",))) == ()
    whole = Questions(("house/gone.c",), whole=("house/gone.c",))
    assert facts_of_unlisted(whole) == (
        PathFact("linux", "v3.7", "house/gone.c", PathNature.ABSENT),
    )


def test_of_a_tree_that_a_site_does_not_have_nothing_is_said() -> None:
    source = Unlisted(SourceSpec("unlisted", ""), PIN)
    source.has_tree = False
    whole = Questions(("house/lamp/set.c",), whole=("house/lamp/set.c",))
    assert answer(whole, source, PIN) == ()


# Hostile questions


def test_ten_thousand_questions_are_answered_together(source: Source) -> None:
    paths = tuple(f"house/lamp/gone{number}.c" for number in range(10_000))
    lines = tuple(("house/lamp/lamp.c", number) for number in range(10_000))
    facts = answer(Questions(paths, lines), source, PIN)
    assert len(facts) == 20_001


def test_a_file_of_one_long_line_is_answered(tmp_path: Path) -> None:
    for text in ("/*" * 500_000, "//" * 500_000, "(" * 500_000, "#" * 500_000, "a " * 50_000):
        with tree_of(tmp_path, {"a.c": text}) as source:
            asked = Questions((), (("a.c", 1),), (("a.c", "a"), ("a.c", "trace_a")))
            assert len(answer(asked, source, PIN)) == 4


COMMENTED = """\
/*
 * The lamps.
 */

/**
 * lamp_on - light it
 * @lamp: which
 */
#ifdef LAMPS
static
int lamp_on(struct lamp *lamp)
{
	/* Now. */
	return 0;
}
#endif
// of the lock
// of all
static DEFINE_MUTEX(lamp_lock);
/* The end. */
"""


@pytest.mark.parametrize(
    ("number", "above"),
    [(1, 10), (2, 10), (5, 10), (7, 10), (8, 10), (10, 0), (13, 14), (17, 19), (18, 19), (20, 0)],
)
def test_what_a_comment_stands_above(tmp_path: Path, number: int, above: int) -> None:
    (tmp_path / "Makefile").write_text(FILES["Makefile"])
    (tmp_path / "lamp.c").write_text(COMMENTED)
    with open_source(parse_spec(f"tree:{tmp_path}"), PIN) as source:
        found = answer(Questions(lines=(("lamp.c", number),)), source, PIN)
    assert [fact.above for fact in found if isinstance(fact, LineFact)] == [above]

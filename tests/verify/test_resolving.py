"""References against a real source: what resolves, and why not, whatever kind of source it is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from callpath.facts.lock import Lock, format_lock
from callpath.findings import (
    SourceError,
    UsageError,
)
from callpath.model import Pin
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.sources.base import (
    ReadResult,
    ScanProgress as SourceProgress,
    Source,
    silent,
)
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.examine import (
    differences,
    examine,
)
from kernel import (
    NOTES,
    PIN,
    TREE,
    line_of,
    said,
    sources,
    write_archive,
    write_repository,
    write_tree,
)

LAMP_C, LAMP_H, FAN_C = "drivers/lamp/lamp.c", "include/linux/lamp.h", "drivers/fan/fan.c"


def notebook(*steps: str, pin: Pin = PIN, lock: Lock | None = None) -> Notebook:
    """A notebook of one flat note whose steps are `KIND NAME FILE [KEY VALUE]…`."""
    text = "title: t\nsteps:\n"
    for step in steps:
        kind, name, file, *more = step.split(" ", 5)
        text += f"  - {kind}: {name}\n    file: {file}\n"
        text += "".join(f"    {more[i]}: {more[i + 1]}\n" for i in range(0, len(more), 2))
    return Notebook.load({"a.yml": text.encode()}, PluginConfig(pin=pin), lock=lock)


def resolved(book: Notebook, spec: str) -> tuple[Lock, list[str]]:
    found = examine(book.references, (), sources(**{book.pin.project: spec}).open)
    return found.lock, [said(each) for each in found.findings]


@pytest.fixture(params=["tree", "git", "archive"])
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The small tree as each kind of source."""
    if request.param == "git":
        return write_repository(tmp_path / "repository")
    if request.param == "archive":
        return write_archive(tmp_path / "linux-3.7.tar.xz")
    return write_tree(tmp_path / "linux")


def test_what_is_there_becomes_facts(spec: str) -> None:
    book = notebook(
        f"function lamp_init {LAMP_C}",
        f"macro lamp_clamp {LAMP_H} occurrence 1",
        f"field lamp.level {LAMP_H}",
        f"variable lamp_state {LAMP_C}",
    )
    lock, findings = resolved(book, spec)
    assert findings == []
    assert [(each.definition.name, each.definition.line) for each in lock.definitions] == [
        ("lamp_init", line_of(LAMP_C, "static int lamp_init")),
        ("lamp_state", line_of(LAMP_C, "DEFINE_PER_CPU")),
        ("lamp.level", 13),
        ("lamp_clamp", line_of(LAMP_H, "#define lamp_clamp")),
    ]
    assert [(file.path, len(file.blob)) for file in lock.files] == [(LAMP_C, 40), (LAMP_H, 40)]


@pytest.mark.parametrize(
    ("step", "finding"),
    [
        (
            f"function lamp_rest {LAMP_C}",
            "3:15 undefined-symbol: "
            f"`{LAMP_C}` has no function `lamp_rest`, nor has any other file\n"
            "  did you mean `lamp_reset` or `lamp_set` or `lamp_register`?",
        ),
        (
            f"function zzzzzz {LAMP_C}",
            f"3:15 undefined-symbol: `{LAMP_C}` has no function `zzzzzz`, nor has any other file",
        ),
        (
            f"function fan_start {LAMP_C}",
            "3:15 defined-elsewhere: "
            f"`{LAMP_C}` does not define `fan_start`; `{FAN_C}:10` does\n  write `{FAN_C}`",
        ),
        (
            f"function lamp_set {FAN_C}",
            "3:15 defined-elsewhere: "
            f"`{FAN_C}` does not define `lamp_set`; `{LAMP_C}:11` does\n  write `{LAMP_C}`",
        ),
        (
            f"struct lamp_level {LAMP_C}",
            "3:13 defined-elsewhere: "
            f"`{LAMP_C}` does not define `lamp_level`; `{LAMP_H}:4` does as an enum",
        ),
        (
            f"field lamp.level {LAMP_C}",
            "3:12 defined-elsewhere: "
            f"`{LAMP_C}` does not define `lamp.level`; `{LAMP_H}:13` does\n  write `{LAMP_H}`",
        ),
        (
            f"function lamp_register {LAMP_H}",
            "3:15 not-a-definition: "
            f"`{LAMP_H}` only declares `lamp_register`; `{LAMP_C}:22` does\n  write `{LAMP_C}`",
        ),
        (
            "function fan_start drivers/fan/fans.c",
            "3:15 missing-file: v3.7 has no file `drivers/fan/fans.c`\n"
            f"  `{FAN_C}:10` defines `fan_start`",
        ),
        (
            "function zzzzzz drivers/lamp/fan.c",
            f"3:15 missing-file: v3.7 has no file `drivers/lamp/fan.c`\n  did you mean `{FAN_C}`?",
        ),
        (
            "function zzzzzz drivers/lamp/lamb.c",
            "3:15 missing-file: v3.7 has no file `drivers/lamp/lamb.c`\n"
            f"  did you mean `{LAMP_C}` or `drivers/lamp/logo.c`?",
        ),
        (
            f"macro lamp_clamp {LAMP_H}",
            f"3:12 ambiguous-symbol: `lamp_clamp` is defined 2 times in `{LAMP_H}`: "
            "1: line 24 (CONFIG_DIMMER), 2: line 26 (!CONFIG_DIMMER)\n"
            "  choose one with `occurrence`",
        ),
        (
            f"macro lamp_clamp {LAMP_H} occurrence 3",
            f"3:12 no-such-occurrence: `{LAMP_H}` has no definition 3 of `lamp_clamp`, only 2\n"
            "  1: line 24 (CONFIG_DIMMER), 2: line 26 (!CONFIG_DIMMER)",
        ),
        (
            f"function lamp_clamp {LAMP_H} occurrence 2",
            f"3:15 wrong-kind: `lamp_clamp` is a macro, not a function, at `{LAMP_H}:24`\n"
            "  write `macro: lamp_clamp`",
        ),
        (
            "function lamp_init drivers/lamp",
            "3:15 unreadable-file: `drivers/lamp` is a directory\n"
            "  name the C file that defines the symbol",
        ),
        (
            "function lamp_init drivers/lamp/logo.c",
            "3:15 unreadable-file: `drivers/lamp/logo.c` is a binary file\n"
            "  name the C file that defines the symbol",
        ),
    ],
)
def test_what_does_not_resolve_is_explained(spec: str, step: str, finding: str) -> None:
    lock, findings = resolved(notebook(step), spec)
    assert findings == [f"a.yml:{finding}"]
    assert lock == Lock()


def test_all_findings_are_told_in_one_run_and_the_rest_is_locked(spec: str) -> None:
    book = notebook(
        f"function zzzzzz {LAMP_C}",
        f"function lamp_init {LAMP_C}",
        "function f none.c",
        f"macro lamp_clamp {LAMP_H}",
    )
    lock, findings = resolved(book, spec)
    assert [found.split()[1] for found in findings] == [
        "undefined-symbol:",
        "missing-file:",
        "ambiguous-symbol:",
    ]
    assert [each.definition.name for each in lock.definitions] == ["lamp_init"]


def test_every_kind_of_source_gives_the_same_lockfile(tmp_path: Path) -> None:
    specs = [
        write_tree(tmp_path / "linux"),
        write_repository(tmp_path / "repository"),
        write_archive(tmp_path / "linux-3.7.tar.xz"),
    ]
    book = notebook(f"function lamp_init {LAMP_C}", f"struct lamp {LAMP_H}")
    assert len({format_lock(resolved(book, spec)[0]) for spec in specs}) == 1


def test_one_name_in_two_places_is_explained_for_each(tmp_path: Path) -> None:
    """Two steps that miss the same name are told the file nearest to each."""
    files = {
        "a/lib/x.c": "int twin(void) { return 0; }\n",
        "b/lib/x.c": "int twin(void) { return 0; }\n",
        "a/y.c": "int y;\n",
        "b/y.c": "int y;\n",
    }
    spec = write_tree(tmp_path / "linux", files)
    _, findings = resolved(notebook("function twin a/y.c", "function twin b/y.c"), spec)
    assert [found.splitlines()[1].strip() for found in findings] == [
        "write `a/lib/x.c`",
        "write `b/lib/x.c`",
    ]


# --- versions and projects ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "fits"), [("v3.7", True), ("v3.8", False), ("v3.7-rc1", False)]
)
def test_a_source_of_another_version_is_refused(tmp_path: Path, version: str, fits: bool) -> None:
    spec = write_tree(tmp_path / "linux")
    book = notebook(f"function lamp_init {LAMP_C}", pin=Pin("linux", version))
    if fits:
        assert resolved(book, spec)[1] == []
        return
    with pytest.raises(SourceError) as caught:
        resolved(book, spec)
    assert caught.value.message == f"`{spec}` is v3.7, but the notes are pinned to {version}"
    assert version in caught.value.hint


def test_a_tree_that_does_not_say_its_version_is_taken(tmp_path: Path) -> None:
    files = {path: data for path, data in TREE.items() if path != "Makefile"}
    spec = write_tree(tmp_path / "linux", files)
    assert resolved(notebook(f"function lamp_init {LAMP_C}"), spec)[1] == []


def test_a_project_without_source_is_named(tree: str) -> None:
    with pytest.raises(UsageError) as caught:
        sources(linux=tree).open(Pin("qemu", "v8.2.0"))
    assert caught.value.message == "there is no source for `qemu` v8.2.0"
    assert caught.value.hint == "add `--source qemu=SPEC`"


# --- how often the source is asked ---------------------------------------------------------------


class Counting(Source):
    """A source that notes what it is asked for, and passes it on."""

    def __init__(self, inner: Source) -> None:
        self.spec, self.pin = inner.spec, inner.pin
        self.asked: list[str] = []
        self.scans: list[list[str]] = []
        self.closed = False
        self._inner = inner

    @property
    def searchable(self) -> bool:
        return self._inner.searchable

    def read(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        listed = list(paths)
        self.asked += listed
        return self._inner.read(listed)

    def read_one(self, path: str) -> ReadResult:
        return next(self.read([path]))

    def paths(self) -> Sequence[str]:
        return self._inner.paths()

    def find_words(
        self, words: Iterable[str], progress: SourceProgress = silent
    ) -> dict[str, Sequence[str]]:
        self.scans.append(sorted(words))
        return dict(self._inner.find_words(self.scans[-1], progress))

    def close(self) -> None:
        self.closed = True
        self._inner.close()


def counting(spec: str) -> tuple[list[Counting], Callable[[Pin], Source]]:
    opened: list[Counting] = []

    def open_for(pin: Pin) -> Source:
        opened.append(Counting(open_source(parse_spec(spec), pin)))
        return opened[-1]

    return opened, open_for


def test_each_file_is_read_once_and_the_tree_scanned_once(spec: str) -> None:
    opened, open_for = counting(spec)
    book = notebook(
        f"function lamp_init {LAMP_C}",
        f"function lamp_set {LAMP_C}",
        f"function fan_start {LAMP_C}",
        f"function lamp_set {FAN_C}",
        f"function lamp_register {LAMP_H}",
        "function fan_start none.c",
        f"function zzzzzz {LAMP_H}",
    )
    examine(book.references, (), open_for)
    (source,) = opened
    read = [path for path in source.asked if path != "Makefile"]
    assert sorted(read) == sorted(set(read))
    assert {LAMP_C, FAN_C, LAMP_H, "none.c"} <= set(read)
    assert source.scans == [["fan_start", "lamp_register", "lamp_set", "zzzzzz"]]
    assert source.closed


def test_when_all_is_found_the_tree_is_not_scanned(tree: str) -> None:
    opened, open_for = counting(tree)
    examine(notebook(f"function lamp_init {LAMP_C}").references, (), open_for)
    assert [source.scans for source in opened] == [[]]
    assert [source.asked for source in opened] == [["Makefile", LAMP_C]]


def test_each_pin_has_its_own_source_and_all_are_closed(tree: str) -> None:
    opened, open_for = counting(tree)
    text = NOTES["fan.yml"]
    files = {
        "a.yml": text.encode(),
        "b.yml": f"pin: {{project: qemu, version: v1}}\n{text}".encode(),
    }
    book = Notebook.load(files, PluginConfig(pin=PIN))
    found = examine(book.references, (), open_for)
    assert [source.pin.project for source in opened] == ["linux", "qemu"]
    assert all(source.closed for source in opened)
    assert {each.project for each in found.lock.definitions} == {"linux", "qemu"}


def test_a_source_is_closed_when_its_version_is_wrong(tree: str) -> None:
    opened, open_for = counting(tree)
    book = notebook(f"function lamp_init {LAMP_C}", pin=Pin("linux", "v3.8"))
    with pytest.raises(SourceError):
        examine(book.references, (), open_for)
    assert [source.closed for source in opened] == [True]


# --- the lockfile against the source -----------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("#include <linux/lamp.h>\n", "#include <linux/lamp.h>\n\n", "line 27 there, 28 here"),
        ("static int lamp_init", "int lamp_init", "signature static int lamp_init(void) there"),
        ("return lamp_register(&lamp);", "return 0;", "digest "),
        (
            "static int lamp_init(void)",
            "#ifdef CONFIG_LAMP\nint a;\n#else\nstatic int lamp_init(void)",
            "condition  there, !CONFIG_LAMP here",
        ),
    ],
)
def test_a_source_that_says_something_else_is_told(
    tmp_path: Path, tree: str, old: str, new: str, told: str
) -> None:
    book = notebook(f"function lamp_init {LAMP_C}")
    locked = resolved(book, tree)[0]
    changed = {**TREE, LAMP_C: TREE[LAMP_C].decode().replace(old, new, 1).encode()}
    if "#ifdef" in new:
        changed[LAMP_C] += b"#endif\n"
    assert changed[LAMP_C] != TREE[LAMP_C]
    real = resolved(book, write_tree(tmp_path / "other", changed))[0]
    assert list(differences(book.references, (), locked, locked)) == []
    (found,) = differences(book.references, (), locked, real)
    assert (found.rule, str(found.location)) == ("lock-mismatch", "a.yml:3:15")
    assert found.message.startswith("the lockfile does not agree with the source on `lamp_init`: ")
    assert told in found.message


def test_another_number_of_definitions_is_told(tmp_path: Path, tree: str) -> None:
    book = notebook(f"function lamp_init {LAMP_C} occurrence 1")
    locked = resolved(book, tree)[0]
    twice = TREE[LAMP_C] + b"#ifdef X\nint lamp_init(void) { return 0; }\n#endif\n"
    real = resolved(book, write_tree(tmp_path / "other", {**TREE, LAMP_C: twice}))[0]
    (found,) = differences(book.references, (), locked, real)
    assert found.message.endswith("`lamp_init`: number of definitions")

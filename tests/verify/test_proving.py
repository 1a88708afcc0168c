"""The edges of a notebook against a source: what is said of each, what is read, what is locked."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from weakref import ref

import pytest

from callpath.c.file import (
    CodeFile,
    read_code,
)
from callpath.checks import check_notebook, make_new_lock
from callpath.facts.lock import Lock, format_lock
from callpath.facts.proof import EdgeStatus, Proof
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.sources.base import (
    ReadResult,
    ScanProgress,
    Source,
    silent,
)
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.code import SourceCode, no_collector
from callpath.verify.examine import (
    Examined,
    examine,
    verdicts_of,
)
from kernel import NOTES, PIN, TREE, said, sources, write_archive, write_repository, write_tree

MAKEFILE = TREE["Makefile"].decode()
LAMP = """\
int lamp_on(void) { return 0; }
struct lamp { int level; };
int lamp_max;
#define LAMP_DIM 1
int lamp_start(void)
{
	return 0;
}
int lamp_used(struct lamp *lamp)
{
	lamp->level = LAMP_DIM;
	return lamp_on() + lamp_max;
}
int (*table[])(void) = { 0 };
"""


def read(*notes: str) -> Notebook:
    files = {f"n{number}.yml": f"title: t\n{text}".encode() for number, text in enumerate(notes)}
    return Notebook.load(files, PluginConfig(pin=PIN))


def examined(book: Notebook, spec: str) -> Examined:
    return examine(book.references, book.edges, sources(linux=spec).open)


def under(caller: str, callee: str, *more: str, file: str = "lamp.c") -> str:
    keys = "".join(f"        {each}\n" for each in more)
    return (
        f"steps:\n  - {caller}\n    file: lamp.c\n    steps:\n"
        f"      - {callee}\n        file: {file}\n{keys}"
    )


def findings(tmp_path: Path, note: str, lamp: str = LAMP, **others: str) -> list[str]:
    files = {"Makefile": MAKEFILE, "lamp.c": lamp, **others}
    spec = write_tree(tmp_path / "linux", files)
    return [said(each) for each in examined(read(note), spec).findings]


@pytest.mark.parametrize(
    ("caller", "callee", "message"),
    [
        ("function: lamp_start", "function: lamp_on", "`lamp_start` does not call `lamp_on`"),
        ("function: lamp_start", "macro: LAMP_DIM", "`lamp_start` does not use `LAMP_DIM`"),
        ("function: lamp_start", "variable: lamp_max", "`lamp_start` does not use `lamp_max`"),
        ("function: lamp_start", "struct: lamp", "`lamp_start` does not name `lamp`"),
        ("function: lamp_start", "field: lamp.level", "`lamp_start` does not name `lamp.level`"),
        ("variable: table", "function: lamp_on", "`table` does not bind `lamp_on`"),
    ],
)
def test_an_edge_that_is_not_there_is_a_finding_with_what_is_true(
    tmp_path: Path, caller: str, callee: str, message: str
) -> None:
    (found,) = findings(tmp_path, under(caller, callee))
    fact, _, hint = found.partition("\n  ")
    column = 9 + len(callee.split()[0]) + 1
    assert fact == f"n0.yml:6:{column} unproved-edge: {message}"
    verb = "calls" if callee == "function: lamp_on" else "names"
    assert hint.startswith(f"`lamp_used` {verb} it at lamp.c:")


def test_an_assertion_of_what_is_proved_is_needless(tmp_path: Path) -> None:
    note = under("function: lamp_used", "function: lamp_on", "asserted: it is called somehow")
    assert findings(tmp_path, note) == [
        "n0.yml:6:19 needless-assertion: `lamp_used` → `lamp_on` is asserted, but it is proved at "
        "lamp.c:12\n  remove `asserted`"
    ]


def test_an_assertion_of_what_cannot_be_proved_is_kept(tmp_path: Path) -> None:
    spec = write_tree(tmp_path / "linux", {"Makefile": MAKEFILE, "lamp.c": LAMP})
    note = under("function: lamp_start", "function: lamp_on", "asserted: a macro pastes the name")
    found = examined(read(note), spec)
    assert found.findings == ()
    (edge,) = found.lock.edges
    assert edge.verdict.status is EdgeStatus.ASSERTED


def test_a_wrong_pointer_and_half_of_one_are_findings(tmp_path: Path) -> None:
    lamp = (
        "struct ops { int (*on)(void); int (*off)(void); };\n"
        "static int on(void) { return 0; }\n"
        "static struct ops ops = { .on = on };\n"
        "int start(struct ops *ops)\n{\n\treturn ops->on();\n}\n"
        "int stop(struct ops *ops)\n{\n\treturn ops->off();\n}\n"
    )
    wrong = findings(tmp_path, under("function: start", "function: on", "via: ops->off"), lamp)
    assert wrong == [
        "n0.yml:6:19 wrong-via: `on` is not reached via `ops->off`\n"
        "  it is reached through `on`, at lamp.c:6, bound at lamp.c:3"
    ]
    half = findings(tmp_path, under("function: stop", "function: on", "via: ops->off"), lamp)
    assert half == [
        "n0.yml:6:19 half-proved-edge: only one half of `stop` → `on` is found\n"
        "  lamp.c:10 calls through `off`, and `ops` binds the callee to `on` at lamp.c:3; "
        "if it is true all the same, say why: `asserted: REASON`"
    ]


def test_halves_of_two_types_do_not_fit(tmp_path: Path) -> None:
    lamp = (
        "struct one { int (*on)(void); };\nstruct two { int (*on)(void); };\n"
        "static int on(void) { return 0; }\n"
        "static struct two two = { .on = on };\n"
        "int start(struct one *one)\n{\n\treturn one->on();\n}\n"
    )
    hint = (
        "the call at lamp.c:7 goes through `on` of `struct one`, "
        "and `two` at lamp.c:4 fills one of `struct two`"
    )
    (half,) = findings(tmp_path, under("function: start", "function: on", "via: one->on"), lamp)
    assert half == (
        f"n0.yml:6:19 half-proved-edge: the two halves of `start` → `on` do not fit\n  {hint}"
    )
    (unproved,) = findings(tmp_path, under("function: start", "function: on"), lamp)
    assert unproved == f"n0.yml:6:19 unproved-edge: `start` does not call `on`\n  {hint}"


def test_what_hangs_on_a_wrong_reference_is_no_finding_of_its_own(tmp_path: Path) -> None:
    """Who hands a callback over is not found: that is the one thing to mend."""
    lamp = (
        "static void tick(int x) {}\n"
        "void run(void (*fn)(int))\n{\n\tfn(1);\n}\n"
        "void start(void)\n{\n\trun(tick);\n}\n"
    )
    note = (
        "steps:\n  - function: {}\n    file: lamp.c\n    steps:\n"
        "      - function: run\n        file: lamp.c\n        steps:\n"
        "          - function: tick\n            file: lamp.c\n"
    )
    assert findings(tmp_path, note.format("start"), lamp) == []
    (found,) = findings(tmp_path, note.format("strat"), lamp)
    assert found.startswith("n0.yml:3:15 undefined-symbol:")


# --- what is read and searched -----------------------------------------------------------------


class CountingSource(Source):
    """A source that counts what is asked of it."""

    def __init__(self, below: Source) -> None:
        self.spec, self.pin, self._below = below.spec, below.pin, below
        self.read_paths: Counter[str] = Counter()
        self.searches: list[list[str]] = []

    @property
    def searchable(self) -> bool:
        return self._below.searchable

    def read(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        for result in self._below.read(paths):
            self.read_paths[result.path] += 1
            yield result

    def read_one(self, path: str) -> ReadResult:
        return next(self.read([path]))

    def paths(self) -> Sequence[str]:
        return self._below.paths()

    def find_words(
        self, words: Collection[str], progress: ScanProgress = silent
    ) -> Mapping[str, Sequence[str]]:
        self.searches.append(sorted(words))
        return self._below.find_words(words, progress)

    def close(self) -> None:
        self._below.close()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file is parsed."""
    counts: Counter[str] = Counter()

    def counting(path: str, text: bytes, *others: object) -> CodeFile:
        counts[path] += 1
        return read_code(path, text)

    monkeypatch.setattr("callpath.c.file.read_code", counting)
    return counts


def counted(book: Notebook, folder: Path, files: Mapping[str, str | bytes]) -> CountingSource:
    source = CountingSource(open_source(parse_spec(write_tree(folder, files)), PIN))
    found = examine(book.references, book.edges, lambda pin: source)
    assert [said(each) for each in found.findings] == []
    return source


def test_each_file_is_read_and_parsed_once_and_nothing_is_searched(
    tmp_path: Path, parsed: Counter[str]
) -> None:
    book = Notebook.load(
        {path: text.encode() for path, text in NOTES.items()}, PluginConfig(pin=PIN)
    )
    source = counted(book, tmp_path / "linux", TREE)
    files = {reference.symbol.path for reference in book.references}
    assert parsed == Counter(dict.fromkeys(files, 1))
    assert source.read_paths == Counter(dict.fromkeys([*files, "Makefile"], 1))
    assert source.searches == []


def test_a_file_that_another_note_speaks_of_is_looked_through_without_a_search(
    tmp_path: Path,
) -> None:
    files = {
        "Makefile": MAKEFILE,
        "lamp.c": "static void tick(int x) {}\nvoid start(void)\n{\n\ton_each(tick);\n}\n",
        "smp.c": "void on_each(void (*fn)(int))\n{\n\tfn(1);\n}\n",
    }
    first = under("function: start", "function: tick", "when: later", "by: on_each")
    second = "steps:\n  - function: on_each\n    file: smp.c\n"
    assert counted(read(first, second), tmp_path / "linux", files).searches == []


def test_one_search_serves_all_that_is_not_at_hand(tmp_path: Path, parsed: Counter[str]) -> None:
    """Tables and types lie in files that no note names: one scan for the words of both edges."""
    files = {
        "Makefile": MAKEFILE,
        "include/ops.h": "struct ops { int (*on)(void); };\nstruct fan { int (*on)(void); };\n",
        "include/uses.h": "struct ops;\nvoid take(struct ops *ops);\n",
        "lamp.c": (
            "int start(struct ops *ops)\n{\n\treturn ops->on();\n}\n"
            "int begin(struct ops *other)\n{\n\treturn other->on();\n}\n"
        ),
        "far.c": "int far_on(void) { return 0; }\nint near_on(void) { return 0; }\n",
        "table.c": "struct ops table = { far_on };\nstruct ops second = { .on = near_on };\n",
    }
    book = read(
        under("function: start", "function: far_on", file="far.c"),
        under("function: begin", "function: near_on", file="far.c"),
    )
    source = counted(book, tmp_path / "linux", files)
    assert {"far_on", "near_on"}.issubset(source.searches[0])
    assert len(source.searches) <= 2
    assert set(parsed.values()) == {1}
    assert "include/uses.h" not in parsed
    assert set(source.read_paths.values()) == {1}


# --- the lockfile ------------------------------------------------------------------------------


def test_every_kind_of_source_proves_the_same_twice(tmp_path: Path) -> None:
    book = Notebook.load(
        {path: text.encode() for path, text in NOTES.items()}, PluginConfig(pin=PIN)
    )
    specs = [
        write_tree(tmp_path / "linux"),
        write_repository(tmp_path / "repository"),
        write_archive(tmp_path / "linux-3.7.tar.xz"),
    ]
    texts = [make_new_lock(book, sources(linux=spec)).text for spec in [*specs, *specs]]
    assert len(set(texts)) == 1
    assert texts[0].count('"status": "proved"') == len(book.edges)


def test_the_order_of_the_notes_changes_no_fact(tmp_path: Path) -> None:
    """What is found for one edge must not hang on which files another edge has opened."""
    files = {
        "Makefile": MAKEFILE,
        "ops.h": "struct ops { int (*on)(void); };\n",
        "lamp.c": (
            '#include "ops.h"\nstatic int on(void) { return 0; }\n'
            "static struct ops ops = { on };\nint start(struct ops *ops)\n{\n"
            "\treturn ops->on();\n}\n"
        ),
    }
    spec = write_tree(tmp_path / "linux", files)
    edge = under("function: start", "function: on")
    header = "steps:\n  - struct: ops\n    file: ops.h\n"
    locks = [examined(read(*notes), spec).lock for notes in ((edge, header), (header, edge))]
    assert locks[0].edges == locks[1].edges
    assert len(locks[0].edges) == 1


def test_checking_again_says_the_same(locked: Notebook, tree: str) -> None:
    assert (
        check_notebook(locked, sources(linux=tree))
        == check_notebook(locked, sources(linux=tree))
        == ()
    )
    assert locked.lock is not None
    assert format_lock(locked.lock) == make_new_lock(locked, sources(linux=tree)).text
    assert locked.lock != Lock()


def test_without_hints_what_does_not_hold_has_no_reason(tmp_path: Path) -> None:
    spec = write_tree(tmp_path / "linux", {"Makefile": MAKEFILE, "lamp.c": LAMP})
    edges = read(under("function: lamp_on", "function: lamp_used")).edges
    with sources(linux=spec).open(edges[0].pin) as source:
        ((_, why),) = verdicts_of(edges, SourceCode(source))
        ((_, bare),) = verdicts_of(edges, SourceCode(source), hints=False)
    assert why.reason == "it is the other way round: `lamp_used` calls it at lamp.c:12"
    assert (bare.status, bare.reason) == (EdgeStatus.UNPROVED, "")


def test_parsed_files_go_with_their_source_without_a_search_for_cycles(tmp_path: Path) -> None:
    spec = write_tree(tmp_path / "linux", {"Makefile": MAKEFILE, "lamp.c": LAMP})
    edges = read(under("function: lamp_used", "function: lamp_on")).edges
    with no_collector(), sources(linux=spec).open(edges[0].pin) as source:
        code = SourceCode(source)
        verdicts_of(edges, code)
        known = ref(code)
        del code
        assert known() is None


def test_a_file_that_only_calls_a_function_is_not_parsed_for_its_pointers(tmp_path: Path) -> None:
    calling = {
        f"calls{n}.c": f"int lamp_on(void);\nint f{n}(void) {{ return lamp_on(); }}\n"
        for n in range(9)
    }
    files = {
        "Makefile": MAKEFILE,
        "ops.h": "struct ops { int (*on)(void); };\n",
        "lamp.c": "int lamp_on(void) { return 0; }\n",
        "start.c": '#include "ops.h"\nint start(struct ops *ops) { return ops->on(); }\n',
        "ops.c": '#include "ops.h"\nint lamp_on(void);\nstruct ops ops = { .on = lamp_on };\n',
        **calling,
    }
    spec = write_tree(tmp_path / "linux", files)
    edge = "steps:\n  - function: start\n    file: start.c\n    steps:\n"
    edges = read(f"{edge}      - function: lamp_on\n        file: lamp.c\n").edges
    parsed: list[str] = []

    class Counting(SourceCode):
        def file(self, path: str) -> CodeFile | None:
            parsed.append(path)
            return super().file(path)

    with sources(linux=spec).open(edges[0].pin) as source:
        ((_, verdict),) = verdicts_of(edges, Counting(source))
    assert verdict.proof is Proof.POINTER
    assert {"ops.c", "start.c", "lamp.c"} <= {*parsed}
    assert not calling.keys() & {*parsed}

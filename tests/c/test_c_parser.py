"""The C parser against golden cases: C text and the facts that it holds."""

import hashlib
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml

from callpath.c.file import read_code

CASES = Path(__file__).parent / "c_parser_cases"


def facts_of(text: bytes) -> dict[str, list[str]]:
    """The facts of a file as the golden cases write them."""
    source = read_code("a.c", text).facts
    return {
        "definitions": [
            f"{d.kind} {d.name} @{d.line} {d.start}-{d.end} | {d.signature}"
            + (f" | {d.condition}" if d.condition else "")
            for d in source.definitions
        ],
        "declarations": [f"{d.kind} {d.name} @{d.line}" for d in source.declarations],
        "pasted": [f"{u.name}({', '.join(u.arguments)}) @{u.line}" for u in source.pasted],
    }


def golden_cases() -> list[Any]:
    return [
        pytest.param(file, case, id=f"{file.stem}: {case['case']}")
        for file in sorted(CASES.glob("*.yml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def written(cases: list[dict[str, Any]]) -> str:
    """Golden cases with the facts that are found now."""
    blocks = []
    for case in cases:
        block = f"- case: {case['case']}\n  source: |\n{indent(case['source'], '    ')}"
        for key, facts in facts_of(case["source"].encode()).items():
            quoted = ["    - '" + fact.replace("'", "''") + "'\n" for fact in facts]
            block += f"  {key}:\n" + "".join(quoted) if facts else ""
        blocks.append(block)
    return "\n".join(blocks)


@pytest.mark.parametrize(("file", "case"), golden_cases())
def test_golden_case(file: Path, case: dict[str, Any], update_goldens: bool) -> None:
    found = facts_of(case["source"].encode())
    if update_goldens:
        file.write_text(written(yaml.safe_load(file.read_text(encoding="utf-8"))), "utf-8")
    else:
        assert found == {key: case.get(key, []) for key in found}


@pytest.mark.parametrize("count", [1, 10, 40])
def test_a_long_block_between_two_macros_does_not_end_the_function(count: int) -> None:
    writes = "".join(
        f"\t\tguarded_write(tank->level[{n}], &into->level[{n}]);\n" for n in range(count)
    )
    text = (
        "static int fill(struct tank *tank, int __user *into)\n{\n\tint failed = 0;\n\n"
        "\tguarded_try {\n\n#ifdef CONFIG_PUMP\n\t\tpump(tank);\n#endif\n"
        f"{writes}\t}} guarded_catch(failed);\n\n\tfailed |= seal(tank);\n\n\treturn failed;\n}}\n"
    )
    code = read_code("a.c", text.encode())
    [fill] = code.facts.definitions
    assert (fill.name, fill.line, fill.end) == ("fill", 1, text.count("\n"))
    expected = ["pump", *["guarded_write"] * count, "guarded_catch", "seal"]
    assert [call.name for call in code.body(fill).calls] == expected


def test_the_path_is_copied() -> None:
    source = read_code("virt/x.c", b"int f(void) {}\nint g(void);\n").facts
    assert source.path == "virt/x.c"
    assert source.definitions[0].path == source.declarations[0].path == "virt/x.c"


def test_the_digest_ignores_how_the_text_is_laid_out() -> None:
    [flat] = read_code("a.c", b"int f(int a) { return a; }").facts.definitions
    [tall] = read_code("a.c", b"\n\nint  f(int a)\n{\n\treturn a;\n}\n").facts.definitions
    assert flat.digest == tall.digest
    assert flat.digest == hashlib.sha256(b"int f(int a) { return a; }").hexdigest()[:16]


def test_the_digest_changes_with_the_body() -> None:
    digests = {
        read_code("a.c", text).facts.definitions[0].digest
        for text in (b"int f(void) { return 1; }", b"int f(void) { return 2; }")
    }
    assert len(digests) == 2


def test_the_same_name_twice_gives_both_in_order() -> None:
    text = b"#ifdef A\nint f(void) { return 1; }\n#else\nint f(void) { return 2; }\n#endif\n"
    found = read_code("a.c", text).facts.definitions
    assert [(d.line, d.condition) for d in found] == [(2, "A"), (4, "!A")]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_line_ends_do_not_matter(ending: bytes) -> None:
    text = b'#define A(x) \\\n\tx\nint f(int a)\n{\n\tg("a");\n}\n'.replace(b"\n", ending)
    found = read_code("a.c", text).facts.definitions
    assert [(d.name, d.start, d.end) for d in found] == [("A", 1, 2), ("f", 3, 6)]


def test_a_byte_order_mark_is_no_code() -> None:
    [found] = read_code("a.c", b"\xef\xbb\xbfint a;").facts.definitions
    assert (found.name, found.signature) == ("a", "int a")

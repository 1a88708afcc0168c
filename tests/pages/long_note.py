"""A site with one long note about generated source: every step calls the next ones."""

from pathlib import Path

import yaml
from runs import ROOT, callpath, run

NOTE = "long/"
"""The note's address."""
_FAN = 3
_TEXT = """\
这里写一段有真实长度的说明：`call_{n}()` 先取得锁，再检查参数，最后把工作交给后面的函数。
出错时它按相反的次序撤销已经做过的事，所以读的时候要留意每一个 `goto`。

第二段谈它的返回值：成功时是零，失败时是负的错误码。
"""


def build_long_note(folder: Path, steps: int = 200) -> None:
    """Write source and note, lock them, and build the site into a folder."""
    work = folder.with_name(f"{folder.name}-source")
    (work / "docs").mkdir(parents=True)
    (work / "tree").mkdir()
    version = "VERSION = 3\nPATCHLEVEL = 7\nSUBLEVEL = 0\nEXTRAVERSION =\n"
    (work / "tree/Makefile").write_text(version, encoding="utf-8")
    (work / "tree/long.c").write_text(_source(steps), encoding="utf-8")
    note = {"title": "长长的一条路径", "steps": [_step(0, steps)]}
    (work / "docs/long.yml").write_text(yaml.safe_dump(note, allow_unicode=True), encoding="utf-8")
    (work / "docs/index.md").write_text("# 首页\n\n[路径](long.yml)\n", encoding="utf-8")
    (work / "mkdocs.yml").write_text(_configuration(), encoding="utf-8")
    done = callpath("lock", "--source", "tree:tree", at=work)
    assert done.status == 0, done.out + done.said
    done = run("mkdocs", "build", "-q", "-d", folder, at=work)
    assert done.status == 0, done.said


def _children(number: int, steps: int) -> range:
    """A tree in which every function calls three more, numbered level by level."""
    return range(min(number * _FAN + 1, steps), min(number * _FAN + 1 + _FAN, steps))


def _source(steps: int) -> str:
    functions = []
    for number in reversed(range(steps)):
        calls = "".join(f"\tcall_{each}(word);\n" for each in _children(number, steps))
        functions.append(f"static int call_{number}(int word)\n{{\n{calls}\treturn word;\n}}\n")
    return "\n".join(functions)


def _step(number: int, steps: int) -> dict[str, object]:
    below = [_step(each, steps) for each in _children(number, steps)]
    step: dict[str, object] = {
        "function": f"call_{number}",
        "file": "long.c",
        "commentary": _TEXT.format(n=number),
    }
    return step | ({"steps": below} if below else {})


def _configuration() -> str:
    """The notebook's own theme and features, without its navigation and its words to search."""
    lines = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[0].splitlines()
    text = "\n".join(line for line in lines if not line.startswith("site_url"))
    text = text.replace("docs_dir: notes", "docs_dir: docs\nsite_url: https://notes.example/kvm/")
    head, _, rest = text.partition("      search_words:\n")
    words = rest.splitlines()
    while words and words[0].startswith("        - "):
        words.pop(0)
    return "\n".join([head, *words]) + "\n"

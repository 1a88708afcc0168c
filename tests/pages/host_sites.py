"""One small notebook in Chinese, with source text, built by every host that pages are made for."""

import tomllib
from pathlib import Path
from typing import Any

import yaml
from built_site import ADDRESS
from runs import ROOT, callpath, run
from small_site import CONFIG, SmallSite, write_tree

from git_server import make_repository, need_git

HOSTS: dict[str, str]
READINGS: list[dict[str, Any]]
_TABLE = tomllib.loads((ROOT / "tests/data/hosts.toml").read_text(encoding="utf-8"))
HOSTS, READINGS = _TABLE["hosts"], _TABLE["reading"]

NOTE = "kvm/init/"
STEPS = ("clock_init", "clock_register", "quartz_setup", "clock_exit", "CLOCK_RATE", "clock_ops")
WORD = "晶振"
"""Stands inside a sentence of one step."""

_LONG = (
    "这一段只为让一步占满一屏：先看清入口，再看清出口，然后回头看中间每一次调用由谁发起、结果交给谁。\n\n"
    * 8
)
_INIT = f"""\
title: 时钟的启动
description: 时钟怎样启动。
steps:
  - function: clock_init
    file: drivers/clock/clock.c
    commentary: |
      只调用一次，接着走到 `clock_register()`。

      {_LONG.replace(chr(10), chr(10) + "      ").rstrip()}
    steps:
      - function: clock_register
        file: drivers/clock/core.c
        commentary: |
          把时钟放进链表。

          {_LONG.replace(chr(10), chr(10) + "          ").rstrip()}
      - function: quartz_setup
        file: drivers/clock/quartz.c
        via: clock_ops->setup
        commentary: 经由表项到达，这里才真正把晶振的频率写进去。
  - function: clock_exit
    file: drivers/clock/clock.c
    commentary: 反过来再走一遍。
  - macro: CLOCK_RATE
    file: drivers/clock/clock.h
    commentary: 每秒多少次。
  - struct: clock_ops
    file: drivers/clock/clock.h
    commentary: 一个时钟能做什么。
"""
_SEARCH = {"search": {"separator": r"[\s\u200b\-_,:!=\[\]()\"`/.]+", "lang": "zh"}}


def _write(folder: Path) -> SmallSite:
    need_git()
    site = SmallSite(folder)
    for path in ("docs/kvm/exit.yml", "docs/kvm/data.yml"):
        (folder / path).unlink()
    site.write("docs/kvm/init.yml", _INIT)
    site.write("docs/index.md", "# 时钟\n\n从[启动](kvm/init.yml)读起。\n")
    write_tree(folder / "tree")
    files = [path for path in (folder / "tree").rglob("*") if path.is_file()]
    contents = {path.relative_to(folder / "tree").as_posix(): path.read_bytes() for path in files}
    remote = make_repository(folder.with_name(f"{folder.name}-linux"), {"v3.7": contents}).as_uri()
    configure(site, "material")
    for command in (("lock", "--source", "tree:tree"), ("fetch", "--remote", remote)):
        done = callpath(*command, at=folder)
        assert done.status == 0, done.out + done.said
    return site


def configure(site: SmallSite, host: str) -> None:
    """Write the site's settings, with the theme of a host."""
    palette = [
        {"media": "(prefers-color-scheme: light)", "scheme": "default"},
        {"media": "(prefers-color-scheme: dark)", "scheme": "slate"},
    ]
    material = {"name": "material", "language": "zh", "font": False, "palette": palette}
    own = {"name": "mkdocs", "locale": "zh_CN", "highlightjs": False, "color_mode": "auto"}
    search: Any = "search" if host == "mkdocs" else _SEARCH
    site.write(
        "mkdocs.yml",
        yaml.safe_dump(
            CONFIG
            | {
                "site_name": "时钟",
                "site_url": ADDRESS,
                "theme": own if host == "mkdocs" else material,
                "plugins": [search, {"callpath": {"pin": "v3.7"}}],
            },
            allow_unicode=True,
        ),
    )


def build_host(folder: Path, host: str) -> Path:
    """Build the notebook by a host below a folder; returns the folder of the built site."""
    site = _write(folder / "notebook")
    configure(site, host)
    built = folder / "site"
    if host == "zensical":
        done = callpath("pages", "--out", folder / "project", at=site.root)
        assert done.status == 0, done.said
        done = run("zensical", "build", "--strict", at=folder / "project")
        (folder / "project" / "site").rename(built)
    else:
        program = "properdocs" if host == "properdocs" else "mkdocs"
        done = run(program, "build", "--strict", "-f", "mkdocs.yml", "-d", built, at=site.root)
    assert done.status == 0, done.out + done.said
    return built

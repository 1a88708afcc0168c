"""A small site of one's own: two notes beside Markdown, and the little source that they read."""

from pathlib import Path
from typing import Any

import yaml

CONFIG: dict[str, Any] = {
    "site_name": "Small",
    "site_url": "https://notes.example/kvm/",
    "theme": {"name": "mkdocs", "highlightjs": False},
    "plugins": ["search", {"callpath": {"pin": "v3.7"}}],
    "validation": {
        "links": {"not_found": "warn", "anchors": "warn", "unrecognized_links": "warn"},
        "nav": {"not_found": "warn"},
    },
}

INIT = """\
title: Starting the clock
description: How the clock starts.
steps:
  - function: clock_init
    file: drivers/clock/clock.c
    commentary: |
      Called once. It goes on in `clock_register()`, see also [the end](exit.yml#clock_exit).

      Further down it reads [a setting](src:drivers/clock/clock.h#CLOCK_RATE).
    steps:
      - function: clock_register
        file: drivers/clock/core.c
        commentary: Puts the clock into the list.
        errata:
          - said: It allocates a page
            is: It allocates nothing
      - function: quartz_setup
        file: drivers/clock/quartz.c
        via: clock_ops->setup
        commentary: Reached through the table.
"""
EXIT = """\
title: Stopping the clock
steps:
  - function: clock_exit
    file: drivers/clock/clock.c
    commentary: The other way round.
  - struct: clock_ops
    file: drivers/clock/clock.h
    commentary: What a clock can do.
"""
INDEX = """\
# A small site

Read [how it starts](kvm/init.yml), above all [its second step](kvm/init.yml#clock_register), or see
[`clock_init`](src:drivers/clock/clock.c#clock_init). In prose `clock_exit()` links itself.
The [settings](kvm/data.yml) are a file.
"""
DATA = "colour: red\nsizes: [1, 2]\n"

_TREE = {
    "Makefile": "VERSION = 3\nPATCHLEVEL = 7\nSUBLEVEL = 0\nEXTRAVERSION =\n",
    "drivers/clock/clock.h": """\
#define CLOCK_RATE 100

struct clock_ops {
	int (*setup)(int rate);
};

int clock_register(struct clock_ops *ops);
""",
    "drivers/clock/clock.c": """\
#include "clock.h"

extern struct clock_ops quartz_ops;

int clock_init(void)
{
	clock_register(&quartz_ops);
	return quartz_ops.setup(CLOCK_RATE);
}

void clock_exit(void)
{
}
""",
    "drivers/clock/core.c": """\
#include "clock.h"

int clock_register(struct clock_ops *ops)
{
	return ops != 0;
}
""",
    "drivers/clock/quartz.c": """\
#include "clock.h"

static int quartz_setup(int rate)
{
	return rate;
}

struct clock_ops quartz_ops = {
	.setup = quartz_setup,
};
""",
}


def write_tree(folder: Path) -> None:
    """Write the source that the notes read, which calls itself v3.7."""
    for path, text in _TREE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


class SmallSite:
    """A site's folder with its configuration, notes and pages, but no lockfile."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.configure()
        self.write("docs/index.md", INDEX)
        self.write("docs/kvm/init.yml", INIT)
        self.write("docs/kvm/exit.yml", EXIT)
        self.write("docs/kvm/data.yml", DATA)

    def configure(self, **more: Any) -> None:
        """Write the configuration, with other values for some of its keys."""
        self.write("mkdocs.yml", yaml.safe_dump(CONFIG | more, allow_unicode=True))

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        """Edit a file in one place."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
        self.write(path, text.replace(old, new))

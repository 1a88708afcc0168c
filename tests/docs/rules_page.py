"""Makes docs/rules.md from the table of rules: `make docs` writes it, a test compares it."""

import sys
from pathlib import Path

from callpath.reports.machine import rule_text
from callpath.rules import RULES

HEAD = """\
# The rules

Every finding of `callpath check` and of the site's build names its rule. A finding that is an
*error* makes `callpath check` exit with status 1 and a strict build fail; a *warning* makes only a
strict build fail. A site can [weigh each rule otherwise](settings.md#weighing-rules);
`callpath rule NAME` prints what stands here.

This page is made from the table in `plugins/callpath/rules.py` by `make docs`.
"""


def rules_page() -> str:
    """The text of docs/rules.md: the rules in the order of their table."""
    contents = "".join(f"- [`{rule.name}`](#{rule.name})\n" for rule in RULES.values())
    return "\n".join([HEAD, contents, *(rule_text(rule, level=2) for rule in RULES.values())])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(rules_page(), encoding="utf-8")

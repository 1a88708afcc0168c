#!/usr/bin/env bash
# docutils 0.23, asked where the inline markup of a document stands.
# A paragraph has its line, and so has a report on inline markup that is wrong; but a literal, a
# reference and a role that are right have neither line nor column, and their `rawsource` is all
# that is left to look for, which may stand in the paragraph twice.
# Seen: line 3 for the paragraph, None for both literals in it, with equal `rawsource`.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install docutils==0.23
venv/bin/python - <<'PYTHON'
from docutils import nodes
from docutils.core import publish_doctree

text = "Title\n=====\nCall ``kvm_init()`` first,\nand ``kvm_init()`` again.\n"
tree = publish_doctree(text, settings_overrides={"report_level": 5})
(paragraph,) = tree.findall(nodes.paragraph)
literals = [(one.line, one.rawsource) for one in tree.findall(nodes.literal)]
print(paragraph.line, literals)
assert paragraph.line == 3
assert literals == [(None, "``kvm_init()``")] * 2
PYTHON

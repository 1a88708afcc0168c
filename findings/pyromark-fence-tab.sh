#!/usr/bin/env bash
# pyromark 0.10.3 (pulldown-cmark) beside markdown-it-py 4.3.0.
# A closing fence of a code block may be followed by spaces or tabs (CommonMark 0.31.2, section 4.5).
# pyromark takes a fence that is followed by a space for the end, and one that is followed by a tab
# for a line of code: what comes after it in the file, to its end, is code too, without a word.
# Seen: with a tab, the paragraph after the block is inside <pre>; markdown-it-py ends the block.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install pyromark==0.10.3 markdown-it-py==4.3.0
venv/bin/python - <<'PYTHON'
import pyromark
from markdown_it import MarkdownIt

for name, to_html in (("pyromark", pyromark.Markdown().html), ("markdown-it-py", MarkdownIt().render)):
    ended = [to_html(f"```\nint x;\n```{end}\n\nafter\n").count("<p>after</p>") for end in (" ", "\t")]
    print(name, ended)
    assert ended == ([1, 0] if name == "pyromark" else [1, 1])
PYTHON

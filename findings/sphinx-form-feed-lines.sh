#!/usr/bin/env bash
# Sphinx 9.0.4 (literalinclude) beside pymdown-extensions 13.1.2 (snippets, with Markdown 3.11.3).
# Both include lines of a file by number. C files may have form feeds between functions, as GNU's
# and some of the kernel's do. Sphinx counts one as an end of line, so all later numbers are off by
# one against the compiler, git and editors; the other counts as they do.
# Seen: line 3 is `int b;` for Sphinx, `int c;` for snippets; the compiler says `int c;`.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install sphinx==9.0.4 pymdown-extensions==13.1.2 markdown==3.11.3
mkdir doc
printf 'int a;\n\fint b;\nint c;\n' > doc/lamp.c
printf 'lamp\n====\n\n.. literalinclude:: lamp.c\n   :lines: 3\n' > doc/index.rst
touch doc/conf.py
venv/bin/sphinx-build -q -b text doc out
venv/bin/python - <<'PYTHON'
from pathlib import Path

from markdown import markdown

sphinx = Path("out/index.txt").read_text().split()[-2:]
snippets = markdown('--8<-- "doc/lamp.c:3:3"', extensions=["pymdownx.snippets"])
print(sphinx, snippets)
assert (sphinx, snippets) == (["int", "b;"], "<p>int c;</p>")
PYTHON

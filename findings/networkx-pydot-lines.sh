#!/usr/bin/env bash
# networkx 3.6.1 with pydot 4.0.1 (to_pydot, write_dot).
# Nodes that are named by file and line, as call sites are, become ports of one node: the colon is
# not quoted. Two functions of one file fuse, and the call between them is a loop in the drawing.
# Seen: two nodes `"lamp.c"`, and the edge `"lamp.c":12 -> "lamp.c":40`; DOT has one node there.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install networkx==3.6.1 pydot==4.0.1
venv/bin/python - <<'PYTHON'
import networkx

graph = networkx.DiGraph([("lamp.c:12", "lamp.c:40")])
text = networkx.nx_pydot.to_pydot(graph).to_string()
print(text)
assert graph.number_of_nodes() == 2
assert [line for line in text.splitlines() if "lamp" in line] == [
    '"lamp.c";', '"lamp.c";', '"lamp.c":12 -> "lamp.c":40;'
]
PYTHON

#!/usr/bin/env bash
# graphviz-pure 0.2.2 beside Graphviz 2.43.0 (`dot -Tsvg` of an input with two graphs).
# Both write one document after the other. graphviz-pure writes each as it is alone; in that of the
# second graph Graphviz puts `page0,1_` before the id of the graph: a style or a link for `#graph0`
# misses it, and a cache by the graph's text holds two pictures of one graph.
# Seen: ids `graph0`, `graph0` by graphviz-pure; `graph0`, `page0,1_graph0` by dot.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install graphviz-pure==0.2.2
echo 'digraph a { x -> y }' > a.gv
echo 'digraph b { p -> q }' > b.gv
cat a.gv b.gv > both.gv
for program in venv/bin/graphviz-pure dot; do
  for name in a b both; do "$program" -Tsvg "$name.gv" > "$name.svg"; done
  cat a.svg b.svg > apart.svg
  if cmp -s apart.svg both.svg; then same=yes; else same=no; fi
  echo "$program: the same as alone: $same; ids:" $(grep -o 'id="[^"]*graph[^"]*"' both.svg)
  [ "$same" = "$([ "$program" = dot ] && echo no || echo yes)" ]
done

#!/usr/bin/env bash
# tree-sitter 0.26.1 with tree-sitter-c 0.24.2, QueryCursor.captures.
# A list of nodes for each name of a capture: one takes it to be in the order of the text, as that of
# `matches` is. It is in an order of its own, another one for each parse of the same text in one process,
# with PYTHONHASHSEED fixed too. So which definition is the first, or a digest of what a file has, differs
# from run to run, until the list is sorted.
# Seen: of 20 lists of the same 120 names none is in order and no two are alike; all `matches` are alike.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install tree-sitter==0.26.1 tree-sitter-c==0.24.2
PYTHONHASHSEED=0 venv/bin/python - <<'PYTHON'
import tree_sitter_c
from tree_sitter import Language, Parser, Query, QueryCursor

language = Language(tree_sitter_c.language())
text = b"int run(int a) { return one(two(a)); }\n" * 24
query = Query(language, "(identifier) @name")


def captured():
    root = Parser(language).parse(text).root_node
    return [node.start_byte for node in QueryCursor(query).captures(root)["name"]]


def matched():
    root = Parser(language).parse(text).root_node
    return [found["name"][0].start_byte for _, found in QueryCursor(query).matches(root)]


lists = [captured() for _ in range(20)]
print(len(lists[0]), "names,", len({*map(tuple, lists)}), "orders,", sum(each == sorted(each) for each in lists), "sorted")
assert {tuple(sorted(each)) for each in lists} == {tuple(matched())}
assert len({*map(tuple, lists)}) == 20 and not any(each == sorted(each) for each in lists)
assert all(matched() == sorted(matched()) for _ in range(20))
PYTHON

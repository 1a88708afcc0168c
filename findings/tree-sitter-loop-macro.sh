#!/usr/bin/env bash
# tree-sitter 0.26.1 with tree-sitter-c 0.24.2.
# A loop macro (`list_for_each`, `for_each_cpu` are of this kind) in a body parses without an error,
# but not as a call: with braces it is a function defined inside the function, without braces it
# is a declaration, and the call in its body is lost. One expects an ERROR node where the grammar
# has no such thing; here `has_error` is false, and a call graph read from the tree is wrong.
# Seen: a nested function_definition for the first form, a declaration and no call for the second.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install tree-sitter==0.26.1 tree-sitter-c==0.24.2
venv/bin/python - <<'PYTHON'
import tree_sitter
import tree_sitter_c

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))

def inside(statement):
    root = parser.parse(f"void on(struct lamp *l)\n{{\n{statement}\n}}\n".encode()).root_node
    first = root.children[0].child_by_field_name("body").named_children[0]
    return root.has_error, first.type, str(first).count("call_expression")

seen = [inside("each_lamp(l) { lamp_on(l); }"), inside("each_lamp(l) lamp_on(l);")]
print(seen)
assert seen == [(False, "function_definition", 1), (False, "declaration", 0)]
PYTHON

#!/usr/bin/env bash
# rjsmin 1.3.0.
# A regular expression that is the body of an arrow function loses its spaces: after `=>` the
# minifier takes `/` for a division. After `(`, `=` and `return` it knows the literal. The result is
# valid JavaScript that matches something else, so no later step complains.
# Seen: `n => /^struct  /.test(n)` becomes `n=>/^struct/.test(n)`.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install rjsmin==1.3.0
venv/bin/python - <<'PYTHON'
from rjsmin import jsmin

short, long = "f = n => /^struct  /.test(n)", "f = n => { return /^struct  /.test(n) }"
seen = [jsmin(short), jsmin(long)]
print(seen)
assert seen == ["f=n=>/^struct/.test(n)", "f=n=>{return/^struct  /.test(n)}"]
PYTHON

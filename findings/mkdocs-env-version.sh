#!/usr/bin/env bash
# MkDocs 1.6.1 with pyyaml-env-tag 1.1 (the tag `!ENV` of mkdocs.yml).
# What the environment holds is resolved as a YAML scalar, not taken as text: a version `6.10`
# arrives as the number 6.1, another release. One expects quotes to help, but those of the tag's
# default do not count for the variable, and those in the variable stay part of the text.
# Seen: 6.1 (a float) from the variable, '6.10' from the default, "'6.10'" from a quoted variable.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install mkdocs==1.6.1 pyyaml-env-tag==1.1
mkdir docs
cat > mkdocs.yml <<'YAML'
site_name: lamp
extra:
  given: !ENV [KERNEL, "6.10"]
  default: !ENV [NO_KERNEL, "6.10"]
  quoted: !ENV QUOTED_KERNEL
YAML
KERNEL=6.10 QUOTED_KERNEL="'6.10'" venv/bin/python - <<'PYTHON'
from mkdocs.config import load_config

extra = dict(load_config("mkdocs.yml").extra)
print(extra)
assert extra == {"given": 6.1, "default": "6.10", "quoted": "'6.10'"}
assert type(extra["given"]) is float
PYTHON

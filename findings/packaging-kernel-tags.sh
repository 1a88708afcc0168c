#!/usr/bin/env bash
# packaging 26.4.
# Two tags of the mainline kernel cannot be sorted as versions: v5.12-rc1-dontuse and v2.6.11-tree,
# while every release and candidate can, with candidates before their release and v6.9 before v6.10.
# Code that sorts `git tag` of that repository works on a sample and fails on the whole list.
# Seen: InvalidVersion for these two.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install packaging==26.4
venv/bin/python - <<'PYTHON'
from packaging.version import InvalidVersion, Version

def is_version(tag):
    try:
        return bool(Version(tag))
    except InvalidVersion:
        return False

tags = ("v2.6.11-tree", "v2.6.12-rc2", "v3.7", "v5.12-rc1-dontuse", "v6.12-rc3")
refused = [tag for tag in tags if not is_version(tag)]
ordered = sorted(("v6.10", "v6.9", "v6.10-rc1", "v2.6.39.4"), key=Version)
print(refused, ordered)
assert refused == ["v2.6.11-tree", "v5.12-rc1-dontuse"]
assert ordered == ["v2.6.39.4", "v6.9", "v6.10-rc1", "v6.10"]
PYTHON

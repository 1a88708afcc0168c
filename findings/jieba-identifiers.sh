#!/usr/bin/env bash
# jieba 0.42.1, which Material for MkDocs uses to cut Chinese text for search.
# A version number in Chinese text stays one word, but an identifier is cut at each underscore and a
# file name at its dot, with or without spaces around them, and the underscores become words. A
# reader's query for the whole name then meets no such word in the index.
# Seen: `v3.7` whole; `kvm_vcpu_init` as five words, `svm.c` as three.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install jieba==0.42.1 setuptools==80.9.0
venv/bin/python - 2>/dev/null <<'PYTHON'
import jieba

seen = [jieba.lcut(text) for text in ("看v3.7", "调用 kvm_vcpu_init 函数", "在svm.c中")]
print(seen)
assert seen == [
    ["看", "v3.7"],
    ["调用", " ", "kvm", "_", "vcpu", "_", "init", " ", "函数"],
    ["在", "svm", ".", "c", "中"],
]
PYTHON

#!/usr/bin/env bash
# ahocorasick_rs 1.0.3 (the crate aho-corasick), BytesAhoCorasick.
# With few patterns it first looks for a byte of each that is rare by its own table, and goes back from it
# as far as it is into the pattern. In a table of masks such bytes are not rare, and all of them are
# gone over again and again. No MatchKind and no Implementation turns that off; further patterns that
# no text has, with bytes of their own, do.
# Seen: 3 times the processor time of the same search with four such patterns more, and 75 times where
# the leftmost match counts, because these also make it compare several patterns at once.
set -euo pipefail
cd "$(mktemp -d)"
python3 -m venv venv
venv/bin/pip -q install ahocorasick_rs==1.0.3
venv/bin/python - <<'PYTHON'
import time
from itertools import product

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

text = b"\t0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF,\n" * 50_000
words = [b"interrupt_controller_domain_activate_F", b"hardware_breakpoint_address_mask_F"]
absent = [bytes([byte]) * 5 for byte in range(0xFC, 0x100)]


def cost(patterns, kind, how):
    search = BytesAhoCorasick(patterns, matchkind=kind, implementation=how)
    readings = []
    for _ in range(3):
        start = time.process_time()
        assert search.find_matches_as_indexes(text) == []
        readings.append(time.process_time() - start)
    return min(readings)


kinds = (MatchKind.Standard, MatchKind.LeftmostFirst, MatchKind.LeftmostLongest)
for kind, how in product(kinds, (None, Implementation.DFA, Implementation.ContiguousNFA)):
    ratio = cost(words, kind, how) / cost([*words, *absent], kind, how)
    print(kind, how, round(ratio, 1))
    assert ratio > (2 if kind == MatchKind.Standard else 10)
PYTHON

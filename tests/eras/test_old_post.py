"""The claims of an old post as a note without a pin, and the releases that it fits.

`CALLPATH_HISTORY` names a git repository with Linux' releases (`git:REPO`), among them v3.6 or
v3.7, and none later in 3.x.
"""

import os
from functools import cache
from pathlib import Path

import pytest

from callpath.eras.dating import (
    Claim,
    Dated,
    date_note,
    read_note,
)
from callpath.model import note_edges, visits

POST = Path(__file__).parents[1] / "data" / "old-post.yml"
PATTERNS = "v2.6.*,v3.*"


def test_the_post_is_a_note_without_a_pin() -> None:
    note, findings = read_note(POST, None)
    assert findings == ()
    assert note.pin.version == "none"
    assert "\npin:" not in POST.read_text(encoding="utf-8")
    assert len(list(visits(note))) >= 45
    assert len(list(note_edges(note))) >= 40


def test_nobody_is_quoted() -> None:
    """Claims only: the note has names, files and nesting, and one sentence of its own."""
    commentaries = [visit.step.commentary.value for visit in visits(read_note(POST, None)[0])]
    assert len([text for text in commentaries if text]) == 1


@cache
def dated() -> Dated:
    spec = os.environ.get("CALLPATH_HISTORY", "")
    if not spec:
        pytest.skip(
            "no repository with Linux' releases (Debian has none): "
            "CALLPATH_HISTORY=git:REPO pytest tests/eras/test_old_post.py"
        )
    return date_note(read_note(POST, None)[0], None, [spec], PATTERNS)


def told(claims: tuple[Claim, ...]) -> set[str]:
    return {str(claim) for claim in claims}


def test_it_fits_the_releases_that_a_reader_finds() -> None:
    best = [score.version for score in dated().best]
    assert set(best) <= {"v3.6", "v3.7"}
    assert best
    assert (dated().best[0].references, dated().best[0].edges) == (41, 35)


def test_its_errors_hold_in_no_release() -> None:
    never = told(dated().never)
    assert len(never) == 17  # of 18: the same edge to `kvm_x86_ops` is claimed with two files
    assert {
        "`rdmr_safe` in `arch/x86/include/asm/msr.h`",
        "`kvm_mmu_module_init` → `kvm_init_msr_list`",
        "`init_msrpm_offsets` → `set_msr_interception`",
        "`svm_cpu_data.saved_data` in `arch/x86/kvm/svm.c`",
        "`noop_llseek` in `virt/kvm/kvm_main.c`",
        "`get_cpu_var` in `include/asm-generic/percpu.h`",
    } <= never


def test_it_mixes_times() -> None:
    found = {str(apart.claim): apart for apart in dated().apart}
    old = found["`vcpu_svm` in `arch/x86/kvm/kvm_svm.h`"]
    assert old.eras == (("v2.6.25", "v2.6.31"),)
    assert "`kmem_cache_create` in `mm/slab_common.c`" in told(old.others)
    assert found["`smp_ops.smp_call_function_mask` in `include/asm-x86/smp.h`"].eras == (
        ("v2.6.26", "v2.6.26"),
    )

"""Drift between Debian's two kernels, 6.1 and 6.12: invariants, and universal-ctags as a judge."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from ctags_oracle import unavailable
from drift_accuracy import measure, references_in, side_of

from callpath.drift.compare import (
    Asked,
    compare_references,
)
from callpath.drift.match import ReferenceDrift
from callpath.facts.lock import DriftStatus

pytestmark = pytest.mark.oracle

FOLDERS = ("arch/x86/kvm/", "virt/kvm/")
EVERY = 6  # every sixth symbol: that is enough for the invariants
UNMOVED = (DriftStatus.SAME, DriftStatus.MOVED, DriftStatus.MOVED_FILE)


def _unpacked(series: str, folder: Path) -> Path:
    tarball = Path(f"/usr/src/linux-source-{series}.tar.xz")
    if not tarball.is_file():
        unavailable(f"no {tarball}: install the Debian package linux-source-{series}")
    with tarfile.open(tarball) as archive:
        for member in archive:
            inside = member.name.partition("/")[2]
            wanted = inside.startswith(FOLDERS) and inside.endswith((".c", ".h"))
            if member.isfile() and (wanted or inside == "Makefile"):
                content = archive.extractfile(member)
                target = folder / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read() if content is not None else b"")
    return folder


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    base = tmp_path_factory.mktemp("kernels")
    return _unpacked("6.1", base / "old"), _unpacked("6.12", base / "new")


def _drifts(old: Path, new: Path) -> list[ReferenceDrift]:
    before, after = side_of(old), side_of(new)
    with before.code.source, after.code.source:
        asked = Asked(tuple(references_in(before, FOLDERS))[::EVERY], ())
        found, unresolved = compare_references(asked, before, after)
    assert not unresolved
    return found


@pytest.fixture(scope="module")
def drifts(trees: tuple[Path, Path]) -> list[ReferenceDrift]:
    return _drifts(*trees)


def test_there_is_enough_to_judge(drifts: list[ReferenceDrift]) -> None:
    assert len(drifts) > 500
    assert {one.outcome.status for one in drifts} == set(DriftStatus)


def test_what_is_told_fits_together(drifts: list[ReferenceDrift]) -> None:
    for one in drifts:
        status, after = one.outcome.status, one.outcome.after
        assert (after is None) == (status is DriftStatus.GONE)
        if after is None:
            continue
        was, now = one.before.definition, after.definition
        assert (one.before.content == after.content and was.name == now.name) == (status in UNMOVED)
        assert (was.name == now.name and was.kind == now.kind) == (
            status is not DriftStatus.RENAMED
        )
        if status is DriftStatus.RENAMED:
            assert one.outcome.candidates[0].definition == now
        scores = [candidate.score for candidate in one.outcome.candidates]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_a_version_does_not_drift_from_itself(trees: tuple[Path, Path]) -> None:
    _, new = trees
    assert {one.outcome.status for one in _drifts(new, new)} == {DriftStatus.SAME}


def test_ctags_agrees(trees: tuple[Path, Path], drifts: list[ReferenceDrift]) -> None:
    if shutil.which("ctags") is None:
        unavailable("no ctags: install the Debian package universal-ctags")
    features = subprocess.run(
        ["ctags", "--list-features"], capture_output=True, text=True, check=True
    )
    if "json" not in features.stdout:
        unavailable("this ctags writes no JSON: install universal-ctags with libjansson")
    assert measure(drifts, *trees, {one.before.definition.name for one in drifts}) == 0

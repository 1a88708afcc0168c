"""What `callpath drift` says, on golden cases: two versions, notes, the text."""

from pathlib import Path

import pytest

from two_versions import (
    NEW,
    OLD,
    cases,
    invoke,
    read_case,
    write_case,
    write_notebook,
    write_versions,
)


@pytest.mark.parametrize("path", cases(__file__, "drift_cases"), ids=lambda path: path.stem)
def test_drift(path: Path, tmp_path: Path, update_goldens: bool) -> None:
    case = read_case(path)
    repository = write_versions(tmp_path / "linux", v3_7=case["old"], v3_8=case["new"])
    site = write_notebook(tmp_path / "site", case["notes"])
    status, told, _ = invoke(site, "drift", OLD, NEW, "--source", f"git:{repository}")
    if update_goldens:
        write_case(path, case | {"status": status, "expected": told})
    else:
        assert (status, told) == (case["status"], case["expected"])

"""What `callpath repin` writes, on golden cases: two versions, notes before and after."""

from pathlib import Path

import pytest

from two_versions import (
    CONFIG,
    NEW,
    cases,
    contents,
    git,
    invoke,
    read_case,
    write_case,
    write_notebook,
    write_versions,
)

LOCK = "notes/notes.lock"


@pytest.mark.parametrize("path", cases(__file__, "repin_cases"), ids=lambda path: path.stem)
def test_repin(path: Path, tmp_path: Path, update_goldens: bool) -> None:
    case = read_case(path)
    repository = write_versions(tmp_path / "linux", v3_7=case["old"], v3_8=case["new"])
    source = ("--source", f"git:{repository}")
    site = write_notebook(tmp_path / "site", case["notes"], case.get("config", CONFIG))
    invoke(site, "lock", *source)
    git(site, "init", "-q")
    git(site, "add", "-A")
    before = contents(site)
    asked = ("repin", NEW, *case.get("named", ()), *source)

    status, patch, told = invoke(site, *asked, "--diff")
    assert contents(site) == before
    _, review, remains = invoke(site, *asked)
    after = contents(site)
    changed = {
        name: data.decode()
        for name, data in after.items()
        if data != before.get(name) and name != LOCK
    }
    if update_goldens:
        said = {"status": status, "after": changed, "review": review, "remains": remains}
        write_case(path, case | said)
        return
    assert status == case["status"]
    assert changed == case["after"]
    assert (review, remains) == (case["review"], case["remains"])
    assert told.replace("would rewrite", "rewrote").splitlines()[-1] == remains.splitlines()[-1]

    # What is written is locked, twice is once, and back again is what was.
    assert invoke(site, *asked)[0] == status
    assert contents(site) == after
    assert invoke(site, "lock", "--check", *source)[2].splitlines()[-1].endswith("is current")
    if case.get("returns", True):
        invoke(site, "repin", "v3.7", *case.get("named", ()), *source)
        assert contents(site) == before

    # The patch is what was written.
    if case.get("returns", True):
        (tmp_path / "patch").write_bytes(patch.encode())
        git(site, "apply", str(tmp_path / "patch"))
        assert contents(site) == after

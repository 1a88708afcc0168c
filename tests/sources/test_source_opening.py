"""SPEC: its forms, and what is offered for what is none of them."""

from pathlib import Path

import pytest
from made_sources import PIN, run_git

from callpath.findings import UsageError
from callpath.sources.spec import open_source


@pytest.mark.parametrize("spec", ["", "tree", "zip:x.zip", ":x", "/etc", "a\0b", "TREE:", "C:\\x"])
def test_a_bad_spec_lists_the_forms(spec: str) -> None:
    with pytest.raises(UsageError, match="is not a source") as caught:
        open_source(spec, PIN)
    forms = "`tree:DIR`, `git:REPO`, `git:REPO@REVISION`, `archive:FILE`, `cache` or `elixir`"
    assert forms in caught.value.hint


@pytest.mark.parametrize("spec", ["tree:", "git:", "archive:", "tree:a\0b"])
def test_a_spec_must_say_where(spec: str) -> None:
    with pytest.raises(UsageError, match="does not say where"):
        open_source(spec, PIN)


@pytest.mark.parametrize(
    ("spec", "meant"), [("tre:x", "tree:x"), ("archiv:y.tar", "archive:y.tar"), ("gti:z", "git:z")]
)
def test_a_misspelt_kind_is_offered(spec: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_source(spec, PIN)
    assert f"did you mean `{meant}`" in caught.value.hint


def test_a_place_alone_gets_its_kind(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "x.tar").write_bytes(b"")
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    for name, kind in (("tree", "tree"), ("x.tar", "archive"), ("bare.git", "git")):
        with pytest.raises(UsageError) as caught:
            open_source(str(tmp_path / name), PIN)
        assert f"did you mean `{kind}:{tmp_path / name}`" in caught.value.hint

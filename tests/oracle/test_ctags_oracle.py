"""The C parser against universal-ctags on KVM, from Debian's kernel source."""

import ctags_oracle
import pytest
from ctags_oracle import KINDS, Comparison

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Comparison, list[str]]:
    root = ctags_oracle.unpacked_kernel(tmp_path_factory.mktemp("kernel"))
    paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.[ch]"))
    return ctags_oracle.compare(root, ctags_oracle.run_ctags(root, paths))


@pytest.fixture(scope="session")
def comparison(compared: tuple[Comparison, list[str]]) -> Comparison:
    return compared[0]


def test_the_source_is_not_empty(comparison: Comparison) -> None:
    assert len(comparison.theirs) > 3000


@pytest.mark.parametrize("ending", [".c", ".h"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_ctags_finds_is_found(comparison: Comparison, kind: str, ending: str) -> None:
    lost = [t for t in comparison.missing if t.kind == kind and t.path.endswith(ending)]
    share = comparison.share("missing", "theirs", kind, ending)
    assert share <= 0.005, "\n".join(map(str, sorted(lost)))


def test_little_is_found_that_ctags_does_not_find(comparison: Comparison) -> None:
    share = comparison.share("extra", "ours")
    assert share < 0.03, "\n".join(map(str, sorted(comparison.extra)))


def test_the_range_of_a_function_ends_with_its_body(compared: tuple[Comparison, list[str]]) -> None:
    assert compared[1] == []

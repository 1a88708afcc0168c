"""The prover against gcc, on projects built from Debian's source: what it misses and invents."""

from pathlib import Path

import compiler_oracle
import pytest
from compiler_comparison import HANDED, MADE, NAMED, POINTERS, TABLES, WRITTEN, Comparison
from ctags_oracle import unavailable

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := compiler_oracle.missing():
        unavailable(f"{reason}: install {' '.join(compiler_oracle.PACKAGES)}")
    return tmp_path_factory.mktemp("compiler")


@pytest.fixture(scope="module", params=["lua", "zlib"])
def compared(request: pytest.FixtureRequest, folder: Path) -> Comparison:
    try:
        return compiler_oracle.run(request.param, folder)
    except compiler_oracle.OracleError as error:
        unavailable(str(error))
        raise


def _told(compared: Comparison, figure: str) -> str:
    return "\n".join(map(compiler_oracle.told, compared.wrong[figure]))


def test_enough_is_asked_to_mean_something(compared: Comparison) -> None:
    assert compared.asked[WRITTEN] > 200
    assert compared.asked[NAMED] + compared.asked[POINTERS] > 5


def test_a_call_that_is_written_is_proved(compared: Comparison) -> None:
    missed = len(compared.wrong[WRITTEN])
    assert missed <= max(3, 0.002 * compared.asked[WRITTEN]), _told(compared, WRITTEN)


@pytest.mark.parametrize("figure", [HANDED, MADE, TABLES])
def test_most_of_what_the_compiler_binds_is_proved(compared: Comparison, figure: str) -> None:
    missed = len(compared.wrong[figure])
    assert missed <= 0.1 * compared.asked[figure], _told(compared, figure)


@pytest.mark.parametrize("figure", [NAMED, POINTERS])
def test_what_the_compiler_denies_is_not_proved(compared: Comparison, figure: str) -> None:
    assert not compared.wrong[figure], _told(compared, figure)

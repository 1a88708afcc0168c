"""The prover against gcc on Lua, built from Debian's source: what it misses and what it invents."""

import compiler_oracle
import pytest
from compiler_comparison import HANDED, NAMED, POINTERS, TABLES, WRITTEN, Comparison
from ctags_oracle import unavailable

pytestmark = pytest.mark.oracle

PROJECT = "lua"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    if reason := compiler_oracle.missing():
        unavailable(f"{reason}: install {' '.join(compiler_oracle.PACKAGES)}")
    try:
        return compiler_oracle.run(PROJECT, tmp_path_factory.mktemp("compiler"))
    except compiler_oracle.OracleError as error:
        unavailable(str(error))
        raise


def _told(compared: Comparison, figure: str) -> str:
    return "\n".join(map(compiler_oracle.told, compared.wrong[figure]))


def test_enough_is_asked_to_mean_something(compared: Comparison) -> None:
    assert compared.asked[WRITTEN] > 2000
    assert compared.asked[HANDED] > 20
    assert compared.asked[NAMED] > 20
    assert compared.asked[POINTERS] > 50


def test_a_call_that_is_written_is_proved(compared: Comparison) -> None:
    missed = len(compared.wrong[WRITTEN])
    assert missed <= max(3, 0.002 * compared.asked[WRITTEN]), _told(compared, WRITTEN)


def test_a_function_that_is_handed_over_is_proved(compared: Comparison) -> None:
    assert not compared.wrong[HANDED], _told(compared, HANDED)


def test_a_table_binds_what_the_compiler_binds(compared: Comparison) -> None:
    missed = len(compared.wrong[TABLES])
    assert missed <= 0.1 * compared.asked[TABLES], _told(compared, TABLES)


@pytest.mark.parametrize("figure", [NAMED, POINTERS])
def test_what_the_compiler_denies_is_not_proved(compared: Comparison, figure: str) -> None:
    assert not compared.wrong[figure], _told(compared, figure)

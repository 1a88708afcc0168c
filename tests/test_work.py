"""A function over batches: the same results in the same order, in one process and in several."""

import os

import pytest

from callpath.findings import SourceError, WorkError
from callpath.work import cores, map_batches

BATCHES = [bytes([65 + number]) * (1 + 50_000 * (number % 3)) for number in range(12)]


def size_and_process(batch: bytes) -> bytes:
    return b"%c %d %d" % (batch[0], len(batch), os.getpid())


def refuse(batch: bytes) -> bytes:
    raise SourceError(f"no answer to `{batch.decode()}`", "try again")


def end(batch: bytes) -> bytes:
    if batch == b"end":
        os._exit(3)
    return batch


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_results_are_in_the_order_of_the_batches(jobs: int) -> None:
    found = [each.split() for each in map_batches(size_and_process, BATCHES, jobs)]
    assert [(name, int(size)) for name, size, _ in found] == [
        (batch[:1], len(batch)) for batch in BATCHES
    ]


def test_one_job_is_done_in_this_process_and_so_is_a_single_batch() -> None:
    for batches, jobs in ((BATCHES, 1), (BATCHES[:1], 8), ([], 8)):
        processes = {each.split()[2] for each in map_batches(size_and_process, batches, jobs)}
        assert processes <= {b"%d" % os.getpid()}


def test_several_jobs_are_done_in_other_processes() -> None:
    processes = {each.split()[2] for each in map_batches(size_and_process, BATCHES, 2)}
    assert processes
    assert b"%d" % os.getpid() not in processes


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_function_raises_is_raised_with_its_hint(jobs: int) -> None:
    with pytest.raises(SourceError, match="no answer to `a`") as raised:
        list(map_batches(refuse, [b"a", b"b"], jobs))
    assert raised.value.hint == "try again"


def test_a_process_that_ends_is_an_error_and_no_result_is_lost_in_silence() -> None:
    with pytest.raises(WorkError, match="ended before it was done") as raised:
        list(map_batches(end, [b"a", b"end", b"b"], 2))
    assert "--jobs 1" in raised.value.hint


def test_there_is_a_core() -> None:
    assert cores() >= 1

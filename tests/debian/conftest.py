"""Fixtures of the tests on Debian's kernel source."""

import os
from pathlib import Path

import pytest
from debian_source import unpacked


@pytest.fixture(scope="session")
def linux_6_12(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parts of Linux 6.12 that the note speaks of, and what lies around them."""
    base = tmp_path_factory.getbasetemp()
    return unpacked(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)

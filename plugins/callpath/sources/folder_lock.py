"""One at a time: a lock on a folder that ends with the process that holds it, however it ends."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def locked(file: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold a lock for the length of a `with` block.

    Parameters:
        file: The lock's file; it is made, and stays.
        waiting: Called once when somebody else holds the lock, before waiting for it.

    Returns:
        The lock's file descriptor. A child process that inherits it holds the lock too, so that
        nobody comes in while it still works after its parent was killed.

    Raises:
        OSError: The file cannot be made, or its file system knows no locks.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if sys.platform != "win32":
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)

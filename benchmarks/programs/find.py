"""Has `callpath check` find a symbol that moved, and prints the seconds that it took.

Seconds on the clock from the call of the command on, so without Python's start. The last line of
the output has them; those before are the command's.
"""

import sys
import time

from callpath.cli import main

start = time.perf_counter()
try:
    main(["check", *sys.argv[1:]])
except SystemExit:
    sys.stdout.write(f"\n{time.perf_counter() - start}")

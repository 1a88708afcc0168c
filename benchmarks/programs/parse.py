"""Parses the files of a folder and prints the seconds of processor time as JSON.

`bare` is tree-sitter alone, `blobs` the same with all files in the history of a repository;
otherwise what the files define is read, and then the inside of each of that.
"""

import json
import subprocess
import sys
import time
from pathlib import Path


def files_below(folder: str) -> list[tuple[str, bytes]]:
    """The C files of a folder."""
    paths = [path for path in sorted(Path(folder).rglob("*.[ch]")) if path.is_file()]
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]


def blobs_of(repository: str) -> list[tuple[str, bytes]]:
    """All C files of a repository's history, each text once."""
    git = ["git", "-C", repository]
    listed = subprocess.run(  # noqa: S603
        [*git, "rev-list", "--objects", "--all"], capture_output=True, text=True, check=True
    ).stdout
    named = [line.split(" ", 1) for line in listed.splitlines() if line.endswith((".c", ".h"))]
    return [
        (path, subprocess.run([*git, "cat-file", "blob", blob], capture_output=True).stdout)  # noqa: S603
        for blob, path in named
    ]


part, folder = sys.argv[1:]
texts = blobs_of(folder) if part == "blobs" else files_below(folder)
seconds = {}
if part in ("bare", "blobs"):
    import tree_sitter
    import tree_sitter_c

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))
    start = time.process_time()
    for _, text in texts:
        parser.parse(text)
    seconds["parse"] = time.process_time() - start
else:
    from callpath.c.file import read_code

    start = time.process_time()
    files = [read_code(path, text) for path, text in texts]
    found = [(file, file.facts.definitions) for file in files]
    seconds["facts"] = time.process_time() - start
    start = time.process_time()
    for file, definitions in found:
        for definition in definitions:
            file.body(definition)
    seconds["bodies"] = time.process_time() - start
sys.stdout.write(json.dumps(seconds))

"""Makes notebooks of any size, and the C source that they are about.

A note is about a file of its own: a function that calls three more, which call three more, each a
step below its caller. Same size, same bytes.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import environment, run

STEPS = 10
"""How many steps a note has; each is a symbol with a page."""
_FAN = 3
_MAKEFILE = "VERSION = {0}\nPATCHLEVEL = {1}\nSUBLEVEL = 0\nEXTRAVERSION =\n"
SETTINGS = """\
site_name: Drivers
site_url: https://notes.example/drivers/
theme:
  name: material
  font: false
  features: [navigation.top, search.highlight]
"""
"""The settings of every site, without plugins."""
_PLUGINS = """\
plugins:
  - search
  - callpath:
      pin: v3.7
"""
_COMMENTARY = """\
`{name}()` takes the lock of `unit_{note}`, checks `word` against the limits of the unit and
hands the work on.
On an error it undoes what it did, in the reverse order; see [the next unit](unit_{next}.yml).

Part {step} runs with interrupts on, so it may sleep before the lock is taken and not after; whoever
calls it keeps the unit alive until it returns."""
_FUNCTION = """\
{kind}int {name}(struct unit_{note} *unit, int word)
{{
	int result = 0;

	if (!unit || word > LIMIT_{note})
		return -22;
	spin_lock(&unit->lock);
{calls}	unit->words[{step}] = word;
	spin_unlock(&unit->lock);
	return result;
}}
"""
_CALL = """\
	result = {callee}(unit, word + {step});
	if (result < 0)
		goto out_{step};
out_{step}:
"""
_HEAD = """\
#include <linux/spinlock.h>

#define LIMIT_{note} {limit}

struct unit_{note} {{
	spinlock_t lock;
	int words[{steps}];
}};

"""


def write_notebook(folder: Path, notes: int) -> Path:
    """A site with so many notes of ten steps, not locked, beside its source in `tree`."""
    new_repository(folder)
    _write(folder / "mkdocs.yml", SETTINGS + _PLUGINS)
    _write(folder / "docs/index.md", "# Drivers\n\nHow the units work.\n")
    _write(folder / "tree/Makefile", _MAKEFILE.format(3, 7))
    for note in range(notes):
        _write(folder / "docs" / note_path(note, notes), note_text(note, notes))
        _write(folder / "tree" / code_path(note), code_text(note))
    return folder


def new_repository(folder: Path) -> None:
    """Empty a folder, and keep it apart from the history of the repository that it is in."""
    shutil.rmtree(folder, ignore_errors=True)
    run("git", "init", "--quiet", folder, at=Path())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def note_path(note: int, notes: int) -> str:
    """Where a note is below `docs`."""
    return f"units/unit_{note % notes}.yml"


def code_path(note: int) -> str:
    """Where the file of a note is below the tree."""
    return f"drivers/bus_{note // 50}/unit_{note}.c"


def note_text(note: int, notes: int) -> str:
    """A note, as YAML."""
    lines = [f"title: How unit {note} starts", "steps:", *_step(note, 0, notes, "")]
    return "\n".join(lines) + "\n"


def commentary(note: int, step: int, notes: int) -> str:
    """What a step says; no two say the same."""
    name, following = symbol_name(note, step), (note + 1) % notes
    return _COMMENTARY.format(name=name, note=note, step=step, next=following)


def _below(step: int) -> range:
    first = step * _FAN + 1
    return range(min(first, STEPS), min(first + _FAN, STEPS))


def _step(note: int, step: int, notes: int, indent: str) -> Iterator[str]:
    yield f"{indent}- function: {symbol_name(note, step)}"
    yield f"{indent}  file: {code_path(note)}"
    yield f"{indent}  commentary: |"
    for line in commentary(note, step, notes).splitlines():
        yield f"{indent}    {line}".rstrip()
    if below := _below(step):
        yield f"{indent}  steps:"
        for each in below:
            yield from _step(note, each, notes, indent + "  ")


def symbol_name(note: int, step: int) -> str:
    """The function of a step."""
    return f"unit_{note}_part_{step}"


def code_text(note: int, functions: int = STEPS, *, salt: int = 0) -> str:
    """The file of a note in C.

    Parameters:
        functions: How many it has; those behind the tenth are no steps.
        salt: A number that changes the text, and nothing that the note says.
    """
    steps = [_function(note, step, salt) for step in reversed(range(functions))]
    return _HEAD.format(note=note, limit=4096 + salt, steps=functions) + "\n".join(steps)


def _function(note: int, step: int, salt: int) -> str:
    below = _below(step) if step < STEPS else range(step, step)
    calls = "".join(_CALL.format(callee=symbol_name(note, each), step=each) for each in below)
    calls += f"\tunit->words[0] += {salt};\n" if salt else ""
    kind = "static " if step else ""
    return _FUNCTION.format(
        kind=kind, name=symbol_name(note, step), note=note, step=step, calls=calls
    )


def write_releases(folder: Path, notes: int, releases: int, functions: int) -> str:
    """A bare Git repository whose releases change a third of the files each; its SPEC.

    The tags are v3.0, v3.1 and so on; a notebook of as many notes is true of all of them.

    Parameters:
        notes: How many files it has.
        functions: How many functions a file has.
    """
    shutil.rmtree(folder, ignore_errors=True)
    git = ("git", "-C", str(folder))
    subprocess.run(["git", "init", "--quiet", "--bare", folder], env=environment(), check=True)  # noqa: S603, S607
    subprocess.run(  # noqa: S603
        [*git, "fast-import", "--quiet"],
        input="".join(_history(notes, releases, functions)).encode(),
        env=environment(),
        check=True,
    )
    return f"git:{folder}"


def _history(notes: int, releases: int, functions: int) -> Iterator[str]:
    for release in range(releases):
        yield "commit refs/heads/main\ncommitter A <a@example.org> 1000000000 +0000\n"
        yield _data(f"v3.{release}")
        yield "M 100644 inline Makefile\n" + _data(_MAKEFILE.format(3, release))
        for note in range(notes):
            if release == 0 or (note + release) % 3 == 0:
                text = code_text(note, functions, salt=release)
                yield f"M 100644 inline {code_path(note)}\n" + _data(text)
        yield f"reset refs/tags/v3.{release}\nfrom refs/heads/main\n\n"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"

"""Runs the shell steps of an action or of a workflow in bash, as a runner of GitHub does.

Steps that `use` another action are not run; their outputs are what the test says they are.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
CALLPATH = Path(sys.executable).with_name("callpath")

_EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")
_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


def read_yaml(path: str) -> Any:
    """A YAML file of the repository."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@dataclass
class Ran:
    """What a step did."""

    name: str
    status: int
    out: str
    said: str


@dataclass
class Runner:
    """Runs steps one after the other, until one fails.

    Attributes:
        at: The folder that the steps run in.
        temporary: A folder for the runner's own files.
        values: What stands for the names in expressions (`inputs.source`).
        variables: What the environment has beside the little that it always has.
    """

    at: Path
    temporary: Path
    values: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, steps: Sequence[Mapping[str, Any]]) -> list[Ran]:
        """Run the steps whose condition holds; those after a failure are left out."""
        ran: list[Ran] = []
        for number, step in enumerate(steps):
            if "run" not in step or not self.holds(step.get("if", "true")):
                continue
            name = step.get("id") or step.get("name") or f"step {number}"
            ran.append(self._run(name, step))
            if ran[-1].status and not step.get("continue-on-error"):
                break
        return ran

    def holds(self, condition: str) -> bool:
        """Whether a condition of a step holds."""
        return bool(self.value(condition))

    def value(self, expression: str) -> Any:
        """The value of an expression made of names, texts, `==`, `!=`, `&&` and `||`."""
        known = {"true": "True", "false": "False"}
        text = _NAME.sub(lambda found: repr(self.values.get(found[0], "")), expression)
        text = re.sub(r"\b(true|false)\b(?!')", lambda found: known[found[0]], text)
        text = text.replace("&&", " and ").replace("||", " or ")
        return eval(text, {"__builtins__": {}})  # noqa: S307 (the repository's own files)

    def expanded(self, text: str) -> str:
        """A text with the values of its expressions."""
        return _EXPRESSION.sub(lambda found: str(self.value(found[1])), text)

    def _run(self, name: str, step: Mapping[str, Any]) -> Ran:
        outputs = self.temporary / "outputs"
        outputs.write_text("", encoding="utf-8")
        script = self.temporary / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if key in _KEPT}
        environment |= {"GITHUB_OUTPUT": str(outputs), "RUNNER_TEMP": str(self.temporary)}
        environment |= self.variables
        environment |= {key: self.expanded(str(v)) for key, v in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.at,
            env=environment,
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=600,
        )
        for line in outputs.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition("=")
            self.values[f"steps.{name}.outputs.{key}"] = value
        return Ran(name, done.returncode, done.stdout, done.stderr)

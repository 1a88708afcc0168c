"""The recipes of docs/ci.md fit the action, the hook and the version that they speak of."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from schemas import validator
from shell_steps import ROOT, read_yaml

TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
RECIPES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
INPUTS = read_yaml("action.yml")["inputs"]


def uses(value: Any) -> Iterator[dict[str, Any]]:
    """Every step of a recipe that uses the action."""
    if isinstance(value, dict):
        if str(value.get("uses", "")).startswith("OWNER/callpath@"):
            yield value
        for child in value.values():
            yield from uses(child)
    elif isinstance(value, list):
        for child in value:
            yield from uses(child)


STEPS = [step for recipe in RECIPES for step in uses(recipe)]


def test_the_action_is_shown() -> None:
    assert len(STEPS) >= 3


def test_recipes_give_inputs_that_the_action_has() -> None:
    assert {name for step in STEPS for name in step.get("with", {})} <= set(INPUTS)


def test_recipes_name_this_version() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    named = {step["uses"].partition("@")[2] for step in STEPS}
    hooks = [recipe for recipe in RECIPES if "repos" in recipe]
    named |= {repository["rev"] for recipe in hooks for repository in recipe["repos"]}
    assert named == {f"v{version}"}


@pytest.mark.parametrize(
    "recipe", [recipe for recipe in RECIPES if "jobs" in recipe and True in recipe], ids=str
)
def test_whole_workflows_are_valid(recipe: dict[Any, Any], tmp_path: Path) -> None:
    workflow = {"on" if key is True else key: value for key, value in recipe.items()}
    validator("/github-workflow.json", tmp_path).validate(workflow)


def test_the_hook_that_is_shown_exists() -> None:
    (recipe,) = (recipe for recipe in RECIPES if "repos" in recipe)
    shown = [hook["id"] for repository in recipe["repos"] for hook in repository["hooks"]]
    assert shown == [hook["id"] for hook in read_yaml(".pre-commit-hooks.yaml")]

"""A small site with a repository to fetch its source from."""

from pathlib import Path

import pytest

from callpath.workspace import Workspace
from kernel import CONFIG, lock_site, write_repository, write_site, write_tree

OFFLINE = "http://127.0.0.1:1"
"""Where nobody answers."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that has the small tree as `v3.7`."""
    return Path(write_repository(tmp_path / "linux.git-work").removeprefix("git:"))


@pytest.fixture
def site(tmp_path: Path, repository: Path) -> Workspace:
    """A locked site in a folder with a space in its name, that fetches from the repository."""
    config = CONFIG + (
        f"      remotes: {{linux: ['{repository.as_uri()}']}}\n"
        f"      links: {{provider: elixir, base: '{OFFLINE}'}}\n"
        "      online: {delay: 0, timeout: 1, retries: 0}\n"
    )
    workspace = write_site(tmp_path / "my site", config=config)
    lock_site(workspace, linux=write_tree(tmp_path / "linux"))
    (workspace.root / ".git").mkdir()  # where paths in annotations start
    return workspace

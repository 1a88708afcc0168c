"""A plain site of the same theme with the same settings: what is wrong there is the theme's."""

from pathlib import Path
from typing import Any

import yaml
from built_site import ADDRESS
from mkdocs.utils.yaml import yaml_load
from runs import ROOT, run

PAGE = "plain/"
"""The address of the page to compare with."""

_KEPT = ("site_name", "site_description", "copyright", "theme", "markdown_extensions")
_TEXT = """\
# 普通的一页

这一页只有主题自己的东西：标题、几段文字、一段代码，和一个通往[首页](index.md)的链接。

## 一节

文字里有 `kvm_init` 这样的代码，也有 English words。

    int kvm_init(void);

## 又一节

另一段文字，同样普通。
"""


def build_plain(folder: Path) -> None:
    """Build it into a folder, from this project's configuration without its plugin and notes."""
    source = folder.with_name(f"{folder.name}-source")
    (source / "docs").mkdir(parents=True)
    (source / "docs/index.md").write_text(
        "# 首页\n\n到[普通的一页](plain.md)。\n", encoding="utf-8"
    )
    (source / "docs/plain.md").write_text(_TEXT, encoding="utf-8")
    (source / "mkdocs.yml").write_text(_configuration(), encoding="utf-8")
    done = run("mkdocs", "build", "-q", "-d", folder, at=source)
    assert done.status == 0, done.said


def _configuration() -> str:
    whole: dict[str, Any] = yaml_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    kept = {name: whole[name] for name in _KEPT if name in whole}
    search = [each for each in whole["plugins"] if "search" in each]
    made = kept | {"site_url": ADDRESS, "plugins": search}
    return yaml.safe_dump(made, allow_unicode=True, sort_keys=False)

"""What the hooks ask of MkDocs' configuration."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

_MATERIAL = "material"  # the theme that our own page templates extend


def is_material(config: MkDocsConfig) -> bool:
    """Whether the theme is Material, which has page templates of its own."""
    return bool(config.theme.name == _MATERIAL)


def root_of(config: MkDocsConfig) -> Path:
    """The folder of the configuration, which places are relative to."""
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent


def config_name(config: MkDocsConfig) -> str:
    """The name of the configuration's file."""
    return Path(config.config_file_path or "mkdocs.yml").name


def language_of(config: MkDocsConfig) -> str:
    """The language of the theme, `en` when it says none."""
    language = config.theme.get("language") or config.theme.get("locale") or "en"
    return str(language)

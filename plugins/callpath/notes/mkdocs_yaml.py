"""What a settings file of MkDocs says, as data; what names a Python object stays its dotted name.

Nothing is imported or made: `!!python/name:a.b` is the text `a.b`, and `!!python/object/apply:a.b`
is `{"object": "a.b", "kwds": {…}}`, the form in which Zensical's TOML has it.
"""

from typing import Any

import yaml
from yaml_env_tag import construct_env_tag

from callpath.findings import SettingsError


class _Loader(yaml.SafeLoader):
    pass


def _text(loader: _Loader, node: yaml.ScalarNode) -> object:
    return loader.construct_scalar(node)


def _named(_loader: _Loader, name: str, _node: yaml.Node) -> str:
    return name


def _made(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    said = loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else {}
    return {"object": name, "kwds": said.get("kwds", {})}


_Loader.add_constructor("!ENV", construct_env_tag)
_Loader.add_constructor("!relative", _text)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/name:", _named)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/object/apply:", _made)


def mkdocs_values(shown: str, data: bytes) -> dict[str, Any]:
    """The values of one file; empty if it is no mapping.

    Raises SettingsError if it is no YAML or has a tag that nothing is known of; `shown` names it.
    """
    try:
        said = yaml.load(data, _Loader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        raise SettingsError(f"`{shown}` cannot be read: {error}") from error
    return said if isinstance(said, dict) else {}

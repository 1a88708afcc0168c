"""The settings of a site, from the text of `mkdocs.yml` and from loaded options."""

import ast
import inspect
import os
import re
import textwrap
from pathlib import Path

import pytest
import yaml
from mkdocs.utils.yaml import get_yaml_loader, yaml_load as mkdocs_load
from msgspec.structs import fields

from callpath import settings as settings_module
from callpath.findings import SettingsError
from callpath.mentions.model import Address
from callpath.mentions.viewers import read_address
from callpath.model import Pin
from callpath.notes.yaml import MappingNode, data_of
from callpath.options import loaded_config, merged, read_site_file, site_settings
from callpath.settings import (
    GraphSettings,
    Licence,
    Links,
    Online,
    PluginConfig,
    SiteSettings,
    Switch,
    licence_table,
)


def read(text: str | bytes, **environment: str) -> MappingNode:
    data = text if isinstance(text, bytes) else textwrap.dedent(text).encode()
    return read_site_file("mkdocs.yml", data, environment)


def parse(text: str, **environment: str) -> tuple[SiteSettings, list[str]]:
    """The settings, and the findings as `line:column rule: message (hint)`."""
    site, findings = site_settings(read(text, **environment))
    return site, [
        f"{one.location.line}:{one.location.column} {one.rule}: {one.message} ({one.hint})"
        for one in findings
    ]


def test_a_whole_file() -> None:
    site, findings = parse(
        """
        INHERIT: ../base.yml
        site_name: 源码笔记
        site_description: 一步一步
        site_url: https://example.org/notes/
        docs_dir: notes
        use_directory_urls: no
        nav:
          - 首页: index.md
          - 路径: [kvm/init.yml, {别处: https://example.org/}]
          - kvm/vmx.yml
        theme:
          name: material
          language: zh
        markdown_extensions:
          - pymdownx.emoji:
              emoji_index: !!python/name:material.extensions.emoji.twemoji
          - snippets: {base_path: !relative $docs_dir, x: !ENV [A, b]}
        plugins:
          - search
          - callpath:
              enabled: !ENV [CALLPATH, true]
              pin: {project: linux, version: v3.7}
              lockfile: locks/notes.lock
              links: {provider: github, base: https://github.com/torvalds/linux/}
              graph: {engine: dot}
              search_words: [虚拟机, mmu]
        """
    )
    assert findings == []
    assert site == SiteSettings(
        site_name="源码笔记",
        site_description="一步一步",
        nav=("index.md", "kvm/init.yml", "https://example.org/", "kvm/vmx.yml"),
        site_url="https://example.org/notes/",
        docs_dir="notes",
        use_directory_urls=False,
        language="zh",
        callpath=PluginConfig(
            pin=Pin("linux", "v3.7"),
            lockfile="locks/notes.lock",
            links=Links(provider="github", base="https://github.com/torvalds/linux"),
            graph=GraphSettings(engine="dot"),
            search_words=["虚拟机", "mmu"],
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "site_name: x",
        "plugins: []",
        "plugins:",
        "plugins: [search, callpath]",
        "plugins: [callpath: ]",
        "plugins: {callpath: {}}",
        "plugins: {callpath: }",
        "plugins: {search: {}}",
        "theme: material",
        "theme: {name: null, language: }",
        "docs_dir: !ENV DOCS",
        "plugins: !ENV PLUGINS",
    ],
)
def test_defaults(text: str) -> None:
    site, findings = parse(text)
    assert findings == []
    assert site.callpath == PluginConfig()
    assert (site.docs_dir, site.use_directory_urls, site.language) == ("docs", True, "")


@pytest.mark.parametrize(
    "text",
    [
        "plugins:\n- callpath: {pin: v3.7}",
        "plugins: {callpath: {pin: v3.7}}",
        "x: &p {pin: v3.7}\nplugins:\n- callpath: *p",
        "x: &p {pin: v3.7}\nplugins:\n- callpath:\n    <<: *p",
        "x: &p {pin: v1}\nplugins:\n- callpath:\n    <<: [*p, {pin: v2}]\n    pin: v3.7",
        "plugins:\n- callpath: {pin: v1, pin: v3.7}",
        "plugins:\n- callpath: {pin: {version: !!str v3.7}}",
    ],
)
def test_ways_to_write_the_plugin(text: str) -> None:
    site, findings = parse(text)
    assert findings == []
    assert site.callpath.pin == Pin("linux", "v3.7")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("pni: v3.7", "3:5 unknown-key: a callpath plugin has no key `pni` (did you mean `pin`?)"),
        (
            "pin: latest",
            "3:10 invalid-value: `latest` is not a fixed version (write a tag, such as `v3.7`)",
        ),
        ("pin: 6.10", "3:10 wrong-type: `6.10` is not a text to YAML (put it in quotes)"),
        ("pin: {project: qemu}", "3:10 missing-key: the pin has no `version` (add `version:`)"),
        ("pin: [v3.7]", "3:10 wrong-type: `pin` takes a version or a mapping, not a list ()"),
        (
            "lockfile: ../notes.lock",
            "3:15 invalid-path: `../notes.lock` leads upwards with `..` "
            "(start at the top of the notes' folder)",
        ),
        (
            "links: gitlab",
            "3:12 invalid-value: `provider` cannot be `gitlab` "
            "(it can be `elixir`, `github` or `kernel.org`)",
        ),
        (
            "links: {provider: elixir, base: 'javascript:x'}",
            "3:37 invalid-value: `javascript:x` is not a web address (start it with `https://`)",
        ),
        (
            "links: {base: 'https://a b'}",
            "3:19 invalid-value: `https://a b` cannot stand before a path "
            "(write a plain address without `?` and `#`)",
        ),
        (
            "rules: {not-lokced: off}",
            "3:13 invalid-value: unknown rule `not-lokced` (did you mean `not-locked`?)",
        ),
        (
            "rules: {xyzzy: off}",
            "3:13 invalid-value: unknown rule `xyzzy` (`callpath rule` lists the rules)",
        ),
        (
            "rules: {not-locked: on}",
            "3:25 invalid-value: `not-locked` cannot be `on` "
            "(it can be `error`, `warning` or `off`)",
        ),
        (
            "rules: [not-locked]",
            "3:12 wrong-type: `rules` takes a mapping, not a list (write `key: value` lines)",
        ),
        (
            "graph: {engine: doot}",
            "3:21 invalid-value: `engine` cannot be `doot` "
            "(it can be `auto`, `graphviz-pure`, `dot` or `none`)",
        ),
        (
            "graph: dot",
            "3:12 wrong-type: `graph` takes a mapping, not a text (write `key: value` lines)",
        ),
        (
            "search_words: [a, true]",
            "3:23 wrong-type: `true` is not a text to YAML (put it in quotes)",
        ),
        (
            "search_words: a",
            "3:19 wrong-type: `search_words` takes a list, not a text (start each item with `- `)",
        ),
        (
            "pin: !PIN v3.7",
            "3:10 invalid-value: the option's value cannot be read from this file "
            "(write the value out, without a tag)",
        ),
    ],
)
def test_wrong_options(options: str, expected: str) -> None:
    site, findings = parse(f"plugins:\n- callpath:\n    {options}")
    assert findings == [expected]
    assert isinstance(site.callpath, PluginConfig)


def test_a_wrong_option_leaves_the_others() -> None:
    site, findings = parse("plugins:\n- callpath: {pin: v3.7, lockfile: /x, links: github}")
    assert len(findings) == 1
    assert site.callpath == PluginConfig(pin=Pin("linux", "v3.7"), links=Links(provider="github"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: [", "mkdocs.yml:1:5: "),
        (b"- a", "mkdocs.yml:1:1: the site's settings are not a mapping"),
        (b"text", "mkdocs.yml:1:1: the site's settings are not a mapping"),
        (b"!ENV A", "mkdocs.yml:1:1: the site's settings are not a mapping"),
        (b"\xff", "mkdocs.yml:1:1: "),
        (b"a: b\n---\nc: d", "mkdocs.yml:2:1: a second YAML document"),
    ],
)
def test_files_that_cannot_be_used(data: bytes, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(data)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"a: &a [*a, *a]\nplugins: *a", ""),
        (
            b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nplugins: {callpath: {pin: *c}}",
            "wrong-type",
        ),
        (b"plugins:\n- callpath: !x {pin: v3.7}", "invalid-value"),
        (b"plugins:\n- callpath: [a]", "wrong-type"),
        (b"plugins: 12", ""),
    ],
)
def test_odd_files(data: bytes, rule: str) -> None:
    _, findings = site_settings(read(data))
    assert {found.rule for found in findings} == ({rule} if rule else set())


def test_an_alias_bomb_is_harmless() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for name, below in zip("bcdefghij", "abcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]")
    site, _ = parse("\n".join([*lines, "site_name: x"]))
    assert site.callpath == PluginConfig()


def loaded(options: dict[str, object]) -> tuple[PluginConfig, list[str]]:
    config, findings = loaded_config(options)
    return config, [f"{found.message} (hint: {found.hint})" for found in findings]


def test_loaded_options() -> None:
    config, messages = loaded(
        {"pin": {"version": "v3.7"}, "links": "github", "graph": None, "search_words": ("a",)}
    )
    assert messages == []
    assert config == PluginConfig(
        pin=Pin("linux", "v3.7"), links=Links(provider="github"), search_words=["a"]
    )
    assert loaded({}) == (PluginConfig(), [])


def test_loaded_options_that_are_wrong() -> None:
    _, messages = loaded({"pin": 6.1, "lnks": "github", "lockfile": "/x"})
    assert messages == [
        "`6.1` is not a text to YAML (hint: put it in quotes)",
        "a callpath plugin has no key `lnks` (hint: did you mean `links`?)",
        "`/x` is an absolute path (hint: start at the top of the notes' folder, without `/`)",
    ]


# --- what the environment and a parent file say ------------------------------------------------


@pytest.mark.parametrize(
    ("value", "environment", "version"),
    [
        ('!ENV [CALLPATH_PIN, "v3.7"]', {}, "v3.7"),
        ('!ENV [CALLPATH_PIN, "v3.7"]', {"CALLPATH_PIN": "v6.12"}, "v6.12"),
        ("!ENV CALLPATH_PIN", {"CALLPATH_PIN": "v6.12"}, "v6.12"),
        ("!ENV 'CALLPATH_PIN'", {"CALLPATH_PIN": "v6.12"}, "v6.12"),
        ("!ENV [A, B, v3.7]", {"B": "v2", "C": "v3"}, "v2"),
        ("!ENV [A, B, v3.7]", {"A": "v1", "B": "v2"}, "v1"),
        ("!ENV [A]", {"A": "v1"}, "v1"),
        ("!ENV [A, !ENV [B, v3.7]]", {"B": "v2"}, "v2"),
        ("!ENV [A, {version: v3.7}]", {}, "v3.7"),
        ("{version: !ENV [A, v3.7]}", {}, "v3.7"),
        ("!ENV CALLPATH_PIN", {}, None),
        ("!ENV [A]", {}, None),
        ("!ENV [A, ~]", {}, None),
        ("!ENV [A, v3.7]", {"A": ""}, None),
    ],
)
def test_a_value_from_the_environment(
    value: str, environment: dict[str, str], version: str | None
) -> None:
    site, findings = parse(f"plugins: [{{callpath: {{pin: {value}}}}}]", **environment)
    assert findings == []
    assert (site.callpath.pin and site.callpath.pin.version) == version


@pytest.mark.parametrize("environment", [{}, {"A": "6.12"}])
def test_a_value_from_the_environment_is_read_as_yaml(environment: dict[str, str]) -> None:
    text = "plugins:\n- callpath:\n    pin: !ENV [A, 6.12]"
    _, (finding,) = parse(text, **environment)
    assert finding.startswith("3:")
    assert "`6.12` is not a text to YAML" in finding


NAMES = ["A", "B", "HOME_PAGE"]
ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"A": "off"},
    {"A": "12"},
    {"B": "~"},
    {"B": "0.5", "A": ""},
]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
@pytest.mark.parametrize(
    "options",
    [
        "source_text: !ENV A",
        "source_text: !ENV [A, false]",
        "source_text: !ENV [B, A, 'no']",
        "online: {retries: !ENV [A, 5]}",
        "online: {delay: !ENV [B, 1.5], timeout: 3}",
        "links: !ENV [B, github]",
        "links: !ENV [B, {provider: github}]",
        "search_words: !ENV [A, [x, y]]",
        "rules: {stale-lock: !ENV [A, warning]}",
        "graph: !ENV [B, {engine: none}]",
    ],
)
def test_the_build_and_the_command_read_the_same(
    options: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    text = f"plugins:\n- callpath:\n    pin: v3.7\n    {options}\n"
    by_command = site_settings(read_site_file("mkdocs.yml", text.encode(), os.environ))
    plugins = yaml.load(text, Loader=get_yaml_loader())["plugins"]  # noqa: S506 (as MkDocs does)
    by_build = loaded_config(plugins[0]["callpath"])
    assert by_command[0].callpath == by_build[0]
    assert {found.rule for found in by_command[1]} == {found.rule for found in by_build[1]}


def joined(parent: str, child: str) -> SiteSettings:
    return site_settings(merged(read(parent), read(child)))[0]


def test_a_child_overrides_its_parent() -> None:
    site = joined("site_name: a\ndocs_dir: notes\nplugins: [callpath: {pin: v1}]", "site_name: b")
    assert (site.site_name, site.docs_dir) == ("b", "notes")
    assert site.callpath.pin == Pin("linux", "v1")


def test_lists_of_plugins_are_replaced_and_mappings_joined() -> None:
    parent = "plugins: [callpath: {pin: v1}]"
    assert joined(parent, "plugins: [search]").callpath == PluginConfig()
    assert joined(parent, "plugins: [callpath: {links: github}]").callpath.pin is None
    named = "plugins: {callpath: {pin: v1, links: {provider: github, base: 'https://x.org'}}}"
    both = joined(named, "plugins: {callpath: {pin: v2, links: {base: 'https://y.org'}}}").callpath
    links = Links(provider="github", base="https://y.org")
    assert both == PluginConfig(pin=Pin("linux", "v2"), links=links)
    assert joined(named, "plugins: {search: }").callpath.pin == Pin("linux", "v1")
    assert joined(named, "plugins: [callpath]").callpath == PluginConfig()


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("a: {b: {c: 1, d: 2}, e: [1]}", "a: {b: {d: 3, f: 4}, e: [2]}"),
        ("a: {b: 1}", "a: 2"),
        ("a: 1", "a: {b: 2}"),
        ("a: {b: 1}", "a: "),
        ("a: 1\nb: 2", "c: 3\na: 4"),
    ],
)
def test_files_are_merged_as_mkdocs_merges_them(parent: str, child: str, tmp_path: Path) -> None:
    (tmp_path / "base.yml").write_text(parent, encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(f"INHERIT: base.yml\n{child}\n", encoding="utf-8")
    with (tmp_path / "mkdocs.yml").open("rb") as file:
        expected = mkdocs_load(file)
    found = data_of(merged(read(parent), read(child)))
    assert found == yaml.load(yaml.safe_dump(expected), Loader=yaml.BaseLoader) or (  # noqa: S506
        expected == {"a": None} and found == {"a": None}
    )


def test_numbers_of_the_network() -> None:
    site, findings = parse(
        """
        plugins:
          - callpath:
              online: {delay: 0.5, timeout: 10, retries: 0, cache_days: '1'}
        """
    )
    assert findings == []
    assert site.callpath.online == Online(delay=0.5, timeout=10, retries=0, cache_days=1)
    settings, messages = loaded({"online": {"delay": 3, "timeout": 1.5}})
    assert messages == []
    assert settings == PluginConfig(online=Online(delay=3, timeout=1.5))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("delay: -1", "`-1` is not a number of seconds"),
        ("delay: true", "`true` is not a number of seconds"),
        ("delay: soon", "`soon` is not a number of seconds"),
        ("delay: 3601", "`3601` is no number of seconds from 0 to 3600"),
        ("timeout: 0", "`0` is no number of seconds from 0.1 to 3600"),
        ("retries: 1.5", "`1.5` is not a whole number of retries"),
        ("retries: 11", "`11` is no number of retries from 0 to 10"),
        ("cache_days: ", "`cache_days` has no value"),
        ("delays: 2", "an online option has no key `delays`"),
    ],
)
def test_wrong_numbers_of_the_network(value: str, message: str) -> None:
    _, (finding,) = parse(f"plugins:\n  - callpath:\n      online: {{{value}}}\n")
    assert message in finding


@pytest.mark.parametrize("off", ["off", "'off'", "no", "false", "OFF"])
def test_a_rule_is_off_with_and_without_quotes(off: str) -> None:
    rules = f"{{stale-lock: {off}, not-locked: warning}}"
    site, findings = parse(f"plugins:\n- callpath:\n    rules: {rules}")
    assert findings == []
    assert site.callpath.rules == {"stale-lock": "off", "not-locked": "warning"}
    given, messages = loaded({"rules": yaml.safe_load(rules)})
    assert (messages, given) == ([], site.callpath)


def test_the_other_rules_keep_their_weight_beside_a_wrong_name() -> None:
    site, findings = parse("plugins:\n- callpath:\n    rules: {nto: off, not-locked: warning}")
    assert len(findings) == 1
    assert site.callpath.rules == {"not-locked": "warning"}


@pytest.mark.parametrize(
    ("value", "shown"), [("true", True), ("no", False), ("'off'", False), ("On", True)]
)
def test_source_text_is_a_switch(value: str, shown: bool) -> None:
    site, findings = parse(f"plugins:\n  - callpath:\n      source_text: {value}\n")
    assert findings == []
    assert site.callpath.source_text is shown
    config, messages = loaded({"source_text": yaml.safe_load(value)})
    assert messages == []
    assert config == PluginConfig(source_text=shown)


@pytest.mark.parametrize("value", ["maybe", "3", "[a]"])
def test_source_text_is_nothing_else(value: str) -> None:
    site, (finding,) = parse(f"plugins:\n  - callpath:\n      source_text: {value}\n")
    assert finding.startswith("3:20 wrong-type: ")
    assert site.callpath.source_text is True
    _, messages = loaded({"source_text": yaml.safe_load(value)})
    assert len(messages) == 1


def test_licences() -> None:
    site, findings = parse(
        """
        plugins:
          - callpath:
              licences:
                - {project: qemu, name: GPL-2.0-or-later, file: COPYING}
                - {project: linux, name: GPL-2.0-only}
        """
    )
    assert findings == []
    known = licence_table(site.callpath.licences)
    assert known == {
        "qemu": Licence(project="qemu", name="GPL-2.0-or-later", file="COPYING"),
        "linux": Licence(project="linux", name="GPL-2.0-only"),
    }
    assert licence_table([])["linux"].file == "COPYING"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "[{project: qemu}]",
            "3:18 missing-key: the licence has no `name` (add `name:`)",
        ),
        (
            "[{project: qemu, name: x, fiel: COPYING}]",
            "3:43 unknown-key: a licence has no key `fiel` (did you mean `file`?)",
        ),
        (
            "[{project: qemu, name: x, file: ../COPYING}]",
            "3:49 invalid-path: `../COPYING` leads upwards with `..` "
            "(start at the top of the source)",
        ),
        (
            "GPL",
            "3:17 wrong-type: `licences` takes a list, not a text (start each item with `- `)",
        ),
    ],
)
def test_licences_that_are_wrong(value: str, expected: str) -> None:
    site, findings = parse(f"plugins:\n  - callpath:\n      licences: {value}\n")
    assert findings == [expected]
    assert licence_table(site.callpath.licences)["linux"].file == "COPYING"


# --- source viewers -------------------------------------------------------------------------


def _project_of(settings: str, address: str) -> str | None:
    site, findings = parse(f"plugins:\n  - callpath:\n{settings}")
    assert findings == []
    found = read_address(address, site.callpath.viewer_table)
    return found.project if isinstance(found, Address) else None


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("viewers: [github.com/acme/linux]", "https://github.com/Acme/linux/blob/v3.7/a.c"),
        ("viewers: ['https://github.com/a/b.git']", "https://github.com/a/b/blob/v3.7/a.c"),
        ("viewers: [github.com/a/b]", "https://raw.githubusercontent.com/a/b/v3.7/a.c"),
        (
            "viewers: [{base: cgit.example.org/lamps, form: cgit}]",
            "https://cgit.example.org/lamps.git/tree/a.c?h=v3.7",
        ),
        ("links: {provider: github, base: 'https://a.org/b'}", "https://a.org/b/blob/v3.7/a.c"),
        (
            "links: {provider: elixir, base: 'https://elixir.example.org'}",
            "https://elixir.example.org/linux/v3.7/source/a.c",
        ),
    ],
)
def test_a_site_adds_source_viewers(said: str, address: str) -> None:
    assert _project_of("      pin: v3.7\n", address) is None
    assert _project_of(f"      pin: v3.7\n      {said}\n", address) == "linux"


def test_a_viewer_and_a_link_may_be_of_another_project() -> None:
    text = "      viewers: [{base: github.com/a/b, project: lamps}]\n"
    assert _project_of(text, "https://github.com/a/b/blob/v3/a.c") == "lamps"
    text = "      links: {provider: github, bases: {lamps: 'https://github.com/a/b'}}\n"
    assert _project_of(text, "https://github.com/a/b/blob/v3/a.c") == "lamps"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[https://localhost:80/x]", "`https://localhost:80/x` is no address of a viewer"),
        ("[lamps]", "`lamps` is no address of a viewer"),
        ("[git.example.org/a]", "which form addresses at `git.example.org/a` have is not known"),
        ("[{base: github.com/a/b, form: svn}]", "`svn`"),
    ],
)
def test_a_viewer_that_cannot_be_read_is_a_finding(value: str, message: str) -> None:
    _, findings = parse(f"plugins:\n  - callpath:\n      viewers: {value}\n")
    assert any(message in finding for finding in findings)


# --- the documentation of the settings ----------------------------------------------------------

PAGE = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^\| setting \|.*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
ROWS = dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|", "".join(TABLES), re.MULTILINE))
"""Each setting of `docs/settings.md` with its default as written there."""


def test_every_setting_has_a_row_and_every_row_is_a_setting() -> None:
    options = set(PluginConfig.__struct_fields__) - {"graph"}
    online = {f"online.{name}" for name in Online.__struct_fields__}
    assert set(ROWS) == options | online | {"links.base", "links.bases", "graph.engine"}


@pytest.mark.parametrize("name", ["lockfile", "graph.engine", "source_text", "online.delay"])
def test_the_documented_default_is_the_default(name: str) -> None:
    value: object = PluginConfig()
    for part in name.split("."):
        value = getattr(value, part)
    told = yaml.safe_load(ROWS[name].strip("`"))
    assert told == value


def test_every_setting_is_documented_in_the_model() -> None:
    tree = ast.parse(inspect.getsource(settings_module))
    (model,) = (
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "PluginConfig"
    )
    documented = {
        field.target.id
        for field, text in zip(model.body, model.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
    assert documented == set(PluginConfig.__struct_fields__)


def test_every_setting_that_is_true_or_false_can_be_written_so() -> None:
    switches = [field.name for field in fields(PluginConfig) if field.type == Switch]
    assert switches
    for name in switches:
        for value in ("true", "no", "!ENV [UNSET, false]"):
            text = f"plugins:\n  - callpath:\n      pin: v3.7\n      {name}: {value}\n"
            site, findings = parse(text)
            assert findings == []
            assert getattr(site.callpath, name) is (value == "true")


def test_an_entry_that_leaves_findings_out_must_say_which() -> None:
    _, findings = parse(
        """
        plugins:
          - callpath:
              ignore:
                - rule: unknown-nmae
                  path: docs/*
                - path: docs/*
                - text: kvm_old
        """
    )
    assert findings == [
        "5:17 invalid-value: unknown rule `unknown-nmae` (did you mean `unknown-name`?)",
        "7:11 invalid-value: an `ignore` entry says too little (write `text`, or `rule` and "
        "`path`; `rules` turns a rule off everywhere)",
    ]

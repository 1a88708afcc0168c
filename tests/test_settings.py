"""The settings of a site, from the text of `mkdocs.yml` and from loaded options."""

import textwrap

import pytest
import yaml

from callpath.model import Pin
from callpath.settings import (
    GraphSettings,
    Licence,
    Links,
    Online,
    Settings,
    SiteSettings,
    licence_table,
    merge,
    parse_site_settings,
    settings_from_mapping,
)


def parse(text: str) -> tuple[SiteSettings, list[str]]:
    """The settings, and the findings as `line:column rule: message (hint)`."""
    site, diagnostics = parse_site_settings("mkdocs.yml", textwrap.dedent(text).encode())
    assert site is not None
    return site, [
        f"{found.place.line}:{found.place.column} {found.rule}: {found.message} ({found.hint})"
        for found in diagnostics
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
        inherit="../base.yml",
        site_name="源码笔记",
        site_description="一步一步",
        nav=("index.md", "kvm/init.yml", "https://example.org/", "kvm/vmx.yml"),
        site_url="https://example.org/notes/",
        docs_dir="notes",
        use_directory_urls=False,
        language="zh",
        callpath=Settings(
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
    assert site.callpath == Settings()
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
            "3:37 invalid-value: `javascript:x` is no web address (start it with `https://`)",
        ),
        (
            "links: {base: 'https://a b'}",
            "3:19 invalid-value: `https://a b` cannot stand before a path "
            "(write a plain address without `?` and `#`)",
        ),
        (
            "rules: {not-lokced: off}",
            "3:13 invalid-value: `not-lokced` is no rule (did you mean `not-locked`?)",
        ),
        (
            "rules: {xyzzy: off}",
            "3:13 invalid-value: `xyzzy` is no rule (`callpath rule` lists the rules)",
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
            "pin: !ENV PIN",
            "3:10 invalid-value: the option's value cannot be told from this file "
            "(write the value out, without a tag)",
        ),
    ],
)
def test_wrong_options(options: str, expected: str) -> None:
    site, findings = parse(f"plugins:\n- callpath:\n    {options}")
    assert findings == [expected]
    assert site.callpath.model_dump().keys() == Settings().model_dump().keys()


def test_a_wrong_option_leaves_the_others() -> None:
    site, findings = parse("plugins:\n- callpath: {pin: v3.7, lockfile: /x, links: github}")
    assert len(findings) == 1
    assert site.callpath == Settings(pin=Pin("linux", "v3.7"), links=Links(provider="github"))


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"a: [", "invalid-yaml"),
        (b"- a", "wrong-type"),
        (b"text", "wrong-type"),
        (b"\xff", "invalid-encoding"),
        (b"a: b\n---\nc: d", "invalid-yaml"),
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
    _, diagnostics = parse_site_settings("mkdocs.yml", data)
    assert {found.rule for found in diagnostics} == ({rule} if rule else set())


def test_an_alias_bomb_is_harmless() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for name, below in zip("bcdefghij", "abcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]")
    site, _ = parse("\n".join([*lines, "site_name: x"]))
    assert site.callpath == Settings()


def test_loaded_options() -> None:
    settings, messages = settings_from_mapping(
        {"pin": {"version": "v3.7"}, "links": "github", "graph": None, "search_words": ("a",)}
    )
    assert messages == []
    assert settings == Settings(
        pin=Pin("linux", "v3.7"), links=Links(provider="github"), search_words=["a"]
    )
    assert settings_from_mapping({}) == (Settings(), [])


def test_loaded_options_that_are_wrong() -> None:
    settings, messages = settings_from_mapping({"pin": 6.1, "lnks": "github", "lockfile": "/x"})
    assert settings is None
    assert messages == [
        "`6.1` is not a text to YAML (hint: put it in quotes)",
        "a callpath plugin has no key `lnks` (hint: did you mean `links`?)",
        "`/x` is an absolute path (hint: start at the top of the notes' folder, without `/`)",
    ]


def merged(parent: str, child: str) -> SiteSettings:
    return merge(parse(parent)[0], parse(child)[0])


def test_a_child_overrides_its_parent() -> None:
    site = merged(
        "INHERIT: a.yml\nsite_name: a\ndocs_dir: notes\nplugins: [callpath: {pin: v1}]",
        "INHERIT: b.yml\nsite_name: b",
    )
    assert (site.site_name, site.docs_dir, site.inherit) == ("b", "notes", "a.yml")
    assert site.callpath.pin == Pin("linux", "v1")


def test_lists_of_plugins_are_replaced_and_mappings_joined() -> None:
    parent = "plugins: [callpath: {pin: v1}]"
    assert merged(parent, "plugins: [search]").callpath == Settings()
    assert merged(parent, "plugins: [callpath: {links: github}]").callpath.pin is None
    named = "plugins: {callpath: {pin: v1, links: github}}"
    joined = merged(named, "plugins: {callpath: {pin: v2}}").callpath
    assert joined == Settings(pin=Pin("linux", "v2"), links=Links(provider="github"))
    assert merged(named, "plugins: {search: }").callpath.pin == Pin("linux", "v1")
    assert merged(named, "plugins: [callpath]").callpath == Settings()


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
    settings, messages = settings_from_mapping({"online": {"delay": 3, "timeout": 1.5}})
    assert messages == []
    assert settings == Settings(online=Online(delay=3, timeout=1.5))


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
    given, messages = settings_from_mapping({"rules": yaml.safe_load(rules)})
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
    loaded, messages = settings_from_mapping({"source_text": yaml.safe_load(value)})
    assert messages == []
    assert loaded == Settings(source_text=shown)


@pytest.mark.parametrize("value", ["maybe", "3", "[a]"])
def test_source_text_is_nothing_else(value: str) -> None:
    site, (finding,) = parse(f"plugins:\n  - callpath:\n      source_text: {value}\n")
    assert finding.startswith("3:20 wrong-type: ")
    assert site.callpath.source_text is True
    loaded, messages = settings_from_mapping({"source_text": yaml.safe_load(value)})
    assert loaded is None
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

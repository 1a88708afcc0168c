"""Sites of other projects: where links lead, which tag a version is, which tree is refused."""

from pathlib import Path

import pytest

from callpath.addresses import link_provider
from callpath.api import OpenNotebook, open_notebook
from callpath.findings import Finding, SourceError
from callpath.model import Pin
from callpath.notebook import read_notebook
from callpath.options import loaded_config
from callpath.settings import PluginConfig
from callpath.workspace import links_of
from kernel import MAKEFILE, write_files, write_site, write_tree
from two_versions import git

KETTLE_C = "static int boil(void) { return 0; }\nint main(void)\n{\n\treturn boil();\n}\n"
NOTE = (
    "title: Tea\nsteps:\n  - function: main\n    file: kettle.c\n    steps:\n"
    "      - function: boil\n        file: kettle.c\n"
)
PLAIN_MAKEFILE = "default: all\n\n.DEFAULT:\n\tcd src && $(MAKE) $@\n"
KETTLE = {"Makefile": PLAIN_MAKEFILE, "kettle.c": KETTLE_C}
BASE = "https://code.example.org/kettle"


def site(folder: Path, *options: str, note: str = NOTE) -> OpenNotebook:
    lines = "".join(f"      {option}\n" for option in options)
    config = f"site_name: Tea\ndocs_dir: notes\nplugins:\n  - callpath:\n{lines}"
    return open_notebook(write_site(folder / "site", {"tea.yml": note}, config).config)


def found(book: OpenNotebook, source: str = "") -> list[Finding]:
    return [one for one in book.check(source or ()) if one.rule != "not-locked"]


def address(book: OpenNotebook, pin: Pin) -> str:
    return links_of(book.workspace).line(pin, "kettle.c", 2)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (
            ["pin: {project: kettle, version: 2.1.0}"],
            "elixir.bootlin.com does not have `kettle`",
            "provider: github, base: ",
        ),
        (
            ["pin: {project: busybix, version: 1.36.1}"],
            "elixir.bootlin.com does not have `busybix`",
            "did you mean `busybox`?",
        ),
        (
            ["pin: {project: kettle, version: 2.1.0}", "links: github"],
            "`links: github` has no address for `kettle`",
            "in `links.base`",
        ),
        (
            ["pin: {project: kettle, version: 2.1.0}", "links: kernel.org"],
            "`links: kernel.org` has no address for `kettle`",
            "in `links.base`",
        ),
        (
            ["pin: 7.2.4"],
            "the Linux kernel has no version `7.2.4`",
            "`pin: {project: NAME, version: 7.2.4}`",
        ),
        (
            ["pin: 7.2.4", "links: github"],
            "the Linux kernel has no version `7.2.4`",
            "`pin: {project: NAME, version: 7.2.4}`",
        ),
    ],
)
def test_links_that_lead_nowhere_are_a_finding_at_the_pin(
    tmp_path: Path, options: list[str], message: str, hint: str
) -> None:
    (finding,) = found(site(tmp_path, *options))
    assert (finding.rule, str(finding.location)) == ("unlinked-project", "mkdocs.yml:5:12")
    assert finding.message == message
    assert hint in finding.hint


@pytest.mark.parametrize(
    "options",
    [
        ["pin: {project: kettle, version: 2.1.0}", f"links: {{provider: github, base: {BASE}}}"],
        ["pin: {project: kettle, version: 2.1.0}", f"links: {{provider: elixir, base: {BASE}}}"],
        ["pin: {project: kettle, version: 2.1.0}", f"links: {{bases: {{kettle: {BASE}}}}}"],
        ["pin: {project: qemu, version: v8.2.0}"],
        ["pin: v6.12"],
        ["pin: v6.12", "links: kernel.org"],
        ["pin: v6.12", "rules: {unlinked-project: error}"],
    ],
)
def test_links_that_lead_somewhere_are_none(tmp_path: Path, options: list[str]) -> None:
    assert found(site(tmp_path, *options)) == []


@pytest.mark.parametrize("provider", ["elixir", "github", "kernel.org"])
def test_no_link_of_another_project_leads_into_linux(tmp_path: Path, provider: str) -> None:
    book = site(tmp_path, "pin: {project: kettle, version: 2.1.0}", f"links: {provider}")
    assert "linux" not in address(book, book.pin)


def test_a_note_of_another_project_than_the_site_has_its_own_address(tmp_path: Path) -> None:
    note = NOTE.replace("title:", "pin: {project: kettle, version: 2.1.0}\ntitle:", 1)
    links = "links: {provider: github}"
    (finding,) = found(site(tmp_path, "pin: v6.12", links, note=note))
    assert str(finding.location) == "notes/tea.yml:1:6"
    assert "in `links.bases`" in finding.hint
    links = f"links: {{provider: github, bases: {{kettle: {BASE}}}}}"
    book = site(tmp_path, "pin: v6.12", links, note=note)
    assert found(book) == []
    assert address(book, Pin("kettle", "2.1.0")) == f"{BASE}/blob/2.1.0/kettle.c#L2"
    assert address(book, Pin("linux", "v6.12")).startswith("https://github.com/torvalds/linux/")


def test_the_base_of_a_site_is_not_that_of_another_project() -> None:
    links = link_provider("github", BASE, "kettle")
    assert links.line(Pin("kettle", "2.1.0"), "a.c", 1).startswith(BASE)
    assert links.fault(Pin("teapot", "1")) is not None
    assert BASE not in links.line(Pin("teapot", "1"), "a.c", 1)


# --- versions and tags ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("project", "version", "tag", "elixir"),
    [
        ("busybox", "1.36.1", "1_36_1", "1.36.1"),
        ("busybox", "1_36_1", "1_36_1", "1.36.1"),
        ("freebsd", "v14.2", "release/14.2.0", "v14.2"),
        ("freebsd", "release/14.2.0", "release/14.2.0", "v14.2"),
        ("freebsd", "14.2.0", "release/14.2.0", "v14.2"),
        ("freebsd", "v13.2.1", "release/13.2.1", "v13.2.1"),
        ("xen", "v4.19.0", "RELEASE-4.19.0", "v4.19.0"),
        ("xen", "RELEASE-4.19.0", "RELEASE-4.19.0", "v4.19.0"),
        ("linux", "v6.12", "v6.12", "v6.12"),
        ("qemu", "v9.0.0", "v9.0.0", "v9.0.0"),
    ],
)
def test_versions_that_are_named_otherwise_at_elixir(
    project: str, version: str, tag: str, elixir: str
) -> None:
    pin = Pin(project, version)
    assert PluginConfig(pin=pin).tag_of(pin) == tag
    address = link_provider("elixir").line(pin, "a.c", 1)
    assert address == f"https://elixir.bootlin.com/{project}/{elixir}/source/a.c#L1"


TAGS = [
    "kettle-{version:_}",
    {"project": "teapot", "form": "REL{number:-}"},
    {"project": "teapot", "version": "v2.0", "form": "second/edition"},
    {"version": "3.0", "form": "three"},
]


@pytest.mark.parametrize(
    ("project", "version", "tag"),
    [
        ("kettle", "2.1.0", "kettle-2_1_0"),
        ("kettle", "3.0", "three"),
        ("teapot", "v1.5.2", "REL1-5-2"),
        ("teapot", "v2.0", "second/edition"),
        ("stove", "1.0", "1.0"),
        ("busybox", "1.36.1", "1_36_1"),
    ],
)
def test_a_site_says_which_tag_a_version_is(project: str, version: str, tag: str) -> None:
    pin = {"project": "kettle", "version": "2.1.0"}
    settings, faults = loaded_config({"pin": pin, "tag": TAGS})
    assert faults == []
    assert settings.tag_of(Pin(project, version)) == tag


@pytest.mark.parametrize("form", ["{versoin}", "a b", "", "{version", "v..{version}"])
def test_a_form_that_makes_no_tag_is_a_finding(form: str) -> None:
    settings, faults = loaded_config({"pin": "v6.12", "tag": [form]})
    assert settings.tag == []
    assert [each.rule for each in faults] == ["invalid-value"]


def test_the_tag_is_read_in_git_and_stands_in_addresses(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "kettle", KETTLE)
    for words in ("init -q", "add -A", "commit -qm x", "tag kettle-2_1_0"):
        git(folder, *words.split())
    options = ["pin: {project: kettle, version: 2.1.0}", "tag: ['kettle-{version:_}']"]
    book = site(tmp_path, *options, f"links: {{provider: github, base: {BASE}}}")
    assert book.lock(f"git:{folder}").findings == ()
    assert book.lock(f"tree:{folder}").findings == ()
    assert address(book, book.pin) == f"{BASE}/blob/kettle-2_1_0/kettle.c#L2"
    other = site(tmp_path, options[0], f"links: {{provider: github, base: {BASE}}}")
    with pytest.raises(SourceError, match=r"has no tag `2\.1\.0`"):
        other.lock(f"git:{folder}")


# --- trees that are not the project's ------------------------------------------------------------

OWN = ("pin: {project: kettle, version: 2.1.0}", f"links: {{provider: github, base: {BASE}}}")


def test_a_tree_that_is_no_linux_is_refused_for_linux(tmp_path: Path) -> None:
    spec = write_tree(tmp_path / "kettle", KETTLE)
    for check in (site(tmp_path, "pin: v6.12").lock, site(tmp_path, "pin: v6.12").check):
        with pytest.raises(SourceError) as caught:
            check(spec)
        assert "is not the Linux kernel: its `Makefile` gives no version" in caught.value.message
        assert "`pin: {project: NAME, version: v6.12}`" in caught.value.hint


def test_a_tree_of_linux_is_refused_for_another_project(tmp_path: Path) -> None:
    files = {"Makefile": MAKEFILE, "kernel/fork.c": "int x;\n", "kettle.c": KETTLE_C}
    spec = write_tree(tmp_path / "linux", files)
    with pytest.raises(SourceError, match="is the Linux kernel, but the notes are about `kettle`"):
        site(tmp_path, *OWN).lock(spec)


def test_a_tree_that_does_not_tell_its_version_is_a_warning(tmp_path: Path) -> None:
    spec = write_tree(tmp_path / "kettle", KETTLE)
    book = site(tmp_path, *OWN)
    new = book.lock(spec)
    (warning,) = new.findings
    assert (warning.rule, str(warning.severity)) == ("unknown-version", "warning")
    assert str(warning.location) == "mkdocs.yml:5:12"
    assert warning.message == f"nothing in `{spec}` tells that it is 2.1.0 of `kettle`"
    assert "`git:REPO`" in warning.hint
    new.write()
    again = open_notebook(book.workspace.config)
    assert [each.rule for each in again.check(spec)] == ["unknown-version"]


def test_a_checkout_is_asked_for_its_tag(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "kettle", KETTLE)
    for words in ("init -q", "add -A", "commit -qm x"):
        git(folder, *words.split())
    spec, book = f"tree:{folder}", site(tmp_path, *OWN)
    assert [each.rule for each in book.lock(spec).findings] == ["unknown-version"]
    git(folder, "tag", "2.0")
    with pytest.raises(SourceError) as caught:
        book.lock(spec)
    assert caught.value.message == f"`{spec}` is 2.0, but the notes are pinned to 2.1.0"
    git(folder, "tag", "2.1.0")
    assert book.lock(spec).findings == ()
    assert [each.rule for each in book.lock(f"git:{folder}@HEAD").findings] == []


def test_a_folder_inside_a_checkout_is_not_what_the_tag_names(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "all", {f"kettle/{path}": text for path, text in KETTLE.items()}
    )
    for words in ("init -q", "add -A", "commit -qm x", "tag 2.1.0"):
        git(folder, *words.split())
    found = site(tmp_path, *OWN).lock(f"tree:{folder}/kettle").findings
    assert [each.rule for each in found] == ["unknown-version"]


def test_a_linux_tree_needs_no_tag(tmp_path: Path) -> None:
    spec = write_tree(tmp_path / "linux", {"Makefile": MAKEFILE, "kettle.c": KETTLE_C})
    book = site(tmp_path, "pin: v3.7")
    assert book.lock(spec).findings == ()
    assert read_notebook(book.workspace).pin == Pin("linux", "v3.7")

"""A notebook read from bytes: its notes and pages, its links, and the state of its lockfile."""

import pytest

from callpath.addresses import Layout
from callpath.facts.lock import Lock
from callpath.findings import Weight
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from kernel import LAMP_NOTE, NOTES, PIN, said

SMALL = "title: Small\nsteps:\n  - function: f\n    file: a.c\n"


def load(
    files: dict[str, str | bytes],
    lock: Lock | None = None,
    weights: dict[str, Weight] | None = None,
    **more: object,
) -> Notebook:
    return Notebook.load(
        {path: text.encode() if isinstance(text, str) else text for path, text in files.items()},
        PluginConfig(pin=PIN, rules=weights or {}),
        prefix="notes/",
        lock=lock,
        **more,  # type: ignore[arg-type]
    )


def told(notebook: Notebook) -> list[str]:
    return [said(found) for found in notebook.findings]


def test_notes_pages_and_other_yaml_are_told_apart() -> None:
    notebook = load(
        {
            "kvm/init.yml": SMALL,
            "kvm/more.YAML": SMALL,
            "data.yml": "people: [a, b]\n",
            "index.md": "[f](src:b.c#f)\n",
            "empty.yml": "",
            "title.yml": "title: no note\n",
        }
    )
    assert list(notebook.notes) == ["kvm/init.yml", "kvm/more.YAML"]
    assert [note.id for note in notebook.notes.values()] == ["kvm/init", "kvm/more"]
    assert notebook.notes["kvm/init.yml"].file == "notes/kvm/init.yml"
    assert notebook.faulty == ("empty.yml",)
    assert [each.symbol.path for each in notebook.references] == ["b.c", "a.c", "a.c"]


def test_a_note_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    notebook = load({"bad.yml": "steps: [\n", "good.yml": SMALL, "worse.yml": b"steps:\n\xff\xfe"})
    assert list(notebook.notes) == ["good.yml"]
    assert notebook.faulty == ("bad.yml", "worse.yml")
    assert {found.location.file for found in notebook.findings} == {
        "notes/bad.yml",
        "notes/worse.yml",
    }


def test_findings_of_all_files_come_in_order() -> None:
    notebook = load(
        {
            "b.yml": SMALL.replace("file: a.c", "flie: a.c"),
            "a.yml": SMALL + "    commentary: <div>\n",
            "c.md": "[x](src:a.c)",
        }
    )
    places = [found.location for found in notebook.findings]
    assert places == sorted(places)
    assert places[0].file == "notes/a.yml"
    assert {found.rule for found in notebook.findings} >= {
        "unclosed-html",
        "unknown-key",
        "invalid-source-link",
    }


@pytest.mark.parametrize(
    ("files", "layout", "finding"),
    [
        (
            ["kvm/init.yml", "kvm/init.md"],
            Layout(),
            "notes/kvm/init.yml:1:1 page-collision: "
            "`notes/kvm/init.yml` and `notes/kvm/init.md` have the same address\n"
            "  rename one of them",
        ),
        (
            ["init.yaml", "init.yml"],
            Layout(),
            "notes/init.yml:1:1 page-collision: "
            "`notes/init.yml` and `notes/init.yaml` have the same address\n"
            "  rename one of them",
        ),
        (
            ["kvm/index.yml", "kvm/README.md"],
            Layout(),
            "notes/kvm/index.yml:1:1 page-collision: "
            "`notes/kvm/index.yml` and `notes/kvm/README.md` have the same address\n"
            "  rename one of them",
        ),
        (
            ["kvm.yml", "kvm/index.md"],
            Layout(),
            "notes/kvm.yml:1:1 page-collision: "
            "`notes/kvm.yml` and `notes/kvm/index.md` have the same address\n"
            "  rename one of them",
        ),
        (
            ["symbols.yml"],
            Layout(),
            "notes/symbols.yml:1:1 page-collision: "
            "`notes/symbols.yml` and the generated page `symbols.md` have the same address\n"
            "  rename the note",
        ),
        (["kvm.yml", "kvm/index.md"], Layout(directory_urls=False), None),
        (["symbols.md"], Layout(), None),
        (["index.md", "README.md"], Layout(), None),
        (["a.yml", "b/a.md"], Layout(), None),
    ],
)
def test_pages_with_one_address(files: list[str], layout: Layout, finding: str | None) -> None:
    texts: dict[str, str | bytes] = {
        path: "# Page\n" if path.endswith(".md") else SMALL for path in files
    }
    assert told(load(texts, layout=layout)) == ([finding] if finding else [])


def test_a_faulty_note_collides_too() -> None:
    assert "page-collision" in {
        found.rule for found in load({"a.yml": "steps: [\n", "a.md": "# A"}).findings
    }


@pytest.mark.parametrize(
    ("link", "finding"),
    [
        ("index.md", None),
        ("lamp.yml#lamp_init", None),
        ("#lamp", None),
        ("#call-graph", None),
        ("lamp.yml#call-graph", None),
        ("symbols.md", None),
        ("files.md#x", None),
        ("pictures/lamp.svg", None),
        ("https://example.org/none.md", None),
        ("lamp.yml#lamp_inti", "`lamp.yml` has no step `lamp_inti`\n  did you mean `lamp_init`?"),
        ("indx.md", "there is no `indx.md` in the notebook\n  did you mean `index.md`?"),
        ("lamp.html", "there is no `lamp.html` in the notebook\n  did you mean `lamp.yml`?"),
    ],
)
def test_links_between_the_pages_of_a_notebook(link: str, finding: str | None) -> None:
    text = SMALL.replace("function: f", "function: lamp") + f"    commentary: see [it]({link})\n"
    notebook = load(
        {"a.yml": text, "lamp.yml": LAMP_NOTE, "fan.yml": NOTES["fan.yml"], "index.md": "# x"},
        other_files=["pictures/lamp.svg"],
    )
    assert told(notebook) == ([f"notes/a.yml:5:26 broken-link: {finding}"] if finding else [])


# --- the lockfile -----------------------------------------------------------------------------


def test_without_lockfile_there_is_one_finding() -> None:
    (found,) = load(dict(NOTES)).lock_findings
    assert said(found) == (
        "notes/notes.lock:1:1 not-locked: there is no lockfile `notes/notes.lock`\n"
        "  make it with `callpath lock --source SPEC` and commit it"
    )


def test_a_notebook_without_references_needs_no_lockfile() -> None:
    assert load({"index.md": "# Nothing"}).lock_findings == ()
    assert load({"index.md": "# Nothing"}, Lock()).lock_findings == ()


def test_a_locked_notebook_has_no_finding(locked: Notebook) -> None:
    assert locked.lock_findings == ()
    assert locked.findings == ()


def test_each_reference_that_is_not_locked_is_told_at_its_place(locked: Notebook) -> None:
    more = "title: More\nsteps:\n  - function: fan_stop\n    file: drivers/fan/fan.c\n"
    page = "# Page\n\n[off](src:include/linux/lamp.h#LAMP_OFF)\n"
    found = load({**NOTES, "more.yml": more, "page.md": page}, locked.lock).lock_findings
    assert [said(each) for each in found] == [
        "notes/more.yml:3:15 not-locked: "
        "`fan_stop` in `drivers/fan/fan.c` is not locked at v3.7\n"
        "  run `callpath lock --source SPEC`",
        "notes/page.md:3:7 not-locked: "
        "`LAMP_OFF` in `include/linux/lamp.h` is not locked at v3.7\n"
        "  run `callpath lock --source SPEC`",
    ]


def test_what_is_locked_in_vain_is_told(locked: Notebook) -> None:
    notebook = load({"lamp.yml": LAMP_NOTE, "index.md": NOTES["index.md"]}, locked.lock)
    stale = [said(each) for each in notebook.lock_findings if "function" in each.message]
    assert stale == [
        "notes/notes.lock:1:1 stale-lock: no note refers to function `fan_start` in "
        "`drivers/fan/fan.c` at v3.7; 2 more facts are stale\n  run `callpath lock --source SPEC`"
    ]
    gone = load({"index.md": "# Nothing"}, locked.lock)
    assert {each.rule for each in gone.lock_findings} == {"stale-lock"}


def test_another_version_is_not_locked(locked: Notebook) -> None:
    moved = {"lamp.yml": LAMP_NOTE.replace("title:", "pin: v3.8\ntitle:", 1)}
    found = load({**NOTES, **moved}, locked.lock).lock_findings
    (finding,) = found
    assert said(finding) == (
        "notes/lamp.yml:1:6 not-locked: this note is locked at v3.7, but not at v3.8: `lamp_init` "
        "in `drivers/lamp/lamp.c` and 7 more\n  write `pin: v3.7` if it is about that version, or "
        "run `callpath lock --source SPEC`"
    )


def test_the_sites_weights_count_everywhere() -> None:
    notebook = load(
        {"a.yml": SMALL + "    commentary: <div>\n", "b.md": "[x](src:a.c)"},
        weights={"unclosed-html": "off", "invalid-source-link": "warning", "not-locked": "warning"},
    )
    assert [(each.rule, each.severity) for each in notebook.findings] == [
        ("invalid-source-link", "warning")
    ]
    assert [(each.rule, each.severity) for each in notebook.lock_findings] == [
        ("not-locked", "warning")
    ]


def test_an_anchor_that_prose_may_make_is_left_to_the_site() -> None:
    text = SMALL + "    commentary: |\n      # Heading\n\n      [down](#heading)\n"
    assert [each.rule for each in load({"a.yml": text}).findings] == []
    text = SMALL + "    commentary: '[down](#heading)'\n"
    assert [each.rule for each in load({"a.yml": text}).findings] == ["broken-link"]

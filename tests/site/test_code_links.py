"""What names in a text lead to: the lockfile's sites and calls, on notes and on symbols' pages."""

import pytest
from msgspec.structs import replace

from callpath.addresses import Layout, link_provider
from callpath.facts.lock import LockedDefinition
from callpath.model import Pin
from callpath.notebook import Notebook
from callpath.settings import (
    Licence,
    licence_table,
)
from callpath.site.code import CodeLinks
from callpath.site.strings import strings_for
from callpath.site.views import CodeRequest, LicenceView, SiteContext
from callpath.workspace import Workspace
from kernel import FAN_NOTE, LAMP_NOTE, NOTES, line_of, lock_site, write_site

LAMP = "drivers/lamp/lamp.c"


def links_of(notebook: Notebook, *licences: Licence) -> CodeLinks:
    site = SiteContext(notebook, Layout(), link_provider("elixir"), strings_for("en"))
    return CodeLinks(site, licence_table(licences))


def of_step(notebook: Notebook, note: str, step: str) -> CodeRequest:
    (place,) = (each for each in notebook.index.places[note] if each.step.id == step)
    assert place.locked is not None
    return links_of(notebook).of_step(place, place.locked)


def of_symbol(notebook: Notebook, name: str, path: str = LAMP, *licences: Licence) -> CodeRequest:
    (entry,) = (
        entry
        for key, entry in notebook.index.symbols.items()
        if (key.name, key.path) == (name, path)
    )
    return links_of(notebook, *licences).of_symbol(entry, entry.definitions[0])


def told(request: CodeRequest) -> list[tuple[int, tuple[str, ...], str, int]]:
    return [(each.line, each.names, each.href, each.number) for each in request.targets]


def test_a_call_is_a_site_and_leads_to_the_step(locked: Notebook) -> None:
    request = of_step(locked, "lamp", "lamp_init")
    call = line_of(LAMP, "\treturn lamp_register(&lamp)")
    assert told(request) == [
        (call, ("lamp_register",), "#lamp_register", 2),
        (0, ("lamp_register",), "#lamp_register", 2),
    ]
    assert request.sites == (call,)


def test_a_pointer_is_linked_by_its_member(locked: Notebook) -> None:
    request = of_step(locked, "lamp", "lamp_register")
    call = line_of(LAMP, "\treturn lamp->ops->reset(lamp)")
    assert told(request) == [(call, ("lamp_reset", "reset"), "#lamp_reset", 3)]


def test_a_symbols_page_leads_to_pages(locked: Notebook) -> None:
    request = of_symbol(locked, "lamp_init")
    (site, call) = request.targets
    assert (site.href, site.symbol, site.path) == ("../lamp_register/", "lamp_register", LAMP)
    assert replace(site, line=0) == call
    assert request.url == f"https://elixir.bootlin.com/linux/v3.7/source/{LAMP}#L27-L32"


def test_a_table_shows_what_the_notes_say_it_binds(workspace: Workspace, tree: str) -> None:
    table = "  - variable: desk_lamp_ops\n    file: drivers/lamp/lamp.c\n    commentary: x\n"
    (workspace.notes_folder / "lamp.yml").write_text(LAMP_NOTE + table)
    request = of_step(lock_site(workspace, linux=tree), "lamp", "desk_lamp_ops")
    binding = line_of(LAMP, "\t.reset = lamp_reset")
    assert told(request) == [(binding, ("lamp_reset", "reset"), "#lamp_reset", 3)]


def test_what_another_note_tells_is_linked_to_its_page(workspace: Workspace, tree: str) -> None:
    alone = "title: t\nsteps:\n  - function: lamp_init\n    file: drivers/lamp/lamp.c\n"
    (workspace.notes_folder / "one.yml").write_text(alone + "    commentary: x\n")
    request = of_step(lock_site(workspace, linux=tree), "one", "lamp_init")
    page = f"../source/linux/{LAMP}/lamp_register/"
    assert told(request) == [(0, ("lamp_register",), page, 0)]
    assert request.sites == ()


def test_steps_about_one_symbol_have_each_their_own_sites(workspace: Workspace, tree: str) -> None:
    twice = LAMP_NOTE + (
        "  - function: lamp_init\n    file: drivers/lamp/lamp.c\n    id: again\n    commentary: x\n"
    )
    (workspace.notes_folder / "lamp.yml").write_text(twice)
    notebook = lock_site(workspace, linux=tree)
    assert of_step(notebook, "lamp", "lamp_init").sites != ()
    again = of_step(notebook, "lamp", "again")
    assert again.sites == ()
    assert told(again) == [(0, ("lamp_register",), "#lamp_register", 2)]


def test_a_static_function_of_another_file_is_never_meant(tmp_path, tree: str) -> None:
    """`fan_start` calls the `lamp_reset` of its own file, which no note is about here."""
    alone = FAN_NOTE[: FAN_NOTE.index("    steps:")]
    site = write_site(tmp_path / "s", NOTES | {"fan.yml": alone})
    notebook = lock_site(site, linux=tree)
    (place,) = notebook.index.places["fan"]
    assert place.locked is not None
    assert [name for name, _ in place.locked.calls] == ["lamp_reset"]
    assert told(of_step(notebook, "fan", "fan_start")) == []


def test_a_recursive_call_leads_nowhere(locked: Notebook) -> None:
    (place,) = (each for each in locked.index.places["lamp"] if each.step.id == "lamp_init")
    assert place.locked is not None
    recursive: LockedDefinition = replace(place.locked, calls=(("lamp_init", 30),))
    request = links_of(locked).of_step(place, recursive)
    assert all(target.line for target in request.targets)


def test_another_version_has_no_site_here(locked: Notebook) -> None:
    (place,) = (each for each in locked.index.places["lamp"] if each.step.id == "lamp_init")
    assert place.locked is not None
    other = replace(place.locked, version="v6.12")
    request = links_of(locked).of_step(place, other)
    assert request.sites == ()
    assert "/v6.12/" in request.url


def test_the_licence_is_that_of_the_project(locked: Notebook) -> None:
    request = of_symbol(locked, "lamp_init")
    url = "https://elixir.bootlin.com/linux/v3.7/source/COPYING"
    assert request.licence == LicenceView("linux", "GPL-2.0 WITH Linux-syscall-note", url)
    own = Licence(project="linux", name="GPL-2.0-only")
    assert of_symbol(locked, "lamp_init", LAMP, own).licence == LicenceView("linux", "GPL-2.0-only")


@pytest.mark.parametrize("project", ["qemu", "xen"])
def test_an_unknown_licence_is_not_made_up(locked: Notebook, project: str) -> None:
    qemu = Licence(project="qemu", name="GPL-2.0-or-later", file="COPYING")
    (place,) = (each for each in locked.index.places["lamp"] if each.step.id == "lamp_init")
    assert place.locked is not None
    other = replace(place.locked, project=project, version="v8")
    found = links_of(locked, qemu).of_step(place, other).licence
    known = LicenceView(
        "qemu", "GPL-2.0-or-later", "https://elixir.bootlin.com/qemu/v8/source/COPYING"
    )
    assert found == (known if project == "qemu" else LicenceView("xen"))
    assert Pin("qemu", "v8") != locked.pin

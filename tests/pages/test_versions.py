"""Tracked versions on a built site: the matrix, notes compared, the switch, the code."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from built_site import ADDRESS, BuiltSite
from playwright.sync_api import expect
from runs import ROOT, callpath, run
from small_site import SmallSite, write_tree
from web_server import Served

from git_server import make_repository, need_git

PIN, OTHER = "v3.7", "v6.12"
NOTE = "kvm/init/"
COMPARISON = f"versions/{NOTE}{OTHER}/"
WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 360, "height": 740}
STEP = "section.callpath-step:has(> #svm_init)"


@pytest.fixture(scope="module")
def tracks() -> list[Any]:
    """What the lockfile says became of definitions of the site's pin."""
    lines = (ROOT / "notes/notes.lock").read_text("utf-8").splitlines()[1:]
    facts = [json.loads(line) for line in lines]
    return [fact for fact in facts if "track" in fact and fact["version"] == PIN]


# --- pages of the notebook ----------------------------------------------------------------------


def test_the_matrix_has_a_row_for_every_symbol(notebook: BuiltSite, tracks: list[Any]) -> None:
    page = notebook.pages["versions/index.html"]
    table = page.part(page.find(f'//h2[@id="{PIN}"]/following::table[1]')[0])
    rows = table.find(".//tr[th[@scope='row']]")
    assert len(rows) == len(tracks) > 300
    shown = Counter(span.get("data-drift") for row in rows for span in row.iter("span"))
    said = Counter(track["status"] for track in tracks)
    assert {name: shown[name] for name in said} == said
    totals = table.texts('.//tr[@class="callpath-matrix-total"]//li')
    assert [int(total.split()[-1]) for total in totals] == [
        said[name]
        for name in ("same", "moved", "moved-file", "changed", "renamed", "gone")
        if said[name]
    ]


def test_a_cell_leads_to_the_place_in_its_version(notebook: BuiltSite, tracks: list[Any]) -> None:
    page = notebook.pages["versions/index.html"]
    path = f'//h2[@id="{PIN}"]/following::table[1]//tr[th[@scope="row"]]/td[last()]'
    places = page.hrefs(f'{path}/a[has-class("callpath-place")]')
    assert len(places) == sum("to" in track for track in tracks)
    root = f"https://elixir.bootlin.com/linux/{OTHER}/source/"
    assert all(place.startswith(root) for place in places)
    files = {track["to"][0] for track in tracks if "to" in track}
    assert {place.removeprefix(root).partition("#")[0] for place in places} == files


def test_a_note_is_compared_step_by_step(notebook: BuiltSite) -> None:
    page = notebook.pages[f"{COMPARISON}index.html"]
    steps = [item.get("id") for item in page.find('//ol[has-class("callpath-there-steps")]/li')]
    note = notebook.pages[f"{NOTE}index.html"]
    assert steps == [h2.get("id") for h2 in note.find('//section[has-class("callpath-step")]/h2')]
    places = page.hrefs('//li[@id="svm_init"]//a[has-class("callpath-place")]')
    assert f"/{PIN}/source/arch/x86/kvm/svm.c#" in places[0]
    assert all(f"/{OTHER}/source/arch/x86/kvm/svm/svm.c#" in place for place in places[1:])
    assert page.hrefs('//li[@id="svm_init"]//a[has-class("callpath-more")]') == [
        "../../../../kvm/init-6.12/#svm_init"
    ]


def test_what_a_step_says_of_a_version_stands_on_both_pages(notebook: BuiltSite) -> None:
    note, other = notebook.pages[f"{NOTE}index.html"], notebook.pages[f"{COMPARISON}index.html"]
    remark = '//*[has-class("callpath-remark")]'
    said = note.texts(f"//section[h2/@id='svm_init']{remark}/p[not(@class)]")
    assert said == other.texts(f"//li[@id='svm_init']{remark}/p")
    assert "kvm_x86_vendor_init" in said[0]
    link = f'//*[@id="svm_init"]/ancestor-or-self::*{remark}//a[has-class("callpath-source-link")]'
    leads = {notebook.target(page, page.hrefs(link)[0])[0] for page in (note, other)}
    assert leads == {"source/linux/arch/x86/kvm/x86.c/kvm_x86_vendor_init/index.html"}


def test_counterparts_lead_to_each_other(notebook: BuiltSite) -> None:
    for here, there in (("init", "init-6.12"), ("init-6.12", "init")):
        page = notebook.pages[f"kvm/{here}/index.html"]
        assert f"../{there}/" in page.hrefs('//nav[has-class("callpath-versions")]//a')


def test_a_symbol_says_where_it_is_elsewhere(notebook: BuiltSite) -> None:
    page = notebook.pages["source/linux/arch/x86/kvm/svm.c/svm_init/index.html"]
    (item,) = page.texts('//div[has-class("callpath-elsewhere")]//li')
    assert item.startswith(OTHER)
    assert "arch/x86/kvm/svm/svm.c:" in item


def test_texts_for_machines_have_versions_and_remarks(notebook: BuiltSite) -> None:
    assert f"{ADDRESS}versions/" in (notebook.root / "llms.txt").read_text("utf-8")
    text = (notebook.root / "llms-full.txt").read_text("utf-8")
    step = text[text.index("`svm_init`\n") :].partition("\n### ")[0]
    remark = step[step.index(f"**在 {OTHER} 里**") :]
    assert f"]({ADDRESS}source/linux/arch/x86/kvm/x86.c/kvm_x86_vendor_init/)" in remark


# --- the switch ---------------------------------------------------------------------------------


def test_every_step_shows_another_version(opened: Any) -> None:
    page = opened(NOTE, WIDE)
    switch = page.locator(f"[data-there='{OTHER}']")
    assert page.locator(".callpath-there").count() == 0
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    steps = page.locator(".callpath-step").count()
    expect(page.locator(".callpath-step > .callpath-head > .callpath-there")).to_have_count(steps)
    there = page.locator(f"{STEP} .callpath-there")
    there.scroll_into_view_if_needed()
    expect(there).to_contain_text(OTHER, use_inner_text=True)
    assert "arch/x86/kvm/svm/svm.c:" in there.inner_text()
    switch.click()
    expect(page.locator(".callpath-there")).to_have_count(0)
    expect(switch).to_have_attribute("aria-pressed", "false")


def test_the_choice_of_a_version_stays_when_the_page_is_left(opened: Any) -> None:
    page = opened(NOTE, WIDE)
    page.locator(f"[data-there='{OTHER}']").click()
    page.locator(".callpath-there").first.wait_for()
    page.locator(".callpath-path-steps a[href$='#kvm_init']").click()
    page.wait_for_load_state("networkidle")
    page.reload()
    page.locator(".callpath-there").first.wait_for()
    expect(page.locator("[data-there]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_load_state("networkidle")
    page.locator(f"{STEP} .callpath-there a[href*='init-6.12']").click()
    page.wait_for_url("**/kvm/init-6.12/#svm_init")
    expect(page.locator(".callpath-there")).to_have_count(0)  # that note has no such version


def test_a_phone_shows_another_version_within_its_width(opened: Any) -> None:
    page = opened(NOTE, NARROW)
    page.locator(f"[data-there='{OTHER}']").click()
    page.locator(".callpath-there").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    for path in ("versions/", COMPARISON):
        page = opened(path, NARROW)
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


# --- code of a tracked version ------------------------------------------------------------------


@pytest.fixture
def both(small: SmallSite) -> SmallSite:
    """The small site with its source in two versions, both fetched."""
    need_git()
    folder = small.root.parent / "two"
    write_tree(folder)
    old = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    clock = old["drivers/clock/clock.c"].replace(b"int clock_init", b"/* later */\nint clock_init")
    makefile = old["Makefile"].replace(b"PATCHLEVEL = 7", b"PATCHLEVEL = 8")
    new = old | {"drivers/clock/clock.c": clock, "Makefile": makefile}
    remote = make_repository(folder.parent / "linux", {"v3.7": old, "v3.8": new})
    plugin = {"callpath": {"pin": "v3.7", "versions": ["v3.7", "v3.8"]}}
    material = {"name": "material", "font": False, "features": ["navigation.instant"]}
    small.configure(theme=material, plugins=["search", plugin])
    for words in (("lock", "--source", f"git:{remote}"), ("fetch", "--remote", remote.as_uri())):
        done = callpath(*words, at=small.root)
        assert done.status == 0, done.said
    return small


def test_the_code_beside_a_step_is_that_of_the_chosen_version(
    both: SmallSite, chromium: Any
) -> None:
    done = run("mkdocs", "build", "--strict", at=both.root)
    assert (done.status, done.warnings) == (0, []), done.said
    with Served(both.root / "site") as served:
        page = chromium.new_page(viewport=WIDE)
        page.goto(f"{served.address}kvm/init/#clock_init")
        page.locator("[data-view=code]").click()
        head = page.locator("#callpath-code-view .callpath-code-head a").first
        before = _line(head.get_attribute("href"), "v3.7")
        page.locator("[data-there='v3.8']").click()
        expect(head).to_have_attribute("href", re.compile("/v3.8/"))
        assert _line(head.get_attribute("href"), "v3.8") == before + 1
        site = page.locator("#callpath-code-view .callpath-line a", has_text="clock_register")
        assert site.get_attribute("href") == "#clock_register"
        page.locator("[data-there='v3.8']").click()
        expect(head).to_have_attribute("href", re.compile("/v3.7/"))


def _line(href: str | None, version: str) -> int:
    found = re.search(rf"/{version}/source/drivers/clock/clock\.c#L(\d+)", href or "")
    assert found is not None, href
    return int(found[1])


def test_the_cache_of_a_tracked_version_may_be_absent(both: SmallSite) -> None:
    (both.root / ".cache/callpath").rename(both.root / "elsewhere")
    done = run("mkdocs", "build", "--strict", at=both.root)
    assert (done.status, done.warnings) == (0, []), done.said
    assert not list(Path(both.root / "site/assets/callpath").glob("code/**/*.js"))
    script = (both.root / "site/assets/callpath/versions/kvm/init@v3.8.js").read_text("utf-8")
    told = json.loads(script.partition(" = ")[2].rstrip(";\n"))
    assert {step: has_code for step, (_, has_code) in told.items()} == {
        "clock_init": 0,
        "clock_register": 0,
        "quartz_setup": 0,
    }

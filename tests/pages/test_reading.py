"""Reading a note in Debian's browser: the step at hand, its graph, keys, previews, dialogs."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 360, "height": 740}
NOTE = "kvm/init/"
CURRENT = "document.querySelector('.callpath-step.callpath-current > h2')?.id"
RAIL = ".callpath-path-steps a[aria-current='step']"
FRAMED = "document.querySelector('.callpath-picture svg').viewBox.baseVal.width < 1000"


@pytest.fixture
def note(opened):
    """The longest note on a wide screen, its script at work."""
    page = opened(NOTE, WIDE)
    page.wait_for_function("window.document$ !== undefined")
    page.wait_for_selector(".callpath-live")
    return page


@pytest.fixture
def phone(opened):
    """The longest note on a phone, its script at work."""
    page = opened(NOTE, NARROW)
    page.wait_for_selector(".callpath-bar [rel=next]:not([href='#'])")
    return page


def at_hand(page, step):
    """Wait until a step is the one at hand everywhere: text, rail, graph, counter, address."""
    page.wait_for_function(f"{CURRENT} === '{step}'")
    page.wait_for_function(f"location.hash === '#{step}'")
    expect(page.locator(f"#{step} > code")).not_to_have_text("", use_inner_text=True)
    expect(page.locator(RAIL)).to_have_text(page.locator(f"#{step} > code").inner_text())
    expect(page.locator(RAIL)).to_be_in_viewport()
    number = page.locator(f"#{step} > .callpath-number").inner_text()
    expect(page.locator(".callpath-progress")).to_have_text(number)
    expect(page.locator(".callpath-node.callpath-current")).to_have_attribute("data-node", step)
    rail = page.locator(".callpath-path-steps").bounding_box()
    link = page.locator(RAIL).bounding_box()
    assert rail["y"] <= link["y"]
    assert link["y"] + link["height"] <= rail["y"] + rail["height"]


def steps(page):
    return page.eval_on_selector_all(".callpath-step > h2", "all => all.map((each) => each.id)")


# --- the step at hand ---------------------------------------


def test_scrolling_takes_everything_along(note):
    order = steps(note)
    assert note.locator(RAIL).count() == 0
    note.mouse.move(500, 500)
    seen = []
    for _ in range(200):
        note.mouse.wheel(0, 400)
        note.wait_for_timeout(60)
        if (step := note.evaluate(CURRENT)) and step not in seen:
            seen.append(step)
        if len(seen) == 6:
            break
    assert len(seen) == 6
    assert seen == [step for step in order if step in seen]
    note.wait_for_timeout(300)
    at_hand(note, note.evaluate(CURRENT))
    note.mouse.wheel(0, -100_000)
    note.wait_for_function("location.hash === ''")
    assert note.locator(".callpath-progress").inner_text() == f"– / {len(order)}"


def test_keys_go_to_the_next_and_the_previous_step(note):
    first, second, third, *_ = steps(note)
    for key, step in [("j", first), ("j", second), ("j", third), ("k", second)]:
        note.keyboard.press(key)
        at_hand(note, step)
    header = note.locator(".md-header").bounding_box()
    heading = note.locator(f"#{second}").bounding_box()
    assert header["height"] <= heading["y"] <= header["height"] + 60


def test_the_last_step_can_be_reached_and_stays(note):
    last = steps(note)[-1]
    note.locator(f".callpath-path-steps a[href$='#{last}']").click()
    at_hand(note, last)
    note.wait_for_timeout(400)
    at_hand(note, last)


def test_an_address_opens_its_step(opened):
    page = opened(f"{NOTE}#svm_hardware_setup", WIDE)
    page.wait_for_selector(".callpath-live")
    at_hand(page, "svm_hardware_setup")


def test_back_returns_to_where_a_link_was_followed(note):
    note.locator(".callpath-path-steps a[href$='#kvm_init']").click()
    at_hand(note, "kvm_init")
    note.locator(".callpath-path-steps a[href$='#svm_hardware_setup']").click()
    at_hand(note, "svm_hardware_setup")
    note.go_back()
    at_hand(note, "kvm_init")


def test_single_keys_can_be_switched_off(note):
    note.keyboard.press("?")
    dialog = note.locator("dialog[open]")
    dialog.locator("kbd").first.wait_for()
    assert dialog.locator("kbd").count() >= 6
    dialog.locator("input[type=checkbox]").uncheck()
    note.keyboard.press("Escape")
    note.keyboard.press("j")
    note.wait_for_timeout(200)
    assert note.evaluate(CURRENT) is None
    note.keyboard.press("Control+k")
    assert note.locator("dialog input[role=combobox]").is_visible()
    note.keyboard.press("Escape")
    note.reload()
    note.wait_for_selector(".callpath-live")
    note.keyboard.press("j")
    note.wait_for_timeout(200)
    assert note.evaluate(CURRENT) is None


def test_keys_leave_fields_alone(note):
    note.keyboard.press("/")
    note.locator(".md-search__input").type("jk")
    assert note.locator(".md-search__input").input_value() == "jk"
    assert note.evaluate(CURRENT) is None


def test_step_mode_shows_one_step_and_arrows_turn_it(note):
    first, second, *_ = steps(note)
    note.keyboard.press("o")
    assert note.locator(".callpath-step:visible").count() == 1
    at_hand(note, first)
    note.keyboard.press("ArrowRight")
    at_hand(note, second)
    assert note.locator(".callpath-step:visible > h2").get_attribute("id") == second
    note.keyboard.press("ArrowLeft")
    at_hand(note, first)
    note.locator("[data-do=stepwise]").click()
    assert note.locator(".callpath-step:visible").count() > 1


def test_a_link_within_the_page_neither_fetches_nor_draws_it_anew(note):
    """Material would, for the first of them; on the way back too."""
    asked = []
    note.on("request", lambda request: asked.append(request.url))
    note.evaluate("window.before = document.querySelector('.callpath-note')")
    note.locator(".callpath-path-steps a[href$='#kvm_init']").click()
    at_hand(note, "kvm_init")
    note.evaluate("location.hash = '#svm_init'")
    at_hand(note, "svm_init")
    note.go_back()
    at_hand(note, "kvm_init")
    note.go_back()
    note.wait_for_function("location.hash === '' && scrollY === 0")
    assert note.evaluate("window.before === document.querySelector('.callpath-note')")
    assert [url for url in asked if url.split("#")[0].endswith(NOTE)] == []


def test_the_way_back_from_another_page_leads_to_the_step(note, served):
    note.wait_for_load_state("networkidle")
    note.evaluate("window.stayed = true")
    note.locator(".callpath-path-steps a[href$='#kvm_init']").click()
    at_hand(note, "kvm_init")
    note.locator("#kvm_init ~ .callpath-head .callpath-more a").click()
    note.wait_for_url(served.address + "source/linux/virt/kvm/kvm_main.c/kvm_init/")
    note.locator("h1 >> text=kvm_init").wait_for()
    note.go_back()
    note.wait_for_selector(".callpath-live")
    at_hand(note, "kvm_init")
    assert note.evaluate("window.stayed") is True


def test_the_way_back_while_another_page_is_on_its_way_shows_the_step(note, served):
    note.wait_for_load_state("networkidle")
    note.locator(".callpath-path-steps a[href$='#kvm_init']").click()
    at_hand(note, "kvm_init")
    address = served.address + "source/linux/virt/kvm/kvm_main.c/kvm_init/"
    held = []
    note.route(address, lambda route: held.append(route))
    note.locator("#kvm_init ~ .callpath-head .callpath-more a").click()
    note.wait_for_url(address)
    note.go_back()
    note.wait_for_url(served.address + NOTE + "#kvm_init")
    for route in held:
        route.continue_()
    note.wait_for_load_state("networkidle")
    note.wait_for_selector(".callpath-live")
    at_hand(note, "kvm_init")


# --- the graph ---------------------------------------


def test_a_box_of_the_graph_goes_to_its_step(note):
    note.locator(".callpath-node:has-text('svm_init')").first.click()
    at_hand(note, "svm_init")
    note.go_back()
    note.wait_for_function("location.hash === ''")


def test_the_graph_frames_the_step_and_what_it_calls(note):
    note.goto(f"{note.url}#svm_hardware_setup")
    at_hand(note, "svm_hardware_setup")
    note.wait_for_timeout(300)
    frame = note.locator(".callpath-picture").bounding_box()
    box = note.locator(".callpath-current rect").bounding_box()
    assert frame["x"] <= box["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert frame["y"] <= box["y"]
    assert box["y"] + box["height"] <= frame["y"] + frame["height"]
    assert note.locator(".callpath-node.callpath-current text").first.bounding_box()["height"] >= 9
    assert note.locator(".callpath-node.callpath-near").count() >= 2


LARGE = (
    "section:has(> #call-graph-v3\\.7)"  # of the page of the whole graph, the one that is folded
)


def boxes(page):
    """The boxes of that picture in its order, however few a frame they come."""
    names = "all => all.map((each) => each.dataset.node)"
    return page.eval_on_selector_all(f"{LARGE} .callpath-picture .callpath-node", names)


def test_a_folded_graph_opens_and_closes_and_loses_no_box(opened):
    page = opened("graph/", WIDE)
    page.wait_for_selector(f"{LARGE} .callpath-live")
    overview = boxes(page)
    folded = page.locator(f"{LARGE} .callpath-node.callpath-folded")
    assert folded.count() > 3
    seen = folded.filter(has=page.locator("text", has_text=re.compile(r"^svm\.c$")))
    name = seen.get_attribute("data-node")
    seen.click()
    page.wait_for_selector(".callpath-back")
    page.wait_for_timeout(300)
    part = boxes(page)
    assert part != overview
    assert len(set(part)) == len(part) > 3
    assert page.locator(f"{LARGE} .callpath-picture .callpath-edge").count() > 0
    page.locator(".callpath-back").click()
    page.wait_for_timeout(300)
    assert boxes(page) == overview
    # In one go, before the first boxes of either have come.
    page.evaluate(
        """(name) => {
          document.querySelector(`.callpath-folded[data-node="${name}"]`)
            .dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
          return new Promise((done) => setTimeout(() => {
            document.querySelector(".callpath-back").click();
            setTimeout(done, 400);
          }, 0));
        }""",
        name,
    )
    assert boxes(page) == overview


def view(page):
    box = page.locator(".callpath-picture svg").get_attribute("viewBox")
    return [float(part) for part in box.split()]


def test_the_graph_pans_and_zooms_by_wheel_and_pointer(note):
    frame = note.locator(".callpath-picture").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    start, scrolled = view(note), note.evaluate("scrollY")
    note.mouse.move(x, y)
    note.mouse.wheel(0, 60)
    note.wait_for_timeout(100)
    panned = view(note)
    assert panned[1] > start[1]
    assert panned[2:] == start[2:]
    assert note.evaluate("scrollY") == scrolled
    note.keyboard.down("Control")
    note.mouse.wheel(0, -120)
    note.keyboard.up("Control")
    note.wait_for_timeout(100)
    zoomed = view(note)
    assert zoomed[2] < panned[2]
    note.mouse.down()
    note.mouse.move(x + 80, y + 10, steps=4)
    note.mouse.up()
    dragged = view(note)
    assert dragged[0] < zoomed[0]
    assert dragged[2:] == zoomed[2:]
    assert note.evaluate(CURRENT) is None  # a drag is no click


def test_the_keyboard_moves_in_the_graph(note):
    stops = note.locator(".callpath-picture a[tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    note.keyboard.press("ArrowRight")
    focused = "document.activeElement.closest('[data-node]').dataset.node"
    assert note.evaluate(focused) == "svm_init"
    note.keyboard.press("ArrowRight")
    note.keyboard.press("ArrowDown")
    note.keyboard.press("ArrowDown")
    assert note.evaluate(focused) == "kvm_init"
    before = view(note)
    note.keyboard.press("+")
    assert view(note)[2] < before[2]
    note.keyboard.press("Enter")
    at_hand(note, "kvm_init")


def test_pinching_zooms(opened):
    page = opened(NOTE, NARROW, touch=True)
    page.locator(".callpath-pane > summary").click()
    page.wait_for_selector(".callpath-live")
    page.locator(".callpath-picture").scroll_into_view_if_needed()
    page.wait_for_function(FRAMED)
    frame = page.locator(".callpath-picture").bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 3
    before = view(page)
    session = page.context.new_cdp_session(page)

    def touch(kind, *gaps):
        points = [{"x": x + gap, "y": y, "id": n} for n, gap in enumerate(gaps)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -20, 20)
    touch("touchMove", -40, 40)
    touch("touchMove", -70, 70)
    touch("touchEnd")
    assert view(page)[2] < before[2] / 2


def test_the_whole_graph_opens_large_and_closes(note):
    note.locator(".callpath-pane [data-zoom='⤢']").click()
    dialog = note.locator("dialog.callpath-fullscreen")
    note.wait_for_timeout(300)
    assert dialog.bounding_box()["width"] > 1300
    _, _, width, height = view(note)
    whole = note.evaluate("document.querySelector('.callpath-picture').dataset.words") or ""
    assert whole.count("|") == 2
    assert width * height > 0
    note.keyboard.press("Escape")
    assert dialog.count() == 0
    assert note.locator(".callpath-pane .callpath-picture svg").is_visible()


def test_a_graph_asked_for_twice_opens_large_once(note):
    """The script that opens it is loaded for the first time."""
    button = note.locator(".callpath-pane [data-zoom='⤢']")
    button.evaluate("(button) => (button.click(), button.click())")
    note.locator("dialog.callpath-fullscreen .callpath-picture svg").wait_for()
    note.wait_for_load_state("networkidle")
    assert note.locator("dialog").count() == 1
    note.keyboard.press("Escape")
    note.locator(".callpath-pane .callpath-picture svg").wait_for()
    assert note.locator("dialog").count() == 0


def test_an_edge_says_how_it_was_proved(note):
    note.locator(".callpath-picture").hover()
    edge = note.locator(".callpath-hit[data-target='svm_init']")
    point = edge.evaluate(
        "(path) => { const at = path.getPointAtLength(path.getTotalLength() / 2)"
        ".matrixTransform(path.getScreenCTM()); return [at.x, at.y]; }"
    )
    note.mouse.move(*point)
    tip = note.locator(".callpath-preview")
    tip.wait_for()
    assert "svm_init" in tip.inner_text()
    assert "注册" in tip.inner_text()
    assert "arch/x86/kvm/svm.c:" in tip.inner_text()


# --- previews and the quick switcher ---------------------------------------


# Whether an element stays where it is, in the middle of the window, for a dozen frames: steps that
# come into view get their true height only then.
AT_REST = """(element) => {
  element.scrollIntoView({ block: "center" });
  const top = element.getBoundingClientRect().top;
  element.still = element.top === top ? element.still + 1 : 0;
  element.top = top;
  return element.still > 12;
}"""


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (".callpath-step a.callpath-name:has-text('kvm_init')", "kvm_init"),
        (".callpath-step a.callpath-source-link:has-text('svm_cpu_id')", "svm_cpu_id"),
        (".callpath-path-steps a[href$='#svm_hardware_setup']", "svm_hardware_setup"),
        (".callpath-calls a[href$='#kvm_arch_init']", "kvm_arch_init"),
    ],
)
def test_a_name_shows_a_preview(note, where, name):
    link = note.locator(where).first
    note.wait_for_function(AT_REST, arg=link.element_handle())
    link.hover()
    preview = note.locator(".callpath-preview")
    preview.locator("code", has_text=name).first.wait_for()
    assert name in preview.locator("code").first.inner_text()
    assert ":" in preview.locator("small").inner_text()
    note.keyboard.press("Escape")
    assert not preview.is_visible()


def test_a_preview_can_be_entered_and_leads_to_the_symbol(note, served):
    note.locator(".callpath-path-steps a[href$='#svm_init']").hover()
    preview = note.locator(".callpath-preview")
    preview.wait_for()
    link = preview.locator("a")
    link.hover()
    note.wait_for_timeout(500)
    assert preview.is_visible()
    link.click()
    note.wait_for_url(served.address + "source/linux/arch/x86/kvm/svm.c/svm_init/")
    note.locator("h1 >> text=svm_init").wait_for()
    assert not preview.is_visible()


def test_the_keyboard_gets_previews_too(note):
    note.locator("#kvm_init").scroll_into_view_if_needed()
    note.locator("section:has(> #kvm_init) .callpath-place").first.focus()
    note.keyboard.press("Tab")
    preview = note.locator(".callpath-preview")
    preview.wait_for()
    assert "svm_init" in preview.inner_text()
    described = note.evaluate("document.activeElement.getAttribute('aria-describedby')")
    assert described == preview.get_attribute("id")


def test_the_switcher_jumps_to_a_symbol_without_loading(note, served):
    note.evaluate("window.stayed = true")
    note.keyboard.press("t")
    field = note.locator("dialog input[role=combobox]")
    field.fill("hwsetup")
    assert "svm_hardware_setup" in note.locator("dialog [role=option]").all_inner_texts()[0] or (
        "hardware_setup" in note.locator("dialog [role=option]").all_inner_texts()[0]
    )
    field.fill("kvm_init")
    chosen = note.locator("dialog [role=option][aria-selected=true] code")
    assert chosen.inner_text() == "kvm_init"
    field.press("Enter")
    note.wait_for_url(served.address + "source/linux/virt/kvm/kvm_main.c/kvm_init/")
    note.locator("h1 >> text=kvm_init").wait_for()
    assert note.evaluate("window.stayed") is True


# --- instant navigation, narrow screens, print, no script ---------------------------------------


def test_the_next_note_works_as_the_first(note, served):
    note.wait_for_load_state("networkidle")
    note.evaluate("window.stayed = true")
    note.keyboard.press("j")
    note.keyboard.press("t")
    note.locator("dialog input[role=combobox]").fill("英特尔")
    note.keyboard.press("Enter")
    note.wait_for_url(served.address + "kvm/vmx/**")
    note.locator("h1 >> text=英特尔").wait_for()
    assert note.evaluate("window.stayed") is True
    note.wait_for_selector(".callpath-live")
    first, second, *_ = steps(note)
    note.keyboard.press("j")
    at_hand(note, first)
    note.keyboard.press("j")
    at_hand(note, second)


def test_a_phone_has_the_path_in_its_drawer(phone):
    phone.locator(".md-header__button[for=__drawer]").click()
    link = phone.locator(".callpath-path-steps a[href$='#kvm_arch_init']")
    link.click()
    phone.wait_for_function("location.hash === '#kvm_arch_init'")
    assert not phone.locator("#__drawer").is_checked()
    heading = phone.locator("#kvm_arch_init")
    expect(heading).to_be_in_viewport()
    assert 0 <= heading.bounding_box()["y"] <= 120


def test_a_phone_has_previous_and_next_at_the_thumb(phone):
    first, second, *_ = steps(phone)
    phone.locator(".callpath-bar [rel=next]").click()
    phone.wait_for_function(f"location.hash === '#{first}'")
    phone.locator(".callpath-bar").get_by_text("1 / ").wait_for()
    phone.locator(".callpath-bar [rel=next]").click()
    phone.wait_for_function(f"location.hash === '#{second}'")
    phone.locator(".callpath-bar [rel=prev]").click()
    phone.wait_for_function(f"location.hash === '#{first}'")
    bar = phone.locator(".callpath-bar").bounding_box()
    assert bar["y"] + bar["height"] == NARROW["height"]


def test_a_phone_folds_the_graph(phone):
    frame = phone.locator(".callpath-picture")
    assert not frame.is_visible()
    phone.locator(".callpath-pane > summary").click()
    assert frame.is_visible()
    assert frame.locator(".callpath-node text").first.bounding_box()["height"] >= 9
    assert phone.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_print_has_graph_and_text_and_no_chrome(note):
    note.keyboard.press("j")
    note.emulate_media(media="print")
    for gone in (".md-header", ".callpath-rail", ".callpath-bar", ".callpath-tools", ".md-footer"):
        for found in note.locator(gone).all():
            assert not found.is_visible(), gone
    assert note.locator(".callpath-picture svg").is_visible()
    assert note.locator(".callpath-step:visible").count() == len(steps(note))
    assert len(note.pdf()) > 100_000


def test_a_phone_makes_the_graph_when_it_is_wanted_and_for_print(phone):
    phone.wait_for_load_state("networkidle")
    boxes = phone.locator(".callpath-picture .callpath-node")
    assert boxes.count() == 0
    assert len(phone.context.new_cdp_session(phone).send("Page.printToPDF")["data"]) > 100_000
    assert boxes.count() == len(steps(phone))


def test_the_feed_is_not_taken_for_another_language(note):
    """Of one, Material reads the whole sitemap; it sees the links again when it has looked."""
    note.wait_for_load_state("networkidle")
    asked = note.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert len([each for each in asked if each.endswith("sitemap.xml")]) == 1
    links = note.locator("head > link[rel=alternate]")
    types = links.evaluate_all("all => all.map((link) => link.type)")
    assert sorted(types) == ["application/atom+xml", "application/json"]


def test_without_a_script_everything_is_there(chromium, served):
    context = chromium.new_context(viewport=WIDE, java_script_enabled=False)
    page = context.new_page()
    page.goto(served.address + NOTE)
    assert page.locator(".callpath-picture svg").is_visible()
    for gone in (".callpath-tools", ".callpath-bar", ".callpath-progress output"):
        for found in page.locator(gone).all():
            assert not found.is_visible(), gone
    page.locator(".callpath-path-steps a[href='#kvm_init']").click()
    assert page.url.endswith("#kvm_init")
    heading = page.locator("#kvm_init").bounding_box()
    assert 0 <= heading["y"] <= 140
    page.locator(".callpath-node:has-text('svm_init')").first.click()
    assert page.url.endswith("#svm_init")
    context.close()

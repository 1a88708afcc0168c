"""A site that is opened as files, with Material's offline plugin: nothing of ours is fetched."""

import pytest
from built_site import BuiltSite
from runs import callpath, run
from small_site import write_tree

from git_server import make_repository, need_git

pytestmark = pytest.mark.browser

# What Material itself asks for, so that search works in files; its privacy plugin brings it along.
_THEME = "https://unpkg.com/iframe-worker/shim"


@pytest.fixture
def offline(small):
    """The small site with its code, built to be opened as files."""
    need_git()
    write_tree(small.root / "tree")
    files = {
        path.relative_to(small.root / "tree").as_posix(): path.read_bytes()
        for path in (small.root / "tree").rglob("*")
        if path.is_file()
    }
    remote = make_repository(small.root / "linux", {"v3.7": files}).as_uri()
    assert callpath("fetch", "--remote", remote, at=small.root).status == 0
    small.configure(
        site_url="",
        theme={"name": "material", "font": False},
        plugins=["offline", "search", {"callpath": {"pin": "v3.7"}}],
    )
    done = run("mkdocs", "build", "--strict", "-d", "site", at=small.root)
    assert (done.status, done.warnings) == (0, []), done.said
    return BuiltSite(small.root / "site")


@pytest.fixture
def page(chromium, offline):
    """The first note, opened as a file; at the end nobody may have complained."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    opened = context.new_page()
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("requestfailed", lambda request: complaints.append(request.url))
    opened.on("request", lambda request: complaints.append(request.url))
    opened.goto((offline.root / "kvm/init.html").as_uri())
    opened.wait_for_selector(".callpath-live")
    yield opened
    context.close()
    strange = [each for each in complaints if not each.startswith("file:") and each != _THEME]
    assert strange == []


def test_steps_code_and_previews_work(page):
    page.keyboard.press("j")
    page.wait_for_function("location.hash === '#clock_init'")
    page.keyboard.press("g")
    text = page.locator("#callpath-code-view")
    text.locator("pre").first.wait_for()
    assert "clock_register(&quartz_ops);" in text.inner_text()
    text.locator("a:text-is('clock_register')").click()
    page.wait_for_function("location.hash === '#clock_register'")
    page.locator(".callpath-path-steps a[href$='#quartz_setup']").hover()
    preview = page.locator(".callpath-preview")
    preview.wait_for()
    assert "drivers/clock/quartz.c:3" in preview.inner_text()


def test_the_switcher_leads_to_pages(page, offline):
    page.keyboard.press("t")
    page.locator("dialog input[role=combobox]").fill("clock_exit")
    page.keyboard.press("Enter")
    wanted = offline.root / "source/linux/drivers/clock/clock.c/clock_exit.html"
    page.wait_for_url(wanted.as_uri())
    page.locator("h1 >> text=clock_exit").wait_for()

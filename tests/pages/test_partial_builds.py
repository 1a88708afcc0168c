"""Under `mkdocs serve` an edited page is made before the whole site, and has the same bytes."""

from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer

from callpath.plugin.page_shell import page_shell
from callpath.plugin.partial_builds import PartialBuilds, Stopped

_THEMES = {
    "material": {"name": "material", "font": False},
    "mkdocs": {"name": "mkdocs", "highlightjs": False},
}


class Live:
    """What `mkdocs serve` runs, without its port, its watching and its waiting."""

    def __init__(self, small, **settings) -> None:
        self.small = small
        small.configure(**settings)
        config = self._config()
        config.plugins.on_startup(command="serve", dirty=False)
        self._build(config)
        self.server = LiveReloadServer(self._build, "127.0.0.1", 0, self._folder)
        self.server = config.plugins.on_serve(self.server, config=config, builder=self._build)
        self._plugins = config.plugins

    @property
    def _folder(self) -> str:
        return str(self.small.root / "served")

    def _config(self):
        return load_config(str(self.small.root / "mkdocs.yml"), site_dir=self._folder)

    def _build(self, config=None) -> None:
        build(config or self._config(), serve_url="http://127.0.0.1/")

    @property
    def builds(self) -> PartialBuilds:
        return self.server.builder.__self__

    def files(self) -> dict[str, bytes]:
        """What is served."""
        root = Path(self.server.root)
        return {
            file.relative_to(root).as_posix(): file.read_bytes()
            for file in root.rglob("*")
            if file.is_file()
        }

    def edit(self) -> dict[str, bytes] | None:
        """Build after an edit: the pages that were made, or None if it was the whole site."""
        root = self.server.root
        times = _times(root)
        self.server.builder()
        if self.server.root != root:
            return None
        files = self.files()
        return {name: files[name] for name, time in _times(root).items() if times.get(name) != time}

    def whole(self) -> dict[str, bytes]:
        """What the whole build leaves that would come after a pause."""
        self.builds._settle()
        self.builds.build_whole()
        return self.files()

    def close(self) -> None:
        self._plugins.on_shutdown()
        self.server.server_close()


def _times(root: str) -> dict[str, int]:
    files = (file for file in Path(root).rglob("*") if file.is_file())
    return {file.relative_to(root).as_posix(): file.stat().st_mtime_ns for file in files}


@pytest.fixture
def live(small, monkeypatch):
    opened = []

    def start(**settings) -> Live:
        monkeypatch.chdir(small.root)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
        opened.append(Live(small, **settings))
        return opened[0]

    yield start
    for each in opened:
        each.close()


_INIT = "docs/kvm/init.yml"
_EXIT = "docs/kvm/exit.yml"
_STEP = """\
  - function: quartz_setup
    file: drivers/clock/quartz.c
    commentary: See `clock_register()`, [a setting](src:drivers/clock/clock.h#CLOCK_RATE).
"""
_ERRATUM = """\
        errata:
          - said: It allocates a page
            is: It allocates nothing
"""
_BEFORE = "  - struct: clock_ops\n"
_EDITS = {
    "commentary": (_INIT, "into the list", "into the *queue*, before `clock_exit()` runs"),
    "title": (_INIT, "title: Starting the clock", "title: The clock & its start"),
    "new step of a known symbol": (_EXIT, _BEFORE, _STEP + _BEFORE),
    "new step of an unknown symbol": (_EXIT, _BEFORE, _STEP.replace("_setup", "_new") + _BEFORE),
    "renamed step": (_EXIT, "function: clock_exit", "function: clock_leave"),
    "fault in a step": (_INIT, "said: It", "siad: It"),
    "no YAML": (_EXIT, "function: clock_exit", "function: [clock"),
    "a page": ("docs/index.md", "# A small site\n", "# A *larger* site\n\nAnd `clock_init()`.\n"),
    "metadata of a page": ("docs/index.md", "# A small site\n", "---\ntitle: Other\n---\n# A\n"),
}


@pytest.mark.parametrize("theme", _THEMES)
@pytest.mark.parametrize("edit", _EDITS)
def test_an_edited_page_has_the_bytes_of_the_whole_build(live, edit, theme):
    path, old, new = _EDITS[edit]
    site = live(theme=_THEMES[theme])
    before = site.files()
    site.small.replace(path, old, new)
    made = site.edit()
    page = "index.html" if path.endswith(".md") else f"{path[5:-4]}/index.html"
    assert made
    assert made[page] != before[page]
    after = site.whole()
    gone = made.keys() - after.keys()
    assert not gone
    assert [name for name in made if made[name] != after[name]] == []


def test_edit_after_edit_is_made_and_an_edit_taken_back_leaves_the_first_bytes(live):
    site = live(theme=_THEMES["material"])
    before = site.files()
    for kind in ("no YAML", "renamed step", "commentary", "title"):
        path, old, new = _EDITS[kind]
        good = (site.small.root / path).read_text(encoding="utf-8")
        site.small.replace(path, old, new)
        assert site.edit()
        site.small.write(path, good)
        made = site.edit()
        assert made
        assert [name for name in made if made[name] != before[name]] == []
    assert site.whole() == before


@pytest.mark.parametrize("theme", _THEMES)
def test_what_is_around_a_page_is_known_and_the_search_is_not_asked(live, monkeypatch, theme):
    site = live(theme=_THEMES[theme])
    shells, asked = [], []

    def shell(*given):
        shells.append(given)
        return page_shell(*given)

    monkeypatch.setattr("callpath.plugin.direct_pages.page_shell", shell)
    search = next(
        plugin for plugin in site.builds.last.config.plugins.values() if _searches(plugin)
    )
    index = type(search.search_index)
    added = index.add_entry_from_context
    monkeypatch.setattr(
        index,
        "add_entry_from_context",
        lambda itself, page: asked.append(page) or added(itself, page),
    )
    site.small.replace(*_EDITS["commentary"])
    assert site.edit()
    assert (shells, asked) == ([], [])
    site.small.replace(*_EDITS["title"])  # which is in the navigation of every page
    assert site.edit()
    assert shells
    assert asked == []
    site.whole()
    assert asked


def _searches(plugin) -> bool:
    return hasattr(plugin, "search_index")


def _remove(small) -> None:
    (small.root / _EXIT).unlink()
    small.replace("docs/kvm/init.yml", ", see also [the end](exit.yml#clock_exit)", "")


def test_a_file_of_an_editor_has_nothing_made(live, small):
    site = live()
    small.write("docs/kvm/.init.yml.swp", "draft")
    assert site.edit() == {}


_OTHER_CHANGES = {
    "a note is gone": _remove,
    "a note is new": lambda small: small.write("docs/kvm/new.yml", "title: N\nsteps: []\n"),
    "the lockfile": lambda small: small.write("docs/notes.lock", ""),
    "the settings": lambda small: small.configure(site_name="Other"),
    "a file that is no page": lambda small: small.write("docs/kvm/data.yml", "colour: blue\n"),
    "the only erratum is gone": lambda small: small.replace(_INIT, _ERRATUM, ""),
}


@pytest.mark.parametrize("change", _OTHER_CHANGES)
def test_all_else_is_built_as_a_whole_at_once(live, change):
    site = live()
    _OTHER_CHANGES[change](site.small)
    assert site.edit() is None
    assert site.files() == site.whole()


@pytest.mark.parametrize("more", [{"hooks": ["hook.py"]}, {"strict": True}], ids=str)
def test_all_is_built_by_mkdocs_where_others_have_a_say(live, small, more):
    small.write("hook.py", "def on_post_build(**_):\n    pass\n")
    site = live(**more)
    small.replace(_INIT, "into the list", "into the queue")
    site.server.builder()
    assert b"into the queue" in site.files()["kvm/init/index.html"]
    assert site.server.root == site._folder
    assert not isinstance(getattr(site.server.builder, "__self__", None), PartialBuilds)


def test_settings_that_bring_another_plugin_end_partial_builds(live, small):
    site = live()
    small.write("hook.py", "def on_post_page(output, **_):\n    return output + '<!-- hook -->'\n")
    small.configure(hooks=["hook.py"])
    site.server.builder()
    small.replace(_INIT, "into the list", "into the queue")
    site.server.builder()
    page = site.files()["kvm/init/index.html"]
    assert b"into the queue" in page
    assert page.endswith(b"<!-- hook -->")


def test_an_edit_stops_the_whole_build_and_what_is_served_stays_whole(live, small):
    site = live()
    root = site.server.root
    small.replace(_INIT, "into the list", "into the queue")
    assert site.edit()
    before = site.files()
    site.builds._settle()
    site.builds._stop.set()
    with pytest.raises(Stopped):
        site.builds.build_whole()
    site.builds._stop.clear()
    assert site.server.root == root
    assert site.files() == before
    small.replace(_INIT, "into the queue", "into the row")
    made = site.edit()
    assert made
    assert b"into the row" in made["kvm/init/index.html"]
    after = site.whole()
    assert [name for name in made if made[name] != after[name]] == []

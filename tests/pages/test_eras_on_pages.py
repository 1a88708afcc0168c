"""The releases in which a small notebook's statements hold, on its built site."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from built_site import BuiltSite, Page
from jsonschema import Draft202012Validator
from notebook_schema import NOTEBOOK
from runs import callpath, run
from small_site import SmallSite

from releases import write_releases

_CLOCK, _CORE, _QUARTZ = (f"drivers/clock/{name}.c" for name in ("clock", "core", "quartz"))
_HEAD = "#define CLOCK_RATE 100\nstruct clock_ops { int (*setup)(int rate); };\n"
_EXIT = "void clock_exit(void)\n{\n}\n"
_REGISTER = "int clock_register(struct clock_ops *ops)\n{\n\treturn ops != 0;\n}\n"
_TABLE = "struct clock_ops quartz_ops = {\n\t.setup = quartz_setup,\n};\n"
_SETUP = "static int quartz_setup(int rate)\n{\n\treturn rate;\n}\n" + _TABLE
_ALONE = (
    '#include "clock.h"\nextern struct clock_ops quartz_ops;\nint clock_init(void)\n{\n'
    "\treturn quartz_ops.setup(CLOCK_RATE);\n}\n"
)
_IDLE = "int clock_init(void)\n{\n\treturn 0;\n}\n"
_WHOLE = _ALONE.replace("{\n\treturn", "{\n\tclock_register(&quartz_ops);\n\treturn")
_HEADER = "drivers/clock/clock.h"

# `clock_exit` comes with v3.7; `clock_register` is there from the first, and called from v3.6 on.
# In v3.4 a pointer is called that may lead there; in v3.5 nothing is called.
_RELEASES = {
    "v3.4": {_HEADER: _HEAD, _CLOCK: _ALONE, _CORE: _REGISTER, _QUARTZ: _SETUP},
    "v3.5": {_HEADER: _HEAD, _CLOCK: _IDLE, _CORE: _REGISTER, _QUARTZ: _SETUP},
    "v3.6": {_HEADER: _HEAD, _CLOCK: _WHOLE, _CORE: _REGISTER, _QUARTZ: _SETUP},
    "v3.7": {_HEADER: _HEAD, _CLOCK: _WHOLE + _EXIT, _CORE: _REGISTER, _QUARTZ: _SETUP},
    "v3.8": {_HEADER: _HEAD, _CLOCK: _WHOLE + _EXIT, _CORE: _REGISTER},
}
_STEPS = '//section[has-class("callpath-step")]'


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A repository with five releases; its SPEC."""
    return write_releases(tmp_path_factory.mktemp("history") / "linux", _RELEASES)


@pytest.fixture
def site(small: SmallSite, history: str) -> SmallSite:
    """The small site with the eras of its statements written beside the lockfile."""
    done = callpath("eras", "--source", history, "--write", at=small.root)
    assert done.status == 0, done.said
    return small


def _configured(site: SmallSite, theme: str, language: str) -> None:
    look = {"name": theme, "language": language, "font": False} if theme == "material" else {}
    plain = {"name": "mkdocs", "locale": language, "highlightjs": False}
    site.configure(theme=look or plain)


def _built(site: SmallSite) -> BuiltSite:
    done = run("mkdocs", "build", "-d", "site", "--strict", at=site.root)
    assert (done.status, done.warnings) == (0, []), done.said
    return BuiltSite(site.root / "site")


def _told(page: Page) -> dict[str, str]:
    """What each step says of releases, by the step's id."""
    return {
        step.find("h2").get("id"): " ".join(page.part(step).texts('.//p[@class="callpath-era"]'))
        for step in page.find(_STEPS)
    }


def test_each_step_says_in_which_releases_it_holds(site: SmallSite) -> None:
    pages = _built(site).pages
    assert _told(pages["kvm/init/index.html"]) == {
        "clock_init": "found in …v3.4–v3.8…",
        "clock_register": "found in …v3.4–v3.8…; reached in v3.6–v3.8…; "
        "unknown whether reached in …v3.4",
        "quartz_setup": "found in …v3.4–v3.7; reached in …v3.4, v3.6–v3.7",
    }
    assert _told(pages["kvm/exit/index.html"]) == {
        "clock_exit": "found in v3.7–v3.8…",
        "clock_ops": "found in …v3.4–v3.8…",
    }


@pytest.mark.parametrize("theme", ["mkdocs", "material"])
def test_a_chinese_site_says_it_in_chinese(site: SmallSite, theme: str) -> None:
    _configured(site, theme, "zh")
    built = _built(site)
    assert built.faults() == []
    page = built.pages["kvm/init/index.html"]
    assert _told(page)["clock_register"] == (
        "见于 …v3.4–v3.8…；到达 v3.6–v3.8…；是否到达未查明 …v3.4"
    )
    assert page.texts('//details[has-class("callpath-eras")]/summary') == [
        "见于哪些版本：所查 5 个版本，v3.4 至 v3.8"
    ]


def test_bars_show_the_same_releases_as_the_words(site: SmallSite) -> None:
    page = _built(site).pages["kvm/init/index.html"]
    ends = {
        step.find("h2").get("id"): re.findall(
            r"(\w+)\)?\s*0 (\d+)%", step.xpath('.//p[@class="callpath-era"]/@style')[0]
        )
        for step in page.find(_STEPS)
    }
    assert ends == {
        "clock_init": [("ok", "100")],
        "clock_register": [("0000", "20"), ("defined", "40"), ("ok", "100")],
        "quartz_setup": [("ok", "20"), ("defined", "40"), ("ok", "80"), ("absent", "100")],
    }
    (note,) = page.find('//div[has-class("callpath-note")]')
    assert note.get("style") == "--callpath-cells:5;--callpath-pin:70%"


def test_a_symbols_page_has_its_releases_and_those_of_its_edges(site: SmallSite) -> None:
    built = _built(site)
    page = built.pages["source/linux/drivers/clock/core.c/clock_register/index.html"]
    rows = '//ul[contains(@style, "callpath-cells")]/li'
    assert page.texts(rows) == [
        "found in …v3.4–v3.8…",
        "← clock_init reached in v3.6–v3.8…; unknown whether reached in …v3.4",
    ]
    assert [built.page_at(page, href).texts("//h1") for href in page.hrefs(f"{rows}//a")] == [
        ["clock_init"]
    ]
    assert "v3.4, v3.5, v3.6, v3.7, v3.8" in page.texts('//div[@class="callpath-eras"]/p')


def test_the_notebook_for_programs_has_them_in_the_form_of_the_command(
    site: SmallSite, history: str
) -> None:
    built = _built(site)
    value = json.loads((built.root / "notebook.json").read_text(encoding="utf-8"))
    Draft202012Validator(NOTEBOOK).validate(value)
    done = callpath("eras", "--source", history, "--format", "json", at=site.root)
    told = json.loads(done.out)
    assert value["eras"] == {"project": told["project"], "tags": told["tags"]}
    symbols = {(each["path"], each["symbol"], each["kind"]): each for each in told["references"]}
    edges = {(each["caller"], each["callee"]): each for each in told["edges"]}
    steps = [step for note in value["notes"] for step in note["steps"]]
    assert len(steps) == 5
    for step in steps:
        found = symbols[step["path"], step["symbol"], step["kind"]]
        assert step["eras"] == found["eras"]
        if step["parent"]:
            edge = edges[step["parent"], step["symbol"]]
            keys = ("eras", "otherwise", "unknown")
            assert [step["edge"].get(key) for key in keys] == [edge.get(key) for key in keys]


def test_nothing_is_said_where_nobody_looked(small: SmallSite) -> None:
    built = _built(small)
    assert [
        page for page in built.pages.values() if page.find('//*[has-class("callpath-era")]')
    ] == []
    value = json.loads((built.root / "notebook.json").read_text(encoding="utf-8"))
    assert "eras" not in value
    assert all("eras" not in step for note in value["notes"] for step in note["steps"])


def test_the_home_page_says_how_to_read_them(site: SmallSite) -> None:
    site.write("docs/index.md", "# Home\n\n<!-- callpath: legend -->\n")
    home = _built(site).pages["index.html"]
    rows = home.texts('//table[has-class("callpath-how-to-read-eras")]/tbody/tr')
    assert rows[-1].endswith("5 releases looked at, v3.4 to v3.8")


_DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda text: text[:-20],
    "empty": lambda _: b"",
    "no text": lambda text: b"\xff" + text,
    "a newer format": lambda text: text.replace(b'"callpath-eras": 1', b'"callpath-eras": 2'),
}


@pytest.mark.parametrize("damage", _DAMAGES.values(), ids=_DAMAGES.keys())
def test_a_damaged_file_is_one_warning_and_pages_do_without(
    site: SmallSite, damage: Callable[[bytes], bytes]
) -> None:
    file = site.root / "docs/notes.eras"
    file.write_bytes(damage(file.read_bytes()))
    done = run("mkdocs", "build", "-d", "site", at=site.root)
    (warning,) = done.warnings
    assert "docs/notes.eras" in warning
    assert "Traceback" not in done.said
    assert done.status == 0
    page = BuiltSite(site.root / "site").pages["kvm/init/index.html"]
    assert page.texts("//h1") == ["Starting the clock"]
    assert set(_told(page).values()) == {""}


def test_written_pages_have_them_and_not_the_file(site: SmallSite, tmp_path: Path) -> None:
    done = callpath("pages", "--out", tmp_path / "out", at=site.root)
    assert done.status == 0, done.said
    assert "reached in v3.6–v3.8…" in (tmp_path / "out/docs/kvm/init.md").read_text(
        encoding="utf-8"
    )
    assert not (tmp_path / "out/docs/notes.eras").exists()

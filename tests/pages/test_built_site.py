"""The crawler finds what it is there to find."""

from built_site import BuiltSite

_PAGE = "<!doctype html><html><head>{}</head><body><h1>x</h1>{}</body></html>"


def _site(folder, **pages):
    for name, body in pages.items():
        (folder / f"{name}.html").write_text(_PAGE.format("", body), encoding="utf-8")
    return BuiltSite(folder)


def test_faults_are_found(tmp_path):
    faults = _site(
        tmp_path,
        good='<p id="a"><a href="bad.html#b">x</a><a href="https://else.example/">x</a></p>',
        bad='<h1 id="b">y</h1><p id="b"></p><img src="none.png"><a href="../outside/">x</a>'
        '<a href="good.html#none">x</a><a href="src:a.c#f">x</a>'
        '<svg><a xlink:href="none/">x</a></svg>'
        '<a href="https://elixir.bootlin.com/linux/latest/source/a.c#L1">x</a>'
        '<a href="https://elixir.bootlin.com/linux/v3.7/source/a.c#L0">x</a>'
        '<a href="https://elixir.bootlin.com/linux/v3.7/source/a.c#L1-L2">x</a>',
    ).faults()
    assert faults == [
        "bad.html: id 'b' 2 times",
        "bad.html: 2 h1",
        "bad.html: 'none.png': leads to no file of the site",
        "bad.html: '../outside/': leads to no file of the site",
        "bad.html: 'good.html#none': leads to no place in its page",
        "bad.html: 'src:a.c#f': a link to source that was not replaced",
        "bad.html: 'none/': leads to no file of the site",
        "bad.html: 'https://elixir.bootlin.com/linux/latest/source/a.c#L1': names no version",
        "bad.html: 'https://elixir.bootlin.com/linux/v3.7/source/a.c#L0': is not of elixir's form",
    ]


def test_foreign_requests_are_found(tmp_path):
    head = '<link rel="stylesheet" href="https://fonts.example/a.css"><script src="a.js"></script>'
    (tmp_path / "a.html").write_text(_PAGE.format(head, ""), encoding="utf-8")
    assert BuiltSite(tmp_path).foreign_requests() == ["a.html: https://fonts.example/a.css"]

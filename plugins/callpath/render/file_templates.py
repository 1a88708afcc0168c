"""The templates of files that are no pages: XML, where everything is escaped, and Markdown."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from callpath.core.graph import one_line
from callpath.render.markdown import code, plain
from callpath.render.pages import templates_folder


def print_file(template: str, **context: object) -> str:
    """The text of a file.

    Parameters:
        template: Its template; the ending decides whether everything is escaped.
        context: What the template's first comment lists.
    """
    return _environment().get_template(template).render(**context) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder() / "callpath"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("svg", "xml"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": one_line, "code": code, "plain": plain}
    return environment

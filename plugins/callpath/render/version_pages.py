"""The views of tracked versions → HTML, by the Jinja templates; and as a script for a note."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace

from markupsafe import Markup

from callpath.core.version_values import ComparisonView, StepThereView, VersionsView
from callpath.render.pages import PageRenderer
from callpath.render.strings import Strings


class VersionRenderer(PageRenderer):
    """Prints these views.

    Parameters:
        strings: The words of the site's language.
    """

    def __init__(self, strings: Strings) -> None:
        super().__init__(strings, "")

    def versions(self, view: VersionsView) -> str:
        """The page of versions."""
        return self._print("versions.html", versions=view)

    def comparison(self, view: ComparisonView) -> str:
        """A note in a tracked version."""
        safe = replace(
            view,
            steps=tuple(_safe_step(step) for step in view.steps),
            footer_html=_safe(view.footer_html),
        )
        return self._print("comparison.html", comparison=safe)

    def script(self, name: str, steps: Sequence[StepThereView], with_code: Collection[str]) -> str:
        """A script that tells a note's page what became of its steps.

        Parameters:
            name: What the page asks for: `kvm/init@v6.12`.
            steps: The steps, seen from the note's page.
            with_code: The ids of those that have source text there.
        """
        told = {
            step.id: [self._print("there.html", step=step).strip(), int(step.id in with_code)]
            for step in steps
        }
        value = json.dumps(told, ensure_ascii=False).replace("</", "<\\/")
        return f"(window.callpathThere ??= {{}})[{json.dumps(name)}] = {value};\n"


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704 (Markdown's output)


def _safe_step(step: StepThereView) -> StepThereView:
    return replace(step, remarks_html=tuple(_safe(html) for html in step.remarks_html))

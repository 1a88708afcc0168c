"""The views of the home page and of the errata → HTML, by the Jinja templates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from callpath.core.home_views import ErrataCounts, ErrataView, NoteErrata, PathCard, StepErrata
from callpath.render.pages import PageRenderer
from callpath.render.strings import Strings


@dataclass(frozen=True, slots=True)
class HomePage:
    """What stands on a generated home page. All but name and description is HTML."""

    name: str
    description: str
    paths: str
    graph: str
    errata: str
    legend: str


class HomePageRenderer(PageRenderer):
    """Prints these views.

    Parameters:
        strings: The words of the site's language.
    """

    def __init__(self, strings: Strings) -> None:
        super().__init__(strings, "")

    def paths(self, cards: Sequence[PathCard]) -> str:
        """The reading paths as cards."""
        return self._print("paths.html", cards=cards)

    def errata_counts(self, view: ErrataCounts) -> str:
        """How many errata each note has."""
        return self._print("errata-counts.html", errata=view)

    def legend(self, version: str, tags: Sequence[str] = ()) -> str:
        """How to read: the marks, the ways that a step is reached, the keys.

        Parameters:
            version: The site's version.
            tags: The releases that eras are told of, if they are.
        """
        return self._print("how-to-read.html", version=version, tags=tags)

    def errata(self, view: ErrataView) -> str:
        """The page of every erratum."""
        safe = replace(
            view,
            notes=tuple(_safe_note(note) for note in view.notes),
            footer_html=_safe(view.footer_html),
        )
        return self._print("errata.html", errata=safe)

    def home(self, page: HomePage) -> str:
        """A generated home page."""
        return self._print(
            "home.html",
            name=page.name,
            description=page.description,
            paths=_safe(page.paths),
            graph=_safe(page.graph),
            errata=_safe(page.errata),
            legend=_safe(page.legend),
        )


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704 (Markdown's output, or what a template printed)


def _safe_note(note: NoteErrata) -> NoteErrata:
    return replace(note, steps=tuple(_safe_step(step) for step in note.steps))


def _safe_step(step: StepErrata) -> StepErrata:
    errata = tuple(
        replace(each, said_html=_safe(each.said_html), correction_html=_safe(each.correction_html))
        for each in step.errata
    )
    return replace(step, errata=errata)

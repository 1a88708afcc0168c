"""Every word that the pages say by themselves, in each language. Chosen by the theme's language."""

from callpath.render.string_fields import Strings
from callpath.render.strings_en import EN
from callpath.render.strings_zh import ZH

__all__ = ["Strings", "strings_for"]


def strings_for(language: str) -> Strings:
    """The words of a language tag such as `zh`, `zh-TW` or `en`; English when there are none."""
    return ZH if language.lower().partition("-")[0].partition("_")[0] == "zh" else EN

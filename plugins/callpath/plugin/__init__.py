"""The MkDocs plugin: hooks, and nothing but hooks.

Takes MkDocs' configuration, files and pages; gives pages, navigation and assets of the notebook.
The only package that imports mkdocs. What a page shows is decided in `callpath.site`.
"""

from callpath.plugin.plugin import CallpathPlugin

__all__ = ["CallpathPlugin"]

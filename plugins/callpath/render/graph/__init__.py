"""A call graph as text: DOT, Mermaid, JSON, and what an engine draws as a part of a page."""

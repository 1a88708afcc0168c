"""Call graphs: as values, as DOT, Mermaid and JSON, and drawn as SVG.

Takes the joined notebook, gives graphs and pictures. Only `engine` runs a program.
"""

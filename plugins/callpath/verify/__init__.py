"""Resolves references and proves edges against an open source.

Takes a notebook's references and edges and a source, gives locked facts and findings.
"""

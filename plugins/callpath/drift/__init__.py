"""Compares two versions of a source, and keeps what became of everything in tracked versions.

Takes references and edges at one version and a source that has the other, gives what became of
each, with evidence.
"""

"""Callpath: source-code reading notes that are proved against the real source."""

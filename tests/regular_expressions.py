"""What a regular expression surely finds, read from its parsed form."""

import re._constants as codes
import re._parser as parser
from itertools import product

UNKNOWN = "\0"
"""Stands for what may be anything, or nothing."""
_FEW = 10  # characters of a set that are told apart


def alternatives(pattern):
    """The texts that a pattern finds, one for each combination of its alternatives.

    Characters that may be many, and what is optional, are `UNKNOWN`.
    """
    return _texts(parser.parse(pattern))


def _texts(parsed):
    pieces = [_piece(code, value) for code, value in parsed]
    return ["".join(each) for each in product(*pieces)]


def _piece(code, value):
    match code:
        case codes.LITERAL:
            return [chr(value)]
        case codes.IN:
            return _members(value)
        case codes.BRANCH:
            return [text for branch in value[1] for text in _texts(branch)]
        case codes.SUBPATTERN:
            return _texts(value[3])
        case codes.MAX_REPEAT | codes.MIN_REPEAT:
            least, most, repeated = value
            end = [UNKNOWN] if most > least else [""]
            return ["".join(each) for each in product(*[_texts(repeated)] * least, end)]
        case codes.AT | codes.ASSERT | codes.ASSERT_NOT:
            return [""]
        case _:
            return [UNKNOWN]


def _members(members):
    found = []
    for code, value in members:
        match code:
            case codes.LITERAL:
                found.append(chr(value))
            case codes.RANGE:
                found += map(chr, range(value[0], value[1] + 1))
            case _:
                return [UNKNOWN]
    return found if len(found) <= _FEW else [UNKNOWN]

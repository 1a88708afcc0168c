"""The JSON report: schema 1, every value as it is, no character that acts on who prints it."""

import json
import unicodedata

from hypothesis import given as examples
from made_findings import ERROR, HOSTILE_TEXTS, given, told_by

from callpath.reports.machine import json_report


def test_a_finding_is_told_in_full():
    assert json.loads(json_report(given(ERROR))) == {
        "schema": 1,
        "diagnostics": [
            {
                "rule": "defined-elsewhere",
                "severity": "error",
                "message": "`arch/x86/kvm/kvm_svm.c` does not define `svm_init`",
                "hint": "write `arch/x86/kvm/svm.c`",
                "at": {"file": "notes/kvm/init.yml", "line": 4, "column": 11},
                "related": [{"file": "notes/kvm/init.yml", "line": 3, "column": 15}],
            }
        ],
    }


def test_nothing_to_tell_is_an_empty_list():
    assert json.loads(json_report(given())) == {"schema": 1, "diagnostics": []}


@examples(HOSTILE_TEXTS)
def test_any_text_comes_back_and_nothing_hidden_is_printed(text):
    report = json_report(given(told_by(text)))
    (told,) = json.loads(report.encode())["diagnostics"]
    whole = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert (told["message"], told["hint"], told["related"][0]["file"]) == (whole, whole, whole)
    categories = {unicodedata.category(c) for c in report if c not in "\n\u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}

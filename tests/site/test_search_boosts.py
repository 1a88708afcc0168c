"""Titles that a query names whole count alike, others less; the names here are real ones."""

from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.pages import (
    page_boosts,
    title_boosts,
)
from kernel import PIN

_NAMES = [
    *("kvm_vcpu", "kvm_free_vcpus", "vcpu_svm", "vcpu_load", "kvm_init", "kvm_arch_init"),
    *("kvm_reboot", "kvm_rebooting", "hardware_setup", "kvm_arch_hardware_setup"),
]


def test_what_other_names_hold_too_counts_more_by_itself():
    boosts = title_boosts(_NAMES, [], 200)
    assert boosts["kvm_vcpu"] > boosts["vcpu_load"] > boosts["kvm_free_vcpus"]


def test_the_shorter_of_two_like_names_counts_more():
    boosts = title_boosts(_NAMES, [], 200)
    assert boosts["kvm_reboot"] > boosts["kvm_rebooting"]


def test_texts_make_words_common_but_targets_of_links_do_not():
    alone = title_boosts(_NAMES, [], 200)
    assert title_boosts(_NAMES, ["[it](src:a/vcpu.c#vcpu)"] * 9, 200) == alone
    assert title_boosts(_NAMES, ["kvm 与 vcpu"] * 9, 200)["kvm_vcpu"] > alone["kvm_vcpu"]


def test_titles_without_words_and_without_others():
    assert title_boosts(["_"], [], 1)["_"] > 1
    assert title_boosts([], [], 0) == {}


def test_the_words_of_errata_count_where_they_are_shown():
    """On the note's page and on that of errata: a word that is there is less rare."""
    note = (
        "title: t\nsteps:\n  - function: lamp_init\n    file: a.c\n"
        "  - function: fan_init\n    file: a.c\n"
    )
    errata = "    errata:\n      - said: fan\n        is: no fan\n"
    plain, with_errata = (
        page_boosts(Notebook.load({"a.yml": text.encode()}, PluginConfig(pin=PIN)).index)
        for text in (note, note + errata)
    )
    assert with_errata["fan_init"] / with_errata["lamp_init"] > (
        plain["fan_init"] / plain["lamp_init"]
    )

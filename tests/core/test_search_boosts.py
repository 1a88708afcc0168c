"""Titles that a query names whole count alike, others less; the names here are real ones."""

from callpath.core.search_boosts import title_boosts

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

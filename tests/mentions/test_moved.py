"""Where a line went between two versions of a file."""

from callpath.facts.mentions import LineFact, LineNature
from callpath.mentions.judging.moved import line_digest, moved_line

OLD = """\
#include <linux/lamp.h>

static int lamp_reset(struct lamp *lamp)
{
	lamp->level = 0;
	if (!lamp->bulb)
		goto out;
	lamp_dim(lamp);
	return 0;
out:
	return -ENODEV;
}

static int lamp_set(struct lamp *lamp, int level)
{
	lamp->level = level;
	if (!lamp->bulb)
		goto out;
	return 0;
out:
	return -ENODEV;
}
""".splitlines()


def at(number, name="", text=OLD):
    digest = line_digest(text[number - 1])
    return LineFact("linux", "v3.7", "a.c", number, LineNature.CODE, digest, name)


def number_of(start, lines):
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def test_a_line_of_the_same_text_stays():
    for number, line in enumerate(OLD, 1):
        assert moved_line(at(number), OLD, OLD) == (number if line.strip() else None)


def test_lines_above_move_it():
    new = ["/* a lamp */", "", *OLD]
    assert moved_line(at(3, "lamp_reset"), OLD, new) == 5
    assert moved_line(at(8, "lamp_reset"), OLD, new) == 10
    assert moved_line(at(17, "lamp_set"), OLD, new) == 19


def test_functions_that_change_their_order():
    reset, after = OLD[2:13], OLD[13:]
    new = [*OLD[:2], *after, "", *reset]
    start = number_of("static int lamp_reset", new)
    for number in (3, 5, 6, 8):
        assert moved_line(at(number, "lamp_reset"), OLD, new) == start + number - 3
    assert moved_line(at(16, "lamp_set"), OLD, new) == 5


def test_white_space_does_not_count():
    new = [line.replace("\t", "        ") for line in OLD]
    assert moved_line(at(16, "lamp_set"), OLD, new) == 16


def test_a_line_that_only_another_function_has_now_is_not_the_same():
    new = [line for number, line in enumerate(OLD, 1) if number != 6]
    assert moved_line(at(6, "lamp_reset"), OLD, new) is None


def test_a_changed_line_is_not_found():
    new = [line.replace("lamp_dim(lamp)", "lamp_dim(lamp, 0)") for line in OLD]
    assert moved_line(at(8, "lamp_reset"), OLD, new) is None


def test_a_renamed_function_does_not_take_its_lines_along():
    new = [line.replace("lamp_set", "lamp_put") for line in OLD]
    assert moved_line(at(16, "lamp_set"), OLD, new) is None


def test_of_two_equal_places_none_is_certain():
    block = ["{", "x = 1;", "}"]
    assert moved_line(at(2, text=block), block, [*block, *block]) is None


def test_a_text_of_another_file_is_refused():
    assert moved_line(at(3), ["a", "b", "c"], OLD) is None
    assert moved_line(at(20), OLD[:5], OLD) is None


def test_large_files_of_equal_lines_take_no_time():
    many = ["	{ 1, 2 },"] * 20_000
    old = ["int table[] = {", *many, "};"]
    assert moved_line(at(1, "table", old), old, ["", *old]) == 2
    assert moved_line(at(500, "table", old), old, ["", *old]) is None


def test_a_member_of_a_struct_moves_with_its_struct():
    old = [
        "struct a {",
        "	int level;",
        "	int on;",
        "};",
        "struct b {",
        "	int level;",
        "};",
    ]
    new = [*old[4:], *old[:4]]
    assert moved_line(at(2, "a.level", old), old, new) == 5
    assert moved_line(at(6, "b.level", old), old, new) == 2

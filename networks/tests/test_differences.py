"""What has changed reads as people read: a word mended, a line taken out, a line put in."""

from networks.differences import Line, Piece, has_changes, lines


def test_the_same_text_has_no_changes():
    assert lines("a\nb", "a\nb") == [Line("same", [Piece("same", "a")]), Line("same", [Piece("same", "b")])]
    assert not has_changes("a\nb", "a\nb")


def test_a_mended_word_is_shown_in_its_line():
    assert lines("Vi kommer til tiden", "Vi kommer til aftalt tid") == [
        Line(
            "changed",
            [Piece("same", "Vi kommer til "), Piece("old", "tiden"), Piece("new", "aftalt tid")],
        )
    ]


def test_a_new_line_and_one_taken_out_stand_whole():
    assert lines("Vi lytter\nVi venter", "Vi lytter\nEn helt anden regel") == [
        Line("same", [Piece("same", "Vi lytter")]),
        Line("old", [Piece("old", "Vi venter")]),
        Line("new", [Piece("new", "En helt anden regel")]),
    ]


def test_markup_in_a_text_stays_text():
    assert lines("", "<b>nu</b>") == [Line("new", [Piece("new", "<b>nu</b>")])]

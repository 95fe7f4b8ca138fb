"""The 72 bad inputs, one table: what is typed, where it fits, and what is answered.

`typed` goes into every field of the kind in every form (test_forms.py). What no field can be given, such as a file, an
address or a request, has tests of its own, which say by `@covers(41)` what they prove.
"""

from dataclasses import dataclass

LINE, TEXT, SEARCH, EMAIL, LINK, DATE, DATES, TIME, NUMBER, CHOICE, HIDDEN, TOKEN = (
    "line",
    "text",
    "search",
    "email",
    "link",
    "date",
    "dates",
    "time",
    "number",
    "choice",
    "hidden",
    "token",
)
PROSE = (LINE, TEXT)
EVERY = (LINE, TEXT, SEARCH, EMAIL, LINK, DATE, DATES, TIME, NUMBER, CHOICE, HIDDEN, TOKEN)


@dataclass(frozen=True)
class Answer:
    """`kind` is kept, becomes, refused, empty or any; `value` is what it becomes."""

    kind: str
    value: object = None


KEPT, REFUSED, EMPTY, ANY = Answer("kept"), Answer("refused"), Answer("empty"), Answer("any")


def becomes(value) -> Answer:
    return Answer("becomes", value)


@dataclass(frozen=True)
class Row:
    number: int
    says: str
    typed: tuple = ()  # (kinds, text, answer)
    where: str = ""  # dotted name of a test elsewhere that proves it
    also: tuple = ()


FAMILY = "👩\u200d👩\u200d👧\u200d👦"
HANGUL = "\u3164"
_LEADERS = "members.tests.test_leader_import"
_READING = "members.tests.test_leader_import_reading"

ROWS = (
    Row(
        1,
        "a name in æ, ø and å; a and a ring on top of each other",
        (
            (PROSE, "Søren Ærø-Åkjær", KEPT),
            (PROSE, "A\u030akjær", becomes("Åkjær")),
        ),
    ),
    Row(
        2,
        "quotes, tags, entities and template signs",
        tuple((PROSE, text, KEPT) for text in ("O'Brien", "<b>x</b>", "&amp;", "{{7*7}}", "{% now %}", "${7*7}")),
    ),
    Row(3, "a family of emoji, ten times", ((PROSE, FAMILY * 10, KEPT), (PROSE, FAMILY * 3000, REFUSED))),
    Row(
        4,
        "signs that turn the direction of writing",
        (((*PROSE, EMAIL, LINK), "rapport\u202efdp.exe", REFUSED), (PROSE, "\u2066x\u2069", REFUSED)),
        where=f"{_LEADERS}.test_file_name_is_made_harmless",
    ),
    Row(
        5,
        "signs that cannot be seen",
        (
            (PROSE, "\ufeffLeder\u00adnet\u200bværk", becomes("Ledernetværk")),
            ((EMAIL,), "\ufeffskriv\u200b@kommune.invalid", becomes("skriv@kommune.invalid")),
            ((DATE,), "\u200b05.03.2027\ufeff", ANY),
        ),
    ),
    Row(6, "spaces, or a letter that shows nothing", tuple((PROSE, text, EMPTY) for text in ("   ", HANGUL, "\u200b"))),
    Row(7, "NUL", (((*PROSE, EMAIL, LINK), "Skriv\x00her", REFUSED), (EVERY, "\x00", ANY))),
    Row(8, "NUL in a file", where=f"{_READING}.test_nul_is_refused_with_its_line"),
    Row(9, "half of a sign", (((*PROSE, EMAIL, LINK), "\ud800", REFUSED), (EVERY, "\udfff1", ANY))),
    Row(10, "bytes that are no text", (((*PROSE, EMAIL, LINK), b"\xff\xfe".decode("utf-8", "replace"), REFUSED),)),
    Row(11, "ten megabytes in one field"),
    Row(12, "1,001 fields"),
    Row(
        13,
        "one word of 100,000 letters",
        (((LINE,), "x" * 100_000, REFUSED), ((TEXT,), "x" * 10_001, REFUSED), (EVERY, "9" * 100_000, ANY)),
    ),
    Row(
        14,
        "500 marks on one letter",
        (((TEXT,), "Z" + "\u0301\u0316" * 50, REFUSED), ((LINE,), "Z" + "\u0301" * 20, REFUSED)),
    ),
    Row(
        15,
        "full width and Arabic digits",
        ((PROSE, "＝1＋1", KEPT), (PROSE, "٣", KEPT), ((NUMBER,), "٤", becomes(4)), ((DATE,), "٠٥.٠٣.٢٠٢٧", ANY)),
    ),
    Row(16, "an address that looks like another", (((EMAIL,), "mıke@kommune.invalid", REFUSED),)),
    Row(
        17,
        "an address with a line's end or a space behind it",
        (
            ((EMAIL,), "skriv@kommune.invalid\n", becomes("skriv@kommune.invalid")),
            ((EMAIL,), " skriv@kommune.invalid\r\n ", becomes("skriv@kommune.invalid")),
        ),
    ),
    Row(
        18,
        "addresses that no mail server of ours would take",
        tuple(((EMAIL,), text, REFUSED) for text in ("a@b", '"a b"@x.dk', "æ@ø.dk", "@", "ingen")),
    ),
    Row(
        19,
        "a very long name, an address in numbers",
        (((EMAIL,), "l" * 65 + "@x.dk", REFUSED), ((EMAIL,), "a@[127.0.0.1]", REFUSED)),
    ),
    Row(20, "capitals in an address", (((EMAIL,), "Skriv@Kommune.INVALID", becomes("skriv@kommune.invalid")),)),
    Row(
        21,
        "ø in an address from a file",
        (((EMAIL,), "ø@x.dk", REFUSED),),
        where=f"{_LEADERS}.test_line_is_refused_with_its_column_and_why",
    ),
    Row(
        22,
        "two addresses, or one with a header behind it",
        (((EMAIL,), "a@x.dk,b@y.dk", REFUSED), ((EMAIL,), "a@x.dk\nBcc: c@z.dk", REFUSED)),
    ),
    Row(
        23,
        "line ends in a title",
        (
            ((LINE,), "Møde\r\nBcc: c@z.dk", becomes("Møde Bcc: c@z.dk")),
            ((LINE,), "En\rto\nfire", becomes("En to fire")),
        ),
    ),
    Row(
        24,
        "NUL or a line separator in a title",
        (((LINE,), "En\u2028to", becomes("En to")), ((LINE,), "En\x00to", REFUSED)),
    ),
    Row(25, "a title of 2,000 Å", (((LINE,), "Å" * 2000, REFUSED),)),
    Row(
        26,
        "a name that looks like an address",
        (((LINE,), "HR <hr@kommune.invalid>", KEPT),),
        where="members.tests.test_fields.test_harmless_name_looks_like_no_address",
    ),
    Row(27, "an hour that does not exist"),
    Row(28, "an hour that comes twice"),
    Row(
        29,
        "the first day of the calendar",
        (((DATE, DATES), "0001-01-01", REFUSED), ((DATE, DATES), "01.01.0001", REFUSED)),
    ),
    Row(
        30,
        "the last day of the calendar",
        (((DATE, DATES), "9999-12-31", REFUSED), ((DATE, DATES), "31.12.9999", REFUSED)),
    ),
    Row(
        31,
        "days and hours that do not exist",
        (
            ((DATE, DATES), "2026-02-30", REFUSED),
            ((DATE,), "31.04.2027", REFUSED),
            ((TIME,), "24:00", REFUSED),
            ((TIME,), "25:61", REFUSED),
            ((DATE, TIME), "snart", REFUSED),
        ),
    ),
    Row(
        32,
        "dates and times as Danes write them",
        (
            *(
                ((DATE,), text, becomes("2027-12-31"))
                for text in ("31-12-2027", "31/12/2027", "31.12.27", "31/12 2027")
            ),
            ((TIME,), "kl. 10.30", becomes("10:30:00")),
        ),
    ),
    Row(33, "an end before the beginning"),
    Row(34, "a meeting of no minutes, or of days"),
    Row(35, "a meeting in the past, or in five years"),
    Row(36, "a plan of 1,000 meetings"),
    Row(
        37,
        "a round that closes before it opens; one opened again",
        where="meetings.tests.test_feedback.test_round_outside_the_limits_is_refused",
    ),
    Row(38, "reminders -1, 0 and 10,000 days before"),
    Row(
        39,
        "numbers that are none, or too small",
        tuple(
            ((NUMBER,), text, REFUSED)
            for text in ("-1", "1e3", "1.5", "1,5", "NaN", "inf", "0x10", "--1", "1 000", "-0.5")
        ),
    ),
    Row(
        40,
        "numbers a column cannot hold",
        tuple(
            ((NUMBER, HIDDEN), text, REFUSED) for text in ("2147483648", "9" * 20, "-9223372036854775809", "9" * 5000)
        ),
    ),
    Row(
        41,
        "keys in an address that are none",
        (((CHOICE,), "99999999999999999999", REFUSED), ((CHOICE,), "../", REFUSED)),
    ),
    Row(42, "pages and orders that do not exist"),
    Row(43, "filters nobody offers"),
    Row(44, "a form with more fields than its own"),
    Row(
        45,
        "ratings outside the scale",
        where="meetings.tests.test_feedback_views.test_unusable_answer_is_refused_with_what_was_written_kept",
        also=("meetings.tests.test_feedback_views.test_answering_again_changes_nothing",),
    ),
    Row(
        46,
        "a rating of oneself or from outside",
        where="meetings.tests.test_feedback_theme.test_focus_person_and_strangers_do_not_reply",
        also=("meetings.tests.test_feedback.test_only_those_who_are_asked_and_still_members_answer",),
    ),
    Row(47, "ways out of the house"),
    Row(
        48,
        "links that are none of the web",
        tuple(
            ((LINK,), text, REFUSED)
            for text in ("//evil.invalid", "ftp://x.invalid", "http://a\\@b", "javascript:alert(1)", "data:text/html,x")
        ),
    ),
    Row(49, "CSV in UTF-8 with its mark", where=f"{_READING}.test_csv_is_read_in_every_encoding_with_every_separator"),
    Row(
        50, "CSV as Danish Excel writes it", where=f"{_READING}.test_csv_is_read_in_every_encoding_with_every_separator"
    ),
    Row(51, "CSV in UTF-16", where=f"{_READING}.test_csv_is_read_in_every_encoding_with_every_separator"),
    Row(52, "comma, tab, and sep=;", where=f"{_READING}.test_sep_line_decides_the_separator_and_counts_as_a_line"),
    Row(53, "missing and double columns", where=f"{_READING}.test_double_column_is_named_with_both_places"),
    Row(54, "an open quote, a giant cell", where=f"{_READING}.test_giant_field_is_refused_with_its_line"),
    Row(55, "an empty file", where=f"{_READING}.test_empty_file_is_refused"),
    Row(
        56,
        "a person twice, a circle of managers",
        where=f"{_LEADERS}.test_circle_of_managers_is_refused_with_every_line_named",
    ),
    Row(57, "line 4,999 of 5,000", where=f"{_LEADERS}.test_one_refused_line_of_many_stops_all"),
    Row(
        58,
        "cells that look like formulas",
        tuple((PROSE, text, KEPT) for text in ('=HYPERLINK("x")', "+45 12 34 56 78", "-", "@x")),
        where=f"{_READING}.test_text_that_looks_like_a_formula_stays_text",
    ),
    Row(59, "a sheet that unpacks to a gigabyte", where=f"{_READING}.test_bomb_is_refused_before_it_is_unpacked"),
    Row(60, "a sheet with entities", where=f"{_READING}.test_entities_are_refused"),
    Row(61, "other formats", where=f"{_READING}.test_other_formats_are_refused_by_name"),
    Row(62, "dates as numbers, hidden sheets", where=f"{_READING}.test_what_is_no_text_is_never_guessed_at"),
    Row(63, "a cell of more than 32,767 signs in an export"),
    Row(64, "control signs in an export"),
    Row(65, "an attendee in a calendar's title"),
    Row(66, "a long title in a calendar"),
    Row(67, "NUL and separators in a calendar"),
    Row(68, "file names that lead elsewhere"),
    Row(69, "files that are something else"),
    Row(70, "requests no browser would send"),
    Row(71, "a form without its token"),
    Row(72, "a token used, cut off or of somebody else"),
)
NUMBERS = frozenset(range(1, 73))


def covers(*numbers: int):
    """Says which rows a test proves."""

    def mark(test):
        test.covers = frozenset(numbers)
        return test

    return mark

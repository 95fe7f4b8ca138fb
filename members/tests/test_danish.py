from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from members import danish
from members.danish import (
    COPENHAGEN,
    FIRST_YEAR,
    LAST_YEAR,
    AmbiguousTime,
    NonexistentTime,
    WallTimeError,
    danish_key,
    fold,
    parse_date,
    parse_time,
    wall_to_utc,
)

FRIDAY = date(2027, 3, 5)
START = datetime(2027, 3, 5, 12, 0, tzinfo=UTC)
END = datetime(2027, 3, 5, 14, 0, tzinfo=UTC)
SANE_DATES = st.dates(min_value=date(FIRST_YEAR, 1, 1), max_value=date(LAST_YEAR, 12, 31))
MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@pytest.fixture(autouse=True)
def _danish():
    with translation.override("da"):
        yield


# --- Dates and times -------------------------------------------------------------------------------------------------

WRITTEN = [
    (lambda: danish.full_date(FRIDAY), "fredag den 5. marts 2027", "Friday 5 March 2027"),
    (lambda: danish.full_date(START), "fredag den 5. marts 2027", "Friday 5 March 2027"),
    (lambda: danish.compact_date(FRIDAY), "5. mar. 2027", "5 Mar 2027"),
    (lambda: danish.compact_date(date(2027, 5, 17)), "17. maj 2027", "17 May 2027"),
    (lambda: danish.short_day(date(2027, 3, 4)), "tor. 4. mar.", "Thu 4 Mar"),
    (lambda: danish.short_day(date(2027, 5, 8)), "lør. 8. maj", "Sat 8 May"),
    (lambda: danish.table_date(FRIDAY), "05.03.2027", "05/03/2027"),
    (lambda: danish.clock(START), "13.00", "13:00"),
    (lambda: danish.clock(time(9, 5)), "09.05", "09:05"),
    (lambda: danish.time_range(START, END), "kl. 13.00–15.00", "13:00–15:00"),
    (lambda: danish.time_range(START), "kl. 13.00", "13:00"),
    (
        lambda: danish.full_datetime_range(START, END),
        "fredag den 5. marts 2027 kl. 13.00–15.00",
        "Friday 5 March 2027, 13:00–15:00",
    ),
    (lambda: danish.full_datetime_range(START), "fredag den 5. marts 2027 kl. 13.00", "Friday 5 March 2027, 13:00"),
    (
        lambda: danish.full_datetime_range(START, START + timedelta(days=1)),
        "fredag den 5. marts 2027 kl. 13.00 – lørdag den 6. marts 2027 kl. 13.00",
        "Friday 5 March 2027, 13:00 – Saturday 6 March 2027, 13:00",
    ),
    (lambda: danish.week(FRIDAY), "uge 9", "week 9"),
    (lambda: danish.week(date(2027, 1, 1)), "uge 53", "week 53"),
    (lambda: danish.week_with_year(date(2027, 1, 1)), "uge 53 (2026)", "week 53 (2026)"),
    (lambda: danish.week_with_year(FRIDAY), "uge 9", "week 9"),
    (lambda: danish.week_with_year(FRIDAY, 2026), "uge 9 (2027)", "week 9 (2027)"),
    (lambda: danish.week_with_year(date(2027, 1, 1), 2026), "uge 53", "week 53"),
    (lambda: danish.relative_day(FRIDAY, FRIDAY), "i dag", "today"),
    (lambda: danish.relative_day(date(2027, 3, 6), FRIDAY), "i morgen", "tomorrow"),
    (lambda: danish.relative_day(date(2027, 3, 4), FRIDAY), "i går", "yesterday"),
    (lambda: danish.relative_day(date(2027, 3, 8), FRIDAY), "om 3 dage", "in 3 days"),
    (lambda: danish.relative_day(date(2027, 3, 2), FRIDAY), "for 3 dage siden", "3 days ago"),
    (lambda: danish.number(1234), "1.234", "1,234"),
    (lambda: danish.number(1234.5), "1.234,5", "1,234.5"),
    (lambda: danish.number(3.0), "3", "3"),
    (lambda: danish.number(3, 1), "3,0", "3.0"),
    (lambda: danish.number(Decimal("2.25")), "2,3", "2.3"),
    (lambda: danish.number(-0.04), "0", "0"),
    (lambda: danish.number(-1234567.89, 2), "-1.234.567,89", "-1,234,567.89"),
    (lambda: danish.percent(85), "85\u00a0%", "85%"),
    (lambda: danish.percent(84.5), "85\u00a0%", "85%"),
    (lambda: danish.share_of(8, 10), "8 ud af 10", "8 out of 10"),
    (lambda: danish.share_of(0, 0), "0 ud af 0", "0 out of 0"),
    (lambda: danish.share_of(19, 19), "19 ud af 19", "19 out of 19"),
    (lambda: danish.share_of(17, 20), "85\u00a0%", "85%"),
    (lambda: danish.share_of(0, 20), "0\u00a0%", "0%"),
    (lambda: danish.share_of(400, 400), "100\u00a0%", "100%"),
    (lambda: danish.share_of(1, 400), "under 1\u00a0%", "under 1%"),
    (lambda: danish.share_of(399, 400), "over 99\u00a0%", "over 99%"),
]


@pytest.mark.parametrize(("write", "in_danish", "in_english"), WRITTEN)
def test_writing_follows_the_language(write, in_danish, in_english):
    assert write() == in_danish
    with translation.override("en"):
        assert write() == in_english
    with translation.override(None, deactivate=True):
        assert write() == in_danish


def test_aware_datetime_is_shown_in_copenhagen():
    assert danish.full_date(datetime(2027, 7, 1, 22, 30, tzinfo=UTC)) == "fredag den 2. juli 2027"
    assert danish.clock(datetime(2027, 7, 1, 22, 30, tzinfo=UTC)) == "00.30"
    assert danish.week(datetime(2027, 1, 3, 23, 30, tzinfo=UTC)) == "uge 1"


def test_relative_day_turns_at_midnight_in_copenhagen():
    late_in_utc = datetime(2027, 3, 4, 23, 30, tzinfo=UTC)

    assert danish.relative_day(START, late_in_utc) == "i dag"
    assert danish.relative_day(START, late_in_utc - timedelta(hours=1)) == "i morgen"


def test_relative_day_counts_from_today_by_default(time_machine):
    time_machine.move_to(datetime(2027, 3, 4, 23, 30, tzinfo=UTC), tick=False)

    assert danish.relative_day(FRIDAY) == "i dag"
    assert danish.today() == FRIDAY


# --- Letters ---------------------------------------------------------------------------------------------------------


def test_danish_key_sorts_as_a_danish_list():
    in_order = [
        "Abel",
        "Émile",
        "Hans Jensen",
        "Hans-Ole",
        "Hansen",
        "Muus",
        "Müller",
        "Zoë",
        "Ærø",
        "Østergaard",
        "Aage",
        "Åse",
    ]

    assert sorted(reversed(in_order), key=danish_key) == in_order


def test_danish_key_sets_case_accents_and_form_aside():
    assert danish_key("AAGAARD") == danish_key("Ågård") == danish_key("A\u030agård") == danish_key("aagaard")
    assert danish_key("Renée") == danish_key("RENEE")
    assert danish_key("Jörgen") == danish_key("Jørgen")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Åse", "aase"),
        ("A\u030ase", "ÅSE"),
        ("Søren", "SOEREN"),
        ("Ærø", "aeroe"),
        ("Ǽrø", "aeroe"),
        ("Renée", "renee"),
        ("Jörgensen", "Jørgensen"),
        ("Guðrún Þór", "gudrun thor"),
    ],
)
def test_fold_finds_the_same_name(one, other):
    assert fold(one) == fold(other)


def test_fold_keeps_different_names_apart():
    assert fold("Sørensen") != fold("Sorensen")
    assert fold("mıke@x.dk") != fold("mike@x.dk")


@given(st.text())
def test_fold_and_key_hold_for_any_text(text):
    assert fold(fold(text)) == fold(text)
    assert danish_key(f" {text} ") == danish_key(text)


# --- Reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "5.3.2027",
        "05.03.2027",
        "05-03-2027",
        "5/3 2027",
        "5/3-2027",
        "5/3/2027",
        "05.03.27",
        "5. 3. 2027",
        "2027-03-05",
        "5. marts 2027",
        "5. mar. 2027",
        "den 5. marts 2027",
        "5 March 2027",
        " 5. MARTS 2027 ",
        "05032027",
        "050327",
        "5–3–2027",
        "\ufeff5.3.2027\u00a0",
        "٥.٣.٢٠٢٧",
        "５．３．２０２７",
    ],
)
def test_parse_date_reads_what_danes_write(text):
    assert parse_date(text) == FRIDAY


@pytest.mark.parametrize("text", ["31-12-2026", "31/12/2026", "31.12.26"])
def test_parse_date_reads_new_years_eve(text):
    assert parse_date(text) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        (None, "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        ("i morgen", "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        ("5/3", "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        ("5. mærts 2027", "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        ("5.3.2027\x00", "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        ("9" * 10_000, "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        ("2026-02-30", "Datoen findes ikke: februar 2026 har 28 dage."),
        ("29.2.2027", "Datoen findes ikke: februar 2027 har 28 dage."),
        ("0.3.2027", "Datoen findes ikke: marts 2027 har 31 dage."),
        ("5.13.2027", "Måneden skal være fra 1 til 12. Skriv datoen som dag, måned og år, fx 05.03.2027."),
        (
            "0001-01-01",
            "Årstallet skal ligge mellem 1900 og 2200. Skriv datoen som dag, måned og år, fx 05.03.2027.",
        ),
        (
            "31.12.9999",
            "Årstallet skal ligge mellem 1900 og 2200. Skriv datoen som dag, måned og år, fx 05.03.2027.",
        ),
    ],
)
def test_parse_date_says_why_not(text, reason):
    with pytest.raises(ValueError) as error:
        parse_date(text)

    assert str(error.value) == reason


@given(SANE_DATES)
def test_parse_date_reads_what_we_write(day):
    assert parse_date(danish.table_date(day)) == day
    assert parse_date(danish.compact_date(day)) == day
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day:%d%m%Y}") == day
    with translation.override("en"):
        assert parse_date(danish.table_date(day)) == day
        assert parse_date(danish.compact_date(day)) == day


@given(st.text() | st.text("0123456789./- maj"))
def test_parsing_gives_a_value_or_a_reason(text):
    for parse, kind in ((parse_date, date), (parse_time, time)):
        try:
            value = parse(text)
        except ValueError:
            continue
        assert isinstance(value, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13.00", time(13)),
        ("13:00", time(13)),
        ("1300", time(13)),
        ("13", time(13)),
        ("kl. 13.00", time(13)),
        ("kl 13", time(13)),
        ("Klokken 13", time(13)),
        ("kl. 10.30", time(10, 30)),
        ("9.30", time(9, 30)),
        ("930", time(9, 30)),
        ("9", time(9)),
        ("00.00", time(0)),
        ("23.59", time(23, 59)),
        ("١٣:٠٠", time(13)),
    ],
)
def test_parse_time_reads_what_danes_write(text, expected):
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Skriv klokkeslættet med timer og minutter, fx 13.00."),
        ("ved middagstid", "Skriv klokkeslættet med timer og minutter, fx 13.00."),
        ("13.5", "Skriv klokkeslættet med timer og minutter, fx 13.00."),
        ("-1", "Skriv klokkeslættet med timer og minutter, fx 13.00."),
        (
            "24:00",
            "Klokken går fra 00.00 til 23.59. Skriv 00.00 for midnat, og vælg den dato, der begynder.",
        ),
        ("25:61", "Klokkeslættet findes ikke. Klokken går fra 00.00 til 23.59."),
        ("12.60", "Klokkeslættet findes ikke. Klokken går fra 00.00 til 23.59."),
    ],
)
def test_parse_time_says_why_not(text, reason):
    with pytest.raises(ValueError) as error:
        parse_time(text)

    assert str(error.value) == reason


@given(MINUTES)
def test_parse_time_reads_what_we_write(moment):
    assert parse_time(danish.clock(moment)) == moment
    assert parse_time(danish.time_range(moment)) == moment
    assert parse_time(f"{moment:%H%M}") == moment
    with translation.override("en"):
        assert parse_time(danish.clock(moment)) == moment


# --- Summer and winter time ------------------------------------------------------------------------------------------

SPRING = [date(2026, 3, 29), date(2027, 3, 28), date(2028, 3, 26)]
AUTUMN = [date(2026, 10, 25), date(2027, 10, 31), date(2028, 10, 29)]


@pytest.mark.parametrize("day", SPRING)
def test_wall_to_utc_refuses_the_hour_spring_skips(day):
    assert wall_to_utc(day, time(1, 59)) == datetime(day.year, day.month, day.day, 0, 59, tzinfo=UTC)
    assert wall_to_utc(day, time(3, 0)) == datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)
    for moment in (time(2, 0), time(2, 30), time(2, 59)):
        for choice in (None, 0, 1):
            with pytest.raises(NonexistentTime):
                wall_to_utc(day, moment, fold=choice)


def test_nonexistent_time_says_which_hour():
    with pytest.raises(NonexistentTime) as error:
        wall_to_utc(date(2026, 3, 29), time(2, 30))

    assert str(error.value) == (
        "Kl. 02.30 findes ikke søndag den 29. marts 2026, fordi uret stilles frem til sommertid. Vælg fx kl. 03.30."
    )


@pytest.mark.parametrize("day", AUTUMN)
def test_wall_to_utc_asks_which_hour_autumn_means(day):
    first = datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)

    with pytest.raises(AmbiguousTime) as error:
        wall_to_utc(day, time(2, 30))

    assert isinstance(error.value, WallTimeError)
    assert (error.value.first, error.value.second) == (first, second)
    assert wall_to_utc(day, time(2, 30), fold=0) == first
    assert wall_to_utc(day, time(2, 30), fold=1) == second
    assert wall_to_utc(day, time(1, 59)) == first - timedelta(minutes=31)
    assert wall_to_utc(day, time(3, 0)) == second + timedelta(minutes=30)


def test_ambiguous_time_says_what_to_choose():
    with pytest.raises(AmbiguousTime) as error:
        wall_to_utc(date(2026, 10, 25), time(2, 30))

    assert str(error.value) == (
        "Kl. 02.30 kommer to gange søndag den 25. oktober 2026, fordi uret stilles tilbage til vintertid. "
        "Vælg, om du mener første gang (sommertid) eller anden gang (vintertid)."
    )


@pytest.mark.parametrize(("day", "moment"), [(date.min, time.min), (date.max, time.max)])
def test_wall_to_utc_refuses_the_ends_of_the_calendar(day, moment):
    with pytest.raises(ValueError, match="Årstallet skal ligge mellem 1900 og 2200"):
        wall_to_utc(day, moment)


@given(SANE_DATES, MINUTES)
def test_wall_to_utc_comes_back_to_the_same_wall(day, moment):
    try:
        utc = wall_to_utc(day, moment, fold=0)
    except NonexistentTime:
        assume(False)

    assert utc.tzinfo is UTC
    assert utc.astimezone(COPENHAGEN).replace(tzinfo=None, fold=0) == datetime.combine(day, moment)
    assert danish.clock(utc) == danish.clock(moment)
    assert danish.full_date(utc) == danish.full_date(day)

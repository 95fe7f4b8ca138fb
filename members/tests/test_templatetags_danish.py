from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

CONTEXT = {
    "day": date(2027, 3, 5),
    "new_year": date(2027, 1, 1),
    "start": datetime(2027, 3, 5, 12, 0, tzinfo=UTC),
    "end": datetime(2027, 3, 5, 14, 0, tzinfo=UTC),
    "now": datetime(2027, 3, 4, 12, 0, tzinfo=UTC),
    "amount": 1234.5,
    "nothing": None,
    "empty": "",
}


def render(source, **context):
    return Template(source).render(Context({**CONTEXT, **context}))


@pytest.mark.parametrize(
    ("source", "danish", "english"),
    [
        ("{{ day|full_date }}", "fredag den 5. marts 2027", "Friday 5 March 2027"),
        ("{{ day|full_date|capfirst }}", "Fredag den 5. marts 2027", "Friday 5 March 2027"),
        ("{{ start|compact_date }}", "5. mar. 2027", "5 Mar 2027"),
        ("{{ start|short_day }}", "fre. 5. mar.", "Fri 5 Mar"),
        ("{{ start|table_date }}", "05.03.2027", "05/03/2027"),
        ("{{ start|clock }}", "13.00", "13:00"),
        ("{{ start|time_range:end }}", "kl. 13.00–15.00", "13:00–15:00"),
        ("{{ start|time_range:nothing }}", "kl. 13.00", "13:00"),
        ("{{ start|time_range }}", "kl. 13.00", "13:00"),
        (
            "{{ start|datetime_range:end }}",
            "fredag den 5. marts 2027 kl. 13.00–15.00",
            "Friday 5 March 2027, 13:00–15:00",
        ),
        ("{{ start|datetime_range:empty }}", "fredag den 5. marts 2027 kl. 13.00", "Friday 5 March 2027, 13:00"),
        ("{{ day|week }}", "uge 9", "week 9"),
        ("{{ new_year|week_with_year }}", "uge 53 (2026)", "week 53 (2026)"),
        ("{{ new_year|week_with_year:2026 }}", "uge 53", "week 53"),
        ("{{ day|relative_day:now }}", "i morgen", "tomorrow"),
        ("{{ amount|number }}", "1.234,5", "1,234.5"),
        ("{{ amount|number:2 }}", "1.234,50", "1,234.50"),
        ("{{ amount|number:empty }}", "1.234,5", "1,234.5"),
        ("{{ 0|number }}", "0", "0"),
        ("{{ 85|percent }}", "85\u00a0%", "85%"),
        ("{{ 84.26|percent:1 }}", "84,3\u00a0%", "84.3%"),
        ("{{ 8|share_of:10 }}", "8 ud af 10", "8 out of 10"),
        ("{{ 0|share_of:40 }}", "0\u00a0%", "0%"),
    ],
)
def test_filter_follows_the_language(source, danish, english):
    with translation.override("da"):
        assert render(source) == danish
    with translation.override("en"):
        assert render(source) == english


@pytest.mark.parametrize("value", ["nothing", "empty", "unknown"])
@pytest.mark.parametrize(
    "filter_name",
    [
        "full_date",
        "compact_date",
        "short_day",
        "table_date",
        "clock",
        "time_range:end",
        "time_range:nothing",
        "datetime_range:end",
        "week",
        "week_with_year",
        "week_with_year:empty",
        "relative_day",
        "relative_day:nothing",
        "number",
        "number:nothing",
        "percent",
        "percent:empty",
        "share_of:10",
        "share_of:nothing",
    ],
)
def test_filter_shows_nothing_for_nothing(value, filter_name):
    assert render(f"{{{{ {value}|{filter_name} }}}}") == ""


def test_share_of_nothing_is_nothing():
    assert render("{{ 8|share_of:nothing }}{{ 8|share_of:empty }}") == ""


def test_relative_day_counts_from_now(time_machine):
    time_machine.move_to(CONTEXT["now"] + timedelta(hours=12), tick=False)

    with translation.override("da"):
        assert render("{{ day|relative_day }}") == "i dag"


def test_icon_points_into_the_sheet():
    assert render('{% icon "calendar" %}') == (
        '<svg class="icon-svg" aria-hidden="true" focusable="false">'
        '<use href="/static/vendor/dkfds/icons.svg#calendar"></use></svg>'
    )


def test_icon_escapes_its_name_and_shows_nothing_for_nothing():
    assert "<script>" not in render("{% icon name %}", name='"><script>')
    assert render("{% icon nothing %}{% icon empty %}") == ""

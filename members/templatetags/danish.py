"""The words of `members.danish` in templates; a builtin, so no page loads it. Nothing to show gives nothing."""

from functools import wraps

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from members import danish

register = template.Library()


def _filter(name: str, function) -> None:
    @wraps(function)
    def show(value, *arguments):
        if value is None or value == "":
            return ""
        return function(value, *(None if argument == "" else argument for argument in arguments))

    register.filter(name, show)


for _name in ("full_date", "compact_date", "short_day", "table_date", "clock", "time_range", "week", "week_with_year"):
    _filter(_name, getattr(danish, _name))
for _name in ("relative_day", "number"):
    _filter(_name, getattr(danish, _name))
_filter("datetime_range", danish.full_datetime_range)


@register.filter
def percent(value, decimals=0):
    return "" if value in (None, "") else danish.percent(value, decimals or 0)


@register.filter
def share_of(part, whole):
    return "" if part in (None, "") or whole in (None, "") else danish.share_of(part, whole)


@register.simple_tag
def icon(name):
    """A sign from the design system's sheet; it only repeats words, so it is hidden from screen readers."""
    if not name:
        return ""
    return format_html(
        '<svg class="icon-svg" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("vendor/dkfds/icons.svg"),
        name,
    )

"""The small wheel, for pages of lower floors that may not ask for meetings themselves."""

from django import template

from meetings import year
from members.danish import today
from networks.permissions import can_see_meeting_dates

register = template.Library()


@register.inclusion_tag("meetings/_small_wheel.html", takes_context=True)
def network_wheel(context, network):
    """The network's year, for those who may read its dates; nothing for others, and nothing while it has none."""
    user = context["request"].user
    if network.is_in_design or not can_see_meeting_dates(user, network):
        return {"year": None}
    start = year.start_for([network.pk], today())
    found = year.of(network.meetings.all(), start=start, today=today(), with_links=False)
    return {"year": found if found.rows else None, "network": network}

"""HTTP in, HTTP out: the group's rule for moving a meeting."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from meetings import moving_rule as room
from meetings.moving_rule_forms import MovingRuleForm
from members.requests import number
from networks.permissions import get_room
from networks.refusal import Refused
from networks.tabs import tabs
from networks.views.confirm import posted
from networks.views.saving import save_over


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def moving_rule(request, slug):
    network = get_room(request.user, slug)
    rule = room.rule_of(network)
    initial = {"text": rule.text, "seen": rule.version} if rule else {"text": room.SUGGESTION, "seen": 0}
    form = MovingRuleForm(posted(request), initial=initial)
    saving = save_over(form, partial(room.write, network, actor=request.user, now=timezone.now()))
    if saving.is_done:
        messages.success(request, _("Reglen er gemt. De andre kan nu sige, om de er enige."))
        return redirect("meetings:moving_rule", slug)
    rule = saving.theirs or rule
    agreeing, members = room.support_for(rule) if rule else ([], 0)
    context = {
        "network": network,
        "tabs": tabs(request.user, network, current="meetings"),
        "rule": rule,
        "form": form,
        "agreeing": agreeing,
        "members": members,
        "agrees": request.user in agreeing,
    }
    return render(request, "meetings/moving_rule.html", context | saving.shown, status=saving.status)


@require_POST
def agree_to_moving_rule(request, slug):
    network = get_room(request.user, slug)
    try:
        room.agree(
            network,
            seen=number(request.POST.get("seen")) or 0,
            actor=request.user,
            now=timezone.now(),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Du er enig i reglen."))
    return redirect("meetings:moving_rule", slug)

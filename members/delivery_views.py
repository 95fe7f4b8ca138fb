"""HR's page of deliveries: filter, page, try again, give up."""

from django import forms
from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from members import deliveries, kinds, watches
from members.danish import fold
from members.fields import AskedField
from members.logbooks import note_list
from members.models import ListRead, Message
from members.requests import is_ours

PER_PAGE = 50


class DeliveryFilter(forms.Form):
    state = forms.ChoiceField(label=gettext_lazy("Tilstand"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Slags"), required=False)
    q = AskedField(label=gettext_lazy("Modtager"), required=False, max_length=100)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [
            ("", _("Alle")),
            ("unsent", _("Ikke sendt endnu")),
            *(
                (state.value, state.label)
                for state in Message.State
                if state not in (Message.State.DUE, *Message.UNDER_WAY_STATES)
            ),
        ]
        self.fields["kind"].choices = [("", _("Alle")), *kinds.labels()]

    def narrow(self, messages):
        """Only what was asked for; what is not a choice asks for nothing."""
        self.is_valid()
        asked = getattr(self, "cleaned_data", {})
        if asked.get("state") == "unsent":
            messages = messages.filter(state__in=deliveries.UNSENT)
        elif asked.get("state"):
            messages = messages.filter(state=asked["state"])
        if asked.get("kind"):
            messages = messages.filter(kind=asked["kind"])
        for word in fold(asked.get("q", "")).split():
            messages = messages.filter(recipient__search_text__contains=word)
        return messages


@require_safe
def delivery_list(request):
    now = timezone.now()
    form = DeliveryFilter(request.GET)
    messages = deliveries.in_order(form.narrow(deliveries.messages_for(request.user)), now)
    page = Paginator(messages, PER_PAGE).get_page(request.GET.get("page"))
    if request.user.is_hr:
        people = [message.recipient_id for message in page.object_list]
        is_search = bool(request.GET.get("q", "").strip())
        note_list(ListRead.Kind.DELIVERIES, people, reader=request.user, now=now, selection={"name": is_search})
    told = deliveries.figures(now, for_hr=True)
    return render(
        request,
        "members/deliveries.html",
        {
            "filter_form": form,
            "page": page,
            "lines": deliveries.lines(page.object_list, now),
            "headline": deliveries.headline(told),
            "troubles": deliveries.troubles(told, now),
            "tallies": watches.tallies(now),
        },
    )


@require_POST
def retry(request, pk):
    return _act(request, pk, deliveries.retry, _("Beskeden er lagt i udbakken igen og bliver sendt om lidt."))


@require_POST
def give_up(request, pk):
    return _act(request, pk, deliveries.give_up, _("Beskeden er opgivet og bliver ikke sendt."))


def _act(request, pk, act, done):
    message = deliveries.get_message(request.user, pk)
    try:
        act(message, actor=request.user, now=timezone.now())
    except deliveries.NotPossible:
        flash.warning(request, _("Beskeden er kommet videre imens. Se dens tilstand her."))
    else:
        flash.success(request, done)
    back = request.POST.get("next", "")
    if is_ours(request, back):
        return redirect(back)
    return redirect("members:deliveries")

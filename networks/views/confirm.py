"""Acts behind a page that says what will happen: GET shows the consequence, POST does it."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect, render

from networks.refusal import Refused


def posted(request):
    """What a form is bound to: what was sent, also when that is nothing; None while the page is only shown."""
    return request.POST if request.method == "POST" else None


def confirm(
    request,
    *,
    heading: str,
    consequence: str,
    button: str,
    act: Callable,
    done: str | Callable,
    back: str,
    to: str | None = None,
    form=None,
    is_warning: bool = False,
    **context,
):
    """Show the page, or do `act` (with the form's answers as keywords) and go `to` where it shows.

    `done` is said afterwards, or says it itself when that depends on what `act` gave back.
    """
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            result = act(**(form.cleaned_data if form else {}))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(back)
        messages.success(request, done(result) if callable(done) else done)
        return redirect(to or back)
    context |= {
        "heading": heading,
        "consequence": consequence,
        "button": button,
        "back": back,
        "form": form,
        "is_warning": is_warning,
    }
    return render(request, "networks/confirm.html", context)


def perform(request, *, act: Callable, done: str, to: str):
    """Do `act` at once, for what is easily seen and mended."""
    try:
        act()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(to)

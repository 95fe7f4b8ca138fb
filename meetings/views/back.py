"""Where to go after a small act: to the page it was done on."""

from django.shortcuts import redirect

from members.requests import is_ours


def back(request, otherwise, anchor: str = ""):
    """To the page the form names in `next`, when it is one of ours; to `otherwise` if not."""
    target = request.POST.get("next", "")
    if is_ours(request, target):
        return redirect(target.partition("#")[0] + anchor)
    return redirect(otherwise)

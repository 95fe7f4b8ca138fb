"""Where to go after a small act: to the page it was done on."""

from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request, otherwise, anchor: str = ""):
    """To the page the form names in `next`, when it is one of ours; to `otherwise` if not."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return redirect(target.partition("#")[0] + anchor)
    return redirect(otherwise)

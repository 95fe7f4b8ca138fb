"""What every answer carries besides what Django and the security policy add, error pages and redirects too."""

from django.urls import reverse

from netvaerk.key_addresses import is_key

# Everything a page could ask a browser for, and none of ours does. Passkeys, the screen and the clipboard stay our own.
UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "geolocation",
    "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment", "serial",
    "usb", "xr-spatial-tracking",
)  # fmt: skip
OWN = (
    "clipboard-read",
    "clipboard-write",
    "fullscreen",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
)
PERMISSIONS_POLICY = ", ".join([f"{name}=()" for name in UNUSED] + [f"{name}=(self)" for name in OWN])


class HeadersMiddleware:
    """The outermost: what is refused before a page is reached passes here too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # No cache but the reader's own keeps a page, and it asks anew each time. Not “no-store”: going back to a half
        # written form must show what was typed. Pages with members-only text say no-store themselves.
        response.setdefault("Cache-Control", "private, no-cache")
        if is_key(request.path):
            # “no-referrer” would make the browser send its form from nowhere, which the CSRF guard refuses.
            response["Referrer-Policy"] = "strict-origin"
        if is_sign_out(request):
            # Browsers keep whole pages to go back to: the next one at the machine finds none.
            response["Clear-Site-Data"] = '"cache"'
        return response


def is_sign_out(request) -> bool:
    return request.method == "POST" and request.path == reverse("account_logout")

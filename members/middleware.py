"""What holds for every request: the language a person has chosen, and what is shown when an address cannot answer."""

import logging

from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation

from members.encryption import FrirumKeyMissing, showing_gaps

logger = logging.getLogger(__name__)


class PersonalLanguageMiddleware:
    """Speak the language the person chose in their profile, on any machine they sign in from."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class ButtonAddressMiddleware:
    """An address that only a button leads to says so to who opens it, as after signing in from a form left open."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page


class FrirumKeyMiddleware:
    """When no key fits a text: reading shows the rest of the page, and anything else says plainly what is wrong.

    Nothing that cannot be read is ever written over: an act reads what it changes, and stops there.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with showing_gaps():
            return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, FrirumKeyMissing):
            return None
        logger.error("No key in FRIRUM_KEYS fits a text in the database. Put back the key it was written with.")
        return render(request, "frirum_key_missing.html", status=503)

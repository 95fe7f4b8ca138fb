"""What a signed-in person has chosen, applied to every request."""

from django.utils import translation


class PersonalLanguageMiddleware:
    """Speak the language the person chose in their profile, on any machine they sign in from."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)

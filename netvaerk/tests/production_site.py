"""The site's own door for gunicorn, with one page more that breaks: its address holds a key, as some do."""

from django.urls import path

from netvaerk.wsgi import application

__all__ = ["application"]


def broken(request, token):
    raise RuntimeError(f"nothing came of {request.path}")


def add_broken_page() -> None:
    from netvaerk import urls  # which can be read once the site has started

    broken.login_required = False
    urls.urlpatterns.insert(0, path("kalender/<str:token>/gaar-i-stykker/", broken))


add_broken_page()

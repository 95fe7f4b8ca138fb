"""What members do once the words are planted, in a process of its own: they read, they write, and work is queued.

Writes the words to the file it is given.
"""

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netvaerk.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from members.models import User  # noqa: E402
from netvaerk.tests.canaries import NOBODY, Canary, Flock  # noqa: E402
from netvaerk.tests.falling import app, fall  # noqa: E402
from networks.models import Network  # noqa: E402

# Production's files are gathered at deployment; here nobody has.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


def live() -> Flock:
    flock = Flock().plant()
    word = flock.word(Canary("typed", "an edit", "", None, NOBODY))
    network = Network.objects.get(slug="ledere-paa-tvaers")
    client = Client(raise_request_exception=False, headers={"host": "netvaerk.example"})
    client.force_login(User.objects.get(email="tovholder@demo.invalid"))
    for route in ("networks:goals", "networks:charter", "meetings:topics"):
        page = client.get(reverse(route, args=[network.slug]), secure=True)
        assert flock.find(page.content), f"{route} answered {page.status_code}"
    form = reverse("networks:new_goal", args=[network.slug])
    for title in (word, word * 100):  # one is saved, the other too long
        client.post(form, {"title": title, "measure": word, "due_on": "1.12.2027", "seen": "1"}, secure=True)
    assert network.goals.latest("pk").title == word
    app.loader.import_default_modules()
    for name in ("members.tasks.send_now", "networks.tasks.tend_directions"):
        app.tasks[name].delay()
    fall.delay()
    return flock


if __name__ == "__main__":
    planted = {word.decode(): [str(one), one.is_encrypted] for word, one in live().words.items()}
    with open(sys.argv[1], "w") as file:
        json.dump(planted, file)

"""The site's own door for gunicorn, with a guard taken away when FAULTS (JSON in the environment) tells."""

import json
import os

from netvaerk.wsgi import application

__all__ = ["application"]

if json.loads(os.environ.get("FAULTS", "{}")).get("without") == "whole acts":
    import time

    from django.db.models import QuerySet

    from meetings import invitations, scheduling

    QuerySet.select_for_update = lambda rows, **_options: rows.all()
    scheduling.move = scheduling.move.__wrapped__
    renew = invitations.renew

    def slowly(*args, **kwargs):
        time.sleep(0.05)
        return renew(*args, **kwargs)

    invitations.renew = slowly

"""What a monitor may know: whether the house stands, and how sending goes, in numbers only."""

import os

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members import deliveries
from members.clock import database_now
from netvaerk.celery import app

BROKER_SECONDS = 1


@login_not_required
@require_safe
@never_cache
def live(request):
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def ready(request):
    """503 when the database is away, the clock has stopped or a message has waited too long."""
    numbers = {"database": 1, "broker": int(is_broker_reachable())}
    try:
        numbers |= deliveries.figures(database_now())
        is_well = not (deliveries.is_tick_late(numbers) or deliveries.is_due_late(numbers))
    except (DatabaseError, InterfaceError):
        numbers["database"] = 0
        is_well = False
    return JsonResponse(numbers, status=200 if is_well else 503)


def is_broker_reachable() -> bool:
    """A broker that is away stops no mail, so it is told of but alarms nobody."""
    if settings.CELERY_BROKER_URL.startswith("filesystem://"):
        return os.access(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"], os.W_OK)
    try:
        with app.connection_for_read(connect_timeout=BROKER_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
    except Exception:  # each transport has errors of its own, and all mean the same here
        return False
    return True

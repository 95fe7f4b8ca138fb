import logging
from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction

from netvaerk.tests.access import municipality


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker) -> Iterator[municipality.Municipality]:
    """Built once: each request is undone again."""
    log = logging.getLogger("django.request")
    with django_db_blocker.unblock(), time_machine.travel(municipality.NOW, tick=False), transaction.atomic():
        log.setLevel(logging.ERROR)  # each refusal is a warning
        yield municipality.build()
        log.setLevel(logging.NOTSET)
        transaction.set_rollback(True)

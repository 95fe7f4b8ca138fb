"""Celery is the clock and the nudge; what is to be done always stands in the database."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netvaerk.settings")

app = Celery("netvaerk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# A tick nobody took within its minute is worth nothing: after an hour without workers one is enough.
EACH_MINUTE = {"expires": 55}

# Plain UTC intervals: no local clock, so a change to or from summer time neither skips nor doubles a tick.
app.conf.beat_schedule = {
    "send due messages": {"task": "members.tasks.send_due", "schedule": 60.0, "options": EACH_MINUTE},
    "open and close feedback rounds": {
        "task": "meetings.tasks.turn_feedback_rounds",
        "schedule": 60.0,
        "options": EACH_MINUTE,
    },
    "read what calendars answer": {"task": "meetings.tasks.read_replies", "schedule": 60.0, "options": EACH_MINUTE},
    "let offers lapse": {"task": "networks.tasks.expire_offers", "schedule": 60 * 60.0},
    "begin and end leaves": {"task": "networks.tasks.turn_leaves", "schedule": 60 * 60.0},
    "settle charters": {"task": "networks.tasks.settle_charters", "schedule": 60.0, "options": EACH_MINUTE},
    "plan what should exist": {"task": "meetings.tasks.reconcile", "schedule": 6 * 60 * 60.0},
    "look after every kurs": {"task": "networks.tasks.tend_directions", "schedule": 6 * 60 * 60.0},
    "freeze the month's figures": {"task": "netvaerk.tasks.freeze_figures", "schedule": 6 * 60 * 60.0},
    "plan Monday's mail to HR": {"task": "netvaerk.tasks.plan_weekly_mail", "schedule": 6 * 60 * 60.0},
    "tidy": {"task": "members.tasks.tidy", "schedule": 24 * 60 * 60.0},
}


@setup_logging.connect
def log_as_the_web_does(loglevel=None, **kwargs):
    """Celery's own set-up would write the words of every exception."""
    logging.config.dictConfig(settings.LOGGING)
    if loglevel:
        logging.getLogger().setLevel(loglevel)

"""What the timetable asks of the whole."""

from celery import shared_task

from members.clock import database_now


@shared_task
def freeze_figures():
    from netvaerk import monthly

    monthly.freeze(now=database_now())

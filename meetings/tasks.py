"""What the timetable asks of meetings."""

from celery import shared_task

from members.clock import database_now


@shared_task
def reconcile():
    from meetings import reconciliation  # here, so that any room may import tasks

    reconciliation.reconcile(now=database_now())


@shared_task
def read_replies():
    from meetings import reply_mailbox

    reply_mailbox.read(now=database_now())


@shared_task
def turn_feedback_rounds():
    from meetings import feedback, feedback_schedule

    now = database_now()
    feedback_schedule.plan_due(now)
    feedback.turn_rounds(now)

"""What the timetable asks of the whole."""

from celery import shared_task

from members.clock import database_now


@shared_task
def freeze_figures():
    from netvaerk import monthly, monthly_status

    now = database_now()
    monthly.freeze(now=now)
    monthly_status.backfill(now=now)


@shared_task
def plan_weekly_mail():
    from netvaerk import followup_email

    followup_email.plan(now=database_now())

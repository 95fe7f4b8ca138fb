"""What the timetable asks of networks."""

from celery import shared_task

from members.clock import database_now


@shared_task
def tend_directions():
    from networks import directions, review

    now = database_now()
    directions.tend(now=now)
    review.tell(now=now)


@shared_task
def expire_offers():
    from networks import waiting_list  # here, so that any room may import tasks

    waiting_list.expire_offers(now=database_now())


@shared_task
def settle_charters():
    from networks import charter

    charter.settle_due(now=database_now())


@shared_task
def turn_leaves():
    from networks import leave

    leave.turn_leaves(now=database_now())

"""Sent inside the act's transaction, for the floors above to do their part."""

from django.dispatch import Signal

# A leader's post has ended. Sent with `leader`, `actor` (None for the timetable) and `now`.
post_ended = Signal()

# A person has chosen other reminders. Sent with `user` and `now`.
choices_changed = Signal()

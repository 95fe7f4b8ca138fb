"""What upper floors may listen to. Sent inside the transaction of the act that caused it."""

from django.dispatch import Signal

membership_started = Signal()  # sender=Membership, membership, actor, now
membership_ended = Signal()  # sender=Membership, membership, actor, now
membership_paused = Signal()  # a leave of absence begins: sender=Membership, membership, actor, now
membership_resumed = Signal()  # and ends: sender=Membership, membership, actor, now
network_closed = Signal()  # sender=Network, network, actor, now

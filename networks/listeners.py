"""What the members' room does when someone joins."""

from django.dispatch import receiver

from networks import charter
from networks.signals import membership_started


@receiver(membership_started)
def tell_of_the_charter(sender, membership, now, **_others):
    charter.welcome(membership, now=now)

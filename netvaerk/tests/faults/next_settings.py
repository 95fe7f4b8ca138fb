"""The settings of the release after this one; see next_release."""

from netvaerk.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "netvaerk.tests.faults.next_release"]  # noqa: F405

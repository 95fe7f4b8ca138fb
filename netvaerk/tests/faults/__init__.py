"""What happens when things break. `house` stands when the suite is started by `python -m netvaerk.tests.faults`."""

house = None
is_short = False
worker_kind = "fault"

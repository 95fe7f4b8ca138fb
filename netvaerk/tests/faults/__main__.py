"""The outbox under fire: `python -m netvaerk.tests.faults [--short] [--sqlite] [what pytest understands]`."""

import os
import sys

import pytest

from netvaerk.tests import faults, servers

# What each landing must hold; the rest, and the negative controls, are for the full suite.
SHORT = (
    "loses_and_doubles_nothing", "once_more", "four_ticks", "each_row", "emptied_redis", "dead_address",
    "falls_in_the_text", "moved_while", "cancelled_while", "leaves_retires", "between_sending_and_noting",
    "few_lines", "write_it_once", "make_one_thing", "last_seat_is_given", "second_is_told", "in_or_refused",
    "killed_in_a_request", "sign_in_without_redis", "next_release_under_use", "turns_nobody_away",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    faults.is_short = "--short" in arguments
    house = servers.House(on_sqlite="--sqlite" in arguments)
    os.environ |= house.environment
    faults.house = house
    try:
        rest = [argument for argument in arguments if argument not in ("--short", "--sqlite")]
        if faults.is_short and "-k" not in rest:
            rest += ["-k", " or ".join(SHORT)]
        return pytest.main(["netvaerk/tests/faults", "-m", "faults", "-p", "no:cacheprovider", *rest])
    finally:
        house.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The demo municipality: Egebjerg Kommune, wholly invented, in every state the product knows.

Everything that can be done by an act is done by that act, at a time in the past: what the demo shows is what the
product does.
"""

from netvaerk.demo.build import build
from netvaerk.demo.people import LOGINS, PASSWORD

__all__ = ["LOGINS", "PASSWORD", "build"]

"""The demo municipality with a word in all that not everyone may read, and what each visitor has seen of it."""

import io
import logging
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from members.models import User
from netvaerk import demo, reports
from netvaerk.tests import visits
from netvaerk.tests.canaries import NOBODY, Canary, Flock, whole
from networks.models import Network

# One of each sort also goes through a second network; HR through the front pages of all the others.
LOOK_FURTHER = {"hr", "direktion", "byraad", "tovholder", "leder", "member of another network"}
LOOK_EVERYWHERE = {"hr"}
FRONT = 4  # slashes in the address of a network's front pages


class Town:
    def __init__(self):
        demo.build(now=timezone.now())
        self.network = Network.objects.get(slug="ledere-paa-tvaers")
        self.other = Network.objects.get(slug="dagtilbudsledere-i-hele-kommunen")
        self.visitors = {visitor.name: visitor for visitor in visits.visitors(self.network, self.other)}
        self.flock = Flock().plant()
        self.addresses = {
            network: list(visits.addresses(network, is_first=network == self.network))
            for network in Network.objects.filter(charters__isnull=False).distinct()
        }
        self.failed: dict[str, int] = {}
        self._only_post: set[str] = set()
        self._seen: dict[str, dict] = {}

    def user(self, login: str) -> User:
        return self.visitors[login].user

    def typed(self, where: str) -> str:
        """A word for someone to type; nobody else is to see it anywhere."""
        return self.flock.word(Canary("typed", where, "", None, NOBODY))

    # --- Visits ---

    def route(self, name: str):
        """The addresses a visitor of this name looks at."""
        for network, addresses in self.addresses.items():
            if network == self.network or (network == self.other and name in LOOK_FURTHER):
                yield from addresses
            elif name in LOOK_EVERYWHERE:
                yield from (pair for pair in addresses if pair[1].count("/") <= FRONT)

    def seen(self, name: str) -> dict[str, set[Canary]]:
        """Which words the visitor finds where, looked for once."""
        if name not in self._seen:
            self._seen[name] = self.visit(name, self.route(name))
        return self._seen[name]

    def visit(self, name: str, addresses) -> dict[str, set[Canary]]:
        client, found = self.visitors[name].client, {}
        for route, address in addresses:
            if route in self._only_post:
                continue
            response = client.get(address)
            if response.status_code == 405:
                self._only_post.add(route)
            if response.status_code >= 500 and route != "netvaerk:health_ready":
                self.failed[f"{name} {address}"] = response.status_code
            found[address] = self.flock.find(whole(response))
        return found

    def press(self, name: str, addresses) -> dict[str, set[Canary]]:
        """The same with a POST at each address, whose effects are taken back."""
        client, found = self.visitors[name].client, {}
        for _route, address in addresses:
            with transaction.atomic():
                response = client.post(address, {"seen": "0", "version": "0", "seen_sequence": "0"})
                found[address] = self.flock.find(whole(response))
                transaction.set_rollback(True)
        return found

    def foreign(self, name: str, found: dict[str, set[Canary]]) -> dict[str, set[str]]:
        """Address by address, what is there and not for this visitor."""
        user = self.visitors[name].user
        hits = {
            address: {str(one) for one in canaries if not one.may_be_read_by(user)}
            for address, canaries in found.items()
        }
        return {address: canaries for address, canaries in hits.items() if canaries}

    def look(self, name: str, *routes: str) -> dict[str, set[str]]:
        """What a visitor finds at these routes of the first network that is not for them."""
        mine = (pair for pair in self.addresses[self.network] if pair[0] in routes)
        failed = dict(self.failed)
        found = self.foreign(name, self.visit(name, mine))
        self.failed = failed  # a page that falls without its guard has told nobody
        return found


@contextmanager
def all_logs():
    """All that is logged meanwhile, at the most talkative level, as production writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(reports.QuietFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root, sql = logging.getLogger(), logging.getLogger("django.db.backends")
    before = root.level, sql.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    sql.setLevel(logging.DEBUG)
    try:
        yield out
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        sql.setLevel(before[1])

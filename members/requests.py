"""What an address or a form asks for, read without trusting it."""

from collections.abc import Iterable

from django.utils.http import url_has_allowed_host_and_scheme

DIGITS = 18  # as many as any database's whole numbers hold


def number(text: str | None) -> int | None:
    """A whole number as our own pages write it; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= DIGITS else None


def numbers(texts: Iterable[str]) -> list[int]:
    return [found for found in map(number, texts) if found is not None]


def is_ours(request, address: str) -> bool:
    """Whether `address` stays on this site."""
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())

"""Addresses that are keys: whoever has one is let in. They stand in no log and are told to no other page."""

import logging
import re

# The calendar feed, the answer by a link from a mail, and a new password. Only what comes after is the key.
KEY_ADDRESS = re.compile(r"(/kalender/|/moeder/svar/|/konto/adgangskode/ny/)[^\s/?#\"'<>]+")


def is_key(path: str) -> bool:
    return KEY_ADDRESS.match(path) is not None


def hide(text: str) -> str:
    """The same text with every key in it struck out."""
    return KEY_ADDRESS.sub(r"\1***", text)


class KeylessFormatter(logging.Formatter):
    """A line of a log, its traceback with it, without keys. Django logs the path of what fails, gunicorn too."""

    def format(self, record):
        return hide(super().format(record))

"""The database laid aside, put back, and proof that it can be."""


class Trouble(Exception):
    """What stops a backup or a restore; the message says what to do."""

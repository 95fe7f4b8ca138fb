"""Mails of this room."""


def register():
    pass

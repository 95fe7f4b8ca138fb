"""What meetings do when memberships change."""


def connect():
    pass

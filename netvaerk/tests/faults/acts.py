"""Acts let go at the same instant, and the same acts with a guard taken away."""

import threading
import time
from contextlib import contextmanager, suppress

from django.db import connection
from django.db.models import QuerySet


def at_once(acts) -> list:
    """What each gave back or raised, every one in a thread and a connection of its own."""
    line, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            connection.ensure_connection()
            line.wait(30)
            results[number] = act()
        except Exception as problem:
            results[number] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def slowly(monkeypatch, owner, name: str, seconds: float = 0.02) -> None:
    """A moment's pause after `name` has looked, so that others look too before anyone acts."""
    look = getattr(owner, name)

    def paused(*args, **kwargs):
        found = look(*args, **kwargs)
        time.sleep(seconds)
        return found

    monkeypatch.setattr(owner, name, paused)


def unlocked(monkeypatch, owner, name: str):
    """The act without its transaction and its locks."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows.all())
    act = getattr(owner, name).__wrapped__
    monkeypatch.setattr(owner, name, act)
    return act


@contextmanager
def without_constraint(model, name: str):
    """As long as it lasts the database lets doubles in; they are gone before it is put back."""
    kept = model._meta.constraints
    constraint = next(constraint for constraint in kept if constraint.name == name)
    # SQLite makes the whole table anew, from what the model says.
    model._meta.constraints = [other for other in kept if other is not constraint]
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        with suppress(Exception):
            connection.close()
        model.objects.all().delete()
        model._meta.constraints = kept
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)

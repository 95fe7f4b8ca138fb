"""Statements asked so often that PostgreSQL takes longer to plan them than to do them.

Each connection plans one once (PREPARE). A pool that gives every statement another session (PgBouncer by transaction)
cannot keep a plan: then, and on other databases, the statement is sent whole each time.
"""

from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import Error, connection

_NO_SUCH_STATEMENT, _STATEMENT_EXISTS = "26000", "42P05"
_planned: WeakKeyDictionary = WeakKeyDictionary()  # by connection, the names it knows


class Prepared:
    """`sql` with its values as %(name)s, and of which type each is, in PostgreSQL's words."""

    def __init__(self, sql: str, **types: str):
        self.sql, self.types = sql, types
        self.name = f"netvaerk_{sha256(sql.encode()).hexdigest()[:16]}"

    def rows(self, **values: Any) -> list[tuple]:
        """What comes of it. To be asked outside a transaction, which a forgotten plan would end."""
        with connection.cursor() as cursor:
            try:
                self._ask(cursor, values)
            except Error as problem:
                if getattr(problem.__cause__, "pgcode", None) not in (_NO_SUCH_STATEMENT, _STATEMENT_EXISTS):
                    raise
                cursor.execute(self.sql, values)
            return cursor.fetchall()

    def _ask(self, cursor, values: dict[str, Any]) -> None:
        if connection.vendor != "postgresql":
            cursor.execute(self.sql, values)
            return
        known = _planned.setdefault(connection.connection, set())
        if self.name not in known:
            numbered = self.sql % {name: f"${number}" for number, name in enumerate(self.types, start=1)}
            cursor.execute(f"PREPARE {self.name} ({', '.join(self.types.values())}) AS {numbered}")
            known.add(self.name)
        cursor.execute(f"EXECUTE {self.name} ({', '.join(f'%({name})s' for name in self.types)})", values)

from datetime import date

from django.db import connection

from . import rules


def months() -> list[date]:
    """The months that have a partition, in order."""
    with connection.cursor() as sql:
        sql.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = %s::regclass",
            [rules.TABLE],
        )
        found = [rules.month_named(name) for (name,) in sql.fetchall()]
    return sorted(month for month in found if month)

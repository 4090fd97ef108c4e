from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from .failures import Failure
from .models import IntegrationError

_RECORD = """
    INSERT INTO outbound_integrationerror AS known
        (service, kind, method, path, status, message, request_id, job_id, hour, first_at, last_at, count)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (service, kind, method, path, status, hour) DO UPDATE SET
        message = excluded.message,
        request_id = excluded.request_id,
        job_id = excluded.job_id,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        count = known.count + excluded.count
"""


def record_failures(*, failures: Iterable[Failure]) -> None:
    """Count what failed, each failure for itself: no two writers ever wait for each other's second row."""
    with connection.cursor() as cursor:
        for each in failures:
            texts = (each.service, each.kind, each.method, each.path, each.status, each.message)
            origin = (each.request_id, each.job_id)
            cursor.execute(_RECORD, (*texts, *origin, each.hour, each.first_at, each.last_at, each.count))


def forget_errors(*, before: datetime) -> int:
    """Delete what happened last before that instant; gives the number of rows."""
    deleted, _ = IntegrationError.objects.filter(last_at__lt=before).delete()
    return deleted

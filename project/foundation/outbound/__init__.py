"""HTTP to other people's services. Every call of the house leaves through here.

    from project.foundation.outbound import Service, ServiceError, Unavailable

    service = Service("Watchmode", url="https://api.watchmode.com/v1", headers={"X-API-Key": key}, deadline=10)
    found = service.call("GET", "/status", shape=Status.model_validate)

A call takes no longer than its deadline, is repeated only where that does no harm, leaves a service that fails in
peace for a while, follows no redirect, and fails in one of five ways (`failures.py`), each noted for operators.
Addresses that a user gave are called through `PublicService`, which reaches nothing inside the house.
"""

from .client import Answer, PublicService, Service
from .failures import Garbled, Kind, Refused, ServiceError, Throttled, Unavailable, UnsafeAddress

__all__ = [
    "Answer",
    "Garbled",
    "Kind",
    "PublicService",
    "Refused",
    "Service",
    "ServiceError",
    "Throttled",
    "Unavailable",
    "UnsafeAddress",
]

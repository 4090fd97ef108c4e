from .board import dashboard
from .deeds import bulk, cancellation, rerun, schedule_job
from .errors import errors
from .jobs import job, jobs
from .schedules import schedules
from .trail import audit, check, export

__all__ = [
    "audit",
    "bulk",
    "cancellation",
    "check",
    "dashboard",
    "errors",
    "export",
    "job",
    "jobs",
    "rerun",
    "schedule_job",
    "schedules",
]

from datetime import datetime
from typing import Any

from learning.handbook.models import TrainingPlan


def erase_plans(*, person: Any, now: datetime) -> None:
    """The training plans that somebody made (foundation.privacy); the school's own have no owner."""
    TrainingPlan.objects.filter(owner=person).delete()

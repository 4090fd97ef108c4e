from learning.handbook import commands
from learning.handbook.models import DocumentKind
from project.foundation.jobs.registry import Run, job


@job("handbook.mirror", max_attempts=5)
def mirror(run: Run, *, kind: str, slug: str) -> None:
    """Meilisearch learns what was published about one thing."""
    commands.mirror_now(kind=DocumentKind(kind), slug=slug)

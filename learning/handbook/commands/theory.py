from datetime import datetime
from typing import Any

from django.db import transaction

from learning.handbook.models import TheoryArticle, TheoryArticleEdition
from learning.handbook.rules import entries

from . import editions


@transaction.atomic
def draft_article(*, entry: entries.Article, editor: Any | None, now: datetime) -> TheoryArticleEdition:
    """Write the draft of a theory article, in place of an earlier draft."""
    editions.require_editor(editor)
    identity = editions.lock(TheoryArticle, slug=entry.slug)
    draft: TheoryArticleEdition = editions.draft(
        identity,
        now,
        topic=entry.topic,
        belt=entry.belt,
        order=entry.order,
        title=entry.title.as_dict(),
        body=entry.body.as_dict(),
        sources=list(entry.sources),
    )
    editions.record("edition.drafted", draft, editor, now)
    return draft

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest


@dataclass(frozen=True)
class Pager:
    """One page of a list, with links that keep every filter of the address."""

    items: Sequence[Any]
    number: int
    pages: int
    total: int
    previous_url: str
    next_url: str


def paged(request: HttpRequest, rows: QuerySet[Any], *, per_page: int = 24) -> Pager:
    """The page that `?page=` asks for; one that does not exist gives the nearest that does. Two queries."""
    found = Paginator(rows, per_page).get_page(request.GET.get("page"))

    def url(number: int) -> str:
        query = request.GET.copy()
        query["page"] = str(number)
        return f"{request.path}?{query.urlencode()}"

    return Pager(
        items=list(found.object_list),
        number=found.number,
        pages=found.paginator.num_pages,
        total=found.paginator.count,
        previous_url=url(found.previous_page_number()) if found.has_previous() else "",
        next_url=url(found.next_page_number()) if found.has_next() else "",
    )

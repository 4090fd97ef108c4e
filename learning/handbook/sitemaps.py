"""What search engines may be told of, when a school lets them in: what is valid now, and only that."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from django.utils import timezone

from . import queries

PLACES = ("home", "handbook:techniques", "handbook:tuls", "handbook:belts", "handbook:glossary", "handbook:theory")


class Places(Sitemap[str]):
    def items(self) -> list[str]:
        return list(PLACES)

    def location(self, item: str) -> str:
        return reverse(item)


class Editions(Sitemap[Any]):
    """The page of everything that has editions, with the instant from which it has said what it says."""

    limit = 5000

    def items(self) -> list[tuple[str, datetime]]:
        now = timezone.now()
        found: list[tuple[str, Any, Any]] = [
            *(("technique", each.slug, each.valid_from) for each in queries.techniques(now=now)),
            *(("tul", each.slug, each.valid_from) for each in queries.tuls(now=now)),
            *(("article", each.slug, each.valid_from) for each in queries.articles(now=now)),
            *(("belt", each.identity.belt, each.valid_from) for each in queries.syllabi(now=now)),
        ]
        return [(reverse(f"handbook:{page}", args=[key]), since) for page, key, since in found]

    def location(self, item: tuple[str, datetime]) -> str:
        return item[0]

    def lastmod(self, item: tuple[str, datetime]) -> datetime:
        return item[1]


SITEMAPS: dict[str, type[Sitemap[Any]] | Sitemap[Any]] = {"places": Places, "editions": Editions}

"""The checks of what the whole hall stands on."""

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from project.foundation import health
from project.foundation.health import Finding


def register() -> None:
    health.register("database", database)
    health.register("migrations", migrations)
    health.register("cache", cache_answers)
    health.register("storage", storage)


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding("database", "ok")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Finding("migrations", "down", f"{len(missing)} not applied") if missing else Finding("migrations", "ok")


def cache_answers() -> Finding:
    """Pages work without the cache; throttles and push do not."""
    try:
        cache.set("health", "ok", 10)
        found = cache.get("health") == "ok"
    except Exception as error:
        return Finding("cache", "degraded", type(error).__name__)
    return Finding("cache", "ok") if found else Finding("cache", "degraded", "forgets")


def storage() -> Finding:
    probe = settings.VAR_DIR / ".health"
    try:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        probe.write_text("ok")
    except OSError as error:
        return Finding("storage", "degraded", error.strerror or "not writable")
    return Finding("storage", "ok")

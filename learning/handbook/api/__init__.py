"""The handbook for the mobile app. Everything here only reads and is open to everybody."""

from ninja import Router

from . import gradings, searching, techniques, theory, training, tuls, words

router = Router(tags=["handbook"])
for part in (techniques, tuls, words, theory, gradings, training, searching):
    router.add_router("", part.router)

__all__ = ["router"]

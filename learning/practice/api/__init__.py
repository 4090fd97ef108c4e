"""Practice for the mobile app, and for pages that send what was done offline."""

from ninja import Router

from . import progress, quizzes, reviews

router = Router(tags=["practice"])
router.add_router("", reviews.router)
router.add_router("", quizzes.router)
router.add_router("", progress.router)

__all__ = ["router"]

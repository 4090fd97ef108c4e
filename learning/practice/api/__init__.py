"""Practice for the mobile app, and for pages that send what was done offline."""

from ninja import Router

router = Router(tags=["practice"])

__all__ = ["router"]

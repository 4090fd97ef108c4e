"""Files that are made while they are sent, however long they are."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header


def streamed(
    request: HttpRequest, pieces: Iterator[bytes], *, content_type: str, filename: str
) -> StreamingHttpResponse:
    """A download of which one piece at a time is in memory.

    Behind ASGI Django would read an ordinary iterator to its end before it sends the first byte. There each piece is
    asked for in the thread of the request, where its connection to the database is.
    """
    content = _one_by_one(pieces) if isinstance(request, ASGIRequest) else pieces
    headers = {"Cache-Control": "no-store", "Content-Disposition": content_disposition_header(True, filename) or ""}  # noqa: FBT003
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)


async def _one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    def following() -> bytes | None:
        return next(pieces, None)

    ask = sync_to_async(following)
    while (piece := await ask()) is not None:
        yield piece

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from .feeds import Payload, groups_of, packed

log = structlog.get_logger("project.live")


def publish(payload: Payload) -> None:
    """Tell every page that listens, in every process. Nobody waits for it and nothing depends on it: while Redis is
    away pages go on asking by themselves."""
    try:
        async_to_sync(_send)(payload)
    except Exception as error:  # whatever the layer's client raises, the work that was done stays done
        log.warning("nobody was told", payload=type(payload).__name__, error=type(error).__name__)


async def _send(payload: Payload) -> None:
    layer = get_channel_layer()
    for group in groups_of(payload):
        await layer.group_send(group, {"type": "live.changed"} | packed(payload))

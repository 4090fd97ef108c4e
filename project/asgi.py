"""The door of the web process: HTTP to Django, WebSockets to the consumers."""

import gc
import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
http = get_asgi_application()  # sets Django up, so before anything that has models

from project.foundation.http.metering import counting_sockets  # noqa: E402
from project.foundation.live import routing as live  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": counting_sockets(AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(live.urlpatterns)))),
    }
)

# What is here now stays until the process ends: the collector need not look through it again and again, which would
# take a tenth of a second in the middle of some request.
gc.collect()
gc.freeze()

from django.urls import path

from .consumers import LiveConsumer

urlpatterns = [
    path("live/<str:feed>/", LiveConsumer.as_asgi(), name="live"),
    path("live/<str:feed>/<str:key>/", LiveConsumer.as_asgi(), name="live"),
]

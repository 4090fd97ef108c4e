from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "project.foundation.events"
    label = "events"

from django.apps import AppConfig


class HttpConfig(AppConfig):
    name = "project.foundation.http"
    label = "http"

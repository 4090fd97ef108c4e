from django.apps import AppConfig


class HandbookConfig(AppConfig):
    name = "learning.handbook"
    label = "handbook"

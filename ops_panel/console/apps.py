from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "ops_panel.console"
    label = "console"

    def ready(self) -> None:
        from project.foundation import live, panels

        from . import feeds
        from .views import frame

        for feed in feeds.FEEDS:
            live.register(feed)
        panels.register("account.menu", template="console/_menu_link.html", context=frame.door)
        panels.register("more.places", template="console/_more_link.html", context=frame.door)

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import telling, webpush


class PreferencesForm(forms.Form):
    """The table of topics: what is ticked is on. What has no switch is not asked for, nor are pushes that the hall
    cannot send: these stay as they were."""

    mail = forms.MultipleChoiceField(required=False)
    push = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = [(topic.name, topic.title) for topic in telling.topics()]
        self.fields["push"].choices = topics  # type: ignore[attr-defined]
        self.fields["mail"].choices = [  # type: ignore[attr-defined]
            (name, title) for name, title in topics if telling.has_mail_switch(name)
        ]

    def wanted(self) -> dict[tuple[str, str], bool]:
        return {
            (name, channel): name in self.cleaned_data[channel]
            for channel in (("mail", "push") if webpush.is_configured() else ("mail",))
            for name, _title in self.fields[channel].choices  # type: ignore[attr-defined]
        }


class DeviceForm(forms.Form):
    """What a browser says about itself when it wants pushes (PushSubscription in the Push API)."""

    endpoint = forms.URLField(max_length=1000, assume_scheme="https")
    p256dh = forms.CharField(max_length=100)
    auth = forms.CharField(max_length=30)

    def clean_endpoint(self) -> str:
        endpoint: str = self.cleaned_data["endpoint"]
        if not endpoint.startswith("https://"):
            raise forms.ValidationError(_("This is no address for pushes."))
        return endpoint

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if {"p256dh", "auth"} <= given.keys() and not webpush.is_key_pair(p256dh=given["p256dh"], auth=given["auth"]):
            raise forms.ValidationError(_("These are no keys for pushes."))
        return given


class ReadForm(forms.Form):
    """Up to which instant the list was read."""

    until = forms.DateTimeField()

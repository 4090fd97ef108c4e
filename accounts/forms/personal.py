from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class TypedConfirmationForm(forms.Form):
    """Something is typed that nobody types by accident: an address, a name. Case and blanks around it do not matter."""

    confirmation = forms.CharField(
        max_length=254, strip=True, widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
    )

    def __init__(self, *args: Any, wanted: str, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        self.fields["confirmation"].label = label
        self.fields["confirmation"].help_text = wanted

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if typed.casefold() != self.wanted.strip().casefold():
            raise ValidationError(_("This is not the same. Type it as it stands here."))
        return typed

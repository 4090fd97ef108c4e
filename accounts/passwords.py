from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LettersAndDigitsValidator:
    """A password holds at least one letter and one digit."""

    def validate(self, password: str, user: Any = None) -> None:
        if not (any(map(str.isalpha, password)) and any(map(str.isdigit, password))):
            raise ValidationError(self.get_help_text(), code="password_needs_letters_and_digits")

    def get_help_text(self) -> str:
        return _("Use letters and at least one digit.")

from typing import Any

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LettersAndDigitsValidator:
    """A password holds at least one letter and one digit."""

    def validate(self, password: str, user: Any = None) -> None:
        if not (any(map(str.isalpha, password)) and any(map(str.isdigit, password))):
            raise ValidationError(self.get_help_text(), code="password_needs_letters_and_digits")

    def get_help_text(self) -> str:
        return _("Use letters and at least one digit.")


class NotTheNameValidator(UserAttributeSimilarityValidator):
    """A password is not a person's name; Django's own list of attributes knows the address only."""

    def __init__(self) -> None:
        super().__init__(user_attributes=["display_name"])

from datetime import timedelta
from io import BytesIO
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.models import Membership
from accounts.rules import SEATS_AT_MOST
from accounts.rules.invitations import LIFETIME, LINES_AT_MOST

LOGO_SIDE = 256
"""Pixels."""
LOGO_BYTES = 2 * 1024 * 1024
LOGO_PIXELS = 25_000_000
"""More than any telephone makes of a badge; a picture that would fill the memory is refused before it is opened."""
LIST_BYTES = 64 * 1024

_ROLES = [(Membership.Role.MEMBER.value, _("member")), (Membership.Role.COACH.value, _("coach"))]


class ClubForm(forms.Form):
    name = forms.CharField(label=_("Name of the club"), max_length=80)
    seats = forms.IntegerField(
        label=_("Seats"),
        min_value=1,
        max_value=SEATS_AT_MOST,
        initial=SEATS_AT_MOST,
        help_text=_("You take one of them. You can have more or fewer at any time."),
    )


class SettingsForm(forms.Form):
    name = forms.CharField(label=_("Name of the club"), max_length=80)
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=SEATS_AT_MOST)


class LogoForm(forms.Form):
    """A picture as people have it. What is kept is a small square PNG that we have drawn ourselves."""

    logo = forms.FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG or WebP, 2 MB at most. It is cut to a square."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean_logo(self) -> bytes:
        given: UploadedFile[Any] = self.cleaned_data["logo"]
        if (given.size or 0) > LOGO_BYTES:
            raise ValidationError(_("This file is larger than 2 MB."))
        try:
            with Image.open(given, formats=["PNG", "JPEG", "WEBP"]) as picture:
                if picture.width * picture.height > LOGO_PIXELS:
                    raise ValidationError(_("This picture has too many pixels. Make it smaller first."))
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
            raise ValidationError(_("This file is no PNG, JPEG or WebP that can be read.")) from None
        drawn = BytesIO()
        ImageOps.fit(upright, (LOGO_SIDE, LOGO_SIDE)).save(drawn, "PNG", optimize=True)
        return drawn.getvalue()


class LetterForm(forms.Form):
    """Inviting one person by mail. Who may not make coaches sees no role."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("as"), choices=_ROLES)

    def __init__(self, *args: Any, may_make_coaches: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _only_members_unless(self, may_make_coaches)


class LinkForm(forms.Form):
    """A link for several people."""

    uses_max = forms.IntegerField(
        label=_("For how many people"), min_value=1, max_value=500, initial=SEATS_AT_MOST, help_text=_("1 to 500.")
    )
    days = forms.IntegerField(
        label=_("For how many days"), min_value=1, max_value=90, initial=LIFETIME.days, help_text=_("1 to 90.")
    )
    role = forms.ChoiceField(label=_("as"), choices=_ROLES)

    def __init__(self, *args: Any, may_make_coaches: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _only_members_unless(self, may_make_coaches)

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


class ListForm(forms.Form):
    """Many addresses at once, typed or as a file."""

    text = forms.CharField(
        label=_("Addresses"),
        required=False,
        max_length=LIST_BYTES,
        help_text=_("One a line. After a comma you can write a role: member or coach."),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("or a CSV file"), required=False, widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"})
    )

    def clean_file(self) -> str:
        given: UploadedFile[Any] | None = self.cleaned_data["file"]
        if given is None:
            return ""
        if (given.size or 0) > LIST_BYTES:
            raise ValidationError(_("This file is larger than 64 KB."))
        raw: bytes = given.read()
        for encoding in ("utf-8-sig", "cp1250"):  # what spreadsheets in Poland save
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise ValidationError(_("This file is no text that can be read."))

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = self.cleaned_data
        joined = "\n".join(part for part in (given.get("text", ""), given.get("file", "")) if part.strip())
        if not self.errors and not joined:
            raise ValidationError(_("Type some addresses, or choose a file."))
        given["joined"] = joined
        return given

    def too_long(self, lines: int) -> None:
        """What the rules say of a list with so many lines."""
        why = _("This list has %(lines)s lines; %(limit)s go at once. Send it in parts.")
        self.add_error(None, ValidationError(why, params={"lines": lines, "limit": LINES_AT_MOST}))


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=_ROLES)


class HeirForm(forms.Form):
    """Who takes the club over."""

    heir = forms.ModelChoiceField(
        label=_("New owner"), queryset=Membership.objects.none(), empty_label=_("Choose somebody")
    )
    name = forms.CharField(label=_("Type the name of the club"), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, club_name: str, others: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.club_name = club_name
        self.fields["heir"].queryset = others  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        return _same_name(self.cleaned_data["name"], self.club_name)


class ClosureForm(forms.Form):
    name = forms.CharField(label=_("Type the name of the club"), widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, club_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.club_name = club_name

    def clean_name(self) -> str:
        return _same_name(self.cleaned_data["name"], self.club_name)


def _same_name(typed: str, wanted: str) -> str:
    if typed.strip().casefold() != wanted.strip().casefold():
        raise ValidationError(_("This is not its name. Type “%(name)s”."), params={"name": wanted})
    return typed


def _only_members_unless(form: forms.Form, may_make_coaches: bool) -> None:  # noqa: FBT001
    if not may_make_coaches:
        del form.fields["role"]

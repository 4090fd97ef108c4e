from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MOST_MEGABYTES = 20


class AnkiFileForm(forms.Form):
    """A file that Anki has written."""

    file = forms.FileField(
        label=_("File from Anki"),
        help_text=_("An .apkg or .colpkg of at most 20 MB. Leave out the media: only texts are taken."),
        widget=forms.FileInput(attrs={"accept": ".apkg,.colpkg"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_MEGABYTES * 1024 * 1024:
            raise ValidationError(
                _("This file has more than 20 MB. In Anki, choose “Include media: no” when you export it.")
            )
        return file

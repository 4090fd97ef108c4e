"""What a learner says about a technique or a tul on its page."""

from django import forms

from learning.practice.models import ItemType, Status


class ProgressForm(forms.Form):
    """Two buttons, so whatever else comes was not sent by our pages."""

    item_type = forms.ChoiceField(choices=[(each.value, each.label) for each in (ItemType.TECHNIQUE, ItemType.TUL)])
    item = forms.SlugField(max_length=120)
    status = forms.TypedChoiceField(
        choices=[(each.value, each.label) for each in (Status.IN_PROGRESS, Status.DONE)],
        coerce=lambda value: Status(int(value)),
    )

from typing import Any

from django import forms


class FinishForm(forms.Form):
    """What the timer tells at the end. A browser without a script sends the whole time of the plan, and no instant."""

    seconds = forms.IntegerField(min_value=0, max_value=7 * 24 * 3600, required=False)
    occurred_at = forms.DateTimeField(required=False)

    def told(self, *, of: int, now: Any) -> tuple[int, Any]:
        """The seconds and the instant; what was not told is all of it, now."""
        seconds = self.cleaned_data["seconds"]
        return of if seconds is None else seconds, self.cleaned_data["occurred_at"] or now

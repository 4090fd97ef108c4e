"""What the style guide shows beside the usual context: forms, filters and lists that a template cannot make itself."""

from types import SimpleNamespace

from django import forms


class _Form(forms.Form):
    name = forms.CharField(label="Your name", help_text="As your instructor calls you.")
    email = forms.EmailField(label="E-mail address")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    belt = forms.ChoiceField(
        label="My belt", choices=[("", "Choose"), ("9", "9th kup"), ("8", "8th kup")], required=False
    )
    days = forms.MultipleChoiceField(
        label="I train on", choices=[("mo", "Monday"), ("fr", "Friday")], widget=forms.CheckboxSelectMultiple
    )
    side = forms.ChoiceField(
        label="Stronger side", choices=[("l", "Left"), ("r", "Right")], widget=forms.RadioSelect, required=False
    )
    about = forms.CharField(label="Why I train", widget=forms.Textarea, required=False)
    picture = forms.FileField(label="A picture", required=False)
    mails = forms.BooleanField(
        label="Remind me by mail", required=False, help_text="Only on days when something is due."
    )


class _Filter(forms.Form):
    q = forms.CharField(label="Name", required=False)
    order = forms.ChoiceField(label="Order", choices=[("belt", "By belt"), ("name", "By name")], required=False)


def samples() -> dict[str, object]:
    wrong = _Form({"name": "", "email": "ben@", "belt": "4"}, auto_id="wrong_%s")
    wrong.add_error(None, "This account exists already.")
    return {
        "form": _Form(auto_id="first_%s"),
        "form_errors": wrong,
        "filter_form": _Filter(auto_id="filter_%s"),
        "groups": [
            {
                "label": "Kind",
                "options": [
                    {"label": "All", "url": "?kind=", "current": True, "count": 83},
                    {"label": "Kicks", "url": "?kind=kicks", "current": False, "count": 23},
                ],
            }
        ],
        "pager": SimpleNamespace(previous_url="?page=1", next_url="?page=3", number=2, pages=7, total=83),
        "pager_first": SimpleNamespace(previous_url="", next_url="?page=2", number=1, pages=2, total=21),
        "tabs": [
            {"label": "Steps", "url": "?tab=steps", "current": True},
            {"label": "Meaning", "url": "?tab=meaning", "current": False},
        ],
        "page_tabs": [{"label": "First", "url": "#tab-first"}, {"label": "Second", "url": "#tab-second"}],
        "crumbs": [
            {"label": "Techniques", "url": "/techniques/"},
            {"label": "Kicks", "url": "/techniques/?category=kick"},
        ],
        "facts": [("Movements", 19), ("Ready stance", "Parallel")],
    }

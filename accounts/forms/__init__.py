from .notices import (
    DeviceForm,
    PreferencesForm,
    ReadForm,
)
from .people import (
    AppForm,
    CodeAgainForm,
    CodeForm,
    PasskeyAgainForm,
    PasskeyForm,
    PasskeyLoginForm,
    PasskeyNameForm,
    PasskeyStepForm,
    ProfileForm,
    SignupForm,
)
from .personal import TypedConfirmationForm

__all__ = [
    "AppForm",
    "CodeAgainForm",
    "CodeForm",
    "DeviceForm",
    "PasskeyAgainForm",
    "PasskeyForm",
    "PasskeyLoginForm",
    "PasskeyNameForm",
    "PasskeyStepForm",
    "PreferencesForm",
    "ProfileForm",
    "ReadForm",
    "SignupForm",
    "TypedConfirmationForm",
]

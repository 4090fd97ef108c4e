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

__all__ = [
    "AppForm",
    "CodeAgainForm",
    "CodeForm",
    "PasskeyAgainForm",
    "PasskeyForm",
    "PasskeyLoginForm",
    "PasskeyNameForm",
    "PasskeyStepForm",
    "ProfileForm",
    "SignupForm",
]

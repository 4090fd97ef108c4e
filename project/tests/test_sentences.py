"""What Django says in a form is said as we say it."""

import pytest
from django import forms
from django.utils.translation import override

WORDS = {"en": "At least 1, please.", "pl": "Podaj co najmniej 1.", "ko": "1 이상으로 적어 주세요."}


@pytest.mark.parametrize("language", WORDS)
def test_a_number_that_is_too_small_is_refused_in_plain_words(language):
    with override(language), pytest.raises(forms.ValidationError) as refused:
        forms.IntegerField(min_value=1).clean("0")
    with override(language):
        assert refused.value.messages == [WORDS[language]]

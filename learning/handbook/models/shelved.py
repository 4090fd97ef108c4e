from django.db import models


class ShelvedEntry(models.Model):
    """What was last put into the handbook from the shipped files, so that the same is not put over what an editor
    has changed since."""

    name = models.CharField(max_length=140, primary_key=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name

"""How often each collection of the handbook has changed, so that nobody has to look at it to know that it has not."""

from django.db import models


class Collection(models.TextChoices):
    TECHNIQUES = "techniques"
    TULS = "tuls"
    SYLLABI = "syllabi"
    THEORY = "theory"
    GLOSSARY = "glossary"
    PLANS = "plans"


class CollectionRevision(models.Model):
    """Triggers count here whatever changes what readers can see; drafts count for nothing."""

    collection = models.CharField(max_length=12, primary_key=True, choices=Collection)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.collection} {self.number}"

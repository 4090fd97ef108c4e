from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Field, Path, Router, Schema

from learning.handbook import queries
from learning.handbook.models import Collection, ExamSyllabusEdition
from project.foundation.belts import FIRST_DAN, LOWEST
from project.foundation.http.conditional import instant
from project.foundation.http.openapi import answers

from .shapes import Belt, Names, Text, changes_with

router = Router()


class TheoryQuestion(Schema):
    question: Text
    answer: Text


class TechniqueAsked(Schema):
    slug: str = Field(examples=["gunnun-sogi"])
    names: Names
    transliteration: str


class TulAsked(Schema):
    slug: str = Field(examples=["chon-ji"])
    name: str
    hangul: str
    movements: int


class SyllabusOut(Schema):
    """What a grading asks."""

    belt: Belt = Field(description="The grade that the candidate tries for.")
    version: int = Field(description="Number of the edition that is valid now.")
    months_in_grade: int = Field(description="How long the candidate has had the grade before, at least.")
    techniques: list[TechniqueAsked] = Field(description="In the order in which they are shown.")
    tuls: list[TulAsked]
    sparring: Text | None
    strength: Text | None
    theory: list[TheoryQuestion]
    source_note: Text | None


@router.get(
    "/exams/{belt}/syllabus",
    response=answers(SyllabusOut, may_be_missing=True),
    operation_id="get_syllabus",
    summary="What a grading asks",
    auth=None,
)
@changes_with(Collection.SYLLABI, Collection.TECHNIQUES, Collection.TULS)
def syllabus(
    request: HttpRequest, belt: Annotated[int, Path(ge=FIRST_DAN, lt=LOWEST, description="Tried for.", example=8)]
) -> dict[str, Any]:
    """What the grading for a belt asks, with techniques and tuls as they are valid now."""
    try:
        found = queries.syllabus(belt=belt, now=instant(request))
    except ExamSyllabusEdition.DoesNotExist:
        raise Http404 from None
    edition = found.edition
    fields = {name: getattr(edition, name) for name in SyllabusOut.model_fields if hasattr(edition, name)}
    return fields | {
        "belt": edition.identity.belt,
        "techniques": [
            {"slug": each.slug, "names": each.name, "transliteration": each.transliteration}
            for each in found.techniques
        ],
        "tuls": found.tuls,
    }

"""Certificates: the paper, who gets it, and the page that says whether it is true."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from reportlab.lib.pagesizes import A4

from accounts import certificates, commands, queries
from accounts.queries import Role
from accounts.rules import belts as rules
from accounts.tests.belts import a_candidate, a_grading, awarded
from accounts.tests.clubs import a_club, joined
from accounts.tests.test_awards import given_on

CODE = "ABCDEFGH23456789"


@pytest.fixture
def club(ada, ben):
    club = a_club(ada)
    joined(club, ben)
    return club


@pytest.fixture
def award(club, ada, ben):
    return awarded(ben, 7, ada, code=CODE)


def pdf(award) -> bytes:
    return certificates.certificate(queries.certificate_of(award=award))


def written(award) -> str:
    """What the paper says, its spaces made equal."""
    [sheet] = PdfReader(BytesIO(pdf(award))).pages
    return " ".join(sheet.extract_text().split())


class TestThePaper:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", ["Ben", "7th kup", "7급", "yellow belt, green tag", "June 1, 2026", "Hwarang", "Ada"]),
            ("pl", ["Ben", "7. kup", "7급", "1 czerwca 2026", "Hwarang", "Ada"]),
            ("ko", ["Ben", "7급", "2026년 6월 1일", "Hwarang", "Ada"]),
        ],
    )
    def test_it_says_who_what_when_where_and_by_whom_in_their_language(self, award, ben, language, words):
        ben.locale = language
        ben.save()
        award.refresh_from_db()
        text = written(award)
        assert [word for word in words if word not in text] == []

    def test_one_sheet_of_a4_across(self, award):
        [sheet] = PdfReader(BytesIO(pdf(award))).pages
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == (round(A4[1]), round(A4[0]))

    def test_the_code_stands_on_it_in_groups_with_the_address(self, award, settings):
        settings.PUBLIC_URL = "https://dojang.example"
        text = written(award)
        assert "ABCD EFGH 2345 6789" in text
        assert "https://dojang.example/certificates/" in text
        assert certificates.certificate_address(award) == f"https://dojang.example/certificates/{CODE}/"

    def test_the_examiner_of_the_day_signs_and_not_who_typed_it_in(self, ada, ben, club):
        grading = a_grading(club, ada, examiner=None, guest_examiner="Sabum Kim")
        award = awarded(ben, 9, ada, candidate=a_candidate(grading, ben, 9, result="passed"))
        assert "Sabum Kim" in written(award)
        right = awarded(ben, 8, ada, corrects=award, reason="Two at once")
        assert "Sabum Kim" in written(right)

    def test_the_same_award_is_the_same_file(self, award):
        assert pdf(award) == pdf(award)

    @pytest.mark.parametrize(
        "name", ["Wilhelmina Brzęczyszczykiewicz-Grzegżółkowska z Chrząszczyżewoszyc nad Odrą", "홍길동", "Ł" * 80]
    )
    def test_a_long_name_and_a_korean_one_find_room(self, award, ben, name):
        ben.display_name = name
        ben.save()
        award.refresh_from_db()
        assert name.replace(" ", "") in written(award).replace(" ", "")

    def test_a_dan_too(self, ada, ben, club):
        assert "1st dan" in written(awarded(ben, 0, ada))


class TestWhoGetsIt:
    @pytest.mark.parametrize(("who", "status"), [("ada", 200), ("ben", 200), ("cleo", 404), ("otto", 404)])
    def test_the_person_and_their_instructors(self, request, client, award, who, status):
        client.force_login(request.getfixturevalue(who))
        answer = client.get(f"/belts/{award.pk}/certificate.pdf")
        assert answer.status_code == status
        if status == 200:
            assert answer["Content-Type"] == "application/pdf"
            assert answer["Cache-Control"] == "private, no-store"
            assert f'filename="dojang-{CODE}.pdf"' in answer["Content-Disposition"]

    def test_examiners_of_the_staff(self, client, award, otto, now):
        commands.grant_role(person=otto, role=Role.EXAMINER, by=None, now=now)
        client.force_login(otto)
        assert client.get(f"/belts/{award.pk}/certificate.pdf").status_code == 200

    def test_what_does_not_stand_has_none(self, client, award, ada, ben):
        void = awarded(ben, 7, ada, corrects=award, is_void=True, reason="Never was")
        client.force_login(ben)
        for each in (award, void):
            assert client.get(f"/belts/{each.pk}/certificate.pdf").status_code == 404

    def test_strangers_sign_in_first(self, client, award):
        assert client.get(f"/belts/{award.pk}/certificate.pdf").status_code == 302


class TestIsItTrue:
    def test_anybody_with_the_code_reads_name_belt_day_and_club_and_nothing_else(self, client, award, ben):
        answer = client.get(f"/certificates/{CODE}/")
        assert answer.status_code == 200
        for said in ("This certificate is true", "Ben", "7th kup", "June 1, 2026", "Hwarang"):
            assert said in answer.text
        for unsaid in (ben.email, "Ada", str(ben.actor_id)):
            assert unsaid not in answer.text

    def test_a_corrected_one_says_what_holds(self, client, award, ada, ben):
        right = awarded(ben, 8, ada, corrects=award, reason="Typed wrongly", awarded_on=date(2026, 6, 2))
        answer = client.get(f"/certificates/{CODE}/")
        assert "This certificate was corrected" in answer.text
        assert "8th kup" in answer.text
        assert "7th kup" not in answer.text
        assert "Typed wrongly" not in answer.text
        assert "This certificate is true" in client.get(f"/certificates/{right.code}/").text

    def test_a_void_one_says_so(self, client, award, ada, ben):
        void = awarded(ben, 7, ada, corrects=award, is_void=True, reason="Never was")
        for code in (CODE, void.code):
            assert "This certificate is void" in client.get(f"/certificates/{code}/").text

    @pytest.mark.parametrize("typed", ["abcd efgh 2345 6789", "ABCD-EFGH-2345-6789", f" {CODE} "])
    def test_a_code_is_typed_as_people_type(self, client, award, typed):
        answer = client.get("/certificates/", {"code": typed})
        assert (answer.status_code, answer["Location"]) == (303, f"/certificates/{CODE}/")

    @pytest.mark.parametrize("code", ["0000000000000000", "x", "%00", "ABCDEFGH2345678U" * 4])
    def test_an_unknown_one_is_told_in_a_sentence_with_the_form_beside(self, client, award, code):
        answer = client.get(f"/certificates/{code}/")
        assert answer.status_code == 404
        assert "There is no certificate with this code." in answer.text
        assert 'name="code"' in answer.text

    def test_nothing_typed_in_is_told_beside_the_field(self, client, db):
        assert client.get("/certificates/").status_code == 200
        assert client.get("/certificates/", {"code": ""}).status_code == 422
        assert client.get("/certificates/", {"code": "---"}).status_code == 422

    def test_robots_and_browsers_keep_nothing(self, client, award):
        for address in ("/certificates/", f"/certificates/{CODE}/", "/certificates/0/"):
            answer = client.get(address)
            assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
            assert answer["Cache-Control"] == "no-store"

    def test_who_tries_codes_one_after_the_other_is_stopped(self, client, award, settings):
        settings.THROTTLES = settings.THROTTLES | {"search_page": 3}
        codes = [client.get(f"/certificates/{number}/").status_code for number in range(4)]
        assert codes == [404, 404, 404, 429]
        assert client.get("/certificates/").status_code == 429

    def test_a_person_who_is_gone_takes_the_name_along(self, client, award, ben):
        ben.delete()
        assert client.get(f"/certificates/{CODE}/").status_code == 404


class TestValidity:
    def test_a_chain_of_corrections_is_followed_to_its_end(self):
        first, second = given_on(9, id=1), given_on(8, id=2, hours=1, corrects=1)
        third = given_on(7, id=3, hours=2, corrects=2)
        rows = [third, first, second]
        assert rules.validity(first, rows) == (rules.Validity.CORRECTED, third)
        assert rules.validity(third, rows) == (rules.Validity.VALID, third)
        void = given_on(7, id=4, hours=3, corrects=3, void=True)
        assert rules.validity(first, [*rows, void]) == (rules.Validity.VOID, void)

"""Cards of Anki as plain words: its templates, gaps and HTML."""

import time

import pytest
from anki.notetypes_pb2 import Notetype
from hypothesis import given
from hypothesis import strategies as some

from learning.practice.anki import protobuf, rendering
from learning.practice.anki.rendering import NoTemplate, Template, plain, with_gap

FIELDS = {"Front": "ap chagi", "Back": "front kick", "Note": "", "Blank": " <br>&nbsp;<div></div>"}


def sides(front, back, *, gap=None, fields=FIELDS):
    template = Template(front, back)
    return rendering.front(template, fields, gap=gap).text, rendering.back(template, fields, gap=gap).text


class TestTemplates:
    @pytest.mark.parametrize(
        ("front", "back", "words"),
        [
            ("{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}", ("ap chagi", "front kick")),
            ("{{ Front }}", "{{Front}}<HR class=x id='answer'>{{Back}}", ("ap chagi", "front kick")),
            ("{{Front}}", "{{Back}}<hr id=answer>", ("ap chagi", "front kick")),
            ("{{Front}}", "{{FrontSide}}{{Back}}", ("ap chagi", "front kick")),
            ("{{text:Front}}{{type:Back}}", "{{type:Back}}", ("ap chagi", "front kick")),
            ("{{Front}}{{hint:Back}}", "{{hint:Back}}", ("ap chagi", "front kick")),
            ("{{Front}}{{tts ko_KR voices=x:Front}}", "{{Back}}", ("ap chagi", "front kick")),
            ("{{furigana:Front}}", "{{unheard-of:Back}}", ("ap chagi", "front kick")),
            ("{{#Note}}{{Gone}}{{/Note}}{{Front}}", "{{^Note}}no note{{/Note}}", ("ap chagi", "no note")),
            ("{{#Front}}a{{#Note}}b{{^Note}}c{{/Note}}{{/Note}}d{{/Front}}", "x", ("ad", "x")),
            ("{{^Blank}}blank{{/Blank}}", "x", ("blank", "x")),
            ("{{Front}} {{Deck}}{{Tags}}{{#Tags}}t{{/Tags}}", "x", ("ap chagi", "x")),
            ("a<!-- {{Gone}} -->b<!-- {{Gone}}-->c<!-- d", "x", ("abc", "x")),
            ("{{Front}} { {x} } }} {{", "x", ("ap chagi { {x} } }} {{", "x")),
        ],
    )
    def test_what_they_show(self, front, back, words):
        assert sides(front, back) == words

    @pytest.mark.parametrize(
        "front",
        ["{{Gone}}", "{{#Gone}}{{/Gone}}", "{{#Front}}", "{{/Front}}", "{{#Front}}{{/Back}}", "{{=<% %>=}}", "{{}}"],
    )
    def test_what_anki_would_not_understand_either(self, front):
        with pytest.raises(NoTemplate):
            sides(front, "x")

    @pytest.mark.parametrize("front", ["x" * 100_001, "{{Front}}" * 501])
    def test_what_is_too_long(self, front):
        with pytest.raises(NoTemplate):
            sides(front, "x")

    def test_a_side_is_never_longer_than_its_bound(self):
        long = {"Front": "x" * rendering.LONGEST_HTML}
        found = rendering.front(Template("{{Front}}" * 400, ""), long, gap=None)
        assert found.size <= 2 * rendering.LONGEST_HTML
        assert (len(found.text), found.is_cut) == (4000, True)


class TestGaps:
    @pytest.mark.parametrize(
        ("field", "gap", "question", "answer"),
        [
            ("a {{c1::fist}} b", 1, "a [...] b", "a fist b"),
            ("a {{c1::fist::what?}} b", 1, "a [what?] b", "a fist b"),
            ("{{c1::a}} {{c2::b}} {{c1::c}}", 2, "a [...] c", "a b c"),
            ("{{c1::a {{c2::b::h}} c}}", 1, "[...]", "a b c"),
            ("{{c1::a {{c2::b::h}} c}}", 2, "a [h] c", "a b c"),
            ("{{c1,3::a}} b", 3, "[...] b", "a b"),
            ("{{c1::a::b::c}}", 1, "[b::c]", "a"),
            ("x::y }} {{c1::a}}", 1, "x::y }} [...]", "x::y }} a"),
            ("{{c1::a", 1, "a", "a"),
            ("{{c1::a}}", 2, "", ""),
            ("no gap", 1, "", ""),
        ],
    )
    def test_are_asked_and_filled(self, field, gap, question, answer):
        assert (with_gap(field, gap, is_answer=False), with_gap(field, gap, is_answer=True)) == (question, answer)

    def test_are_asked_for_by_a_card(self):
        fields = {"Text": "{{c1::a}} {{c2::b}}", "Extra": "more"}
        front, back = "{{cloze:Text}}{{#c2}}!{{/c2}}", "{{cloze:Text}}<br>{{Extra}}"
        assert sides(front, back, gap=2, fields=fields) == ("a [...]!", "a b\nmore")

    def test_too_deep(self):
        with pytest.raises(NoTemplate):
            with_gap("{{c1::" * 21, 1, is_answer=False)

    @given(some.lists(some.sampled_from(["{{c1::", "{{c2::", "::", "}}", "a", "{{", "{{c1,2::"]), max_size=30))
    def test_any_order_of_braces(self, pieces):
        field = "".join(pieces)
        for is_answer in (True, False):
            assert "{{c1::" not in with_gap(field, 1, is_answer=is_answer)


class TestHtml:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("a<br>b<br/>c", "a\nb\nc"),
            ("<div lang=ko class=x>앞차기</div><p>kick</p>", "앞차기\nkick"),
            ("<ul><li>one<li>two</ul>", "one\ntwo"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"),
            ("<b>bo</b>ld&nbsp;&amp;  &lt;b&gt;", "bold & <b>"),
            ("1 < 2 & 3", "1 < 2 & 3"),
            ("<script>alert(1)</script><style>p{}</style>x", "x"),
            ("<a href='javascript:alert(1)' onclick=x>link</a>", "link"),
            ("&#0;&#8;&#xD800;a\u202ex", "\ufffd\ufffda\u202ex"),
            ("  \r\n a \t b \n\n\n c ", "a b\nc"),
            ("\u1112\u1161\u11ab", "한"),
            ("[sound:a.mp3]x[anki:play:q:0][sound:", "x[sound:"),
        ],
    )
    def test_is_reduced_to_its_words(self, html, text):
        assert plain(html).text == text

    def test_what_is_taken_out_is_counted(self):
        found = plain("<img src=a.png><IMG src='b.png'>[sound:c.mp3]<svg><path/></svg>x")
        assert (found.text, found.pictures, found.sounds) == ("x", 3, 1)

    @pytest.mark.parametrize(
        "piece",
        [
            "<div>",
            "<b>",
            "<a><b>",
            "<!--",
            "<![CDATA[",
            "<",
            "&",
            "&amp",
            "<table>",
            "<svg>",
            "[sound:",
            "\n",
            "\u0301",
            "<nobr><p>",
        ],
    )
    def test_nothing_takes_long(self, piece):
        html = piece * (rendering.LONGEST_HTML // len(piece))
        began = time.process_time()
        plain(html)
        assert time.process_time() - began < 1

    @given(some.text(max_size=200))
    def test_whatever_it_is_it_can_be_kept(self, html):
        text = plain(html).text
        text.encode()
        assert "\0" not in text
        assert text == rendering.words(text)


class TestProtobuf:
    @given(some.integers(0, 1), some.text(max_size=30), some.integers(0, 6), some.integers(-(2**63), 2**63 - 1))
    def test_reads_what_anki_writes(self, kind, css, stock, original):
        config = Notetype.Config(kind=kind, css=css, original_stock_kind=stock, original_id=original, latex_svg=True)
        message = config.SerializeToString()
        assert protobuf.numbers(message).get(1, 0) == kind
        assert protobuf.numbers(message).get(9, 0) == stock
        assert protobuf.pieces(message).get(3, b"").decode() == css

    @given(some.binary(max_size=60))
    def test_anything_else_is_refused_or_read(self, message):
        try:
            protobuf.numbers(message)
        except protobuf.Unreadable:
            return

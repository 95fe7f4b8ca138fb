import unicodedata
from datetime import UTC, date, datetime, time
from email.message import EmailMessage

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.template import Context, Template
from django.utils import formats, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from members.fields import (
    AskedField,
    DanishDateField,
    DanishTimeField,
    LinkField,
    PersonEmailField,
    PlainCharField,
    PlainTextField,
    RowsField,
    WholeNumberField,
    clean_email,
    clean_line,
    clean_link,
    clean_text,
    harmless_line,
    harmless_name,
    has_cpr,
)
from members.models import User
from members.tests.factories import create_user

ANY_TEXT = st.text(st.characters(codec=None)) | st.text("ab \n\r\t\x00\u200d\u202e\u2028\ufeff\u0301👩1-")


@pytest.fixture(autouse=True)
def _danish():
    with translation.override("da"):
        yield


class AllFields(forms.Form):
    line = PlainCharField(required=False)
    text = PlainTextField(required=False)
    email = PersonEmailField(required=False)
    link = LinkField(required=False)
    day = DanishDateField(required=False)
    clock = DanishTimeField(required=False)


def code_of(clean, *args, **kwargs):
    with pytest.raises(ValidationError) as error:
        clean(*args, **kwargs)
    return error.value.code


# --- Plain words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Søren Ærø-Åkjær", "Søren Ærø-Åkjær"),
        ("A\u030akjær", "Åkjær"),
        ("O'Brien", "O'Brien"),
        ("<b>x</b>", "<b>x</b>"),
        ("&amp;", "&amp;"),
        ("{{7*7}}", "{{7*7}}"),
        ("\ufeffLeder\u00adnet\u200bværk", "Ledernetværk"),
        ("An\u200dna\u200e", "Anna"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("=1+1", "=1+1"),
        ("＝1＋1 ٣", "＝1＋1 ٣"),
        ("+45 12 34 56 78", "+45 12 34 56 78"),
        ("  Anne \u00a0 Marie ", "Anne Marie"),
        ("En\rto\nfire\r\nfem\tseks\u2028syv\u2029otte\u0085ni\vti", "En to fire fem seks syv otte ni ti"),
        ("Å" * 200, "Å" * 200),
        ("A\u030a" * 200, "Å" * 200),
        ("a" + "\u0323" * 8, unicodedata.normalize("NFC", "a" + "\u0323" * 8)),
        ("한국", "한국"),
        ("", ""),
        (None, ""),
        ("   ", ""),
        ("\u3164", ""),
        ("\u2800 \u115f", ""),
        ("\u200b\ufeff", ""),
    ],
)
def test_clean_line_keeps_or_normalises(typed, stored):
    assert clean_line(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Sø\x00ren", "control"),
        ("Sø\x1bren", "control"),
        ("S\u0090ren", "control"),
        ("\ud800", "broken"),
        (b"\xff\xfe".decode("utf-8", "replace"), "broken"),
        ("a\uffff", "broken"),
        ("rapport\u202efdp.exe", "bidi"),
        ("\u2066x\u2069", "bidi"),
        ("a" + "\u0323" * 9, "marks"),
        ("Z" + "\u0301\u0316" * 250, "max_length"),
        ("Å" * 201, "max_length"),
        ("Å" * 2000, "max_length"),
        ("010190-1234", "cpr"),
    ],
)
def test_clean_line_refuses(typed, code):
    assert code_of(clean_line, typed) == code
    assert code_of(PlainCharField().clean, typed) == code


def test_emoji_are_counted_as_characters():
    with pytest.raises(ValidationError) as error:
        PlainCharField(max_length=50).clean("👩\u200d👩\u200d👧\u200d👦" * 10)

    assert error.value.messages == ["Skriv højst 50 tegn. Teksten er på 70 tegn."]


def test_stacked_marks_are_refused_in_long_texts():
    assert code_of(clean_text, "Z" + "\u0301\u0316" * 250) == "marks"


@pytest.mark.parametrize("typed", ["", "   ", "\u3164", "\u200b", "\n\n"])
@pytest.mark.parametrize("field", [PlainCharField(), PlainTextField()])
def test_required_field_refuses_what_cannot_be_seen(field, typed):
    assert code_of(field.clean, typed) == "required"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("En\r\nto\rtre\nfire", "En\nto\ntre\nfire"),
        ("En\u2028to\u2029tre\u0085fire\vfem", "En\nto\ntre\nfire\nfem"),
        ("\n\n- punkt \n  - under\tpunkt\n\n", "- punkt\n  - under punkt"),
        ("A\u030a\u200b\n\ufeffb", "Å\nb"),
        ("x" * 10_000, "x" * 10_000),
        (" \n\u3164\n ", ""),
    ],
)
def test_clean_text_keeps_lines(typed, stored):
    assert clean_text(typed) == stored
    assert PlainTextField(required=False).clean(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a\n\x00b", "control"),
        ("a\n\u202eb", "bidi"),
        ("a\n\ufffd", "broken"),
        ("x" * 10_001, "max_length"),
        ("Referat:\n010190 1234", "cpr"),
    ],
)
def test_clean_text_refuses(typed, code):
    assert code_of(clean_text, typed) == code
    assert code_of(PlainTextField().clean, typed) == code


def test_long_text_is_welcome_where_the_field_says_so():
    minutes = "x" * 100_000

    assert PlainTextField(max_length=200_000).clean(minutes) == minutes


@pytest.mark.parametrize(
    "text",
    [
        "010190-1234",
        "0101901234",
        "010190 1234",
        "010190 - 1234",
        "010190–1234",
        "cpr:010190-1234.",
        "født 290200-4321, bor her",
        "٠١٠١٩٠-١٢٣٤",
        "０１０１９０－１２３４",
        "990101 1234 311299-0001",
        "010190  1234",
        "010190\n\n1234",
        "010190_1234",
        "010190 −\u00a01234",
        "01 01 90 1234",
        "01.01.90-1234",
        "01-01-90-1234",
        "01/01/90 – 1234",
        "610190-1234",  # for someone without a number of their own
    ],
)
def test_cpr_number_is_recognised(text):
    assert has_cpr(text)


@pytest.mark.parametrize(
    "text",
    [
        "320190-1234",
        "011390-1234",
        "310290-1234",
        "12 34 56 78",
        "+4512345678",
        "01019012345",
        "5.3.2027 13.00",
        "12.03.27 1430",
        "12.03.27, 1430-1600",
        "12.03-14.03.2027",
        "2027-03-12 2027-03-13",
        "921390-1234",
        "+45 20 12 34 56",
        "20 12 34 56 20 12 34 57",
        "1234567890",
    ],
)
def test_other_numbers_are_not_cpr_numbers(text):
    assert not has_cpr(text)
    assert clean_line(text) == text


def test_cpr_refusal_explains_and_does_not_repeat_the_number():
    with pytest.raises(ValidationError) as error:
        clean_text("Hun har 010190-1234")

    assert error.value.messages == [
        "Teksten ser ud til at indeholde et cpr-nummer. Fjern det. Skriv aldrig cpr-numre her."
    ]


def test_soft_hyphen_does_not_hide_a_cpr_number():
    assert code_of(clean_line, "0101\u00ad90-\u200b1234") == "cpr"


def test_plain_char_field_options():
    assert PlainCharField(refuse_cpr=False).clean("0101901234") == "0101901234"
    assert PlainCharField(allow_digits=False).clean("Anna") == "Anna"
    assert code_of(PlainCharField(allow_digits=False).clean, "Anna 2") == "digits"


def test_browser_is_not_told_to_cut_text():
    assert "maxlength" not in str(AllFields()["line"]) + str(AllFields()["text"])
    assert AllFields().fields["line"].max_length == 200


def test_refused_text_is_kept_for_the_person_to_mend():
    form = AllFields({"line": "<i>010190-1234</i>"})

    assert not form.is_valid()
    assert "&lt;i&gt;010190-1234&lt;/i&gt;" in str(form["line"])


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(text):
    for clean in (clean_line, clean_text):
        try:
            once = clean(text)
        except ValidationError:
            continue
        assert clean(once) == once
        assert unicodedata.is_normalized("NFC", once)
        assert "\x00" not in once
        once.encode()


@settings(max_examples=300)
@given(st.fixed_dictionaries(dict.fromkeys(AllFields.base_fields, ANY_TEXT)))
def test_form_answers_any_input(data):
    form = AllFields(data)
    form.is_valid()

    for bound in form:
        str(bound)
    assert set(form.errors) | set(form.cleaned_data) == set(form.fields)


# --- What leaves the house -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Møde\r\nBcc: c@z.dk",
        "Møde\nBcc: c@z.dk",
        "Møde\rBcc: c@z.dk",
        "Møde\u2028Bcc: c@z.dk",
        "Møde\u0085\x00Bcc: c@z.dk",
    ],
)
def test_harmless_line_is_one_header_line(text):
    message = EmailMessage()
    message["Subject"] = harmless_line(text)

    assert harmless_line(text) == "Møde Bcc: c@z.dk"
    assert message.keys() == ["Subject"]


def test_harmless_line_leaves_out_what_a_form_refuses():
    assert harmless_line("rapport\u202efdp\x00.\ufffdexe\ud800") == "rapportfdp.exe"
    assert harmless_line(None) == ""


def test_harmless_name_looks_like_no_address():
    assert harmless_name('HR <hr@kommune.dk>, "x": (y)') == "HR hr kommune.dk x y"


@given(ANY_TEXT)
def test_harmless_line_never_refuses(text):
    line = harmless_line(text)

    assert line == harmless_line(line)
    assert not {"\r", "\n", "\x00", "\u2028"} & set(line)
    line.encode()


# --- Addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("person@x.dk", "person@x.dk"),
        ("Person@X.DK", "person@x.dk"),
        (" person@x.dk\r\n", "person@x.dk"),
        ("\ufeffperson@x.dk\u200b", "person@x.dk"),
        ("fornavn.efternavn+net@skole.kommune.dk", "fornavn.efternavn+net@skole.kommune.dk"),
        ("hr@demo.invalid", "hr@demo.invalid"),
        ("a@xn--rsted-uua.dk", "a@xn--rsted-uua.dk"),
        ("l" * 64 + "@x.dk", "l" * 64 + "@x.dk"),
        ("", ""),
        (None, ""),
    ],
)
def test_clean_email_normalises(typed, stored):
    assert clean_email(typed) == stored
    assert PersonEmailField(required=False).clean(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a@b", "invalid"),
        ('"a b"@x.dk', "several"),
        ('"ab"@x.dk', "invalid"),
        ("æ@ø.dk", "not_ascii"),
        ("ø@x.dk", "not_ascii"),
        ("a@ø.dk", "not_ascii"),
        ("mıke@x.dk", "not_ascii"),
        ("mi\u212ae@x.dk", "not_ascii"),
        ("l" * 65 + "@x.dk", "max_length"),
        ("a@" + "x." * 130 + "dk", "max_length"),
        ("a@[127.0.0.1]", "invalid"),
        ("a@127.0.0.1", "invalid"),
        ("a@x.dk,b@y.dk", "several"),
        ("a@x.dk;b@y.dk", "several"),
        ("a@b@x.dk", "several"),
        ("a@x.dk\nBcc: c@z.dk", "several"),
        ("Anna <a@x.dk>", "several"),
        ("<a@x.dk>", "invalid"),
        ("mailto:a@x.dk", "invalid"),
        (".a@x.dk", "invalid"),
        ("a..b@x.dk", "invalid"),
        ("a@x..dk", "invalid"),
        ("a@-x.dk", "invalid"),
        ("a@x.dk.", "invalid"),
        ("a@x_y.dk", "invalid"),
        ("a\x00@x.dk", "invalid"),
        ("@x.dk", "invalid"),
        ("ingen", "invalid"),
    ],
)
def test_clean_email_refuses(typed, code):
    assert code_of(clean_email, typed) == code
    assert code_of(PersonEmailField().clean, typed) == code


def test_email_field_requires_an_address():
    assert code_of(PersonEmailField().clean, "\u200b ") == "required"


@given(st.emails())
def test_clean_email_gives_ascii_and_is_stable(address):
    try:
        once = clean_email(address)
    except ValidationError:
        return
    assert once.isascii()
    assert once == once.lower() == clean_email(once)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://www.kommune.dk/møde?id=1#a", "https://www.kommune.dk/møde?id=1#a"),
        (" http://intranet/lokaler ", "http://intranet/lokaler"),
        ("HTTPS://Kommune.dk:8443/", "HTTPS://Kommune.dk:8443/"),
        ("https://ærø.dk", "https://ærø.dk"),
        ("https://[2001:db8::1]:80/x", "https://[2001:db8::1]:80/x"),
        ("teams.microsoft.com/l/meetup?x=19%3a", "https://teams.microsoft.com/l/meetup?x=19%3a"),
        ("https://kommune.dk/@navn", "https://kommune.dk/@navn"),
        ("", ""),
        (None, ""),
    ],
)
def test_clean_link_keeps_web_addresses(typed, stored):
    assert clean_link(typed) == stored
    assert LinkField(required=False).clean(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("//evil.dk", "invalid"),
        ("/\\evil.dk", "invalid"),
        ("https:evil.dk", "invalid"),
        ("https:/evil.dk", "invalid"),
        ("https:///evil.dk", "invalid"),
        ("ftp://x.dk", "invalid"),
        ("javascript:alert(1)", "invalid"),
        ("java\nscript:alert(1)", "invalid"),
        ("data:text/html,x", "invalid"),
        ("http://a\\@b", "invalid"),
        ("http://bank.dk@evil.dk", "user_info"),
        ("http://a:b@x.dk", "user_info"),
        ("http://x.dk:99999", "invalid"),
        ("http://x.dk:abc", "invalid"),
        ("http://[::1", "invalid"),
        ("http://", "invalid"),
        ("https://x y.dk", "invalid"),
        ("https://x.dk/\u202egpj", "invalid"),
        ("https://x.dk/\x00", "invalid"),
        ("https://x.dk/\ufffd", "invalid"),
        ("https://x..dk", "invalid"),
        ("https://-x.dk", "invalid"),
        ("https://x.dk%00.evil.dk", "invalid"),
        ("https://x.dk/" + "a" * 2000, "max_length"),
        ("www", "invalid"),
    ],
)
def test_clean_link_refuses(typed, code):
    assert code_of(clean_link, typed) == code
    assert code_of(LinkField().clean, typed) == code


# --- Dates and times -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["5.3.2027", "5/3 2027", "2027-03-05", date(2027, 3, 5), " 05032027 "])
def test_date_field_reads_danish_dates(typed):
    assert DanishDateField().clean(typed) == date(2027, 3, 5)


def test_date_field_takes_the_date_in_copenhagen():
    assert DanishDateField().clean(datetime(2027, 3, 4, 23, 30, tzinfo=UTC)) == date(2027, 3, 5)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("2026-02-30", "Datoen findes ikke: februar 2026 har 28 dage."),
        ("snart", "Skriv datoen som dag, måned og år, fx 05.03.2027."),
        (
            "0001-01-01",
            "Årstallet skal ligge mellem 1900 og 2200. Skriv datoen som dag, måned og år, fx 05.03.2027.",
        ),
        (date.max, "Årstallet skal ligge mellem 1900 og 2200. Skriv datoen som dag, måned og år, fx 05.03.2027."),
    ],
)
def test_date_field_says_what_is_wrong(typed, message):
    with pytest.raises(ValidationError) as error:
        DanishDateField().clean(typed)

    assert error.value.messages == [message]


@pytest.mark.parametrize("language", ["da", "en"])
def test_date_and_time_fields_show_danish_forms(language):
    with translation.override(language):
        form = AllFields(initial={"day": date(2027, 3, 5), "clock": time(9, 30)})

        assert 'value="05.03.2027"' in str(form["day"])
        assert 'inputmode="numeric"' in str(form["day"])
        assert 'autocomplete="off"' in str(form["day"])
        assert 'value="09.30"' in str(form["clock"])


def test_unchanged_date_and_time_count_as_unchanged():
    initial = {"day": date(2027, 3, 5), "clock": time(9, 30)}

    assert AllFields({"day": "5/3 2027", "clock": "kl. 9.30"}, initial=initial).changed_data == []
    assert AllFields({"day": "6/3 2027", "clock": "kl. 9.30"}, initial=initial).changed_data == ["day"]


def test_time_field_reads_danish_times():
    assert DanishTimeField().clean("kl. 13.00") == time(13)
    assert DanishTimeField().clean(time(13)) == time(13)
    assert DanishTimeField(required=False).clean(" ") is None
    assert code_of(DanishTimeField().clean, "") == "required"
    assert code_of(DanishDateField().clean, " ") == "required"


def test_time_field_says_what_is_wrong():
    with pytest.raises(ValidationError) as error:
        DanishTimeField().clean("25:61")

    assert error.value.messages == ["Klokkeslættet findes ikke. Klokken går fra 00.00 til 23.59."]


# --- Django's own forms of dates and numbers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("da", "5. marts 2027|05.03.2027|13.00|5. marts 2027 kl. 13.00|1234,5"),
        ("en", "5 March 2027|05/03/2027|13:00|5 March 2027, 13:00|1234.5"),
    ],
)
def test_django_writes_our_formats(language, expected):
    page = Template('{{ d|date }}|{{ d|date:"SHORT_DATE_FORMAT" }}|{{ d|time }}|{{ d|date:"DATETIME_FORMAT" }}|{{ n }}')

    with translation.override(language):
        assert page.render(Context({"d": datetime(2027, 3, 5, 12, 0, tzinfo=UTC), "n": 1234.5})) == expected
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
        assert formats.number_format(1234567.5, 1, force_grouping=True) in ("1.234.567,5", "1,234,567.5")


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("typed", ["31-12-2026", "31/12/2026", "31.12.26", "31/12 2026", "31/12-2026", "2026-12-31"])
def test_plain_django_date_field_reads_danish_dates(language, typed):
    with translation.override(language):
        assert forms.DateField().clean(typed) == date(2026, 12, 31)
        assert (
            forms.DateTimeField().clean(f"{typed} 10.30".replace("2026-12-31 10.30", "2026-12-31 10:30")).minute == 30
        )
        assert forms.TimeField().clean("kl. 10.30") == time(10, 30)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("0", "Skriv et tal på mindst 1."), ("9", "Skriv et tal på højst 8."), ("to", "Skriv et helt tal.")],
)
def test_whole_number_field_says_what_is_wrong(typed, said):
    with pytest.raises(ValidationError) as refused:
        WholeNumberField(min_value=1, max_value=8).clean(typed)

    assert refused.value.messages == [said]


@pytest.mark.parametrize("typed", ["-1", "2147483648", "9" * 20, "-9223372036854775809"])
def test_whole_number_field_takes_only_what_every_database_holds(typed):
    with pytest.raises(ValidationError) as refused:
        WholeNumberField().clean(typed)

    assert refused.value.messages[0].startswith("Skriv et tal på ")
    assert WholeNumberField().clean("2147483647") == 2147483647
    assert WholeNumberField().widget.attrs == {"min": 0}


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (forms.ChoiceField(choices=[("a", "A")]), "b", "Vælg en af mulighederne."),
        (forms.MultipleChoiceField(choices=[("a", "A")]), ["b"], "Vælg en af mulighederne."),
        (forms.IntegerField(max_value=3), "4", "Skriv et tal på højst 3."),
        (forms.CharField(max_length=3), "abcd", "Skriv højst 3 tegn. Teksten er på 4."),
        (forms.EmailField(), "x", "Skriv en hel e-mailadresse, fx navn@kommune.dk."),
        (forms.FileField(), None, "Udfyld feltet."),
        (forms.UUIDField(), "x", "Siden er blevet for gammel. Åbn den igen."),
    ],
)
def test_what_a_framework_refuses_is_said_plainly(field, typed, said):
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)

    assert refused.value.messages == [said]


@pytest.mark.parametrize(("sent", "asked"), [("Holm", "Holm"), ("Ho\ud800lm ", "Holm"), ("\udfff", ""), ("æ👩", "æ👩")])
def test_what_no_database_can_be_asked_for_is_left_out_of_a_search(sent, asked):
    assert AskedField(required=False).clean(sent) == asked


@pytest.mark.django_db
@pytest.mark.parametrize("key", [str(2**63), str(-(2**63) - 1), "9" * 400, "x" * 40, "x"])
def test_a_key_no_database_has_room_for_is_no_row(key):
    field = RowsField(User.objects.all())

    with pytest.raises(ValidationError):
        field.clean([str(create_user().pk), key])


@pytest.mark.django_db
def test_plain_django_asks_the_database_for_it():
    """SQLite has no room for it; PostgreSQL looks for it and finds none."""
    with pytest.raises(OverflowError if connection.vendor == "sqlite" else ValidationError):
        forms.ModelMultipleChoiceField(User.objects.all()).clean([str(2**63)])

"""The crispy-forms pack `dkfds`: every form reads the same, says what is wrong, and points a screen reader at it."""

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template
from django.utils import translation
from pytest_django.asserts import assertInHTML

from members.fields import DanishDateField, DanishTimeField, PlainCharField, PlainTextField


@pytest.fixture(autouse=True)
def danish():
    with translation.override("da"):
        yield


class NetworkForm(forms.Form):
    name = PlainCharField(label="Netværkets navn", help_text="Kort og genkendeligt.")
    purpose = PlainTextField(label="Formål", max_length=500)
    notes = PlainTextField(label="Noter", required=False)
    kind = forms.ChoiceField(
        label="Netværkstype",
        widget=forms.RadioSelect,
        choices=[("faglig", "Fagligt netværk"), ("tvaerfaglig", "Tværfagligt netværk")],
        help_text="Vælg én.",
    )
    area = forms.ChoiceField(label="Fagområde", choices=[("", "Vælg"), ("skole", "Skole")], required=False)
    days = forms.MultipleChoiceField(
        label="Ugedage", widget=forms.CheckboxSelectMultiple, choices=[("0", "Mandag"), ("1", "Tirsdag")]
    )
    date = DanishDateField(label="Dato", help_text="Fx 5.3.2027")
    time = DanishTimeField(label="Tidspunkt")
    attachment = forms.FileField(label="Fil", required=False)
    agreed = forms.BooleanField(label="Jeg har talt med den ansvarlige chef", help_text="Det er en betingelse.")
    origin = forms.CharField(widget=forms.HiddenInput, initial="kurs")


def rendered(form, source="{{ form|crispy }}"):
    return Template("{% load crispy_forms_tags %}" + source).render(Context({"form": form}))


def field(name, data=None):
    source = "{% load crispy_forms_tags %}{{ field|as_crispy_field }}"
    return Template(source).render(Context({"field": NetworkForm(data)[name]}))


def test_text_field_ties_label_and_hint_to_the_input():
    html = field("name")

    assertInHTML('<label class="form-label" for="id_name">Netværkets navn</label>', html)
    assertInHTML('<div class="form-hint" id="id_name_helptext">Kort og genkendeligt.</div>', html)
    assert 'aria-describedby="id_name_helptext"' in html
    assert "form-input" in html
    assert "aria-invalid" not in html


def test_text_field_in_error_says_so_to_eye_and_ear():
    html = field("name", {"name": ""})

    assert 'class="form-group form-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html


def test_only_optional_fields_are_marked():
    assert "(valgfrit)" in field("notes")
    assert "(valgfrit)" in field("area")
    assert "(valgfrit)" not in field("name")
    assert "(valgfrit)" not in field("agreed")


def test_limited_text_tells_its_limit_without_a_script():
    html = field("purpose")

    assert "Højst 500 tegn" in html
    assert 'data-maxlength="500"' in html
    assert "maxlength=" not in html.replace("data-maxlength=", "")
    assert "form-limit" not in field("notes")  # 10,000 characters are no limit anyone meets


def test_radios_are_a_group_with_a_legend_and_one_described_error():
    html = field("kind", {"kind": "ukendt"})

    assert '<fieldset aria-describedby="id_kind_helptext id_kind_error">' in html
    assertInHTML('<legend class="form-label">Netværkstype</legend>', html)
    assert html.count('type="radio"') == 2
    assert 'for="id_kind_0"' in html
    assert "aria-invalid" not in html  # not allowed on a single radio


def test_chosen_options_stay_chosen():
    html = field("days", {"days": ["1"]})

    assertInHTML('<input type="checkbox" class="form-checkbox" name="days" value="1" id="id_days_1" checked>', html)
    assertInHTML('<input type="checkbox" class="form-checkbox" name="days" value="0" id="id_days_0">', html)


def test_select_and_single_checkbox_carry_the_designs_classes():
    checkbox = field("agreed")

    assert "form-select" in field("area")
    assert "form-checkbox" in checkbox
    assertInHTML('<label for="id_agreed">Jeg har talt med den ansvarlige chef</label>', checkbox)
    assertInHTML('<div class="form-hint" id="id_agreed_helptext">Det er en betingelse.</div>', checkbox)


def test_dates_and_times_bring_up_a_number_pad():
    assert 'inputmode="numeric"' in field("date")
    assert 'inputmode="numeric"' in field("time")


def test_hidden_field_shows_nothing_but_itself():
    assert field("origin").strip() == '<input type="hidden" name="origin" value="kurs" id="id_origin">'


def test_error_summary_links_to_each_field_and_takes_focus():
    form = NetworkForm({"purpose": "Vi hjælper hinanden.", "date": "5.3.2027", "time": "13.00", "origin": "kurs"})
    html = rendered(form)

    assert 'class="alert alert-error error-summary" role="alert" tabindex="-1"' in html
    assert "Der er 4 ting at rette" in html
    assert 'href="#id_name"' in html
    assert 'href="#id_kind_0"' in html
    assert 'href="#id_days_0"' in html
    assert 'href="#id_agreed"' in html
    assert 'href="#id_purpose"' not in html


def test_form_that_has_no_errors_has_no_summary():
    assert "error-summary" not in rendered(NetworkForm())


def test_error_of_the_whole_form_stands_in_the_summary_without_a_heading():
    class Refusing(forms.Form):
        name = forms.CharField()

        def clean(self):
            raise forms.ValidationError("Netværket har ingen kurs.")

    html = rendered(Refusing({"name": "Ledere på tværs"}))

    assertInHTML("<li>Netværket har ingen kurs.</li>", html)
    assert "ting at rette" not in html


def test_error_of_a_hidden_field_is_shown_too():
    assertInHTML("<li>Udfyld feltet.</li>", rendered(NetworkForm({"origin": ""})))


def test_what_people_type_is_escaped():
    html = rendered(NetworkForm({"name": "<b>x</b>", "kind": "<i>y</i>"}))

    assert "<b>" not in html
    assert "<i>" not in html


@pytest.fixture
def helper():
    helper = FormHelper()
    helper.layout = Layout(
        "name", Fieldset("Tid og sted", Div("date", "time", css_class="field-row"), css_id="tid"), "origin"
    )
    helper.add_input(Submit("save", "Gem"))
    helper.add_input(Submit("draft", "Gem kladde", css_class="button-secondary"))
    return helper


def test_whole_form_has_token_legend_and_buttons(helper):
    html = render_crispy_form(NetworkForm({"name": ""}), helper, {"csrf_token": "hemmelig"})

    assert 'method="post"' in html
    assert 'value="hemmelig"' in html
    assert "novalidate" in html
    assertInHTML("<legend>Tid og sted</legend>", html)
    assert '<div class="field-row">' in html
    assert 'class="button button-primary"' in html
    assert "button-secondary" in html
    assert html.index("error-summary") < html.index("id_name")
    assert html.count("error-summary") == 1


def test_form_with_a_file_says_so(helper):
    assert 'enctype="multipart/form-data"' in render_crispy_form(NetworkForm(), helper, {})


def test_get_form_carries_no_token(helper):
    helper.form_method = "get"

    assert "hemmelig" not in render_crispy_form(NetworkForm(), helper, {"csrf_token": "hemmelig"})


def test_pack_speaks_english_too():
    with translation.override("en"):
        assert "id_name" in rendered(NetworkForm({"name": ""}))

"""A table of names and places, as a form."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.fields import PlainCharField, WholeNumberField
from members.naming import Line
from members.organisation import name_key

LAST = 999


class LineForm(forms.Form):
    pk = WholeNumberField(required=False, widget=forms.HiddenInput)
    place = WholeNumberField(
        label=gettext_lazy("Plads"),
        min_value=1,
        max_value=LAST,
        required=False,
        widget=forms.NumberInput(attrs={"class": "form-input input-width-xs"}),
    )
    name = PlainCharField(
        label=gettext_lazy("Navn"), max_length=100, widget=forms.TextInput(attrs={"class": "form-input input-width-l"})
    )
    is_removed = forms.BooleanField(
        label=gettext_lazy("Slet"), required=False, widget=forms.CheckboxInput(attrs={"class": "form-checkbox"})
    )
    use_required_attribute = False

    def line(self) -> Line:
        return Line(**self.cleaned_data | {"place": self.cleaned_data["place"] or LAST})


class _Lines(forms.BaseFormSet):
    def clean(self):
        kept = {}
        for form in self.forms:
            if not form.has_changed() and not form.initial.get("pk"):
                continue
            name = form.cleaned_data.get("name") if form.is_valid() else None
            if not name or form.cleaned_data["is_removed"]:
                continue
            if name_key(name) in kept:
                form.add_error("name", _("Navnet står der allerede."))
            kept[name_key(name)] = form

    def lines(self) -> list[Line]:
        """Those with something in them: the empty row at the end is left out."""
        return [form.line() for form in self.forms if form.cleaned_data.get("name")]


LineFormSet = forms.formset_factory(LineForm, formset=_Lines, extra=1, max_num=200)

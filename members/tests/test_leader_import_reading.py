import io
import time
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.leader_import.columns import Column, Layout, fingerprint
from members.leader_import.reading import CannotRead, Unreadable, read
from members.tests.files import HEADINGS, OS2MO, changed_zip, csv_file, line, sample, xlsx_file

AASE = line("7", "Åse", "Ærø", "aase@x.dk", "Skoleleder, Øster Skole")


def cells(content: bytes, name="ledere.csv") -> list[list[str]]:
    return [found.cells for found in read(name, content).lines]


def refusal(content: bytes, name="ledere.csv") -> str:
    with pytest.raises(CannotRead) as caught:
        read(name, content)
    return str(caught.value)


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_is_read_in_every_encoding_with_every_separator(encoding, separator):
    quoted = [f'"{cell}"' for cell in AASE]

    assert cells(csv_file(quoted, separator=separator, encoding=encoding)) == [AASE[:-1]]


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_csv_is_read_with_every_line_ending(newline):
    assert cells(csv_file(AASE, newline=newline)) == [AASE[:-1]]


def test_sep_line_decides_the_separator_and_counts_as_a_line():
    table = read("x.csv", b"sep=,\r\n" + csv_file([f'"{cell}"' for cell in AASE], separator=","))

    assert [(found.number, found.cells) for found in table.lines] == [(3, AASE[:-1])]


def test_description_names_encoding_and_separator():
    assert (
        read("x.csv", csv_file(AASE, encoding="cp1252")).description == "CSV, Windows-1252, semikolon mellem felterne"
    )


def test_line_numbers_are_those_of_the_file_also_after_blank_lines_and_fields_of_several_lines():
    content = csv_file(line("1"), [""], [";;;"], line("2", title='"Leder\r\naf to"'), line("3"))

    assert [found.number for found in read("x.csv", content).lines] == [2, 5, 7]


def test_title_above_the_headings_is_passed_over():
    content = b"Ledere i Egebjerg;;\r\nTrukket 1.3.2027;;\r\n" + csv_file(AASE)

    table = read("x.csv", content)

    assert (table.headings, table.lines[0].number) == (HEADINGS, 4)


def test_utf16_without_its_mark_is_refused_by_name():
    assert "UTF-16" in refusal(csv_file(AASE, encoding="utf-16-le"))


def test_utf32_is_refused_by_name():
    assert "UTF-32" in refusal(csv_file(AASE, encoding="utf-32"))


def test_nul_is_refused_with_its_line():
    assert "Linje 3 indeholder et nultegn" in refusal(csv_file(*[AASE] * 1, line("8", first="A\0b"), AASE, AASE, AASE))


@pytest.mark.parametrize("bad", ['"aldrig lukket', '"lukket" for tidligt'])
def test_stray_quote_is_refused_with_its_line(bad):
    assert refusal(csv_file(AASE, line("8", title=bad), AASE)).startswith("Linje 3 kan ikke læses")


def test_quote_inside_a_field_is_a_sign_like_others():
    assert cells(csv_file(line(title='Leder af "Spiren"')))[0][4] == 'Leder af "Spiren"'


@pytest.mark.parametrize("length", [2001, 131_073, 1_000_000])
def test_giant_field_is_refused_with_its_line(length):
    assert refusal(csv_file(AASE, line(title="x" * length))).startswith("Linje 3 ")


def test_too_many_columns_are_refused_with_the_line():
    assert refusal(csv_file(AASE, ["x"] * 61)).startswith("Linje 3 har over 60 felter")


@pytest.mark.parametrize("content", [b"", b"\r\n\r\n", b"\xef\xbb\xbf", b";;;\r\n;;;\r\n", b" \t\r\n"])
def test_empty_file_is_refused(content):
    assert refusal(content).startswith("Filen er tom")


def test_file_of_headings_alone_is_refused():
    assert "ingen ledere" in refusal(csv_file())


def test_two_hundred_thousand_blank_lines_are_passed_in_no_time():
    started = time.monotonic()

    assert len(cells(csv_file(AASE) + b";;;;\r\n" * 200_000 + csv_file(AASE, headings=None))) == 2
    assert time.monotonic() - started < 5


def test_column_of_cpr_numbers_is_refused():
    assert "cpr-numre" in refusal(csv_file([*AASE, "0101701234"], headings=[*HEADINGS, "Cpr-nr."]))


def test_text_that_looks_like_a_formula_stays_text():
    titles = ["=HYPERLINK(1)", "+45 12 34 56 78", "-", "@x"]

    found = cells(csv_file(*(line(str(number), title=title) for number, title in enumerate(titles))))

    assert [row[4] for row in found] == titles


def test_file_over_the_limit_is_refused(settings):
    settings.IMPORT_MAX_BYTES = 1024 * 1024

    assert refusal(b"x" * (1024 * 1024 + 1)) == "Filen er for stor. Den må højst fylde 1 MB."


# --- XLSX ------------------------------------------------------------------------------------------------------------


def workbook_cells(*lines, **more):
    return cells(xlsx_file(*lines, **more), "ledere.xlsx")


def test_numbers_are_read_as_excel_shows_them():
    found = workbook_cells([10001, "Anne", "Holm", "a@x.dk", 12345678.0, "B", "N"])

    assert found == [["10001", "Anne", "Holm", "a@x.dk", "12345678", "B", "N"]]


@pytest.mark.parametrize("value", [datetime(2027, 3, 5), 1.5, True, 10**17, 1e300])
def test_what_is_no_text_is_never_guessed_at(value):
    (found,) = workbook_cells([1, "Anne", "Holm", "a@x.dk", value, "B", "N"])

    assert isinstance(found[4], Unreadable)


def test_cell_error_is_told():
    (found,) = workbook_cells([1, "Anne", "Holm", "a@x.dk", "#REF!", "B", "N"])

    assert found[4].reason == "Cellen viser en fejl fra regnearket (#REF!)."


def test_hidden_sheet_is_passed_over():
    def hide_a_sheet(book):
        hidden = book.create_sheet("Skjult", 0)
        hidden.append(["Navn", "E-mail"])
        hidden.append(["Forkert Person", "x@x.dk"])
        hidden.sheet_state = "hidden"

    assert workbook_cells(AASE, prepare=hide_a_sheet) == [AASE[:-1]]


def test_wrong_dimensions_do_not_hide_lines():
    content = xlsx_file(*(line(str(number)) for number in range(20)))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    lying = changed_zip(content, {"xl/worksheets/sheet1.xml": sheet.replace(b'ref="A1:J21"', b'ref="A1:B2"')})

    assert len(cells(lying, "ledere.xlsx")) == 20


def test_blank_lines_of_a_sheet_are_passed_over_and_counted():
    table = read("ledere.xlsx", xlsx_file(AASE, [], [None], AASE))

    assert [found.number for found in table.lines] == [2, 5]


def test_sheet_with_a_lone_line_far_down_ends_in_a_sentence():
    content = xlsx_file(AASE)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(b"</sheetData>", b'<row r="2000000000"><c><v>1</v></c></row></sheetData>')

    assert "for mange linjer" in refusal(changed_zip(content, {"xl/worksheets/sheet1.xml": far}), "ledere.xlsx")


def test_bomb_is_refused_before_it_is_unpacked():
    bomb = changed_zip(xlsx_file(AASE), {"xl/sharedStrings.xml": b" " * 60_000_000})
    assert len(bomb) < 200_000

    assert "pakket ud" in refusal(bomb, "ledere.xlsx")


def test_ratio_alone_is_refused():
    assert "pakket ud" in refusal(changed_zip(xlsx_file(AASE), {"xl/x.xml": b" " * 5_000_000}), "ledere.xlsx")


def test_thousands_of_parts_are_refused():
    parts = {f"xl/part{number}.xml": b"" for number in range(10_000)}

    assert "pakket ud" in refusal(changed_zip(xlsx_file(AASE), parts), "ledere.xlsx")


@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "haha">', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY % a SYSTEM "http://x.dk/a">']
)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_entities_are_refused(entity, part):
    content = xlsx_file(AASE)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = package.read(part)
    start = b'<?xml version="1.0"?><!DOCTYPE x [%s]>' % entity.encode()
    hostile = changed_zip(content, {part: start + xml.removeprefix(b'<?xml version="1.0"?>')})

    assert "kan ikke læses" in refusal(hostile, "ledere.xlsx")


def test_macros_are_refused_by_content():
    content = changed_zip(xlsx_file(AASE), {"xl/vbaProject.bin": b"x"})

    assert "makroer (.xlsm)" in refusal(content, "ledere.xlsx")


def test_macro_workbook_without_macros_is_refused_too():
    content = xlsx_file(AASE)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        types = package.read("[Content_Types].xml")
    kind = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

    assert "makroer" in refusal(changed_zip(content, {"[Content_Types].xml": types.replace(plain, kind)}), "x.xlsx")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ledere.xls", OLE + b"x" * 600, "ældre Excel-ark (.xls)"),
        ("ledere.xlsx", OLE + b"x" * 600, "ældre Excel-ark (.xls)"),
        ("ledere.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "adgangskode"),
        ("ledere.xlsm", b"PK", "makroer"),
        ("ledere.ods", b"PK", "OpenDocument"),
        ("ledere.numbers", b"PK", "Numbers"),
        ("ledere.xlsx", b"<html><table><tr><td>Navn</td></tr></table></html>", "webside"),
        ("ledere.csv", b"\xef\xbb\xbf <!DOCTYPE html><table>", "webside"),
        ("ledere.xlsx", b'<?xml version="1.0"?><Workbook/>', "XML"),
        ("ledere.csv", b"%PDF-1.7", "PDF"),
        ("ledere.svg", b"<svg/>", "SVG"),
        ("ledere.xlsx", csv_file(AASE), "ikke et Excel-ark"),
        ("ledere.xlsx", b"PK\x03\x04 resten mangler", "beskadiget"),
        ("ledere.exe", b"MZ", ".xlsx eller .csv"),
        ("ledere", csv_file(AASE), ".xlsx eller .csv"),
    ],
)
def test_other_formats_are_refused_by_name(name, content, said):
    message = refusal(content, name)

    assert said in message
    assert ".csv" in message


def test_other_packages_are_refused_by_content():
    def package(names):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            for name in names:
                made.writestr(name, "x")
        return file.getvalue()

    assert "OpenDocument" in refusal(package(["mimetype", "content.xml"]), "x.xlsx")
    assert "Numbers" in refusal(package(["Index/Document.iwa"]), "x.xlsx")
    assert "zip-fil" in refusal(package(["ledere.csv"]), "x.xlsx")


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from(["x.csv", "x.xlsx"]), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe"])
)
def test_no_bytes_break_the_reading(content, name, start):
    try:
        read(name, start + content)
    except CannotRead as refused:
        assert str(refused)  # noqa: PT017 (either a table or a sentence)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=40))
def test_no_damage_to_a_workbook_breaks_the_reading(place, junk):
    content = bytearray(xlsx_file(AASE))
    content[place : place + len(junk)] = junk
    try:
        read("x.xlsx", bytes(content))
    except CannotRead as refused:
        assert str(refused)  # noqa: PT017 (either a table or a sentence)


# --- Columns ---------------------------------------------------------------------------------------------------------


def test_columns_of_the_sample_are_recognised():
    layout = Layout.recognise(read("ledere.csv", sample("ledere.csv")).headings)

    assert layout.values == [
        "employee_number",
        "first_name",
        "last_name",
        "email",
        "title",
        "unit_1",
        "unit_2",
        "unit_3",
        "level",
        "field",
        "line_manager",
    ]
    assert layout.is_complete


def test_columns_of_os2mo_are_recognised():
    layout = Layout.recognise(OS2MO)

    assert layout.values == [
        "municipality",
        "unit_1",
        "unit_2",
        "unit_3",
        "unit_4",
        "",
        "full_name",
        "phone",
        "email",
    ]
    assert (layout.problems(), layout.ignored, layout.is_complete) == ([], ["Ansvar"], False)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("E-MAIL", Column.EMAIL),
        (" e mail ", Column.EMAIL),
        ("Work e-mail", Column.EMAIL),
        ("MEDARBEJDER-NUMMER", Column.EMPLOYEE_NUMBER),
        ("Employee no.", Column.EMPLOYEE_NUMBER),
        ("Fulde navn", Column.FULL_NAME),
        ("Naermeste leder", Column.LINE_MANAGER),
        ("Line manager (e-mail)", Column.LINE_MANAGER),
        ("Job title", Column.TITLE),
        ("Tlf.nr.", Column.PHONE),
        ("Fagomraade", Column.FIELD),
        ("Afdeling", Column.UNIT_1),
        ("Skostørrelse", Column.IGNORED),
    ],
)
def test_headings_are_recognised_in_many_spellings(heading, column):
    assert Layout.recognise([heading]).columns == [column]


def test_units_are_ordered_from_the_top_whatever_their_places():
    assert Layout.recognise(["Arbejdssted", "Afdeling", "Forvaltning"]).values == ["unit_3", "unit_2", "unit_1"]


def test_missing_columns_are_named():
    problems = Layout.recognise(["Stilling", "Fornavn"]).problems()

    assert len(problems) == 3
    assert "e-mail" in problems[0]
    assert "efternavn" in problems[1]
    assert "enhed" in problems[2]


def test_double_column_is_named_with_both_places():
    (problem,) = Layout.recognise(["E-mail", "Navn", "Mail", "Afdeling"]).problems()

    assert "E-mail (kolonne A), Mail (kolonne C)" in problem


def test_fingerprint_sees_the_columns_and_not_their_spelling():
    assert fingerprint(["E-mail", "Navn"]) == fingerprint(["EMAIL", " navn"]) != fingerprint(["Navn", "E-mail"])

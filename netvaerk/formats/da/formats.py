"""How Django itself writes and reads in Danish: the forms Danes use, not just dd.mm.yyyy."""

DATE_FORMAT = "j. F Y"
TIME_FORMAT = "H.i"
DATETIME_FORMAT = r"j. F Y \k\l. H.i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j. F"
SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = "d.m.Y H.i"
FIRST_DAY_OF_WEEK = 1

_SEPARATED = ["%d.%m.", "%d-%m-", "%d/%m/", "%d/%m-", "%d/%m "]
DATE_INPUT_FORMATS = [form + year for form in _SEPARATED for year in ("%Y", "%y")]
TIME_INPUT_FORMATS = ["%H.%M", "%H:%M", "%H:%M:%S", "kl. %H.%M", "%H%M"]
DATETIME_INPUT_FORMATS = [
    f"{day} {clock}" for day in DATE_INPUT_FORMATS for clock in ("kl. %H.%M", "%H.%M", "%H:%M", "%H:%M:%S")
]

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3

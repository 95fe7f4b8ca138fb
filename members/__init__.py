"""The ground: people, where they sit in the organisation, how they sign in, how a message reaches them."""

import os

# Spreadsheets come from outside, and openpyxl asks defusedxml only where it does not use lxml, which single sign-on
# brings along. It reads this when it is first imported.
os.environ["OPENPYXL_LXML"] = "False"

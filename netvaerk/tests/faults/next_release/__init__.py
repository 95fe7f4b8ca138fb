"""What the release after this one might bring: a column and an index more on a table that every page reads."""

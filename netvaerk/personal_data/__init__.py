"""Personal data: what is held and why (`rules`), all about one person (`export`), erasure, and how long it is kept."""

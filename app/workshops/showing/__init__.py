"""A workshop shown: finished words and HTML from rows, in the language in force."""

"""The log of all mails: narrowed, by person, one mail's own page, and what staff do about a mail that waits."""

"""Which mails somebody wants: on and off by kind, on the own page or by one click in a mail."""

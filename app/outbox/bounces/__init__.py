"""Mails that came back: read from a mailbox or posted, kept, counted, and addresses that fail again and again."""

"""Every mail that a workshop will send, looked at beforehand; and what another date would do to it. Nothing of it stays."""

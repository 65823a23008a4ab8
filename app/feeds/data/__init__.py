"""Calendars as JSON, for programs that count and show (RFC 8984)."""

"""What a server's answer says about an address, decided on plain values."""

from __future__ import annotations

import re
from datetime import timedelta

KEEP = timedelta(days=365)
MOST_WORDS = 500
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")  # RFC 3463 section 2
REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")  # RFC 5321 section 4.2
# RFC 3463 section 3: the mail system, the protocol, the content, security and policy: whoever is refused for these would have been
# refused at any address. If they counted, one evening on a block list would mark everybody.
NOT_THE_ADDRESS = frozenset({"3", "5", "6", "7"})
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def same(address: str) -> str:
    """The form in which addresses are compared."""
    return address.strip().lower()[:320]


def kind_of(status: str, *, final: bool) -> str:
    """`hard` if the mail is lost and the address is to blame, else `soft`. `status` may be empty: then a final answer is hard.

    A mailbox that is full for good (failed with 4.2.2 or 5.2.2) is hard: whoever it belongs to reads nothing.
    """
    subject = status.split(".")[1] if status else ""
    return "hard" if final and subject not in NOT_THE_ADDRESS else "soft"


def status_in(words: str) -> str:
    """The enhanced status code that stands in a server's words; empty if there is none."""
    found = STATUS.search(words)
    return found[1] if found else ""


def tidy(words: str) -> str:
    """A server's words as one line of text that cannot break a page or a log."""
    return " ".join(CONTROL.sub(" ", words).split())[:MOST_WORDS]

"""What doors share: language in the address, access by file name, refusals as pages, forms, headers, conditional answers."""

from __future__ import annotations

from app.web.access import ROLES, ZONES, Door, Visitor, acts_as_staff, check_access, find_me, forget_session, get_me, reader_zone
from app.web.answers import PAGE, Pages, conditional, is_fresh, last_page, matches, page_number, pages, plain_arguments, static
from app.web.forms import UNWANTED, Form, one_line, row_number, safe_next, tidy
from app.web.frames import framed, framing
from app.web.setup import POLICY, csrf, from_anywhere, init_app, safe_headers
from app.web.shelf import everywhere, kept, shown_name

__all__ = [
    "PAGE",
    "POLICY",
    "ROLES",
    "UNWANTED",
    "ZONES",
    "Door",
    "Form",
    "Pages",
    "Visitor",
    "acts_as_staff",
    "check_access",
    "conditional",
    "csrf",
    "everywhere",
    "find_me",
    "forget_session",
    "framed",
    "framing",
    "from_anywhere",
    "get_me",
    "init_app",
    "is_fresh",
    "kept",
    "last_page",
    "matches",
    "one_line",
    "page_number",
    "pages",
    "plain_arguments",
    "reader_zone",
    "row_number",
    "safe_headers",
    "safe_next",
    "shown_name",
    "static",
    "tidy",
]

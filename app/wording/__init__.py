"""The sentences of mails, which staff may edit in each language: `say` one of them, or `render` a mail whose templates say some."""

from app.wording.saying import render, say

__all__ = ["render", "say"]

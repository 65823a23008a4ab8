"""Workshops in from files of other programs, as drafts after a look first; the staff's list out, as CSV and as a workbook."""

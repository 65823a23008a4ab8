"""Finished words into a tagged PDF (PDF/UA-1); the only importer of typst."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import current_app

if TYPE_CHECKING:
    from typst import PDFStandard

HERE = Path(__file__).resolve().parent


def make(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF of printing/<template>.typ.

    What people typed goes in as JSON and is never read as markup. A sign that no font has is refused by PDF/UA-1; better a
    paper that lacks a sign, and the promise, than none.
    """
    import typst  # noqa: PLC0415  seven megabytes of every process, for what few of them ever do

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        return _set(template, inputs, at, "ua-1")
    except typst.TypstError as error:
        current_app.logger.warning("the paper %s is not PDF/UA: %s", template, error.message)
        return _set(template, inputs, at, "1.7")


def _set(template: str, inputs: dict[str, str], at: datetime, standard: PDFStandard) -> bytes:
    import typst  # noqa: PLC0415  as above

    compiler = typst.Compiler(root=HERE, ignore_system_fonts=True)
    made = compiler.compile(
        input=HERE / f"{template}.typ", format="pdf", sys_inputs=inputs, pdf_standards=[standard], timestamp=int(at.timestamp())
    )
    return cast(bytes, made)  # one file, as PDF always is

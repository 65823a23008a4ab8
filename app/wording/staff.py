"""Staff edit the texts of mails, look at them before they are saved, and put them back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from cryptography.fernet import InvalidToken
from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.audit import queries as audit
from app.audit.service import person
from app.clock import now
from app.crypto import decrypt, encrypt
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, current
from app.languages import gettext as _
from app.web import Door, framed, framing, get_me, reader_zone, row_number
from app.wording import catalogue, queries, samples, service, shown
from app.wording.catalogue import Editable
from app.wording.forms import Act, WordingForm, changed_meanwhile, form_of, name_of
from app.wording.models import MailWording
from app.wording.rules import parse
from app.wording.saying import trying

door = Door(__name__, "/staff/mail-texts")
LOOK = "look-"  # and a language: what the buttons send that show the sample
Typed = Mapping[tuple[str, str], str]
Page = str | Answer | tuple[str, int]


@door.get("/")
def mails() -> str:
    """All mails, and in which languages somebody has changed them."""
    saved = queries.every()
    return render_template(
        "wording/list.html",
        rows=shown.rows(saved),
        broken=shown.unusable(saved),
        tongues=LANGUAGES,
        fixed=list(catalogue.FIXED.values()),
        own_words=list(catalogue.OWN_WORDS.values()),
        facts=list(catalogue.FACTS.values()),
    )


@door.route("/<mail>/", methods=["GET", "POST"])
def edit(mail: str) -> Answer:
    """The texts of one mail in three languages, the sample below them. Two who edit at once both see what the other has done."""
    found = queries.editable(mail)
    row = queries.find(mail)
    form = _form(found, row)
    lang, status = current(), HTTPStatus.OK
    if request.method == "GET":
        return _page(found, row, form, lang)
    act = request.form.get("act", "")
    try:
        own = _checked(found, form)
        if act.startswith(LOOK):
            return _page(found, row, form, act.removeprefix(LOOK))
        service.save(mail, own, row_number(form.version.data) or 0, by=person(get_me()), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict:
        row = queries.find(mail)
        form.version.data = str(queries.version_of(row))
        form.refuse(changed_meanwhile())
        theirs = shown.compare(found, queries.words_of(row), _own(found, form))
        return _page(found, row, form, lang, HTTPStatus.CONFLICT, differences=theirs)
    else:
        flash(_("The texts are saved. Mails that are waiting already keep theirs."))
        if lonely := shown.lopsided(found, own):
            flash(lonely)
        return redirect(url_for(".edit", mail=mail), 303)
    return _page(found, row, form, lang, status)


@door.get("/<mail>/sample")
def sample(mail: str) -> Response:
    """The sample's HTML alone, for the frame: no scripts, nothing from elsewhere. What was typed comes along, sealed."""
    found = queries.editable(mail)
    lang = request.args.get("tongue", current())
    with trying(_tried(found, lang, request.args.get("words", ""))):
        content = samples.look(found, row_number(request.args.get("number")) or 0, lang, today=now().date())
    return framed(content.html)


@door.get("/<mail>/original")
def ask_original(mail: str) -> str:
    """What putting the original back means, before it is done."""
    found, row = queries.editable(mail), queries.find(mail)
    theirs = shown.compare(found, {}, queries.words_of(row))
    return render_template("wording/original.html", mail=found, changes=theirs, form=Act(version=queries.version_of(row)))


@door.post("/<mail>/original")
def original(mail: str) -> Answer:
    """Puts all of it back."""
    form = Act()
    if not form.validate_on_submit():
        raise Refused
    service.put_back(mail, row_number(form.version.data) or 0, by=person(get_me()), now=now())
    flash(_("The original is back, in all languages."))
    return redirect(url_for(".edit", mail=mail), 303)


def _form(mail: Editable, row: MailWording | None) -> WordingForm:
    saved = queries.words_of(row)
    data: dict[str, Any] = {"version": str(queries.version_of(row)), "sample": "0"}
    for text in mail.texts:
        data |= {name_of(text, lang): saved.get((text.name, lang)) or text.typed(lang) for lang in LANGUAGES}
    form = form_of(mail.kind)(formdata=request.form if request.method == "POST" else None, data=data)
    form.offer(mail)
    return form


def _checked(mail: Editable, form: WordingForm) -> dict[tuple[str, str], str]:
    """What was typed, if mails can say it. Raises Refused."""
    if not form.validate():
        raise Refused
    own = _own(mail, form)
    service.check(mail, own)
    return own


def _own(mail: Editable, form: WordingForm) -> dict[tuple[str, str], str]:
    """What was typed and is not the original's."""
    return {key: words for key, words in form.words(mail).items() if service.is_own(mail.text(key[0]), key[1], words)}


def _page(mail: Editable, row: MailWording | None, form: WordingForm, lang: str, status: HTTPStatus = HTTPStatus.OK, **more: Any) -> Answer:
    lang = lang if lang in LANGUAGES else current()
    own = _own(mail, form)
    sealed = _sealed({name: words for (name, there), words in own.items() if there == lang})
    content = None
    if status != HTTPStatus.UNPROCESSABLE_ENTITY:
        with trying(_tried(mail, lang, sealed)):
            content = samples.look(mail, form.number, lang, today=now().date())
    body = render_template(
        "wording/mail.html",
        mail=mail,
        form=form,
        blocks=shown.blocks(mail, row, own),
        tongues=LANGUAGES,
        is_changed=bool(queries.words_of(row)),
        content=content,
        content_lang=lang,
        frame=url_for(".sample", mail=mail.kind, number=form.number, words=sealed, tongue=lang),
        unsaved=own != queries.words_of(row),
        history=shown.history(mail, audit.entries(service.topic(mail.kind), 10), reader_zone()),
        **more,
    )
    answer = framing(body)
    answer.status_code = status
    return answer


def _sealed(words: Mapping[str, str]) -> str:
    """What was typed in one language, small and unreadable enough for an address that only we can have made."""
    return encrypt(zlib.compress(json.dumps(words).encode())).decode() if words else ""


def _tried(mail: Editable, lang: str, sealed: str) -> dict[tuple[str, str], Any]:
    """The texts of the mail in a language as they were typed, all others of it as the original. Raises Missing."""
    try:
        words = json.loads(zlib.decompress(decrypt(sealed.encode()))) if sealed else {}
    except (ValueError, InvalidToken) as error:
        raise Missing from error
    found: dict[tuple[str, str], Any] = {}
    for text in mail.texts:
        typed = words.get(text.name)
        found[f"{mail.kind}.{text.name}", lang] = parse(typed, text.known) if typed else None
    return found

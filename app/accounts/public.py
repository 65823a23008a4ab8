"""Sign-in, sign-up, sign-out and invitations: what somebody meets before we know who it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import (
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue as Answer

from app.accounts import (
    limits,
    queries,
    rules,
    second_factor,
    service,
    sessions,
    staffing,
)
from app.accounts.forms import (
    AddressForm,
    CodeForm,
    DetailsForm,
    PasswordForm,
    SecondFactorForm,
    role_name,
)
from app.accounts.models import Invitation, Person
from app.clock import now
from app.errors import Gone, Refused, TooMany
from app.languages import current
from app.languages import gettext as _
from app.web import Door, Form, find_me, forget_session, reader_zone, safe_next

door = Door(__name__, findable=False)

HALF_SECONDS = 600  # how long the second factor may take
ASKED_AND_TYPED = 2  # tries that a sign-in by code takes when nothing goes wrong


@door.before_app_request
def notice_a_proxy() -> None:
    """Behind a proxy that nobody has told us of, everybody has one address, and one person's mistakes shut out all. Said once."""
    told = current_app.extensions.setdefault("told_of_proxy", [])
    if not told and "X-Forwarded-For" in request.headers and current_app.config["CONFIG"].number("proxies") == 0:
        told.append(True)
        current_app.logger.warning(
            "a request has X-Forwarded-For, and PROXIES is 0: if a reverse proxy of yours added it, set PROXIES; "
            "without it all visitors share one limit"
        )


@door.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer:
    """Asks for the address. The answer never tells whether we know it."""
    target = request.args.get("next", "")
    form = AddressForm(address=_asked().get("address", ""))
    if form.validate_on_submit():
        address = form.address.data or ""
        try:
            limits.for_network(request.remote_addr, now())
            limits.for_mail(address, request.remote_addr, now())
            minutes = current_app.config["CONFIG"].number("code_minutes")
            token = "" if form.website.data else service.start_sign_in(address, lang=current(), minutes=minutes, now=now())
        except TooMany as refusal:
            if _holds_live_code(address):
                flash(refusal.message, "warning")
                return redirect(url_for(".code"), 303)
            return refused_for_now("accounts/sign_in.html", form, refusal, target=target)
        session["ask"] = {"token": token, "address": address, "next": target}
        return redirect(url_for(".code"), 303)
    return show("accounts/sign_in.html", form, target=target)


@door.route("/sign-in/code", methods=["GET", "POST"])
def code() -> Answer:
    """Takes the six digits; somebody new goes on to the sign-up."""
    ask = _asked()
    if not ask:
        return redirect(url_for(".sign_in"), 303)
    form = CodeForm()
    minutes = current_app.config["CONFIG"].number("code_minutes")
    if form.validate_on_submit():
        try:
            limits.for_network(request.remote_addr, now())
            address, person = service.finish_sign_in(str(ask["token"]), form.code.data or "", now=now())
        except TooMany as refusal:
            return refused_for_now("accounts/code.html", form, refusal, address=ask["address"], minutes=minutes)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            session.pop("ask")
            limits.give_back(request.remote_addr, ASKED_AND_TYPED, now())
            if person is not None:
                return enter(person, str(ask["next"]))
            session["proved"] = {**ask, "canonical": address, "at": int(now().timestamp())}
            return redirect(url_for(".sign_up"), 303)
    return show("accounts/code.html", form, address=ask["address"], minutes=minutes)


@door.route("/sign-in/password", methods=["GET", "POST"])
def password() -> Answer:
    """Address and password instead of a code."""
    target = request.args.get("next", "")
    form = PasswordForm(address=_asked().get("address", ""))
    if form.validate_on_submit():
        address = form.address.data or ""
        try:
            limits.for_network(request.remote_addr, now())
            limits.for_password(address, request.remote_addr, now())
            person = service.check_password(address, form.password.data or "")
        except TooMany as refusal:
            return refused_for_now("accounts/password.html", form, refusal, target=target)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            limits.forget_passwords(address, request.remote_addr)
            limits.give_back(request.remote_addr, 1, now())
            return enter(person, target)
    return show("accounts/password.html", form, target=target)


def enter(person: Person, target: str) -> Answer:
    """Signs in, or asks for the second factor first where there is one."""
    if person.totp_secret is not None:
        kept = {key: session[key] for key in ("sid", "seen") if key in session}
        forget_session()
        session.update(kept)
        session["half"] = {"id": person.id, "at": int(now().timestamp()), "next": target}
        return redirect(url_for("accounts_public.second_factor_code"), 303)
    sessions.start(person, second_factor=False, at=now())
    return redirect(_onward(person, target), 303)


@door.route("/sign-in/second-factor", methods=["GET", "POST"])
def second_factor_code() -> Answer:
    """The code of the app, after the address has been proved."""
    half = _recent("half", HALF_SECONDS)
    if not half:
        return redirect(url_for(".sign_in"), 303)
    form = SecondFactorForm()
    if form.validate_on_submit():
        person = queries.get_person(int(half["id"]))
        try:
            limits.for_second_factor(person.id, now())
            if person.totp_secret is None or person.disabled_at is not None:
                session.pop("half")
                return redirect(url_for(".sign_in"), 303)
            second_factor.check(person, form.code.data or "", now=now())
        except TooMany as refusal:
            return refused_for_now("accounts/second_factor_code.html", form, refusal)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            sessions.start(person, second_factor=True, at=now())
            return redirect(_onward(person, str(half["next"])), 303)
    return show("accounts/second_factor_code.html", form)


@door.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> Answer:
    """Name, language, clock and municipality of somebody whose address is proved."""
    proved = _recent("proved", rules.PROOF_MINUTES * 60)
    if not proved:
        return _prove_again()
    guest = queries.find_by_address(str(proved["canonical"]))
    if guest is not None and guest.confirmed_at is not None:
        return _prove_again()
    form = DetailsForm(lang=current(), zone=reader_zone(), zone_now=reader_zone(), name=guest.name if guest else "")
    if form.validate_on_submit():
        try:
            details = form.details()
            if details.zone == reader_zone():  # our guess, left as it was: the municipality knows better
                details = replace(details, zone=queries.zone_of(details.organisation_id) or details.zone)
            person = service.sign_up(str(proved["token"]), str(proved["address"]), details, now=now())
        except Gone:
            return _prove_again()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            target = str(proved["next"])
            answer = enter(person, target)
            flash(_("Welcome, %(name)s. Your account is ready.", name=person.name))
            return answer
    return show("accounts/sign_up.html", form, address=proved["address"])


def _prove_again() -> Answer:
    """The proof lies in a cookie, which can be copied and kept: it makes one account, and never opens one that is there."""
    session.pop("proved", None)
    flash(_("Prove your address once more: that took longer than half an hour, or you have an account already."), "warning")
    return redirect(url_for(".sign_in"), 303)


@door.post("/sign-out")
def sign_out() -> Answer:
    """Ends the session on the server, empties the cookie, and asks the browser to forget what it has kept.

    On the server first: where the database is busy the cookie stays, so that the button can be pressed again.
    """
    token = session.get("sid")
    if isinstance(token, str):
        sessions.end(now(), token=token)
    forget_session()
    flash(_("You are signed out."))
    response = redirect(url_for(".sign_in"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@door.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Answer:
    """Shows what the link offers; only the button accepts it, because mail programs open links by themselves.

    Somebody new enters by it. Somebody who has an account signs in first: a mailed link, good for days, is no key to it.
    """
    found = queries.get_invitation(token, now())
    known = queries.find_known(found.canonical_address)
    if known is not None:
        return _invitation_of(known, found, token)
    form = DetailsForm(lang=current(), zone=reader_zone(), zone_now=reader_zone())
    del form.organisation
    if found.role is not None:
        del form.kind, form.gender
    if form.validate_on_submit():
        try:
            limits.for_network(request.remote_addr, now())
            person = staffing.accept_invitation(token, form.details(), now=now())
        except TooMany as refusal:
            return refused_for_now("accounts/invitation.html", form, refusal, invitation=found, role=role_name(found.role))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            limits.give_back(request.remote_addr, 1, now())
            answer = enter(person, "")
            flash(_("Thank you, %(name)s. The invitation is accepted.", name=person.name))
            return answer
    return show("accounts/invitation.html", form, invitation=found, role=role_name(found.role))


def _invitation_of(known: Person, found: Invitation, token: str) -> Answer:
    """An invitation of somebody who has an account: only that person, signed in, accepts it. Raises Gone for a closed account."""
    if known.disabled_at is not None:
        raise Gone
    me = find_me()
    form = Form()
    if me is None or me.id != known.id:
        if request.method == "POST":
            return redirect(url_for(".sign_in", next=request.path), 303)
        return show("accounts/invitation_known.html", form, invitation=found, role=role_name(found.role), stranger=me)
    if form.validate_on_submit():
        person = staffing.accept_invitation(token, None, now=now())
        if sessions.mine().ended_at is not None:  # with a new role one signs in anew
            flash(_("Thank you, %(name)s. The invitation is accepted. Sign in once more.", name=person.name))
            return redirect(url_for(".sign_in"), 303)
        flash(_("Thank you, %(name)s. The invitation is accepted.", name=person.name))
        return redirect(_onward(person, ""), 303)
    return show("accounts/invitation_known.html", form, invitation=found, role=role_name(found.role), stranger=None)


@door.after_request
def keep_nowhere(response: Response) -> Response:
    """Addresses, codes and invitations stand in these pages: no browser or proxy keeps a copy."""
    response.headers["Cache-Control"] = "no-store"
    return response


def show(template: str, form: Form, **context: Any) -> Answer:
    """The page with its form; 422 where something is wrong with what was typed."""
    return render_template(template, form=form, has_errors=bool(form.errors), **context), 422 if form.errors else 200


def refused_for_now(template: str, form: Form, refusal: TooMany, **context: Any) -> Answer:
    """The page with its form and what was typed, and when to come back."""
    form.form_errors = [*form.form_errors, refusal.message]
    page = render_template(template, form=form, has_errors=True, **context)
    return page, 429, {"Retry-After": str(refusal.retry_after)}


def _asked() -> dict[str, Any]:
    ask = session.get("ask")
    return ask if isinstance(ask, dict) else {}


def _holds_live_code(address: str) -> bool:
    """Whether this browser has asked for that address before, and its code can still be typed."""
    ask = _asked()
    same = rules.canonical(str(ask.get("address", ""))) == rules.canonical(address)
    return same and queries.is_code_live(str(ask["token"]), now())


def _recent(key: str, seconds: int) -> dict[str, Any]:
    """What the cookie remembers under `key`, unless that is too old."""
    kept = session.get(key)
    if not isinstance(kept, dict) or now().timestamp() - int(kept.get("at", 0)) > seconds:
        return {}
    return kept


def _onward(person: Person, target: str) -> str:
    """Where somebody wanted to go, else the own home."""
    if target:
        return safe_next(target)
    if person.role == "helper":
        return f"/{current()}/staff/check-in/"
    return f"/{current()}/staff/" if person.is_staff else f"/{current()}/me/"

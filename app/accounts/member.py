"""The own account: details, address, password, second factor, sessions."""

from __future__ import annotations

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

from app.accounts import limits, queries, rules, service, sessions
from app.accounts import second_factor as factor
from app.accounts.forms import (
    AddressForm,
    CodeForm,
    DetailsForm,
    NewPasswordForm,
    SecondFactorForm,
)
from app.accounts.public import refused_for_now, show
from app.audit.service import person as actor
from app.clock import now
from app.crypto import decrypt, encrypt
from app.errors import Missing, Refused, TooMany
from app.languages import gettext as _
from app.web import Door, safe_next

door = Door(__name__, "/me/account")


@door.route("", methods=["GET", "POST"])
def account() -> Answer:
    """Everything about oneself on one page; what proves who one is has pages of its own."""
    me = sessions.me()
    mine, asked = queries.places_of(me, now().date())
    form = DetailsForm(obj=me, kind=me.kind or "", zone_now=me.zone, organisation=str(asked.organisation_id) if asked else "")
    if mine is not None:
        del form.organisation
    if form.validate_on_submit():
        try:
            service.change_details(me, form.details(), by=actor(me), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Your details are saved."))
            return redirect(url_for(".account", lang=me.lang), 303)
    found = [(row, rules.browser(row.agent)) for row in queries.sessions_of(me.id, now())]
    return show("accounts/account.html", form, me=me, affiliation=mine, sessions=found, this=sessions.mine().id)


@door.post("/sessions/<int:sign_in_id>/end")
def end_session(sign_in_id: int) -> Answer:
    """Signs another device out."""
    service.end_session(sessions.me(), sign_in_id, now=now())
    flash(_("That device is signed out."))
    return redirect(url_for(".account", _anchor="sessions"), 303)


@door.post("/sessions/end-others")
def end_others() -> Answer:
    """Signs every other device out."""
    service.end_all(sessions.me().id, now(), but=sessions.mine().id)
    flash(_("All other devices are signed out."))
    return redirect(url_for(".account", _anchor="sessions"), 303)


def _once_more() -> Answer | None:
    """Sends somebody whose sign-in is not fresh to sign in again: an open browser must not give an account away."""
    if sessions.is_fresh(now()):
        return None
    flash(_("Sign in once more, so that we know that it is still you."), "warning")
    return redirect(url_for("accounts_public.sign_in", next=request.path), 303)


@door.route("/password", methods=["GET", "POST"])
def password() -> Answer:
    """Sets or changes the password."""
    if answer := _once_more():
        return answer
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            service.set_password(sessions.me(), form.password.data or "", session_id=sessions.mine().id, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Your password is set. Your other devices are signed out."))
            return redirect(url_for(".account"), 303)
    return show("accounts/new_password.html", form, me=sessions.me(), least=rules.PASSWORD_LEAST)


@door.route("/address", methods=["GET", "POST"])
def address() -> Answer:
    """Asks for the new address and sends a code there."""
    if answer := _once_more():
        return answer
    form = AddressForm()
    if form.validate_on_submit():
        wanted = form.address.data or ""
        try:
            limits.for_network(request.remote_addr, now())
            limits.for_mail(wanted, request.remote_addr, now())
            token = service.start_address_change(sessions.me(), wanted, minutes=_minutes(), now=now())
        except TooMany as refusal:
            return refused_for_now("accounts/address.html", form, refusal)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            session["move"] = {"token": token, "address": wanted}
            return redirect(url_for(".address_code"), 303)
    return show("accounts/address.html", form)


@door.route("/address/code", methods=["GET", "POST"])
def address_code() -> Answer:
    """Takes the code that went to the new address."""
    move = session.get("move")
    if not isinstance(move, dict):
        return redirect(url_for(".address"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        try:
            mine = sessions.mine().id
            service.finish_address_change(sessions.me(), move["address"], move["token"], form.code.data or "", session_id=mine, now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            session.pop("move")
            limits.give_back(request.remote_addr, 1, now())
            flash(_("Your address is changed. We have told the old one."))
            return redirect(url_for(".account"), 303)
    return show("accounts/address_code.html", form, address=move["address"], minutes=_minutes())


@door.route("/second-factor", methods=["GET", "POST"])
def second_factor() -> Answer:
    """Sets the second factor up, or says how it stands."""
    if answer := _once_more():
        return answer
    me = sessions.me()
    target = request.args.get("next", "")
    form = SecondFactorForm()
    if me.totp_secret is not None:
        return show("accounts/second_factor.html", form, left=queries.recovery_codes_left(me.id))
    secret = _pending() or _begin()
    if form.validate_on_submit():
        try:
            limits.for_second_factor(me.id, now())
            codes = factor.set_up(me, secret, form.code.data or "", session_id=sessions.mine().id, now=now())
        except TooMany as refusal:
            return refused_for_now("accounts/second_factor_set_up.html", form, refusal, secret=secret, target=target)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            sessions.start(me, second_factor=True, at=now())
            onward = safe_next(target) if target else url_for(".account")
            return render_template("accounts/recovery_codes.html", codes=codes, onward=onward)
    return show("accounts/second_factor_set_up.html", form, secret=secret, target=target)


@door.get("/second-factor/code.svg")
def picture() -> Answer:
    """The QR code of the secret that is being set up, for the authenticator app."""
    secret = _pending()
    if not secret or sessions.me().totp_secret is not None:
        raise Missing
    response = Response(factor.picture_of(secret, sessions.me()), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@door.post("/second-factor/recovery-codes")
def recovery_codes() -> Answer:
    """New recovery codes, shown this once."""
    me = sessions.me()
    if answer := _once_more():
        return answer
    if me.totp_secret is None:
        raise Missing
    codes = factor.renew_recovery_codes(me, now=now())
    return render_template("accounts/recovery_codes.html", codes=codes, onward=url_for(".account"))


@door.post("/second-factor/off")
def second_factor_off() -> Answer:
    """Takes the second factor away; staff then set up a new one before anything else."""
    me = sessions.me()
    if answer := _once_more():
        return answer
    if me.totp_secret is None:
        raise Missing
    factor.turn_off(me, by=actor(me), now=now(), session_id=sessions.mine().id)
    sessions.start(me, second_factor=False, at=now())
    flash(_("The second factor is off."))
    return redirect(url_for(".second_factor" if me.role else ".account"), 303)


def _begin() -> str:
    secret = factor.new_secret()
    session["totp"] = encrypt(secret.encode()).decode()
    return secret


def _pending() -> str:
    """The secret that is being set up; it lies sealed in the cookie until a code proves that the app has it."""
    sealed = session.get("totp")
    return decrypt(sealed.encode()).decode() if isinstance(sealed, str) else ""


def _minutes() -> int:
    return int(current_app.config["CONFIG"].number("code_minutes"))

"""Reports of non-delivery as servers write them, in their documented form; nobody in them is real."""

from __future__ import annotations

from collections.abc import Callable

from app.outbox.models import Message

AT = "Mon, 3 Mar 2025 13:00:05 +0100"


def crlf(text: str) -> bytes:
    """The bytes as they go over the wire."""
    return text.lstrip("\n").replace("\n", "\r\n").encode()


def headers_of(message: Message) -> str:
    """The first headers of our mail, as servers return them."""
    return "\n".join(
        (
            "From: ICLD <partnership@icld.se>",
            f"To: {message.recipient}",
            "Subject: =?utf-8?q?P=C3=A5minnelse=3A_J=C3=A4mst=C3=A4lld_budget?=",
            f"Message-ID: {message.message_id}",
            "Auto-Submitted: auto-generated",
            f"X-Outbox-Id: {message.id}",
        )
    )


def postfix(message: Message, number: int = 1, *, action: str = "failed", status: str = "5.1.1", words: str = "") -> bytes:
    """Postfix: multipart/report with the headers, or the whole mail, behind it."""
    words = words or f"550 5.1.1 <{message.recipient}>: Recipient address rejected:\n    User unknown in virtual mailbox table"
    return crlf(f"""
Return-Path: <>
Received: by mx.icld.example (Postfix) id 4Z6Q{number}; {AT}
Date: {AT}
From: MAILER-DAEMON@mx.icld.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: partnership@icld.se
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4Z6Q.1741003205/mx.icld.example"
Content-Transfer-Encoding: 8bit
Message-Id: <2025030312.4Z6Q{number}@mx.icld.example>

This is a MIME-encapsulated message.

--4Z6Q.1741003205/mx.icld.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

--4Z6Q.1741003205/mx.icld.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.icld.example
X-Postfix-Queue-ID: 4Z6Q
X-Postfix-Sender: rfc822; partnership@icld.se
Arrival-Date: {AT}

Final-Recipient: rfc822; {message.recipient}
Original-Recipient: rfc822;{message.recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.there.example
Diagnostic-Code: smtp; {words}

--4Z6Q.1741003205/mx.icld.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 8bit

{headers_of(message)}

--4Z6Q.1741003205/mx.icld.example--
""")


def exim(message: Message) -> bytes:
    """Exim before 4.82, and after it without bounce_return_message: words alone, and a copy of the mail."""
    return crlf(f"""
Return-path: <>
Envelope-to: partnership@icld.se
X-Failed-Recipients: {message.recipient}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@exim.icld.example>
To: partnership@icld.se
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1tp7Xy-0001Ab-2C@exim.icld.example>
Date: {AT}

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {message.recipient}
    host mail.there.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<{message.recipient}>:
    550 No such user here

------ This is a copy of the message, including all the headers. ------

Return-path: <partnership@icld.se>
{headers_of(message)}

Hej!
""")


def exchange(message: Message) -> bytes:
    """Exchange Online: HTML first, then the report, then the mail."""
    return crlf(f"""
From: postmaster@there.example
To: partnership@icld.se
Date: {AT}
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="c74a6e2b-cfd7-4d9f-a62f-2c80cd8f6baa"
Content-Language: en-US
Message-ID: <d8e3b1c6-0a37-4f58-97d4-ad8e@PR0P264MB.prod.outlook.example>
In-Reply-To: {message.message_id}
References: {message.message_id}
Subject: Undeliverable: Reminder
Auto-Submitted: auto-replied
MIME-Version: 1.0

--c74a6e2b-cfd7-4d9f-a62f-2c80cd8f6baa
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="inner"

--inner
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Your message couldn't be delivered. reader1 wasn't found at there.example.

--inner
Content-Type: text/html; charset="us-ascii"

<html><body><p>Your message couldn't be delivered.</p></body></html>

--inner--

--c74a6e2b-cfd7-4d9f-a62f-2c80cd8f6baa
Content-Type: message/delivery-status

Reporting-MTA: dns;PR0P264MB.prod.outlook.example
Received-From-MTA: dns;mx.icld.example
Arrival-Date: {AT}

Final-Recipient: rfc822;{message.recipient}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {message.recipient} not found by SMTP address lookup
X-Display-Name: Reader

--c74a6e2b-cfd7-4d9f-a62f-2c80cd8f6baa
Content-Type: message/rfc822

Received: from mx.icld.example by PR0P264MB.prod.outlook.example; {AT}
{headers_of(message)}
MIME-Version: 1.0
Content-Type: text/plain

Hej!

--c74a6e2b-cfd7-4d9f-a62f-2c80cd8f6baa--
""")


def gmail(message: Message) -> bytes:
    """Gmail: related parts with a picture, the report, and the mail; a full mailbox."""
    return crlf(f"""
Return-Path: <>
To: partnership@icld.se
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {message.message_id}
In-Reply-To: {message.message_id}
X-Failed-Recipients: {message.recipient}
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
Message-ID: <67c5a3f5.050a0220.1c@mx.google.example>
Date: {AT}
Content-Type: multipart/report; boundary="000000000000a1b2c3"; report-type=delivery-status

--000000000000a1b2c3
Content-Type: multipart/related; boundary="000000000000d4e5f6"

--000000000000d4e5f6
Content-Type: text/plain; charset="UTF-8"

** Message not delivered **

--000000000000d4e5f6
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--000000000000d4e5f6--
--000000000000a1b2c3
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Received-From-MTA: dns; partnership@icld.se
Arrival-Date: {AT}
X-Original-Message-ID: {message.message_id}

Final-Recipient: rfc822; {message.recipient}
Action: failed
Status: 5.2.2
Remote-MTA: dns; mail.there.example
Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach is over quota.
 552 5.2.2 Please direct the recipient to free some space.
Last-Attempt-Date: {AT}

--000000000000a1b2c3
Content-Type: message/rfc822

{headers_of(message)}
Content-Type: text/plain

Hej!

--000000000000a1b2c3--
""")


def qmail(message: Message) -> bytes:
    """qmail: words alone (QSBMF)."""
    return crlf(f"""
Return-Path: <>
Date: {AT}
From: MAILER-DAEMON@qmail.icld.example
To: partnership@icld.se
Subject: failure notice

Hi. This is the qmail-send program at qmail.icld.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{message.recipient}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <partnership@icld.se>
{headers_of(message)}

Hej!
""")


SERVERS: dict[str, tuple[Callable[[Message], bytes], str, str]] = {  # name -> (maker, status, part of the words)
    "Postfix": (postfix, "5.1.1", "Recipient address rejected: User unknown in virtual mailbox table"),
    "Exim": (exim, "", "550 No such user here"),
    "Exchange": (exchange, "5.1.10", "RESOLVER.ADR.RecipientNotFound"),
    "Gmail": (gmail, "5.2.2", "over quota. 552 5.2.2 Please direct the recipient to free some space."),
    "qmail": (qmail, "5.1.1", "Sorry, no mailbox here by that name."),
}

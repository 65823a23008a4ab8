"""A small but real IMAP server over TLS, for the commands that we use; it keeps what it was told."""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast


@dataclass
class Folder:
    """Mails by their number, which ones were read, and the lines that came over the wire."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    validity: int = 7
    password: str = "secret of the mailbox"
    hang_up_at: str = ""  # the command at which the line breaks
    refuse: str = ""  # the command that is answered with NO


class Talk(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self) -> None:
        """Line by line until LOGOUT."""
        self.folder: Folder = cast("Server", self.server).folder
        self.say(b"* OK [CAPABILITY IMAP4rev1] here")
        while line := self.rfile.readline().decode():
            tag, _space, words = line.strip().partition(" ")
            name = words.upper().split(" ")[1] if words.upper().startswith("UID") else words.upper().split(" ")[0]
            self.folder.said.append(words)
            if name == self.folder.hang_up_at:
                return
            if name == self.folder.refuse:
                self.say(f"{tag} NO not today".encode())
                continue
            answer = getattr(self, f"do_{name.lower()}", self.do_unknown)(words)
            self.say(f"{tag} {answer}".encode())
            if name == "LOGOUT":
                return

    def say(self, line: bytes) -> None:
        """One line."""
        self.wfile.write(line + b"\r\n")

    def do_capability(self, _words: str) -> str:
        """What we speak."""
        self.say(b"* CAPABILITY IMAP4rev1")
        return "OK done"

    def do_login(self, words: str) -> str:
        """The password is asked for."""
        return "OK done" if words.endswith(f'"{self.folder.password}"') else "NO [AUTHENTICATIONFAILED] who are you"

    def do_select(self, words: str) -> str:
        """INBOX is all there is."""
        if words.split(" ", 1)[1] != '"INBOX"':
            return "NO no such folder"
        self.say(f"* {len(self.folder.mails)} EXISTS".encode())
        self.say(f"* OK [UIDVALIDITY {self.folder.validity}] valid".encode())
        return "OK [READ-WRITE] selected"

    def do_search(self, words: str) -> str:
        """UID n:*, which names the last mail in any case."""
        found = re.search(r"UID (\d+):\*$", words)
        assert found is not None
        first = min(int(found[1]), max(self.folder.mails, default=0))
        self.say(f"* SEARCH {' '.join(str(uid) for uid in sorted(self.folder.mails) if uid >= first)}".encode())
        return "OK done"

    def do_fetch(self, words: str) -> str:
        """The first so many bytes; a mail that is gone answers nothing."""
        found = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", words)
        assert found is not None
        raw = self.folder.mails.get(int(found[1]))
        if raw is not None:
            raw = raw[: int(found[2])]
            self.say(f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(raw)}}}".encode())
            self.wfile.write(raw)
            self.say(b")")
        return "OK done"

    def do_store(self, words: str) -> str:
        """Read by now."""
        self.folder.seen.add(int(words.split(" ")[2]))
        return "OK done"

    def do_logout(self, _words: str) -> str:
        """Goodbye."""
        self.say(b"* BYE")
        return "OK done"

    def do_unknown(self, words: str) -> str:
        """Whatever else."""
        return f"BAD {words.split(' ', maxsplit=1)[0]}"


class Server(socketserver.ThreadingTCPServer):
    """On a port of its own."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, folder: Folder, context: ssl.SSLContext) -> None:
        self.folder = folder
        super().__init__(("127.0.0.1", 0), Talk)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust us hangs up."""


@contextmanager
def imap(folder: Folder, context: ssl.SSLContext) -> Iterator[int]:
    """Such a server with this folder; its port."""
    with Server(folder, context) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join(10)

"""What all apps of one test process share, for each test makes its own: the addresses and the templates, compiled once."""

from __future__ import annotations

from types import CodeType, MethodType
from typing import ClassVar

import werkzeug.routing
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache


def compile_once() -> None:
    """Uses the two places that Flask has for this; every app made from now on is compiled as usual, but only the first time."""
    Flask.url_rule_class = Rule
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}


class Rule(werkzeug.routing.Rule):
    """An address. Nine tenths of what an app costs is compiling these: 66 ms of 70."""

    first: ClassVar[dict[tuple[object, ...], Rule]] = {}
    made: ClassVar[tuple[str, ...]] = ("arguments", "_parts", "_trace", "_converters")
    bound: ClassVar[tuple[str, ...]] = ("_build", "_build_unknown")

    def compile(self) -> None:
        """Takes over what an equal address of an earlier app was compiled to."""
        known = self.first.setdefault(self._words(), self)
        if known is self:
            super().compile()
            return
        for name in self.made:
            setattr(self, name, getattr(known, name))
        for name in self.bound:
            setattr(self, name, MethodType(getattr(known, name).__func__, self))

    def _words(self) -> tuple[object, ...]:
        """All that the compiler reads."""
        assert self.map is not None
        kinds = tuple(self.map.converters.items())
        return (self.rule, self.host, self.subdomain, repr(self.defaults), self.merge_slashes, self.map.host_matching, kinds)


class Templates(BytecodeCache):
    """The code of a template, by its name and its source."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Nothing at the first time."""
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps it for the next app."""
        if bucket.code is not None:
            self.codes[bucket.key, bucket.checksum] = bucket.code

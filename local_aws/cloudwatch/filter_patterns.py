"""Filter patterns for JSON lines, as metric filters have them.

Source: "Filter pattern syntax for metric filters" (CloudWatch Logs User Guide). What
is understood: ``{ $.a.b = "text" }``, ``!=``, comparisons with numbers, ``*`` within a
text, ``IS NULL``, ``EXISTS``, ``&&``, ``||`` and parentheses. Everything else is
refused, so that no pattern seems to match.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Matcher = Callable[[Any], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<sign>&&|\|\||[()]|!=|>=|<=|=|>|<)"
    r'|"(?P<text>(?:[^"\\]|\\.)*)"'
    r"|(?P<path>\$(?:\.\w+|\[\d+\])+)"
    r"|(?P<word>[A-Za-z0-9_.*-]+))"
)
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_MISSING = object()


class UnknownPattern(Exception):
    """A pattern that AWS or the embedded AWS does not understand."""


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that tells whether a line matches a pattern.

    Raises UnknownPattern.
    """
    inner = pattern.strip()
    if not inner.startswith("{") or not inner.endswith("}"):
        raise UnknownPattern(pattern)
    parser = _Parser(inner[1:-1], pattern)
    matches = parser.parsed()

    def matches_line(line: str) -> bool:
        try:
            read = json.loads(line)
        except ValueError:
            return False
        return isinstance(read, Mapping) and matches(read)

    return matches_line


class _Parser:
    """A parser of one pattern: || binds less than &&."""

    def __init__(self, text: str, pattern: str) -> None:
        self._pattern = pattern
        self._tokens: list[tuple[str, str]] = []
        at, text = 0, text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None or found.lastgroup is None:
                raise UnknownPattern(pattern)
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    def parsed(self) -> Matcher:
        matches = self._any()
        if self._tokens:
            raise UnknownPattern(self._pattern)
        return matches

    def _any(self) -> Matcher:
        parts = [self._all()]
        while self._accept("||"):
            parts.append(self._all())
        return lambda line: any(part(line) for part in parts)

    def _all(self) -> Matcher:
        parts = [self._one()]
        while self._accept("&&"):
            parts.append(self._one())
        return lambda line: all(part(line) for part in parts)

    def _one(self) -> Matcher:
        if self._accept("("):
            inside = self._any()
            if not self._accept(")"):
                raise UnknownPattern(self._pattern)
            return inside
        path = self._next("path")
        if self._accept("IS", "word"):
            if not self._accept("NULL", "word"):
                raise UnknownPattern(self._pattern)
            return lambda line: _at(line, path) is None
        if self._accept("EXISTS", "word"):
            return lambda line: _at(line, path) is not _MISSING
        sign = self._next("sign")
        kind, wanted = self._tokens.pop(0) if self._tokens else ("", "")
        if sign in _ORDERS:
            return self._ordered(path, _ORDERS[sign], kind, wanted)
        if sign not in ("=", "!=") or kind not in ("text", "word"):
            raise UnknownPattern(self._pattern)
        return lambda line: _is(_at(line, path), wanted) == (sign == "=")

    def _ordered(
        self,
        path: str,
        compare: Callable[[float, float], bool],
        kind: str,
        wanted: str,
    ) -> Matcher:
        try:
            number = float(wanted)
        except ValueError:
            raise UnknownPattern(self._pattern) from None
        if kind != "word":
            raise UnknownPattern(self._pattern)

        def matches(line: Any) -> bool:
            value = _at(line, path)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return is_number and compare(value, number)

        return matches

    def _accept(self, value: str, kind: str = "sign") -> bool:
        if self._tokens and self._tokens[0] == (kind, value):
            self._tokens.pop(0)
            return True
        return False

    def _next(self, kind: str) -> str:
        if not self._tokens or self._tokens[0][0] != kind:
            raise UnknownPattern(self._pattern)
        return self._tokens.pop(0)[1]


def _at(line: Any, path: str) -> Any:
    value = line
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        if name and isinstance(value, Mapping) and name in value:
            value = value[name]
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return _MISSING
    return value


def _is(value: Any, wanted: str) -> bool:
    if value is _MISSING or value is None or isinstance(value, Mapping | list):
        return False
    if isinstance(value, bool):
        return wanted == str(value).upper()
    if isinstance(value, int | float):
        try:
            return value == float(wanted)
        except ValueError:
            return False
    literal = re.sub(r"([?\[])", r"[\1]", wanted)
    return fnmatchcase(value, literal)

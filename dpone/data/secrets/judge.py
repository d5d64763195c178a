"""What makes a key secret and what makes a value safe: the two questions every pass asks."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

REDACTED = "[REDACTED]"

_ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "secretkey",
    "accountkey",
    "sharedkey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "storagekey",
    "fernetkey",
    "authkey",
    "licensekey",
    "credential",
    "credentials",
    "authorization",
)
_HARMLESS_ENDINGS = (
    "pagetoken",
    "nexttoken",
    "continuationtoken",
    "cancellationtoken",
    "canceltoken",
    "synctoken",
    "resumetoken",
    "requesttoken",
    "idempotencytoken",
    "imagepullsecret",
)
# What may follow the telling word without changing its meaning: db_password_prod, token2.
_QUALIFIER_WORDS = (
    "prod production staging stage dev development test qa uat live old new current primary secondary "
    "default value literal plain plaintext raw b64 base64 backup main"
)
_QUALIFIERS = frozenset(_QUALIFIER_WORDS.split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")

PASSWORD_ENDINGS = ("password", "passwd", "passphrase", "passcode", "pwd", "pass", "secret")


@lru_cache(maxsize=4096)
def secret_key(key: str) -> str:
    """The telling word of a key whose value must be a secret (`password`, `token`, …), else empty.

    The end of the key decides: `db_password` and `PGPASSWORD` are, `password_env`, `token_budget`
    and `foreign_key` are not.
    """
    words = [word.lower() for part in _SEPARATORS.split(key) for word in _WORD.findall(part)]
    while len(words) > 1 and (words[-1] in _QUALIFIERS or words[-1].isdigit()):
        words.pop()
    squashed = "".join(words)
    if squashed.endswith(_HARMLESS_ENDINGS):
        return ""
    if words and words[-1] == "pass":
        return "pass"
    return next((ending for ending in _ENDINGS if squashed.endswith(ending)), "")


_REFERENCE = re.compile(
    r"\$\{[A-Za-z_][A-Za-z0-9_.]*(?::?\?[^{}]*|:?-)?\}"  # ${NAME}, ${NAME:?message}, ${NAME:-}
    r"|\$\{\{\s*[A-Za-z_][A-Za-z0-9_.\-]*\s*\}\}"  # GitHub expression
    r"|\{\{\s*[A-Za-z_][A-Za-z0-9_.\-]*\s*\}\}"  # Jinja, Helm
    r"|\{\{\s*(?:env_var|var|env)\(\s*['\"][A-Za-z0-9_.\-]+['\"]\s*\)\s*\}\}"  # dbt
    r"|%\([A-Za-z0-9_]+\)s"
    r"|\[REDACTED\]"
)
_WHOLE_REFERENCE = re.compile(
    r"\$[A-Z_][A-Z0-9_]*"  # $NAME
    r"|\$_*[A-Za-z]+[0-9]{0,2}(?:_[A-Za-z]*[0-9]{0,2})*"  # $name_2, no letters and digits at random
    r"|\$\([^()]*\)"
    r"|env:[A-Za-z_][A-Za-z0-9_]*"
    r"|vault:[A-Za-z0-9_./:-]+(?:#[A-Za-z0-9_.-]+)?"
    r"|airflow:[A-Za-z0-9_.:/-]+"
)
_MASK = re.compile(
    r"\*+|[xX]{3,}|\.{3,}|…|-+|_+|•+|<[A-Za-z][A-Za-z0-9 _.-]*>|\[(?:MASKED|FILTERED|REMOVED|HIDDEN)\]|REDACTED"
)
_NOTHING = frozenset({"", "null", "none", "nil", "~", "true", "false", "undefined", "yes", "no"})
_ALNUM = re.compile(r"[^\W_]")
_CODE = re.compile(r"(?:os\.environ|os\.getenv|getenv|env_var|System\.getenv|process\.env)\b")


def is_reference(value: str) -> bool:
    """Whether `value` is no secret itself: empty, a mask, or made of references only.

    A default inside a reference (``${NAME:-literal}``) is a literal.
    """
    text = value.strip()
    if text.lower() in _NOTHING or _MASK.fullmatch(text) or _WHOLE_REFERENCE.fullmatch(text):
        return True
    rest, found = _REFERENCE.subn("", text)
    return bool(found) and not _ALNUM.search(rest)


def is_code(value: str) -> bool:
    """Whether an unquoted value reads the secret from the environment."""
    return bool(_CODE.match(value))


_PROSE_WORDS = (
    "required optional missing invalid expired wrong incorrect unset set changed empty redacted masked "
    "hidden str string text ok absent present unknown disabled enabled accepted rejected refreshed "
    "rotated inherit"
)
_PROSE = frozenset(_PROSE_WORDS.split())
# Compiled on first use: few texts need it, and every gate imports this.
_SENTENCE = (
    r"(?:must|should|shall|may|might|can|cannot|could|will|would|is|are|was|were|has|have|had|be|been|does|do|did|not"
    r"|the|a|an|your|this|that|these|those|its|their|our|every|each|any|all|some|at|and|or|for|of|to|in|on|by|with"
    r"|from|if|when|where|which|who|how|as|it|we|you|they|please|see|use|used|uses|using|read|taken|set|name|given)"
    r"[ \t]+[A-Za-z0-9(\"'`]"
)
_OUTCOMES = frozenset(
    {"passed", "pass", "failed", "fail", "error", "errored", "warn", "skipped", "success", "good", "bad"}
)
_PLACEHOLDER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_.]*\}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def is_prose(value: str, rest_of_line: str) -> bool:
    """Whether what follows ``key: `` without quotes is a sentence or a word about the key."""
    return value.lower().rstrip(".,;!") in _PROSE or bool(re.match(_SENTENCE, rest_of_line, re.IGNORECASE))


def is_name(word: str, value: str) -> bool:
    """Whether a value in text is about the secret: a placeholder, the variable that holds it, or an
    outcome under ``pass``."""
    if _PLACEHOLDER.fullmatch(value):
        return True
    if word == "pass":
        return value.lower() in _OUTCOMES or value.isdigit()
    return bool(_VARIABLE.fullmatch(value) and secret_key(value))


_GENERIC = frozenset({"key", "keys", "auth", "cred", "creds", "cookie", "session"})
_PUBLIC_WORDS = (
    "public foreign primary unique partition sort cache business natural surrogate composite join cluster "
    "object hash md5 sha sha1 sha256 sha512 digest checksum fingerprint id ids uuid ulid name path file "
    "url uri type"
)
_PUBLIC = frozenset(_PUBLIC_WORDS.split())
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9+/_=.~-]{20,512}")


@lru_cache(maxsize=4096)
def generic_key(key: str) -> bool:
    """Whether a key may hold a secret, so that a random-looking value under it is one."""
    words = {word.lower() for part in _SEPARATORS.split(key) for word in _WORD.findall(part)}
    return bool(words & _GENERIC) and not words & _PUBLIC


def looks_random(value: str) -> bool:
    """Whether `value` is one long run of mixed characters with the entropy of a generated secret."""
    if not _TOKEN_LIKE.fullmatch(value) or value.isalpha() or value.isdigit():
        return False
    if not re.search(r"[A-Za-z]", value) or not re.search(r"[0-9]", value):
        return False
    hexadecimal = re.fullmatch(r"[0-9a-fA-F]+", value) is not None
    return entropy(value) >= (3.0 if hexadecimal else 3.7)


def entropy(value: str) -> float:
    """Shannon entropy of the characters of `value`, in bits a character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())

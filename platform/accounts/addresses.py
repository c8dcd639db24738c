"""The one form in which an address is written, compared and kept. Pure.

Small letters of ASCII and nothing else: there Python, SQLite and PostgreSQL agree on what is equal. Unicode's
compatibility forms are folded into it (full-width letters, ſ, the Kelvin sign); a local part that is still not
ASCII (ı, İ) is refused, and a domain beyond ASCII is kept as DNS knows it (`xn--…`).
"""

import re
import unicodedata

UNREADABLE = "This is no address we can write to: letters and digits of English, one @, and a domain."
LONGEST = 254
# Domains with these are other ones today than for the older programs that carry mail (IDNA 2003 and 2008).
READ_IN_TWO_WAYS = "ßẞς\u200c\u200d"
ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# No quotes: "ann"@example.org is another spelling of ann@example.org.
FORM = re.compile(rf"{ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*", re.ASCII)


def normal(text: str) -> str:
    """Raises ValueError, with a sentence, for what cannot be written in that form."""
    if len(text) > LONGEST:
        raise ValueError(UNREADABLE)
    local, _, domain = unicodedata.normalize("NFKC", text.strip()).rpartition("@")
    if any(letter in domain for letter in READ_IN_TWO_WAYS):
        raise ValueError(UNREADABLE)
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii')}".lower()
    except UnicodeError as error:
        raise ValueError(UNREADABLE) from error
    if len(address) > LONGEST or not FORM.fullmatch(address):
        raise ValueError(UNREADABLE)
    return address

"""The one form in which a password is set and checked. Pure.

The same keys give other code points on another keyboard or system: é in one piece or two, a space that does not
break, full-width letters. Folded as NIST SP 800-63B has it (NFKC), and every kind of space is a space (RFC 8265).
"""

import unicodedata

# A longer one is taken as it is: some characters grow eighteenfold when folded.
LONGEST = 1000


def normal(text: str) -> str:
    if len(text) > LONGEST:
        return text
    spaced = "".join(" " if unicodedata.category(letter) == "Zs" else letter for letter in text)
    return unicodedata.normalize("NFKC", spaced)

"""The reference: what Python's own json module makes of a document.

Reads batches from standard input: the number of documents, and each document behind its length; numbers are four
bytes, little-endian. Answers each document with a byte: 0 for a refusal; or 1, and the canonical text twice, in
ASCII and in raw UTF-8, each behind its length.

Python's reader accepts more than a signed request may hold. What it lets pass is refused here by looking at the
document itself, so that a member which a later one of the same name replaces is checked too.
"""

import json
import math
import re
import struct
import sys

MAX_DEPTH = 128
MAX_INTEGER_DIGITS = 4300

# In a document that Python has accepted, a backslash begins an escape and stands in a string.
PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
SURROGATE = r"\\u[dD][89a-fA-F]"
ESCAPES = re.compile(rf"{PAIR}|({SURROGATE})|\\.")
STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


def no_constant(name):
    raise ValueError(name)


def finite(text):
    number = float(text)
    if math.isinf(number):
        raise ValueError("overflow")
    return number


def has_lone_surrogate(text):
    return "\\u" in text and any(escape[1] for escape in ESCAPES.finditer(text))


def is_too_deep(text):
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for bracket in re.findall(r"[][{}]", STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def canonical(document):
    """The two canonical texts; raises ValueError or RecursionError for a document that is refused."""
    text = document.decode("utf-8")
    value = json.loads(text, parse_constant=no_constant, parse_float=finite)
    if is_too_deep(text) or has_lone_surrogate(text):
        raise ValueError("strictness")
    style = {"separators": (",", ":"), "sort_keys": True, "allow_nan": False}
    ascii_text = json.dumps(value, **style)
    raw_text = json.dumps(value, ensure_ascii=False, **style)
    return ascii_text.encode("ascii"), raw_text.encode("utf-8")


def answer(document):
    try:
        ascii_text, raw_text = canonical(document)
    except (ValueError, RecursionError):
        return b"\0"
    return b"".join(
        (
            b"\1",
            struct.pack("<I", len(ascii_text)),
            ascii_text,
            struct.pack("<I", len(raw_text)),
            raw_text,
        )
    )


def main():
    # The default, said aloud: an environment variable could have changed it. Older versions have no limit.
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(MAX_INTEGER_DIGITS)
    else:
        sys.exit("Python 3.11 or later is needed: it limits the digits of an integer")
    read, write = sys.stdin.buffer.read, sys.stdout.buffer.write
    while header := read(4):
        (count,) = struct.unpack("<I", header)
        for _ in range(count):
            (length,) = struct.unpack("<I", read(4))
            write(answer(read(length)))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

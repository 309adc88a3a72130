"""What a password has to be: long enough, not one that everybody knows, not one's own name or number.

Owns the rule and its words. Hashing (argon2) is Flask-Security's.
"""

from __future__ import annotations

import re

from flask_babel import gettext as _

from admin.widgets import current

LONG = 12  # from here on one kind of character will do
LONGEST = 128
KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
RUNS = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_KNOWN = """
password password1 password123 passw0rd p@ssw0rd p@ssword admin admin123 admin888 administrator root123 qwerty123
qwerty12 1q2w3e4r 1qaz2wsx q1w2e3r4 a1234567 a12345678 a123456789 abc12345 abc123456 abcd1234 aa123456 aa123123
woaini123 woaini520 woaini1314 5201314a iloveyou iloveyou1 linli123 linli2026 welcome1 letmein1 test1234
zhang123 wang1234 li123456 1314520a qq123456 asd12345 zxc12345 zaq12wsx
"""
KNOWN = frozenset(_KNOWN.split())


def problem(password: str, *own: str) -> str:
    """Why a password is refused, '' when it is taken. `own`: the person's names and numbers."""
    shortest = current.engine().settings.password_length
    plain = password.casefold()
    if len(password) < shortest:
        return _("密码至少 %(n)d 位。", n=shortest)
    if len(password) > LONGEST:
        return _("密码最多 %(n)d 位。", n=LONGEST)
    if plain in KNOWN or len(set(plain)) < 4 or any(plain in run * 2 for run in RUNS):
        return _("这个密码太常见，请换一个。")
    if len(password) < LONG and sum(bool(re.search(kind, password)) for kind in KINDS) < 2:
        return _("不足 %(n)d 位的密码要有两种字符（字母、数字、符号）。", n=LONG)
    if any(len(one) >= 3 and one.casefold() in plain for one in own):
        return _("密码里不能有自己的姓名、工作名或手机号。")
    return ""

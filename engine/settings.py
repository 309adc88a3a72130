"""What an operator sets from outside: environment variables `LINLI_*`, each with a default that works.

Owns their names, defaults and checks, and the secret key's file. Reads the environment once, when asked; nothing else
in the project reads it. A bad value, or a misspelt name, raises InvalidSetting. Documented one by one in
docs/operator/settings.md (a test compares).
"""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import InvalidSetting

PREFIX = "LINLI_"
TEST_PREFIX = "LINLI_TEST_"  # the test suite's own variables are none of ours
SCHEMES = ("sqlite", "postgresql", "postgres", "postgresql+pool", "postgres+pool")
SECURITY = ("none", "starttls", "tls")


def _switch(text: str) -> bool:
    value = text.strip().lower()
    if value in ("1", "on", "yes", "true"):
        return True
    if value in ("0", "off", "no", "false", ""):
        return False
    raise ValueError(f"{text!r} is neither on nor off")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(f"{value} is not between {low} and {high}")
        return value

    return parse


def _seconds(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise ValueError(f"{value} is not between {low} and {high}")
        return value

    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return parse


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{text!r} is not a time zone") from error
    return text


def _database(text: str) -> str:
    scheme = urlsplit(text).scheme
    if scheme not in SCHEMES:
        raise ValueError(f"the address starts with {scheme or text}, not sqlite:/// or postgresql://")
    if scheme == "sqlite" and not urlsplit(text).path.strip("/"):
        raise ValueError("the address names no file")
    return text


def _web_address(text: str) -> str:
    if text and urlsplit(text).scheme not in ("http", "https"):
        raise ValueError(f"{text!r} does not start with http:// or https://")
    return text.rstrip("/")


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    if (
        text
        and parts.scheme != "https"
        and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1"))
    ):
        raise ValueError(f"{text!r} does not start with https://")
    return text.rstrip("/")


def _openid(text: str) -> str:
    if "openid" not in text.split():
        raise ValueError(f"{text!r} lacks openid")
    return text


def _quiet_hours(text: str) -> str:
    start, dash, end = text.partition("-")
    if text and not (dash and _hour(start) and _hour(end)):
        raise ValueError(f"{text!r} is not like 22:00-07:00")
    return text


def _hour(text: str) -> str:
    hour, _, minute = text.partition(":")
    if len(text) != 5 or not (hour + minute).isdecimal() or int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{text!r} is not like 08:00")
    return text


def _text(text: str) -> str:
    return text


def _setting(default: Any, parse: Callable[[str], Any] = _text, secret: bool = False) -> Any:
    return field(default=default, metadata={"parse": parse}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """One value for each variable: `port` is LINLI_PORT. Times in seconds, sizes in megabytes."""

    database: str = _setting("sqlite:///linli.db", _database)
    data: str = _setting("")  # '' = see `folder`
    host: str = _setting("127.0.0.1")
    port: int = _setting(8000, _whole(1, 65535))
    address: str = _setting("", _web_address)  # what links and QR codes start with; '' = where it is served
    secure: bool = _setting(False, _switch)
    workers: int = _setting(1, _whole(1, 64))
    threads: int = _setting(8, _whole(1, 256))
    secret_key: str = _setting("", secret=True)
    lock_tries: int = _setting(6, _whole(2, 100))
    lock_minutes: int = _setting(15, _whole(1, 1440))
    password_length: int = _setting(8, _whole(8, 64))
    session_days: int = _setting(30, _whole(1, 365))
    oidc_issuer: str = _setting("", _issuer)  # '' = no sign-in by OpenID Connect
    oidc_client: str = _setting("")
    oidc_secret: str = _setting("", secret=True)  # '' = a public client, PKCE alone
    oidc_claim: str = _setting("preferred_username")
    oidc_field: str = _setting("login", _one_of("login", "mobile"))
    oidc_scope: str = _setting("openid profile", _openid)
    oidc_title: str = _setting("")  # on the button; '' = the provider's host
    oidc_second: bool = _setting(True, _switch)
    scheduler: bool = _setting(True, _switch)
    tick: float = _setting(1.0, _seconds(0.05, 3600))
    zone: str = _setting("Asia/Shanghai", _zone)
    locale: str = _setting("zh", _one_of("zh", "en"))
    demo: bool = _setting(True, _switch)
    upload_limit: int = _setting(20, _whole(1, 1024))
    scan: str = _setting("")  # command that looks for viruses; '' = none
    pdf_font: str = _setting("")  # file of a font with Chinese; '' = one of the usual places
    upload_hours: int = _setting(24, _whole(1, 8760))
    retain_days: int = _setting(0, _whole(0, 36_500))  # 0 = finished cases stay for ever
    retain_archive: bool = _setting(True, _switch)
    trace_days: int = _setting(0, _whole(0, 36_500))  # 0 = traces stay for ever
    smtp_host: str = _setting("")  # '' = mail goes to files
    smtp_port: int = _setting(587, _whole(1, 65535))
    smtp_security: str = _setting("starttls", _one_of(*SECURITY))
    smtp_user: str = _setting("")
    smtp_password: str = _setting("", secret=True)
    mail_from: str = _setting("linli@localhost")
    quiet: str = _setting("", _quiet_hours)  # local hours in which no letter leaves; '' = none
    digest: str = _setting("08:00", _hour)  # local time at which daily digests leave
    send_attempts: int = _setting(8, _whole(1, 100))
    send_timeout: float = _setting(20.0, _seconds(0.1, 600))

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            written = ("on" if value else "off") if isinstance(value, bool) else str(value)
            object.__setattr__(self, one.name, _parsed(one, written))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """Settings of `LINLI_*` variables; `given` wins. InvalidSetting names a variable that is unknown or bad."""
        environment = os.environ if environment is None else environment
        names = {variable(one.name): one for one in fields(cls)}
        values: dict[str, Any] = {}
        for name, text in environment.items():
            if not name.startswith(PREFIX) or name.startswith(TEST_PREFIX):
                continue
            if name not in names:
                raise InvalidSetting(name=name, reason=_unknown(name, names))
            values[names[name].name] = _parsed(names[name], text)
        return cls(**{**values, **given})

    @property
    def timezone(self) -> ZoneInfo:
        """The zone shown when a unit has none of its own."""
        return ZoneInfo(self.zone)

    @property
    def folder(self) -> Path:
        """Where everything lives that is not in the database: LINLI_DATA, else `var` beside the SQLite file or here."""
        if self.data:
            return Path(self.data).absolute()
        return (database_file(self.database) or Path("linli.db").absolute()).parent / "var"

    @property
    def files(self) -> Path:
        """Uploaded files."""
        return self.folder / "files"

    @property
    def archive(self) -> Path | None:
        """Where finished cases are kept when they leave the database; None = nowhere."""
        return self.folder / "archive" if self.retain_archive else None

    @property
    def mail_folder(self) -> Path:
        """Where mail is written as .eml files while no SMTP server is set."""
        return self.folder / "mail"

    def secret(self) -> str:
        """The key that signs sessions: LINLI_SECRET_KEY, else one made once and kept, private, in `secret.key`."""
        return self.secret_key or _kept_secret(self.folder / "secret.key")


def variable(name: str) -> str:
    """Environment name of a setting: `port` -> LINLI_PORT."""
    return PREFIX + name.upper()


def database_file(url: str) -> Path | None:
    """The file of a SQLite address (relative paths from the working folder); None for any other database."""
    parts = urlsplit(url)
    if parts.scheme != "sqlite":
        return None
    return Path(unquote(parts.path[1:] if parts.path.startswith("/") else parts.path)).absolute()


def _parsed(one: Any, text: str) -> Any:
    try:
        return one.metadata["parse"](text)
    except ValueError as error:
        raise InvalidSetting(name=variable(one.name), reason=str(error)) from error


def _unknown(name: str, names: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")


def _kept_secret(path: Path) -> str:
    """Read the key, making it first if need be; linking a finished file keeps two starting processes on one key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its key is the key
        finally:
            draft.unlink()
    key = path.read_text().strip()
    if len(key) < 32:
        raise InvalidSetting(
            name=variable("secret_key"), reason=f"the file {path} holds no key; delete it to get a new one"
        )
    return key

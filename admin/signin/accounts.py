"""Linli's people as Flask-Security sees them: an adapter, because there is no ORM session here.

Owns the way from a sign-in name, a mobile number or a session to a person. Every read and write goes through
`engine.people`; roles and permissions stay there too (Flask-Security's own are not used).
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, cast

from flask_security import RoleMixin, UserDatastore, UserMixin

from admin.signin import browsers
from admin.widgets import current
from engine.records import Person, SignIn


class Role(RoleMixin):
    """Unused: permissions are Linli's own."""

    name = ""


class Account(UserMixin):
    """A person who may sign in. The session's id changes with the password, so changing it ends every other session."""

    roles: list[RoleMixin] = []

    def __init__(self, person: Person | SignIn) -> None:
        self.person = person
        self.login = person.login
        self.mobile = person.mobile
        self.email = person.email
        self.password = person.password
        self.active = person.active and person.status != "left"

    @property
    def fs_uniquifier(self) -> str:  # type: ignore[override]
        """What the session holds: the login and a digest of what must not have changed since."""
        seal = hmac.new(self.person.fs_uniquifier.encode(), self.person.password.encode(), hashlib.sha256)
        return f"{self.login}:{seal.hexdigest()[:32]}"

    def calc_username(self) -> str:
        """What Flask-Security calls this person in its answers."""
        return self.login


class Accounts(UserDatastore):
    """Finds people; writes nothing but a password."""

    def __init__(self) -> None:
        super().__init__(Account, Role)

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Account | None:
        """The account of a `fs_uniquifier` (a session's id), else of a login or mobile number."""
        name, value = kwargs.popitem()
        if name == "fs_uniquifier":
            return self._of_session(str(value))
        person = current.engine().people.find(str(value))
        return Account(person) if person else None

    def _of_session(self, value: str) -> Account | None:
        person = current.engine().people.sign_in(value.partition(":")[0])
        account = Account(person) if person else None
        if account is None or not hmac.compare_digest(account.fs_uniquifier, value):
            return None
        return account if browsers.alive(account.login) else None

    def find_role(self, role: str) -> None:
        return None

    def put(self, model: Any) -> Any:
        """Save the password (Flask-Security re-hashes an old one after a good sign-in)."""
        account = cast(Account, model)
        if account.password != account.person.password:
            account.person = set_password_hash(account.login, str(account.password))
        return account

    def commit(self) -> None:
        """Nothing is held back: every write commits by itself."""

    def delete(self, model: Any) -> None:
        """People are never deleted by signing; they leave (`status`)."""
        raise NotImplementedError("people are not deleted: set their status to left")


def set_password_hash(login: str, hashed: str) -> Person:
    """Store a hash made by `flask_security.hash_password`; the person as saved."""
    return current.engine().people.put(login=login, password=hashed)

"""The text of cases, found by any part of it of two characters or more, Chinese too.

Owns how text is cut (`grams`: pairs of neighbouring letters, in small letters), the tables behind it and their SQL, and
the tests that a screen's query uses: `matching` of a town's cases, `saying` of the few of one person. Pairs narrow the
search by an index, the text itself decides. What is read from a case is `commands.reading`'s. A case that waits to be
read is found by its title and number.
"""

from __future__ import annotations

from collections.abc import Sequence

from peewee import SQL, Field, NodeList

from engine.store.database import Store

LONGEST = 2000  # letters of a case that are searched
WORDS = 8  # of a search that are looked at
WAITING = 1000  # cases that wait to be read whose titles are looked at, the newest: after a restore all of them wait


def grams(text: str) -> set[str]:
    """Pairs of neighbouring letters or digits."""
    return {word[at : at + 2] for word in letters(text).split() for at in range(len(word) - 1)}


def letters(text: str) -> str:
    """Small letters and digits, anything between them as one space."""
    return " ".join("".join(one if one.isalnum() else " " for one in text.lower()).split())


def due(store: Store, limit: int) -> list[int]:
    """Cases that wait to be read, which another process does not read now; they wait no longer when the transaction
    that is open ends well."""
    picked = "select instance from search_due order by instance limit ?"
    picked += " for update skip locked" if store.postgres else ""
    ids = [row[0] for row in store.sql(picked, [limit]).fetchall()]
    if ids:
        store.sql(f"delete from search_due where instance in ({', '.join('?' * len(ids))})", ids)
    return ids


def read_again(store: Store, instance: int) -> None:
    """Let the tick read a case again. Runs in the transaction that is open."""
    store.sql("insert into search_due(instance) values (?) on conflict do nothing", [instance])


def forget(store: Store, instance: int) -> None:
    """A case says nothing, until it is read again. Runs in the transaction that is open."""
    row = "rowid" if not store.postgres else "instance"
    for table, key in (("case_text", "instance"), ("case_grams", row)):
        store.sql(f"delete from {table} where {key} = ?", [instance])


def keep(store: Store, instance: int, text: str) -> None:
    """What a case says from now on. Runs in the transaction that is open."""
    body = letters(text)[:LONGEST]
    row = "rowid" if not store.postgres else "instance"
    forget(store, instance)
    store.sql("insert into case_text(instance, body) values (?, ?)", [instance, body])
    found = sorted(grams(body))
    held = found if store.postgres else " ".join(found)
    store.sql(f"insert into case_grams({row}, grams) values (?, ?)", [instance, held])


def matching(store: Store, text: str) -> SQL | None:
    """A list of case ids as SQL: `Item.instance.in_(matching(...))`. Every word of the text must occur. None when the
    text has no word of two letters: there is no index for it."""
    words = _words(text)
    if not words:
        return None
    pairs = sorted({pair for word in words for pair in grams(word)})
    inside, given = _inside(store, pairs)
    newest = f"select instance from search_due order by instance desc limit {WAITING}"
    waits = f"select i.id from ({newest}) d join instance i on i.id = d.instance where ({_titled(words)})"
    found = (
        f"(select t.instance from case_text t where t.instance in ({inside}) and {_holds(store, words)} union {waits})"
    )
    return _sql(store, found, [*given, *words, *_named(words, text)])


def saying(store: Store, case: Field, text: str) -> NodeList | None:
    """The test that the case of a row (`case`: the column that holds its id) says every word of the text, asked row by
    row: for lists that an index has cut to one person's, however many cases of the town say it. None as `matching`."""
    words = _words(text)
    if not words:
        return None
    said = f"and {_holds(store, words)}) or exists (select 1 from instance i where i.id ="
    return NodeList(
        (
            SQL("(exists (select 1 from case_text t where t.instance ="),
            case,
            _sql(store, said, words),
            case,
            _sql(store, f"and ({_titled(words)})))", _named(words, text)),
        )
    )


def _words(text: str) -> list[str]:
    return [word for word in letters(text).split() if len(word) > 1][:WORDS]


def _holds(store: Store, words: Sequence[str]) -> str:
    place = "strpos" if store.postgres else "instr"
    return " and ".join(f"{place}(t.body, ?) > 0" for _ in words)


def _titled(words: Sequence[str]) -> str:
    return " and ".join(["lower(i.title) like ?"] * len(words)) + " or i.business_key = ?"


def _named(words: Sequence[str], text: str) -> list[str]:
    return [*(f"%{word}%" for word in words), text.strip()]


def _sql(store: Store, text: str, values: Sequence[object]) -> SQL:
    return SQL(text.replace("?", "%s") if store.postgres else text, values)


def _inside(store: Store, pairs: Sequence[str]) -> tuple[str, list[object]]:
    if store.postgres:
        return "select g.instance from case_grams g where g.grams @> ?::text[]", [list(pairs)]
    match = " AND ".join(f'"{pair}"' for pair in pairs)
    return "select g.rowid from case_grams g where g.case_grams match ?", [match]

"""Settings: defaults work, bad values are refused by name, each is documented, the secret is kept and private."""

from __future__ import annotations

import re
import stat
import threading
from dataclasses import fields
from pathlib import Path

import pytest

from engine.errors import InvalidSetting
from engine.settings import Settings, database_file, variable

DOCUMENT = Path(__file__).parents[2] / "docs/operator/settings.md"


def test_defaults_need_no_environment() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.database, settings.port, settings.demo) == ("sqlite:///linli.db", 8000, True)


def test_environment_sets_and_arguments_win() -> None:
    settings = Settings.from_environment({"LINLI_PORT": "8123", "LINLI_DEMO": "off", "PATH": "/bin"}, port=9000)
    assert (settings.port, settings.demo) == (9000, False)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("LINLI_PORT", "http", "invalid literal"),
        ("LINLI_PORT", "70000", "not between 1 and 65535"),
        ("LINLI_TICK", "0", "not between"),
        ("LINLI_TICK", "nan", "not between"),
        ("LINLI_DEMO", "maybe", "neither on nor off"),
        ("LINLI_ZONE", "Asia/Atlantis", "not a time zone"),
        ("LINLI_ZONE", "../etc/passwd", "not a time zone"),
        ("LINLI_LOCALE", "fr", "none of zh, en"),
        ("LINLI_DATABASE", "mysql://x/y", "starts with mysql"),
        ("LINLI_DATABASE", "linli.db", "not sqlite:///"),
        ("LINLI_DATABASE", "sqlite:///", "names no file"),
        ("LINLI_ADDRESS", "linli.example.cn", "does not start with http"),
        ("LINLI_SMTP_SECURITY", "ssl", "none of"),
    ],
)
def test_a_bad_value_is_refused_and_named(name: str, value: str, reason: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        Settings.from_environment({name: value})
    assert caught.value.details["name"] == name
    assert reason in caught.value.details["reason"]


def test_a_bad_argument_is_refused_like_a_bad_variable() -> None:
    with pytest.raises(InvalidSetting):
        Settings(port=0)


def test_a_misspelt_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidSetting, match="did you mean LINLI_PORT"):
        Settings.from_environment({"LINLI_PROT": "8000"})


def test_the_suites_own_variables_are_left_alone() -> None:
    assert Settings.from_environment({"LINLI_TEST_POSTGRES": "x"}) == Settings()


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(LINLI_\w+)` \| ?(.*?) ?\|", DOCUMENT.read_text(), re.M))
    expected = {}
    for one in fields(Settings):
        value = getattr(Settings(), one.name)
        written = ("on" if value else "off") if isinstance(value, bool) else str(value)
        expected[variable(one.name)] = f"`{written}`" if written else ""
    assert rows == expected


def test_passwords_and_keys_are_not_printed() -> None:
    settings = Settings(secret_key="k" * 40, smtp_password="geheim")
    assert "kkkk" not in repr(settings)
    assert "geheim" not in repr(settings)


def test_the_data_folder_is_beside_the_database(tmp_path: Path) -> None:
    assert Settings(database=f"sqlite:///{tmp_path}/a.db").folder == tmp_path / "var"
    assert Settings(database="postgresql://localhost/x").folder == Path.cwd() / "var"
    assert Settings(data=str(tmp_path / "elsewhere")).mail_folder == tmp_path / "elsewhere" / "mail"
    assert database_file("postgresql://localhost/x") is None


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/a.db")
    first = settings.secret()
    assert len(first) >= 32
    assert settings.secret() == first
    assert stat.S_IMODE((tmp_path / "var" / "secret.key").stat().st_mode) == 0o600
    assert [p.name for p in (tmp_path / "var").iterdir()] == ["secret.key"]
    assert Settings(secret_key="given" * 8).secret() == "given" * 8


def test_processes_that_start_together_use_one_secret(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/a.db")
    seen: list[str] = []
    starts = threading.Barrier(8)

    def start() -> None:
        starts.wait()
        seen.append(settings.secret())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_an_empty_secret_file_is_an_error_not_an_empty_key(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(InvalidSetting, match="holds no key"):
        Settings(data=str(tmp_path)).secret()

"""The profile: a small TOML file that says which column of a file is what in the ledger."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from o2c_core.errors import NotFound
from o2c_core.imports.mapping import Check, ProfileBroken, Record, read_record

__all__ = ["Profile", "ProfileBroken", "ProfileUnknown", "load_profile", "read_profile", "shipped_profiles"]


class ProfileUnknown(NotFound):
    """There is no profile by that name."""


@dataclass(frozen=True)
class Profile:
    """A whole profile; `records` are read in their order."""

    name: str
    title: str
    records: tuple[Record, ...]
    formats: tuple[str, ...] = ("csv", "xlsx")
    delimiter: str | None = None
    decimal: str | None = None
    days: str | None = None
    sheet: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    seller: Mapping[str, Any] | None = None
    walk_in: Mapping[str, str] = field(default_factory=lambda: {"ref": "walk-in", "name": "Walk-in customer"})
    countries: Mapping[str, str] = field(default_factory=dict)


def shipped_profiles() -> list[str]:
    """The names of the profiles that come with Parley."""
    folder = files("o2c_core.imports.profiles")
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_profile(name_or_path: str) -> Profile:
    """A shipped profile by its name, or one of your own by the path of its TOML file.

    Raises: ProfileUnknown; ProfileBroken.
    """
    name = name_or_path.replace("-", "_")
    return read_profile(_tables(name_or_path), name if name in shipped_profiles() else Path(name_or_path).stem)


def _tables(name_or_path: str) -> dict[str, Any]:
    name = name_or_path.replace("-", "_")
    if name in shipped_profiles():
        text = files("o2c_core.imports.profiles").joinpath(f"{name}.toml").read_text("utf-8")
    else:
        path = Path(name_or_path)
        if not path.is_file():
            known = ", ".join(shipped_profiles())
            raise ProfileUnknown(
                f"There is no profile '{name_or_path}'; there are {known}, or give the path of a TOML file.",
                name=name_or_path,
            )
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as odd:
            raise ProfileBroken(f"The profile {path.name} cannot be read as text.", why=repr(odd)) from odd
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as odd:
        raise ProfileBroken(f"The profile {name_or_path} is not proper TOML: {odd}.") from odd
    if "extends" in tables:
        origin = str(tables.pop("extends"))
        if origin.replace("-", "_") not in shipped_profiles():
            raise ProfileBroken(f"The profile {name_or_path} extends '{origin}', which does not come with Parley.")
        return _over(_tables(origin), tables)
    return tables


def _over(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = dict(under)
    for key, value in over.items():
        mine = both.get(key)
        both[key] = _over(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return both


def read_profile(tables: Mapping[str, Any], name: str) -> Profile:
    """The profile in TOML's tables, with everything it says checked.

    Raises: ProfileBroken.
    """
    check = Check(name)
    check.names("the profile", tables, ("title", "file", "defaults", "seller", "walk_in", "countries", "records"))
    file = check.table(tables, "file")
    check.names("[file]", file, ("formats", "delimiter", "decimal", "days", "sheet"))
    check.one_of("decimal", file.get("decimal"), (None, ".", ","))
    days = file.get("days")
    if days is not None and "%" not in str(days):
        check.one_of("days", days, ("day first", "month first"))
    formats = tuple(file.get("formats", ("csv", "xlsx")))
    for form in formats:
        check.one_of("formats", form, ("csv", "xlsx", "json"))
    defaults = check.table(tables, "defaults")
    check.names("[defaults]", defaults, ("terms_days", "currency", "language", "country", "kind"))
    check.values("[defaults]", defaults)
    seller = tables.get("seller")
    if seller is not None:
        _check_seller(check, seller)
    records = tables.get("records")
    if not isinstance(records, list) or not records:
        raise check.broken("it has no [[records]]")
    walk_in = {"ref": "walk-in", "name": "Walk-in customer"} | check.table(tables, "walk_in")
    check.names("[walk_in]", walk_in, ("ref", "name"))
    return Profile(
        name=name,
        title=str(tables.get("title", name)),
        records=tuple(read_record(check, record) for record in records),
        formats=formats,
        delimiter=file.get("delimiter"),
        decimal=file.get("decimal"),
        days=days,
        sheet=file.get("sheet"),
        defaults=defaults,
        seller=seller,
        walk_in=walk_in,
        countries={str(said).casefold(): str(code) for said, code in check.table(tables, "countries").items()},
    )


def _check_seller(check: Check, seller: Mapping[str, Any]) -> None:
    needed = ("name", "country", "currency", "language", "time_zone")
    optional = (
        "payment_terms_days", "email", "phone", "street", "postcode", "city", "vat_number", "company_number",
        "account_holder", "iban", "bic",
    )  # fmt: skip
    check.names("[seller]", seller, needed + optional)
    for key in needed:
        if not isinstance(seller.get(key), str):
            raise check.broken(f"its [seller] needs {key}")
    check.values("[seller]", seller)

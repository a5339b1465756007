"""Which column of this very file is which field, and whether a profile fits a file at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from o2c_core.errors import Refused
from o2c_core.imports.mapping import REQUIRED, Field, Record
from o2c_core.imports.profile import Profile, load_profile, shipped_profiles
from o2c_core.imports.source import Source

Get = Callable[[Mapping[str, Any]], Any]


class ProfileDoesNotFit(Refused):
    """That profile does not fit that file."""


class NoProfileFits(Refused):
    """None of the profiles fits the file, or more than one does; say which with --profile."""


def plain(name: str) -> str:
    """A column's name without what people vary: case, spaces, points, dashes."""
    return re.sub(r"[^\w/]+|_", "", name.casefold())


class Binding:
    """The fields of one part of a record, tied to columns. What the file has no column for, `get` gives None for."""

    def __init__(self, fields: Mapping[str, Field], columns: Sequence[str]) -> None:
        known = {plain(column): column for column in reversed(columns)}
        self.columns: dict[str, str] = {}
        self.fields = fields
        for name, field in fields.items():
            column = next((known[plain(alias)] for alias in field.columns if plain(alias) in known), None)
            if column is not None:
                self.columns[name] = column
        self._known = known

    def has(self, name: str) -> bool:
        """Whether the field gets a value from this file, or from the profile itself."""
        return name in self.columns or (name in self.fields and self.fields[name].is_given)

    def label(self, name: str) -> str:
        """What the person who made the file calls the field."""
        return self.columns.get(name, name)

    def getter(self, name: str) -> Get | None:
        """How to find the field's cell in a row; None when neither file nor profile says anything about it."""
        field = self.fields.get(name)
        if field is None or not self.has(name):
            return None
        get = self._found(name, field)
        values, default = field.values, field.default
        if not values and default is None:
            return get

        def get_said(row: Mapping[str, Any]) -> Any:
            raw = get(row)
            if raw is None or raw == "":
                return default
            return values.get(str(raw).strip().casefold(), raw) if values else raw

        return get_said

    def _found(self, name: str, field: Field) -> Get:
        column = self.columns.get(name)
        if column is None:
            return _filled(field.text, self._known) if field.text is not None else lambda _row: None
        if column == ".":
            return lambda row: row["."]
        return _at(column)


def _at(column: str) -> Get:
    """The cell of that name, or what lies at the path of that name inside a JSON object."""
    if "." not in column:
        return lambda row: row.get(column)
    parts = column.split(".")

    def get_inside(row: Mapping[str, Any]) -> Any:
        if column in row:
            return row[column]
        inside: Any = row
        for part in parts:
            inside = inside.get(part) if isinstance(inside, dict) else None
        return inside

    return get_inside


def _filled(text: str, known: Mapping[str, str]) -> Get:
    """The text with every {name} in it replaced by that column's cell; nothing when all of them are empty."""
    names = re.findall(r"{([^{}]+)}", text)
    # {ref} is the customer's number as it was read, not a column that happens to be called so.
    cells = [(name, _at(name if name == "ref" else known.get(plain(name), name))) for name in names]

    def get_filled(row: Mapping[str, Any]) -> Any:
        found = {name: get(row) for name, get in cells}
        if names and not any(found.values()):
            return None
        return re.sub(r"{([^{}]+)}", lambda slot: str(found[slot[1]] or ""), text).strip()

    return get_filled


def missing_fields(record: Record, columns: Sequence[str]) -> list[str]:
    """What the record needs and these columns do not give, each with the column names that would do."""
    binding = Binding(record.fields, columns)
    lines = Binding(record.lines.fields, columns) if record.lines is not None else Binding({}, ())
    missing = [_wanted(name, record.fields[name]) for name in REQUIRED[record.kind] if not binding.has(name)]
    if record.lines is not None and record.lines.path is not None:
        if record.lines.path.split(".")[0] not in columns:
            missing.append(f"lines ({record.lines.path})")
    elif record.kind == "invoice" and not (has_lines(record, lines) or binding.has("total") or binding.has("net")):
        wanted = record.fields.get("total") or record.fields.get("net")
        missing.append(
            _wanted("total", wanted) if wanted else "amounts (lines with quantity and unit_price, or amount)"
        )
    elif record.kind == "order" and not has_lines(record, lines):
        missing.append("lines (an article or a description)")
    if record.kind == "payment" and not (binding.has("customer") or binding.has("invoices")):
        missing.append("customer or invoices")
    return missing


def has_lines(record: Record, lines: Binding) -> bool:
    """Whether each row of a table is a line of its document: it has what a line is worth, or what was ordered."""
    if record.lines is None:
        return False
    if record.kind == "order":
        return lines.has("sku") or lines.has("description")
    return lines.has("amount") or (lines.has("quantity") and lines.has("unit_price"))


def _wanted(name: str, field: Field) -> str:
    columns = ", ".join(f"'{column}'" for column in field.columns[:4])
    more = " …" if len(field.columns) > 4 else ""
    return f"{name} ({columns}{more})" if columns else name


def check_fit(profile: Profile, source: Source, file: str) -> None:
    """Raises: ProfileDoesNotFit, with the columns that are missing and those that were found."""
    if source.format not in profile.formats:
        wanted = " or ".join(form.upper() for form in profile.formats)
        raise ProfileDoesNotFit(f"The profile '{profile.name}' reads {wanted}, and {file} is {source.format.upper()}.")
    for record in profile.records:
        columns = source.columns(record.path)
        missing = missing_fields(record, columns) if columns else [f"anything at '{record.path or 'its top'}'"]
        if missing:
            found = ", ".join((columns or source.outline())[:30]) or "none"
            raise ProfileDoesNotFit(
                f"The profile '{profile.name}' does not fit {file}: it misses {'; '.join(missing)}; found are {found}.",
                profile=profile.name,
                file=file,
            )


def guess_profile(source: Source, file: str) -> Profile:
    """The shipped profile that fits the file. Where several fit, the one that uses all columns the others use and more.

    Raises: NoProfileFits.
    """
    fitting: list[tuple[Profile, set[str]]] = []
    for name in shipped_profiles():
        profile = load_profile(name)
        try:
            check_fit(profile, source, file)
        except ProfileDoesNotFit:
            continue
        fitting.append((profile, _used(profile, source)))
    best = [profile for profile, used in fitting if all(used > less for other, less in fitting if other is not profile)]
    if len(best) == 1:
        return best[0]
    if fitting:
        names = " and ".join(profile.name for profile, _ in fitting)
        raise NoProfileFits(f"The profiles {names} all fit {file}; say which one with --profile.")
    found = ", ".join(source.outline()[:30])
    raise NoProfileFits(f"No profile fits {file}, whose columns are {found}; write one and name it with --profile.")


def _used(profile: Profile, source: Source) -> set[str]:
    used: set[str] = set()
    for record in profile.records:
        columns = source.columns(record.path)
        parts = [record.fields]
        if record.new_customer is not None and Binding(record.new_customer, columns).has("name"):
            parts.append(record.new_customer)
        parts += [part.fields for part in (record.lines, record.shipments) if part is not None and part.path is None]
        for fields in parts:
            used |= {f"{record.path}/{column}" for column in Binding(fields, columns).columns.values()}
    return used

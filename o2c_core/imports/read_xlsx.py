"""Excel workbooks: the first sheet, or the one the profile names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from o2c_core.imports.encoding import FileEmpty, FileUnreadable
from o2c_core.imports.workbook import check_workbook


class XlsxSource:
    """Rows of one sheet with a header line; numbers, days and texts arrive as such."""

    format = "xlsx"

    def __init__(self, path: Path, sheet: str | None) -> None:
        self.remarks: list[str] = []
        check_workbook(path)
        try:
            workbook = CalamineWorkbook.from_path(str(path))
            names = workbook.sheet_names
            if sheet is not None and sheet not in names:
                raise FileUnreadable(f"{path.name} has no sheet '{sheet}'; it has {', '.join(names)}.")
            if sheet is None and len(names) > 1:
                self.remarks.append(f"of the sheets {', '.join(names)} only the first was read")
            self._sheet: CalamineSheet = workbook.get_sheet_by_name(sheet or names[0])
        except PasswordError as locked:
            raise FileUnreadable(f"{path.name} is locked with a password.") from locked
        except (CalamineError, IndexError, OSError) as odd:
            raise FileUnreadable(
                f"{path.name} is not a workbook that can be read: it is damaged or something else."
            ) from odd
        self.total: int | None = self._sheet.total_height
        # Rows above and columns left of the first filled cell are not counted by calamine's iterator.
        self._first = (self._sheet.start or (0, 0))[0] + 1
        header = next(iter(self._sheet.iter_rows()), None)
        if header is None or not any(str(name).strip() for name in header):
            raise FileEmpty(f"{path.name} is empty.", path=str(path))
        self._header = [str(name).strip() for name in header]

    def columns(self, path: str | None) -> list[str]:  # noqa: ARG002 (a table has one kind of row)
        return [name for name in self._header if name]

    def outline(self) -> list[str]:
        return self.columns(None)

    def rows(self, path: str | None, refuse: Callable[[int, str], None]) -> Iterator[tuple[int, dict[str, Any]]]:  # noqa: ARG002
        for number, cells in enumerate(self._sheet.iter_rows(), self._first):
            if number > self._first and any(cell not in ("", None) for cell in cells):
                yield (
                    number,
                    {
                        name: None if cell == "" else cell
                        for name, cell in zip(self._header, cells, strict=False)
                        if name
                    },
                )

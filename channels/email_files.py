"""Which files that came with a mail are kept, and what they really are."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable

import puremagic

from channels.email_parts import Piece
from o2c_core.conversations.heard import HeardFile

FILE_BYTES_MAX = 10 * 1024 * 1024
ALL_BYTES_MAX = 25 * 1024 * 1024
FILES_MAX = 20
NAME_SIGNS_MAX = 120
_HEAD_BYTES = 65_536
_ZIP_NAMES_MAX = 2_000

TOO_LARGE = "It is larger than 10 MB."
TOO_MUCH = "Together the files are larger than 25 MB."
TOO_MANY = "More than 20 files came with this message."
RUNS = "A file of this kind can run on a computer."
IS_PAGE = "A page or drawing of this kind can carry script."
HIDES = "It is an archive that cannot be looked into."
HOLDS = "It is an archive with a file in it that can run on a computer."
HAS_MACROS = "It carries macros."


def _endings_named(names: str) -> frozenset[str]:
    return frozenset(names.split())


_RUNNING_NAMES = _endings_named(
    "exe com scr pif bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta msi msp msc cpl dll sys drv lnk reg inf url "
    "jar class app apk ipa deb rpm dmg pkg sh bash zsh command py pyc pyw pl rb php asp aspx jsp chm iso img vhd vhdx "
    "scf sct application gadget xll one ade adp mde settingcontent-ms library-ms appx msix"
)
_MACRO_NAMES = _endings_named("docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm")
_PAGE_NAMES = _endings_named("html htm xhtml shtml mht mhtml svg svgz xht")
_CLOSED_ARCHIVES = _endings_named("rar 7z gz tgz bz2 xz tar cab ace arj lzh zst z")
_RUNNING_HEADS = (
    b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"L\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"@echo off",
)  # fmt: skip
_CLOSED_HEADS = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF", b"(\xb5/\xfd")
_PAGE_HEAD = re.compile(rb"<(?:!doctype\s+(?:html|svg)|html|svg|script|iframe|body)\b", re.IGNORECASE)
_OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VBA = "_VBA_PROJECT".encode("utf-16-le")
_OFFICE = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_TEXT_TYPES = {"csv": "text/csv", "json": "application/json", "ics": "text/calendar", "vcf": "text/vcard"}
_BY_HEAD = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"), (b"PK\x03\x04", "application/zip"),
)  # fmt: skip


def kept_files(pieces: Iterable[Piece]) -> tuple[HeardFile, ...]:
    """The files in their order; one that is not kept is still named, with the reason."""
    found: list[HeardFile] = []
    total = 0
    for place, piece in enumerate(pieces):
        real, why = real_type(piece.content, piece.name), None
        if len(piece.content) > FILE_BYTES_MAX:
            why = TOO_LARGE
        elif place >= FILES_MAX:
            why = TOO_MANY
        elif total + len(piece.content) > ALL_BYTES_MAX:
            why = TOO_MUCH
        else:
            why = harm_in(piece.content, piece.name)
        if why is None:
            total += len(piece.content)
        found.append(
            HeardFile(
                name=tidy_name(piece.name, place, real),
                media_type=real,
                claimed_type=piece.claimed_type,
                size=len(piece.content),
                checksum=hashlib.sha256(piece.content).hexdigest(),
                content=piece.content if why is None else None,
                refused_why=why,
            )
        )
    return tuple(found)


def harm_in(content: bytes, name: str) -> str | None:
    """Why a file is not kept; what its bytes are counts as much as its name. None for one that may be kept."""
    endings = _endings(name)
    head = content[:_HEAD_BYTES]
    if endings & _RUNNING_NAMES or head.startswith(_RUNNING_HEADS):
        return RUNS
    if endings & _MACRO_NAMES or (head.startswith(_OLE_HEAD) and _VBA in content):
        return HAS_MACROS
    if endings & _PAGE_NAMES or _PAGE_HEAD.search(_opening(head)):
        return IS_PAGE
    if head.startswith(b"PK\x03\x04") or "zip" in endings:
        return _harm_in_zip(content)
    if endings & _CLOSED_ARCHIVES or head.startswith(_CLOSED_HEADS) or head[257:262] == b"ustar":
        return HIDES
    return None


def real_type(content: bytes, name: str) -> str:
    """What the bytes are, whatever the sender called them."""
    head = content[:_HEAD_BYTES]
    for start, kind in _BY_HEAD[:-1]:
        if head.startswith(start):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(content)
    ending = name.rpartition(".")[2].lower()
    if _is_text(head):
        opening = _opening(head).lower()
        if _PAGE_HEAD.search(opening):
            return "image/svg+xml" if b"<svg" in opening else "text/html"
        return "application/xml" if opening.startswith(b"<?xml") else _TEXT_TYPES.get(ending, "text/plain")
    try:
        return str(puremagic.from_string(head, mime=True)) or "application/octet-stream"
    except Exception:
        return "application/octet-stream"


def tidy_name(name: str, place: int, real: str) -> str:
    """The file's name without a path, and without signs that turn it around or cannot be seen."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    tidy = " ".join(re.sub(r'[<>:"|?*]', "_", seen).split()).strip(". ")
    if not tidy:
        return f"file-{place + 1}.{_ending_for(real)}"
    stem, dot, ending = tidy.rpartition(".")
    if len(tidy) > NAME_SIGNS_MAX and dot and len(ending) <= 10:
        return f"{stem[: NAME_SIGNS_MAX - len(ending) - 1]}.{ending}"
    return tidy[:NAME_SIGNS_MAX]


def _harm_in_zip(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.infolist()
    except Exception:
        return HIDES
    if len(inside) > _ZIP_NAMES_MAX or any(one.flag_bits & 0x1 for one in inside):
        return HIDES
    names = [one.filename.lower() for one in inside]
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        return HAS_MACROS
    if any(_endings(name) & (_RUNNING_NAMES | _MACRO_NAMES | _PAGE_NAMES) for name in names):
        # An Office document has pages of XML in it and none of these.
        return HOLDS
    return HIDES if any(_endings(name) & (_CLOSED_ARCHIVES | {"zip"}) for name in names) else None


def _zip_type(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()[:_ZIP_NAMES_MAX]
            if "[Content_Types].xml" in names:
                return next(
                    (kind for start, kind in _OFFICE if any(n.startswith(start) for n in names)), "application/zip"
                )
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return archive.read("mimetype").decode("ascii", "replace").strip()
    except Exception:  # noqa: S110 (a broken archive is an archive)
        pass
    return "application/zip"


def _endings(name: str) -> set[str]:
    """The last two endings: "invoice.exe.pdf" hides one, and so do blanks and signs that turn the reading direction."""
    seen = "".join(sign for sign in name.lower() if unicodedata.category(sign) not in ("Cc", "Cf"))
    return {part.strip(" .") for part in seen.split(".")[1:][-2:]}


def _opening(head: bytes) -> bytes:
    return head[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").replace(b"\x00", b"")


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    try:
        head[:-4].decode("utf-8") if len(head) == _HEAD_BYTES else head.decode("utf-8")
    except UnicodeDecodeError:
        strange = sum(byte < 9 or 13 < byte < 32 for byte in head)
        return strange == 0 and sum(byte > 0x7F for byte in head) * 4 < len(head)
    return True


def _ending_for(real: str) -> str:
    known = {"image/jpeg": "jpg", "text/plain": "txt", "message/rfc822": "eml", "image/svg+xml": "svg"}
    last = known.get(real) or real.rpartition("/")[2]
    return last if re.fullmatch(r"[a-z0-9]{2,5}", last) else "bin"

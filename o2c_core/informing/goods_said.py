"""What a mail says of goods: ordered, on their way, late, and there."""

from __future__ import annotations

from collections.abc import Sequence

from o2c_core.documents.wording import Wording
from o2c_core.informing.figures import Figures
from o2c_core.informing.part import Delayed, Delivered, Goods, OrderConfirmed, Shipped
from o2c_core.informing.section import Section

GOODS_LISTED_MAX = 8


def confirmed_section(one: OrderConfirmed, wording: Wording, figures: Figures) -> Section:
    about = f"order {one.order}"
    details = []
    if one.purchase_order:
        reference = figures.word(f"{about}.purchase_order", one.purchase_order)
        details.append((wording.say("label.reference"), reference))
    if one.expected_on:
        details.append((wording.say("label.expected"), figures.day(f"{about}.expected_on", one.expected_on)))
    details.append((wording.say("label.net"), figures.money(f"{about}.net", one.net)))
    return Section(
        wording.say("order_confirmed.opening", order=figures.word(f"{about}.number", one.order)),
        details=tuple(details),
        items=_goods(one.goods, about, wording, figures),
    )


def _goods(goods: Sequence[Goods], about: str, wording: Wording, figures: Figures) -> tuple[str, ...]:
    listed = goods[:GOODS_LISTED_MAX]
    said = [
        wording.say(
            "mail.goods",
            quantity=figures.quantity(f"{about}.line {at}.quantity", one.quantity),
            name=figures.word(f"{about}.line {at}.name", one.name),
        )
        for at, one in enumerate(listed, 1)
    ]
    more = len(goods) - len(listed)
    if more:
        said.append(wording.say("mail.more_goods", count=figures.count(f"{about}.more", more)))
    return tuple(said)


def shipped_section(group: Sequence[Shipped], wording: Wording, figures: Figures) -> Section:
    first = group[0]
    about = f"order {first.order}"
    order = figures.word(f"{about}.number", first.order)
    rest = (wording.say("shipped.rest"),) if any(one.has_rest for one in group) else ()
    if len(group) == 1:
        return Section(
            wording.say("shipped.opening_one", order=order),
            rest,
            tuple(_parcel(first, wording, figures)),
            items=_goods(first.goods, f"shipment {first.tracking}", wording, figures),
        )
    has_day = any(one.expected_on for one in group)
    columns = [wording.say("label.tracking"), wording.say("label.carrier")]
    rows = []
    for one in group:
        parcel = f"shipment {one.tracking}"
        row = [figures.word(f"{parcel}.tracking", one.tracking), _or_dash(one.carrier, f"{parcel}.carrier", figures)]
        if has_day:
            row.append(figures.short_day(f"{parcel}.expected_on", one.expected_on) if one.expected_on else "–")
        rows.append(tuple(row))
    if has_day:
        columns.append(wording.say("label.expected"))
    opening = wording.say("shipped.opening_many", order=order, count=figures.count(f"{about}.shipments", len(group)))
    return Section(opening, rest, columns=tuple(columns), rows=tuple(rows))


def _or_dash(word: str | None, key: str, figures: Figures) -> str:
    return figures.word(key, word) if word else "–"


def _parcel(one: Shipped, wording: Wording, figures: Figures) -> list[tuple[str, str]]:
    about = f"shipment {one.tracking}"
    details = [(wording.say("label.tracking"), figures.word(f"{about}.tracking", one.tracking))]
    if one.carrier:
        details.append((wording.say("label.carrier"), figures.word(f"{about}.carrier", one.carrier)))
    if one.expected_on:
        details.append((wording.say("label.expected"), figures.day(f"{about}.expected_on", one.expected_on)))
    return details


def late_sentence(one: Delayed, wording: Wording, figures: Figures, group: str) -> str:
    """How an order is late, by what is known: the new day, or that there is none yet."""
    about = f"shipment {one.tracking}" if one.tracking else f"order {one.order}"
    values = {
        "order": figures.word(f"order {one.order}.number", one.order),
        "was": figures.day(f"{about}.was_on", one.was_on),
    }
    if one.now_on:
        return wording.say(f"{group}moved", now=figures.day(f"{about}.expected_on", one.now_on), **values)
    return wording.say(f"{group}{'passed' if one.tracking else 'not_left'}", **values)


def delayed_section(one: Delayed, wording: Wording, figures: Figures) -> Section:
    said = (
        (wording.say("delayed.sorry"),)
        if one.now_on
        else (wording.say("delayed.sorry"), wording.say("delayed.unknown"))
    )
    details = []
    if one.tracking:
        tracking = figures.word(f"shipment {one.tracking}.tracking", one.tracking)
        details.append((wording.say("label.tracking"), tracking))
    return Section(late_sentence(one, wording, figures, "delayed."), said, tuple(details))


def delivered_section(one: Delivered, wording: Wording, figures: Figures) -> Section:
    about = f"shipment {one.tracking}"
    day = figures.day(f"{about}.delivered_on", one.delivered_on)
    return Section(
        wording.say("delivered.opening", order=figures.word(f"order {one.order}.number", one.order), date=day),
        (wording.say("delivered.wrong"),),
        ((wording.say("label.tracking"), figures.word(f"{about}.tracking", one.tracking)),),
    )

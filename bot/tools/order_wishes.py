"""What somebody wants changed about an order, as far as code reads it out of their words; the words themselves count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.desk import Desk
from bot.tools.order_parts import article_of, lines_named, quantity_of
from o2c_core.orders.order import Order

# What a change is about, where no figure says it.
_ADDRESS = re.compile(
    r"\b(?:deliver\w* (?:it )?(?:to|at)|(?:delivery |shipping )?address|ship (?:it )?to|house number"
    r"|(?:aflever|lever|bezorg)?adres|afleveren (?:bij|op|in)|filiaal|vestiging|huisnummer"
    r"|(?:liefer)?(?:adresse|anschrift)|liefern? (?:sie )?(?:an|nach)|filiale|hausnummer"
    r"|adresse(?: de livraison)?|livrer (?:à|a|au|chez)|numéro de rue)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\b(?:colou?r|size|model|instead of|replace|swap|different (?:one|article|item)"
    r"|kleur|maat|uitvoering|vervang\w*|in plaats van|ipv|andere? artikel"
    r"|farbe|größe|groesse|statt|anstelle|ersetz\w*|andere[nrs]? artikel"
    r"|couleur|taille|mod[èe]le|remplac\w*|au lieu de|à la place)\b",
    re.IGNORECASE,
)
_MORE_OR_LESS = re.compile(
    r"\b(?:more|extra|add(?:ed|itional)?|fewer|less|additional|meer|erbij|toevoegen|bij ?doen|minder|eraf|mehr|dazu|zusätzlich\w*"
    r"|hinzu\w*|weniger|de plus|en plus|ajout\w*|moins|rajout\w*)\b",
    re.IGNORECASE,
)
# "Not on the fourteenth" names a day that is not wanted.
_NOT = re.compile(
    r"\b(?:not|no|can't|cannot|closed|niet|geen|dicht|gesloten|nicht|kein\w*|geschlossen|pas|ferm[ée]s?)\b|n't\b",
    re.IGNORECASE,
)
# Words that announce a change without saying which.
_ANNOUNCING = {
    "en": "i we can could you please want would like to need change changes alter amend modify adjust update edit my our the an "
    "a order orders still something make hello hi it is possible this that in for about of id i'd we'd on number no nr ",
    "nl": "ik wij we kan kunnen kunt u je graag wil willen wijzig wijzigen wijziging aanpassen aanpassing veranderen mijn onze "
    "de het een bestelling order nog iets hallo is mogelijk dat deze op van doorgeven aub ",
    "de": "ich wir kann können koennen sie bitte möchte möchten moechte will ändern aendern änderung anpassen meine meinen "
    "meiner unsere unserer die der das eine bestellung auftrag noch etwas geht es möglich an ",
    "fr": "je nous peux peut pouvons pouvez vous voudrais voudrions modifier changer modification ma mon notre la le une "
    "commande encore quelque chose svp s'il plaît est-ce possible bonjour de",
}
_ANNOUNCING_WORDS = frozenset(" ".join(_ANNOUNCING.values()).split())
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def read_wish(desk: Desk, order: Order) -> dict[str, Any]:
    """What code reads out of the wish: the lines, the quantity, the day, and whether it is about address or article.

    Raises: NoSuchLine.
    """
    read: dict[str, Any] = {}
    lines = lines_named(desk, order)
    if lines:
        read["lines"] = [line.position for line in lines]
    days = [said.on for said in desk.mentions.days if said.on >= desk.today]
    if len(set(days)) == 1 and _NOT.search(desk.words) is None:
        read["day"] = days[0].isoformat()
    quantity = _quantity_wanted(desk)
    if quantity is not None:
        read["quantity"] = str(quantity)
        if not lines and len(order.lines) == 1:
            read["lines"] = [order.lines[0].position]
    if desk.mentions.postcodes or _ADDRESS.search(desk.words):
        read["address"] = True
    if quantity is None and _ARTICLE.search(desk.words) and "address" not in read and "day" not in read:
        read["article"] = True
    return read


def _quantity_wanted(desk: Desk) -> Decimal | None:
    """The quantity a line is to have: of "48 instead of 40" the one that is wanted; "five more" says none."""
    wanted = {said.value for said in desk.mentions.quantities if said.kind == "wanted" and said.value > 0}
    return wanted.pop() if len(wanted) == 1 and _MORE_OR_LESS.search(desk.words) is None else None


def says_change(desk: Desk, order: Order, read: Mapping[str, Any]) -> str:
    """What will be asked, as far as it was read; else that their own words are passed on."""
    lines = {line.position: line for line in order.lines}
    named = [lines[position] for position in read.get("lines", ()) if position in lines]
    source = "the customer's words"
    number = desk.facts.text(order.number, f"order {order.number}")
    rows = []
    if "quantity" in read:
        quantity = quantity_of(desk, Decimal(read["quantity"]), source)
        if len(named) == 1:
            was = quantity_of(desk, named[0].quantity, f"order {order.number} line {named[0].position}")
            rows.append(
                desk.say(
                    "order_change.wish_quantity", article=article_of(desk, order, named[0]), quantity=quantity, was=was
                )
            )
        else:
            rows.append(desk.say("order_change.wish_quantity_only", quantity=quantity))
    elif named:
        rows += [desk.say("order_change.wish_line", article=article_of(desk, order, line)) for line in named]
    if "day" in read:
        day = desk.facts.day(date.fromisoformat(read["day"]), source)
        rows.append(desk.say("order_change.wish_day", day=day))
    rows += [desk.say(f"order_change.wish_{what}") for what in ("address", "article") if read.get(what)]
    if not rows:
        return desk.say("order_change.pass_on", number=number)
    return "\n".join([desk.say("order_change.ask_change", number=number), *rows])


_TAKES_OFF = re.compile(
    r"\b(?:take|leave|remove|drop|strike|delete)\b[^.?!]{0,40}\b(?:off|out|from)\b|\b(?:remove|delete)\b"
    r"|\b(?:haal|halen|laat|laten)\b[^.?!]{0,40}\b(?:af|weg|eraf|eruit|uit)\b|\b(?:schrap|verwijder)\w*\b"
    r"|\b(?:nehm\w*|nimm|lass\w*)\b[^.?!]{0,40}\b(?:raus|heraus|weg)\b|\b(?:streich|entfern)\w*\b"
    r"|\b(?:retire|enl[eè]ve|supprime)[rz]?\b",
    re.IGNORECASE,
)


def takes_off(words: str) -> bool:
    """Whether a line is to be left out of the order, and nothing put in its place."""
    return _TAKES_OFF.search(words) is not None


def only_announces(words: str) -> bool:
    """Whether the words say that something is to change, and not what; a number of an order says nothing of it."""
    said = _WORD.findall(words.lower().replace("’", "'"))
    return all(word in _ANNOUNCING_WORDS or any(sign.isdigit() for sign in word) for word in said)

"""What the fictional company sells: catering and household goods, named in each customer's language."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

# Pounds are a price list of their own in a real company; here they follow from the euros at a fixed rate.
_POUNDS_PER_EURO = Decimal("0.86")
_FIVE_PENCE = Decimal("0.05")


@dataclass(frozen=True)
class Article:
    """An article with its list price in euros and its name per language."""

    sku: str
    group: str
    euros: Decimal
    names: dict[str, str]

    def price(self, currency: str) -> Decimal:
        """The price in euros or pounds; pounds in steps of five pence."""
        if currency == "EUR":
            return self.euros
        steps = (self.euros * _POUNDS_PER_EURO / _FIVE_PENCE).quantize(Decimal(1))
        return steps * _FIVE_PENCE


def _article(sku: str, group: str, euros: str, nl: str, en: str, de: str, fr: str) -> Article:
    return Article(sku, group, Decimal(euros), {"nl": nl, "en": en, "de": de, "fr": fr})


ARTICLES = (
    _article("TBL-1010", "table", "4.35", "Dinerbord wit 27 cm", "Dinner plate white 27 cm",
             "Speiseteller weiß 27 cm", "Assiette plate blanche 27 cm"),
    _article("TBL-1014", "table", "3.60", "Soepkom 45 cl", "Soup bowl 45 cl", "Suppenschale 45 cl", "Bol à soupe 45 cl"),
    _article("TBL-1022", "table", "1.95", "Waterglas stapelbaar 30 cl", "Stacking tumbler 30 cl",
             "Stapelbares Wasserglas 30 cl", "Gobelet empilable 30 cl"),
    _article("TBL-1031", "table", "2.75", "Wijnglas 35 cl", "Wine glass 35 cl", "Weinglas 35 cl", "Verre à vin 35 cl"),
    _article("TBL-1040", "table", "11.90", "Bestekset roestvrij 4-delig", "Stainless cutlery set, 4 pieces",
             "Besteckset Edelstahl 4-teilig", "Couverts inox, 4 pièces"),
    _article("TBL-1052", "table", "7.25", "Tafelkleed linnen 140 x 200", "Linen tablecloth 140 x 200",
             "Leinentischdecke 140 x 200", "Nappe en lin 140 x 200"),
    _article("KIT-2005", "kitchen", "38.50", "Kookpan 10 liter", "Stockpot 10 litres", "Kochtopf 10 Liter",
             "Marmite 10 litres"),
    _article("KIT-2011", "kitchen", "24.90", "Koksmes 21 cm", "Chef's knife 21 cm", "Kochmesser 21 cm",
             "Couteau de chef 21 cm"),
    _article("KIT-2018", "kitchen", "14.75", "Snijplank 50 x 30", "Chopping board 50 x 30", "Schneidebrett 50 x 30",
             "Planche à découper 50 x 30"),
    _article("KIT-2026", "kitchen", "9.80", "Gastronormbak GN 1/2", "Gastronorm tray GN 1/2",
             "Gastronormbehälter GN 1/2", "Bac gastronorme GN 1/2"),
    _article("KIT-2033", "kitchen", "6.45", "Bakvorm rond 26 cm", "Round baking tin 26 cm", "Backform rund 26 cm",
             "Moule rond 26 cm"),
    _article("PAP-3002", "paper", "21.40", "Bakpapier 500 vel", "Baking paper, 500 sheets", "Backpapier 500 Blatt",
             "Papier cuisson, 500 feuilles"),
    _article("PAP-3008", "paper", "32.80", "Broodzakken 1.000 stuks", "Bread bags, 1,000 pieces",
             "Brotbeutel 1.000 Stück", "Sachets à pain, 1 000 pièces"),
    _article("PAP-3015", "paper", "17.60", "Servetten 500 stuks", "Napkins, 500 pieces", "Servietten 500 Stück",
             "Serviettes, 500 pièces"),
    _article("PAP-3021", "paper", "26.95", "Handdoekpapier 20 rollen", "Paper towels, 20 rolls",
             "Papierhandtücher 20 Rollen", "Essuie-mains, 20 rouleaux"),
    _article("CLN-4003", "cleaning", "12.35", "Allesreiniger 5 liter", "All-purpose cleaner 5 litres",
             "Allzweckreiniger 5 Liter", "Nettoyant multi-usage 5 litres"),
    _article("CLN-4009", "cleaning", "18.20", "Vaatwasmiddel 10 kg", "Dishwasher detergent 10 kg",
             "Geschirrspülmittel 10 kg", "Détergent lave-vaisselle 10 kg"),
    _article("CLN-4017", "cleaning", "8.15", "Theedoeken 10 stuks", "Tea towels, 10 pieces", "Geschirrtücher 10 Stück",
             "Torchons, 10 pièces"),
    _article("COF-5001", "coffee", "13.90", "Koffiebonen 1 kg", "Coffee beans 1 kg", "Kaffeebohnen 1 kg",
             "Café en grains 1 kg"),
    _article("COF-5006", "coffee", "5.20", "Cappuccinokop 22 cl", "Cappuccino cup 22 cl", "Cappuccinotasse 22 cl",
             "Tasse à cappuccino 22 cl"),
    _article("COF-5012", "coffee", "29.50", "Thermoskan 2 liter", "Insulated jug 2 litres", "Thermoskanne 2 Liter",
             "Pichet isotherme 2 litres"),
)  # fmt: skip

_GROUPS = {
    "bakery": ("paper", "kitchen"),
    "hotel": ("table", "cleaning", "coffee"),
    "restaurant": ("table", "kitchen", "paper"),
    "café": ("coffee", "table", "paper"),
    "shop": ("table", "coffee", "cleaning"),
    "office": ("coffee", "cleaning", "paper"),
    "care home": ("table", "cleaning", "paper"),
    "household": ("table", "coffee"),
}
TRADES = tuple(_GROUPS)


def assortment(trade: str) -> list[Article]:
    """What somebody in that trade buys."""
    return [article for article in ARTICLES if article.group in _GROUPS[trade]]

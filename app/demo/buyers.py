"""Who buys from the fictional company: forty by name, and as many more as are asked for."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field

from app.demo.payers import HABITS

_LANGUAGE = {"NL": "nl", "GB": "en", "DE": "de", "FR": "fr"}
_ZONE = {"NL": "Europe/Amsterdam", "GB": "Europe/London", "DE": "Europe/Berlin", "FR": "Europe/Paris"}


@dataclass(frozen=True)
class Person:
    """Somebody at a customer. Every email address is in a domain that RFC 2606 keeps free for examples."""

    name: str
    email: str | None
    role: str = "accounts_payable"
    phone: str | None = None


@dataclass(frozen=True)
class Buyer:
    """A customer as it will be written, with its trade and how it pays."""

    ref: str
    name: str
    country: str
    street: str
    postcode: str
    city: str
    trade: str
    habit: str
    terms_days: int
    people: tuple[Person, ...] = field(default=())

    @property
    def kind(self) -> str:
        return "person" if self.trade == "household" else "company"

    @property
    def language(self) -> str:
        return _LANGUAGE[self.country]

    @property
    def currency(self) -> str:
        return "GBP" if self.country == "GB" else "EUR"

    @property
    def time_zone(self) -> str:
        return _ZONE[self.country]

    @property
    def tax_percent(self) -> int:
        """21 in the Netherlands; elsewhere companies account for it themselves, consumers in the EU pay their country's."""
        if self.country == "NL":
            return 21
        return {"DE": 19, "FR": 20}.get(self.country, 0) if self.kind == "person" else 0


# Phone numbers are few: the British one is from Ofcom's range for drama, the German one from the Bundesnetzagentur's.
# No Dutch mobile range is kept for fiction: that one can exist, and is invented. The demo sends nothing.
_NAMED = """
C1001|Bakkerij Jansen|NL|Dorpsstraat 14|3511 KP|Utrecht|bakery|on_time|30|Anneke Jansen|crediteuren@bakkerijjansen.example
C1002|Hart & Sons Ltd|GB|18 Mill Lane|LS2 7QD|Leeds|restaurant|few_days|30|Margaret Hart|accounts@hartandsons.example
C1003|Hotel Seeblick GmbH|DE|Uferweg 3|78464|Konstanz|hotel|on_time|30|Jürgen Maier|buchhaltung@hotel-seeblick.example
C1004|Café des Arts|FR|12 rue des Tanneurs|69005|Lyon|café|on_time|30|Camille Laurent|compta@cafedesarts.example
C1005|Sophie de Wit|NL|Lindenlaan 27|2012 HK|Haarlem|household|on_time|14|Sophie de Wit|sophie.dewit@post.example
C1006|Greenfield Care Home|GB|Orchard Road 2|BS6 5RT|Bristol|care home|few_days|30|Priya Shah|finance@greenfieldcare.example
C1007|Eetcafé De Brug|NL|Kade 9|8011 CB|Zwolle|café|few_days|14|Wim Dekker|
C1008|Restaurant Het Anker|NL|Havenstraat 41|1781 AB|Den Helder|restaurant|plus_four|30|Ilse Visser|facturen@hetanker.example
C1009|Kookwinkel Van Loon|NL|Grote Markt 6|4811 XR|Breda|shop|in_parts|30|Peter van Loon|admin@kookwinkelvanloon.example
C1010|Hotel De Eikenhof|NL|Bosweg 88|6711 GH|Ede|hotel|at_once|30|Marieke Smits|finance@eikenhof.example
C1011|Zorgcentrum Avondrust|NL|Parklaan 120|5611 BV|Eindhoven|care home|overpays|30|Loes Peters|crediteuren@avondrust.example
C1012|Brasserie Lumière|NL|Stationsplein 5|6221 BT|Maastricht|restaurant|very_late|30|Hugo Franssen|boekhouding@lumiere.example
C1013|Grand Café Centraal|NL|Neude 22|3512 AG|Utrecht|café|stopped|30|Rob Kuijpers|info@grandcafecentraal.example
C1014|Bakkerij Van der Meer|NL|Molenweg 7|8441 EN|Heerenveen|bakery|on_time|14|Jelle van der Meer|factuur@bakkerijvandermeer.example
C1015|Advocatenkantoor Brinkman|NL|Keizersplein 3|7511 HN|Enschede|office|on_time|30|Saskia Brinkman|admin@brinkman.example
C1016|Strandpaviljoen Zuid|NL|Boulevard 31|2202 AC|Noordwijk|restaurant|few_days|30|Daan Mulder|facturen@strandpaviljoenzuid.example
C1017|Banketbakkerij Vermeulen|NL|Kerkstraat 55|4331 JM|Middelburg|bakery|few_days|30|Karin Vermeulen|admin@banketvermeulen.example
C1018|Partycentrum De Hoeve|NL|Veldweg 2|7051 CX|Varsseveld|restaurant|very_late|14|Bert Wolters|info@partydehoeve.example
C1019|The Copper Kettle|GB|44 High Street|YO1 8RD|York|café|on_time|30|Alice Turner|accounts@copperkettle.example
C1020|Pemberton & Lowe Offices|GB|9 Castle Square|NE1 4XF|Newcastle|office|on_time|30|James Lowe|payables@pembertonlowe.example
C1021|Riverside Inn|GB|Quay Street 1|TR1 2HE|Truro|hotel|few_days|30|Emily Carter|ledger@riversideinn.example
C1022|Fairview Kitchens Ltd|GB|Unit 6, Park Way|NG7 2SD|Nottingham|shop|few_days|45|Thomas Reed|accounts@fairviewkitchens.example
C1023|The Old Mill Bakery|GB|3 Weir Lane|EX4 3LP|Exeter|bakery|very_late|30|George Finch|office@oldmillbakery.example
C1024|Bäckerei Sonnenschein|DE|Hauptstraße 61|50667|Köln|bakery|on_time|14|Petra Sonnenschein|rechnung@baeckerei-sonnenschein.example
C1025|Gasthof Zum Hirsch|DE|Marktplatz 4|91541|Rothenburg|restaurant|on_time|30|Stefan Huber|buero@gasthof-hirsch.example
C1026|Seniorenheim Birkenhof|DE|Birkenallee 19|24103|Kiel|care home|few_days|30|Monika Petersen|verwaltung@birkenhof.example
C1027|Büro Krüger & Partner|DE|Lange Straße 8|70173|Stuttgart|office|few_days|30|Dieter Krüger|buchhaltung@krueger-partner.example
C1028|Pension Alpenblick|DE|Bergstraße 12|82467|Garmisch|hotel|very_late|30|Vroni Obermeier|info@pension-alpenblick.example
C1029|Boulangerie Martin|FR|8 place du Marché|35000|Rennes|bakery|on_time|30|Luc Martin|factures@boulangerie-martin.example
C1030|Hôtel du Port|FR|27 quai des Brumes|17000|La Rochelle|hotel|on_time|45|Hélène Girard|compta@hotelduport.example
C1031|Bistrot Le Tilleul|FR|5 rue Haute|67000|Strasbourg|restaurant|few_days|30|Antoine Meyer|contact@letilleul.example
C1032|Maison Lefèvre|FR|31 rue de la Soie|37000|Tours|shop|few_days|30|Claire Lefèvre|compta@maisonlefevre.example
C1033|Auberge du Lac|FR|Chemin des Pins 2|74000|Annecy|hotel|very_late|30|Michel Favre|auberge@aubergedulac.example
C1034|Kantoorgebouw De Schakel|NL|Industrieweg 70|1521 NG|Wormerveer|office|on_time|45|Nadia El Amrani|inkoop@deschakel.example
C1035|Bakkerij Hoekstra|NL|Voorstraat 11|9001 AH|Grou|bakery|plus_four|30|Sjoerd Hoekstra|bakkerij@hoekstra.example
C1036|Lunchroom Zoet|NL|Nieuwstraat 30|7411 LM|Deventer|café|few_days|14|Eva Bos|eva@lunchroomzoet.example
C1037|Mehmet Yılmaz|NL|Acacialaan 5|3072 TA|Rotterdam|household|on_time|14|Mehmet Yılmaz|mehmet.yilmaz@post.example
C1038|Oliver Bennett|GB|7 Elm Close|CB4 1PT|Cambridge|household|few_days|14|Oliver Bennett|oliver.bennett@mail.example
C1039|Katrin Vogel|DE|Gartenweg 16|04103|Leipzig|household|on_time|14|Katrin Vogel|katrin.vogel@post.example
C1040|Élodie Renard|FR|19 rue des Lilas|44000|Nantes|household|very_late|14|Élodie Renard|elodie.renard@courriel.example
"""  # noqa: E501 (a table; a wrapped row would be harder to read than a long one)

_PHONES = {"C1002": "+447700900142", "C1005": "+31611111111", "C1039": "+491713920017"}
_OPERATIONS = {"C1008": Person("Joris Kok", "keuken@hetanker.example", role="operations")}


def _named() -> tuple[Buyer, ...]:
    buyers = []
    for row in _NAMED.strip().splitlines():
        ref, name, country, street, postcode, city, trade, habit, terms, person, email = row.split("|")
        role = "general" if trade == "household" else "accounts_payable"
        people = [Person(person, email or None, role, _PHONES.get(ref))]
        if ref in _OPERATIONS:
            people.append(_OPERATIONS[ref])
        buyers.append(Buyer(ref, name, country, street, postcode, city, trade, habit, int(terms), tuple(people)))
    return tuple(buyers)


NAMED = _named()

_MORE = {
    "NL": (("Bakkerij", "Hotel", "Restaurant", "Kantoor"), ("De Linde", "Brouwer", "Van Dam", "Het Spoor", "Kramer"),
           ("Gouda", "Assen", "Leiden", "Tilburg"), "Dorpsweg", "2801 AA"),
    "GB": (("Bakery", "Hotel", "Restaurant", "Offices"), ("Ashdown", "Whitlock", "Marlow", "Kestrel", "Thornbury"),
           ("Derby", "Bath", "Lincoln", "Exeter"), "Station Road", "DE1 1AA"),
    "DE": (("Bäckerei", "Hotel", "Restaurant", "Büro"), ("Lindner", "Am Markt", "Schulze", "Rosengarten", "Brandt"),
           ("Ulm", "Jena", "Bremen", "Mainz"), "Bahnhofstraße", "89073"),
    "FR": (("Boulangerie", "Hôtel", "Restaurant", "Bureau"), ("Dubois", "Du Parc", "Moreau", "Des Halles", "Rousseau"),
           ("Dijon", "Nancy", "Angers", "Pau"), "rue de la Gare", "21000"),
}  # fmt: skip
_MORE_TRADES = ("bakery", "hotel", "restaurant", "office")


def buyers(count: int, dice: random.Random) -> list[Buyer]:
    """The named ones first, then invented ones up to `count`, half of them in the Netherlands."""
    more = [_invented(number, dice) for number in range(len(NAMED) + 1, count + 1)]
    return [*NAMED, *more]


def _invented(number: int, dice: random.Random) -> Buyer:
    country = dice.choice(("NL", "NL", "NL", "GB", "DE", "FR"))
    kinds, names, cities, street, postcode = _MORE[country]
    which = dice.randrange(len(kinds))
    # The number keeps names and addresses apart however many customers are asked for.
    name = f"{kinds[which]} {dice.choice(names)} {number}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace(" ", "-")
    person = Person(f"{kinds[which]} {number}", f"finance@{plain}.example")
    return Buyer(
        f"C{1000 + number}", name, country, f"{street} {dice.randint(1, 150)}", postcode, dice.choice(cities),
        _MORE_TRADES[which], dice.choice(HABITS), dice.choice((14, 30, 45)), (person,),
    )  # fmt: skip

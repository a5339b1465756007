"""What customers write about their invoices, and what stands under it, in five languages."""

from __future__ import annotations

SAID = {
    "en": [
        "Hi,\n\nInvoice INV-2026-0042 was paid yesterday, see attached.",
        "We only received nine of the twelve pallets.\nCould you send a credit note for the other three?",
        "Hello,\n\nThis is for our branch in Leeds:\n- INV-2026-0042: paid on 12 March\n- INV-2026-0043: wrong PO number, should be 4500012345\n\nPlease confirm.",
        "Friday.",
        "Dear team,\n\nFrom Monday our accounts address is ap@bakker.example. On 3 March we sent you the new VAT number as well.\n\nWhat is still open for us?",
        "Please stop emailing me about this. I am not the right person.",
    ],
    "nl": [
        "Goedemiddag,\n\nFactuur INV-2026-0042 is gisteren betaald, zie de bijlage.",
        "Wij hebben maar negen van de twaalf pallets ontvangen.\nKunt u voor de andere drie een creditnota sturen?",
        "Beste,\n\nDit gaat over onze vestiging in Leiden:\n- INV-2026-0042: betaald op 12 maart\n- INV-2026-0043: verkeerd inkoopnummer, moet 4500012345 zijn\n\nGraag een bevestiging.",
        "Vrijdag.",
        "Geachte heer, mevrouw,\n\nVan maandag af is ons adres crediteuren@bakker.example. Op 3 maart stuurden wij u ook het nieuwe btw-nummer.\n\nWat staat er nog open bij ons?",
        "Graag geen mails meer hierover. Ik ben niet de juiste persoon.",
    ],
    "de": [
        "Guten Tag,\n\ndie Rechnung INV-2026-0042 wurde gestern überwiesen, siehe Anhang.",
        "Wir haben nur neun von zwölf Paletten erhalten.\nKönnen Sie uns für die übrigen drei eine Gutschrift schicken?",
        "Hallo,\n\nes geht um unsere Filiale in Köln:\n- INV-2026-0042: bezahlt am 12. März\n- INV-2026-0043: falsche Bestellnummer, richtig ist 4500012345\n\nBitte bestätigen.",
        "Freitag.",
        "Sehr geehrte Damen und Herren,\n\nvon Montag an lautet unsere Adresse buchhaltung@bakker.example. Am 3. März haben wir Ihnen auch die neue USt-IdNr. geschickt.\n\nWas ist bei uns noch offen?",
        "Bitte keine Mails mehr dazu. Ich bin nicht der richtige Ansprechpartner.",
    ],
    "fr": [
        "Bonjour,\n\nLa facture INV-2026-0042 a été payée hier, voir pièce jointe.",
        "Nous n'avons reçu que neuf palettes sur douze.\nPouvez-vous nous envoyer un avoir pour les trois autres ?",
        "Bonjour,\n\nCela concerne notre agence de Lyon :\n- INV-2026-0042 : payée le 12 mars\n- INV-2026-0043 : mauvais numéro de commande, il faut 4500012345\n\nMerci de confirmer.",
        "Vendredi.",
        "Madame, Monsieur,\n\nDès lundi notre adresse est compta@bakker.example. Le 3 mars nous vous avons aussi envoyé le nouveau numéro de TVA.\n\nQue reste-t-il à payer ?",
        "Merci de ne plus m'écrire à ce sujet. Je ne suis pas la bonne personne.",
    ],
    "es": [
        "Buenos días:\n\nLa factura INV-2026-0042 se pagó ayer, véase el adjunto.",
        "Solo hemos recibido nueve de los doce palés.\n¿Pueden enviarnos un abono por los otros tres?",
        "Hola:\n\nEsto es de nuestra sucursal de Málaga:\n- INV-2026-0042: pagada el 12 de marzo\n- INV-2026-0043: número de pedido incorrecto, debe ser 4500012345\n\nPor favor, confírmenlo.",
        "El viernes.",
        "Estimados señores:\n\nDesde el lunes nuestra dirección es pagos@bakker.example. El 3 de marzo les enviamos también el nuevo NIF.\n\n¿Qué queda pendiente?",
        "Por favor, no me escriban más sobre esto. No soy la persona adecuada.",
    ],
}
PERSON = {"en": "Mary O'Neill", "nl": "Jan de Boer", "de": "Jörg Müller", "fr": "Hélène Lefèvre", "es": "Íñigo Núñez"}
ADDRESS = {
    "en": "mary.oneill@baker.example", "nl": "jan@bakker.example", "de": "j.mueller@baecker.example",
    "fr": "h.lefevre@boulanger.example", "es": "inigo@panadero.example",
}  # fmt: skip
FAREWELLS = {
    "en": ["Kind regards,", "Best regards", "Regards,", "Yours sincerely,"],
    "nl": ["Met vriendelijke groet,", "Groeten,", "Mvg,", "Hoogachtend,"],
    "de": ["Mit freundlichen Grüßen", "Viele Grüße", "Beste Grüße,", "MfG"],
    "fr": ["Cordialement,", "Bien cordialement,", "Bien à vous,", "Meilleures salutations,"],
    "es": ["Saludos,", "Un saludo,", "Atentamente,", "Saludos cordiales,"],
}
BLOCKS = {
    "en": "Accounts Payable | Baker & Sons Ltd\n12 Mill Lane, Leeds LS1 4AB\nT +44 113 496 0000\nwww.baker.example",
    "nl": "Crediteurenadministratie\nBakkerij De Boer B.V.\nMolenstraat 12 | 2311 AB Leiden\nT: 071 512 0000\nKvK 12345678 | www.bakker.example",
    "de": "Buchhaltung\n\nBäckerei Müller GmbH\nMühlenweg 12, 50667 Köln\nTel.: +49 221 4710000\nGeschäftsführer: Jörg Müller, Amtsgericht Köln HRB 12345",
    "fr": "Service comptabilité fournisseurs\nBoulangerie Lefèvre SARL\n12 rue du Moulin, 69001 Lyon\nTél. : 04 72 00 00 00",
    "es": "Departamento de Administración\nPanadería Núñez, S.L.\nC/ del Molino, 12, 29001 Málaga\nTel. 952 00 00 00",
}
LEGAL = {
    "en": "This email and any attachments are confidential and intended solely for the addressee. If you have received it in error, please delete it and tell the sender. Baker & Sons Ltd is registered in England under number 01234567.",
    "nl": "Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde. Heeft u het ten onrechte ontvangen, verwijder het dan en laat het de afzender weten.",
    "de": "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender und löschen Sie diese Nachricht.",
    "fr": "Ce message et ses pièces jointes sont confidentiels et établis à l'intention exclusive de leur destinataire. Si vous l'avez reçu par erreur, merci de le détruire et d'en avertir l'expéditeur.",
    "es": "Este mensaje es confidencial y se dirige exclusivamente a su destinatario. Si lo ha recibido por error, le rogamos que lo elimine y avise al remitente.",
}
OUR_SUBJECT = {
    "en": "Van Dijk Groothandel: invoice INV-2026-0042 was due on 3 March",
    "nl": "Van Dijk Groothandel: factuur INV-2026-0042 is over de betaaldatum",
    "de": "Van Dijk Groothandel: Rechnung INV-2026-0042 war am 3. März fällig",
    "fr": "Van Dijk Groothandel : la facture INV-2026-0042 était à payer le 3 mars",
    "es": "Van Dijk Groothandel: la factura INV-2026-0042 vencía el 3 de marzo",
}
# What they reply to: a reminder of ours, with a table, a greeting and a signature of its own.
OUR_MAIL = {
    "en": "Dear customer,\n\nWe haven't seen payment for INV-2026-0042 yet. Is something in the way?\n\nInvoice        Due          Amount\nINV-2026-0042  3 Mar 2026  £1,240.50\n\nKind regards,\nVan Dijk Groothandel\n\nThis mail was written by an assistant. You can ask for a person at any time.",
    "nl": "Geachte klant,\n\nWe hebben de betaling van INV-2026-0042 nog niet gezien. Zit er iets in de weg?\n\nFactuur        Vervalt      Bedrag\nINV-2026-0042  3 mrt 2026   € 1.240,50\n\nMet vriendelijke groet,\nVan Dijk Groothandel\n\nDeze mail is geschreven door een assistent. U kunt altijd om een medewerker vragen.",
    "de": "Guten Tag,\n\nfür INV-2026-0042 haben wir noch keine Zahlung gesehen. Steht etwas im Weg?\n\nRechnung       Fällig       Betrag\nINV-2026-0042  03.03.2026   1.240,50 €\n\nMit freundlichen Grüßen\nVan Dijk Groothandel\n\nDiese Mail hat ein Assistent geschrieben. Sie können jederzeit nach einem Menschen fragen.",
    "fr": "Bonjour,\n\nNous n'avons pas encore vu le paiement de INV-2026-0042. Y a-t-il un obstacle ?\n\nFacture        Échéance     Montant\nINV-2026-0042  3 mars 2026  1 240,50 €\n\nCordialement,\nVan Dijk Groothandel\n\nCe message a été écrit par un assistant. Vous pouvez à tout moment demander une personne.",
    "es": "Buenos días:\n\nAún no hemos visto el pago de INV-2026-0042. ¿Hay algún problema?\n\nFactura        Vencimiento  Importe\nINV-2026-0042  3 mar 2026   1240,50 €\n\nSaludos,\nVan Dijk Groothandel\n\nEste correo lo ha escrito un asistente. Puede pedir hablar con una persona en cualquier momento.",
}


def signature(language: str, kind: int) -> str:
    """Nothing, a greeting and a name, a whole block behind "-- ", or a greeting, a block and the lawyers."""
    person, farewell = PERSON[language], FAREWELLS[language][kind % 4]
    if kind == 1:
        return f"\n\n{farewell}\n\n{person}"
    if kind == 2:
        return f"\n\n-- \n{person}\n{BLOCKS[language]}"
    if kind == 3:
        return f"\n\n{farewell}\n\n{person}\n{BLOCKS[language]}\n\n{LEGAL[language]}"
    return ""

"""What everybody tries first when they guess a password: words in the languages of our users, and rows of keys."""

from __future__ import annotations

WORDS = frozenset(
    """
    password passwort wachtwoord motdepasse passe pass passwords secret geheim welcome welkom willkommen bienvenue hello
    hallo bonjour letmein login inloggen admin administrator beheerder root user test testing demo guest gast change
    changeme changeit default temp temporary please qwerty qwertyuiop qwertz azerty asdfgh asdfghjkl zxcvbn zxcvbnm
    iloveyou ikhouvanjou jetaime ichliebedich love monkey dragon football voetbal fussball soccer baseball basketball
    master superman batman sunshine princess princesse shadow trustno ninja mustang michael jordan hunter killer
    starwars pokemon whatever computer internet samsung google facebook freedom flower summer zomer sommer winter spring
    lente autumn herfst herbst january februari february march april june july august september october november
    december monday maandag friday vrijdag freitag amsterdam rotterdam ajax feyenoord psv berlin london paris france
    nederland holland deutschland england company bedrijf firma office kantoor sales invoice factuur rechnung parley
    desk abc abcdef abcd one two three my mijn mein the is a i en and und
    """.split()  # noqa: SIM905 (a list of words reads best as words)
)

ROWS = (
    "1234567890", "0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop",
    "qwertzuiop", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm", "1qaz2wsx3edc4rfv",
)  # fmt: skip

"""Who is greeted, and how."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.reminders.salutation import greeted


@pytest.mark.parametrize("line", [
    "Anna Jansen               nl  formal    named Anna Jansen",
    "anna jansen               nl  formal    named anna jansen",
    "A. Jansen                 en  formal    named A. Jansen",
    "Anna                      nl  formal    nobody",
    "Anna                      nl  informal  named Anna",
    "Anna Jansen               nl  informal  named Anna",
    "A. Jansen                 nl  informal  nobody",
    "Ms Jansen                 en  formal    ms Jansen",
    "Ms Jansen                 en  informal  nobody",
    "mevr. A. van der Berg     nl  formal    ms Van der Berg",
    "mevr. Anna de Boer        de  formal    ms de Boer",
    "Frau Dr. Lena Schmidt     de  formal    ms Dr. Schmidt",
    "Herr Schmidt              en  formal    mr Schmidt",
    "Mme Camille Laurent       fr  formal    ms Laurent",
    "M. Dupont                 fr  formal    named M. Dupont",
    "Mr Smith                  en  formal    mr Smith",
    "mr. J. Bakker             nl  formal    named mr. J. Bakker",
    "dhr. Bakker               nl  formal    mr Bakker",
    "Frau                      de  formal    nobody",
    "Siobhán O'Brien-Walsh     en  formal    named Siobhán O'Brien-Walsh",
    "Accounts Payable          en  formal    nobody",
    "afdeling inkoop           nl  informal  nobody",
    "Kreditorenbuchhaltung     de  formal    nobody",
    "Service Comptabilité      fr  formal    nobody",
    "Bakkerij De Boer          nl  formal    nobody",
    "De Boer Holding B.V.      nl  formal    nobody",
    "ap@jansen.example         nl  formal    nobody",
    "Jansen 2                  nl  formal    nobody",
    "[erased]                  en  formal    nobody",
    "Erased person ab12        en  formal    nobody",
    "Erased person abcd        en  formal    nobody",
])  # fmt: skip
def test_a_person_is_greeted_by_the_name_on_record_and_nobody_by_a_guess(line: str) -> None:
    name, language, form, outcome = re.split(r" {2,}", line)
    found = greeted(name, "Bakkerij De Boer", language, is_informal=form == "informal")
    said = "nobody" if found is None else f"{found.title or 'named'} {found.name}"
    assert said == outcome


@given(st.text(max_size=80), st.sampled_from(["en", "nl", "de", "fr"]), st.booleans())
def test_whatever_stands_in_the_field_a_greeting_is_one_short_line_of_letters(
    name: str, language: str, is_informal: bool
) -> None:
    found = greeted(name, "x", language, is_informal=is_informal)
    if found is not None:
        assert 0 < len(found.name) <= 50
        assert len(found.name.splitlines()) == 1
        assert not any(sign.isdigit() or sign in "@<>{}[]" for sign in found.name)

"""Money, numbers and percentages as people read them, by the rules of CLDR."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.money import Money, exponent
from chalicelib.texts import cldr

_IN_LAKHS: Final = frozenset({"BDT", "INR", "LKR", "NPR", "PKR"})
"""Currencies of countries whose English groups amounts as Indian English does."""

_LETTER_AND_DIGIT: Final = re.compile(r"(?<=[A-Za-z])(?=[0-9])")
"""Where CLDR puts a space between a currency and its amount (currencySpacing)."""


def show(money: Money, language: Language) -> str:
    """`money` with the sign of its currency and grouped digits.

    >>> show(Money(15000, "INR"), "en"), show(Money(1350000000, "INR"), "en")
    ('₹150.00', '₹1,35,00,000.00')
    >>> show(Money(1350000000, "INR"), "hi"), show(Money(-1250, "EUR"), "en")
    ('₹1,35,00,000.00', '-€12.50')
    >>> show(Money(1234567, "JPY"), "en"), show(Money(1500, "KWD"), "en").replace(chr(160), " ")
    ('JP¥1,234,567', 'KWD 1.500')
    >>> show(Money(150050, "IDR"), "en").replace(chr(160), " ")
    'IDR 1,500.50'
    """
    indian = language == "en" and money.currency in _IN_LAKHS
    locale = cldr.locale(cldr.INDIAN_ENGLISH) if indian else cldr.of(language)
    decimals = exponent(money.currency)  # CLDR would round away the sen of a rupiah
    shown = locale.currency_formats["standard"].apply(
        Decimal(money.text()),
        locale,
        currency=money.currency,
        currency_digits=False,
        force_frac=(decimals, decimals),
    )
    return _LETTER_AND_DIGIT.sub("\N{NO-BREAK SPACE}", str(shown))


def in_letters(money: Money) -> str:
    """`money` with the code of its currency, for fonts without signs of currencies.

    >>> in_letters(Money(1350000000, "INR")), in_letters(Money(-1250, "EUR"))
    ('INR 1,35,00,000.00', '-EUR 12.50')
    """
    from babel.numbers import format_decimal

    locale = cldr.locale(cldr.INDIAN_ENGLISH) if money.currency in _IN_LAKHS else cldr.of("en")
    digits = format_decimal(abs(Decimal(money.text())), locale=locale, decimal_quantization=False)
    whole, _, _ = str(digits).partition(".")
    _, point, decimals = money.text().partition(".")
    return f"{'-' if money.minor < 0 else ''}{money.currency} {whole}{point}{decimals}"


def number(value: int, language: Language) -> str:
    """A whole number with grouped digits.

    >>> number(123456, "en"), number(123456, "hi")
    ('123,456', '1,23,456')
    """
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=cldr.of(language)))


def percent(basis_points: int, language: Language) -> str:
    """Basis points as a percentage, without needless zeros.

    >>> percent(1800, "en"), percent(250, "hi"), percent(1, "en")
    ('18%', '2.5%', '0.01%')
    """
    from babel.numbers import format_percent

    share = Decimal(basis_points) / 10_000
    return str(format_percent(share, locale=cldr.of(language), decimal_quantization=False))

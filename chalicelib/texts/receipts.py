"""The texts of receipts, invoices, vouchers and credit notes: what every language says, by name."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.core.languages import Language


@dataclass(frozen=True)
class ReceiptTexts:
    """The texts of papers in one language. The renderer fills in the names in braces."""

    language: Language

    invoice: str
    bill_of_supply: str
    receipt: str
    receipt_voucher: str
    refund_voucher: str
    refund_receipt: str
    credit_note: str

    number: str
    date: str
    against: str
    gstin: str
    place_of_supply: str
    sac: str
    reverse_charge: str
    no: str
    buyer: str
    stay: str

    advance: str
    refund: str
    kept: str
    least: str
    rest: str

    taxable: str
    tax: str
    total: str
    paid: str
    paid_ahead: str
    due: str

    others: str
    download: str

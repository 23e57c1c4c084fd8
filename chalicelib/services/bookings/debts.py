"""Debts of a customer: which of them stand in the way of a booking
(docs/decisions/quotas-and-debts.md)."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Paragraph, joined, say
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.sites.site import Site
from chalicelib.domain.stays import check_out
from chalicelib.services.core import pay_links, places
from chalicelib.services.core.deps import Deps


def require_none_at(deps: Deps, user_id: str, site: str) -> None:
    """Refuse a customer who owes something at a site, or at another one of the same owner. Costs
    nothing while the account owes nothing; a debtor costs some reads. Raises PaymentDue."""
    if not deps.accounts.known(user_id).owes:
        return
    account = deps.accounts.get(user_id)  # what is known may have been paid meanwhile
    if account.owing > len(account.debts):  # counted before debts had names
        raise errors.PaymentDue()
    debts = sorted(map(Debt.read, account.debts))
    together = _owned_with(deps, site) if debts else {site}
    _refuse(deps, (debt for debt in debts if debt.site in together))


def require_none(deps: Deps, account: Account) -> None:
    """Refuse an account that owes something anywhere. Raises PaymentDue."""
    _refuse(deps, sorted(map(Debt.read, account.debts)))
    if account.owing > len(account.debts):
        raise errors.PaymentDue()


def _owned_with(deps: Deps, site: str) -> set[str]:
    """The site, and those that an owner of it runs too."""
    return {site}.union(*(sites for sites in deps.accounts.sites_of_owners() if site in sites))


def _refuse(deps: Deps, debts: Iterable[Debt]) -> None:
    """Raise PaymentDue for the first of the debts that is still due, if any."""
    for debt in debts:
        try:
            booking = deps.bookings.get(debt.booking_id)
        except errors.BookingNotFound:
            continue
        due = check_out.amount_due(booking)
        if due:
            raise _refusal(deps, booking, due)


def _how_to_pay(deps: Deps, booking: Booking, site: Site) -> Paragraph:
    at_gate, online = booking.kind == "parking", deps.gateways.default is not None
    match at_gate, online:
        case True, True:
            pay = say("pay_online_at_gate_or_desk", site=site.name)
        case True, False:
            pay = say("pay_at_gate_or_desk", site=site.name)
        case False, True:
            pay = say("pay_online_or_at_desk", site=site.name)
        case _:
            pay = say("pay_at_desk", site=site.name)
    return joined(pay, say("contact_is", contact=site.contact)) if site.contact else joined(pay)


def pay_url(deps: Deps, booking: Booking) -> str | None:
    """The page on which what is due of a booking is paid; None where no gateway takes payments."""
    if deps.gateways.default is None:
        return None
    return pay_links.shown(deps, booking.booking_id, language=deps.language)


def _refusal(deps: Deps, booking: Booking, due: Money) -> errors.PaymentDue:
    how = _how_to_pay(deps, booking, places.site_of(deps, booking))
    unpaid = say("booking_unpaid", booking=booking.booking_id, due=due)
    refusal = errors.PaymentDue(joined(unpaid, how))
    refusal.facts = {
        "booking_id": booking.booking_id,
        "amount_due": {"amount": due.text(), "currency": due.currency},
        "site": booking.site,
        "how_to_pay": how,
    }
    if url := pay_url(deps, booking):
        refusal.facts["pay_url"] = url
    return refusal

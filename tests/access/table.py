"""Who gets what answer from every route: a row for each request, a column for each actor.

A row is a request, what it finds, and a status for each of the COLUMNS:
nobody · own · other · staff · staff-x · owner · owner-x · admin
(x: of another site). `{holes}` are filled by what the given thing is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.access import given
from tests.access.given import COLUMNS, PASSWORD, Given

ANYBODY = "200 200 200 200 200 200 200 200"
SIGNED_IN = "401 200 200 200 200 200 200 200"
CUSTOMERS = "401 200 200 403 403 200 200 200"  # staff book for guests by another URL
PARTY = "401 200 404 200 404 200 404 200"  # the customer and the site; to others it does not exist
AT_DESK = "401 403 403 200 404 200 404 200"  # staff of the site; to others of their kind it does not exist
OWN = "401 200 403 403 403 403 403 403"
OWN_OR_SITE_OWNER = "401 200 403 403 403 200 403 200"
SITE_STAFF = "401 403 403 200 403 200 403 200"
SITE_OWNER = "401 403 403 403 403 200 403 200"
OWNERS = "401 403 403 403 403 200 200 200"  # each sees the own sites only
ADMIN = "401 403 403 403 403 403 403 200"


@dataclass(frozen=True)
class Row:
    """One request, and the status it gets from each who asks."""

    request: str
    expected: str
    given: Given = given.nothing
    body: Any = None

    @property
    def route(self) -> str:
        """Method and path as the route is declared."""
        return self.request.partition("?")[0]

    @property
    def method(self) -> str:
        return self.request.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.request.partition(" ")[2]

    @property
    def succeeds(self) -> bool:
        """Whether it serves anybody."""
        return any(self.status(who) < 300 for who in COLUMNS)

    def status(self, who: str) -> int:
        """The status that `who` gets."""
        return int(self.expected.split()[COLUMNS.index(who)])


def _made(expected: str) -> str:
    return expected.replace("200", "201")


def _gone(expected: str) -> str:
    return expected.replace("200", "204")


CAR = {"vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
PARK = {"zone_id": "zone-a", **CAR}
BOOK = {"zone_id": "zone-a", "minutes": 60}
SCAN = {"qr_code": "{qr}"}
PAID = SCAN | {"payment_method": "CASH"}
WHY = {"reason": "goodwill"}
CHECKED_OUT = {
    "razorpay_order_id": "{order_id}",
    "razorpay_payment_id": "{payment_id}",
    "razorpay_signature": "{signature}",
}
ERASE = {"current_password": PASSWORD}
WAIT = {"zone_id": "halls", "start": "{start}", "minutes": 60}
NEW_SITE = {"slug": "north", "name": "North", "timezone": "Asia/Kolkata", "currency": "INR"}
NEW_ZONE = {
    "zone_id": "zone-n", "site": "central", "name": "Zone N", "kind": "parking",
    "tariff": {"rate": "50"},
}  # fmt: skip
CLOSED = {"start": "2026-11-21T06:00:00Z", "end": "2026-11-21T18:00:00Z"}
NEW_PROMO = {"site": "central", "code": "SUMMER20", "percent": 20}
NEW_WEBHOOK = {
    "site": "central", "url": "https://hooks.example.com/", "events": ["booking-updated"],
}  # fmt: skip
NOTED = {"site": "central", "note": "The bank has paid it back."}
SEASON = {"site": "central", "plan_id": "monthly", "vehicle_number": "KA02ZZ0001"}
DRAWER = {"cash_float": "500.00"}
COUNTED = {"cash_counted": "500.00", "note": "Keys are in the safe."}
BENT = {"kind": "damage", "text": "The barrier is bent."}
NEW_STAFF = {"email": "new@example.com", "name": "New", "role": "staff", "sites": ["central"]}
NEW_OWNER = NEW_STAFF | {"role": "owner"}

TABLE: tuple[Row, ...] = (
    # signing in and out
    Row("POST /api/auth/register", _made(ANYBODY), body={"email": "asha@example.com", "password": PASSWORD, "name": "Asha"}),
    Row("POST /api/auth/login", ANYBODY, given.a_password, {"email": "{email}", "password": PASSWORD}),
    Row("POST /api/auth/refresh", ANYBODY, given.a_password, {"refresh": "{refresh}"}),
    Row("POST /api/auth/logout", SIGNED_IN),
    Row("POST /api/auth/password/forgot", ANYBODY, given.a_password, {"email": "{email}"}),
    Row("POST /api/auth/password/reset", ANYBODY, given.a_password, {"token": "{reset}", "password": PASSWORD}),
    Row("POST /api/auth/verify-email", ANYBODY, given.a_password, {"token": "{verify}"}),
    # the own account
    Row("GET /api/me", SIGNED_IN),
    Row("GET /api/me/payments", SIGNED_IN),
    Row("GET /api/me/dues", SIGNED_IN),
    Row("PATCH /api/me", SIGNED_IN, body={"name": "Asha"}),
    Row("DELETE /api/me", "401 204 204 204 204 204 204 403", body=ERASE),  # an admin is removed by another one
    # what is public
    Row("GET /api/public/health", ANYBODY),
    Row("GET /api/public/sites", ANYBODY),
    Row("GET /api/public/sites/{slug}", ANYBODY, given.the_zone),
    Row("GET /api/public/zones", ANYBODY),
    Row("GET /api/zones/{zone_id}/availability", ANYBODY, given.the_zone),
    Row("GET /api/user/zones", SIGNED_IN),
    # booking
    Row("POST /api/user/book-slot", _made(CUSTOMERS), body=PARK),
    Row("POST /api/bookings", _made(SIGNED_IN), body=BOOK),
    Row("POST /api/bookings", _made(SIGNED_IN), body=BOOK | {"guests": [{"name": "Ravi"}]}),
    Row("POST /api/bookings", _made(SIGNED_IN), body=BOOK | {"quantity": 2}),
    Row("POST /api/bookings", _made(SIGNED_IN), body=BOOK | {"repeat": {"every": "day", "times": 2}}),
    Row("POST /api/quotes", SIGNED_IN, body=BOOK),
    Row("GET /api/bookings", SIGNED_IN, given.a_booking),
    Row("GET /api/bookings?group_id={group_id}", PARTY, given.a_group),
    Row("GET /api/bookings?site=central", SITE_STAFF, given.a_booking),
    Row("GET /api/user/history", CUSTOMERS, given.a_booking),
    Row("GET /api/user/current-session", SIGNED_IN, given.a_booking),
    # one booking
    Row("GET /api/bookings/{booking_id}", PARTY, given.a_booking),
    Row("GET /api/bookings/{booking_id}/payments", PARTY, given.a_fee_to_pay),
    Row("PATCH /api/bookings/{booking_id}", PARTY, given.a_booking, {"purpose": "errand"}),
    Row("PATCH /api/bookings/{booking_id}", PARTY, given.a_booking, {"minutes": 90}),
    Row("POST /api/bookings/{booking_id}/cancel", PARTY, given.a_booking),
    Row("POST /api/bookings/{booking_id}/cancel", PARTY, given.a_group, {"scope": "all"}),
    Row("POST /api/user/cancel-booking", "401 200 404 403 403 200 404 200", given.a_booking, {"booking_id": "{booking_id}"}),
    Row("POST /api/bookings/{booking_id}/confirm", PARTY, given.a_booking_to_confirm),
    Row("POST /api/bookings/{booking_id}/override-autocancel", "401 403 403 200 404 200 404 200", given.a_booking_to_confirm),
    Row("POST /api/bookings/{booking_id}/override_autocancel", "401 403 403 200 404 200 404 200", given.a_booking_to_confirm),
    Row("POST /api/bookings/{booking_id}/renew", "401 201 404 403 404 403 404 403", given.a_stay_about_to_end),
    Row("POST /api/bookings/{booking_id}/pass", PARTY, given.a_booking),
    Row("POST /api/bookings/{booking_id}/resend", AT_DESK, given.a_booking),
    Row("GET /api/bookings/{booking_id}/qr.svg", PARTY, given.a_booking),
    Row("GET /api/bookings/{booking_id}/qr.png", PARTY, given.a_booking),
    Row("GET /api/bookings/{booking_id}/calendar.ics", PARTY, given.a_booking),
    Row("GET /api/bookings/{booking_id}/papers", PARTY, given.a_receipt),
    Row("GET /api/bookings/{booking_id}/receipt", PARTY, given.a_receipt),
    Row("GET /api/bookings/{booking_id}/receipt.pdf", PARTY, given.a_receipt),
    # the waitlist: staff may look and let in, but only the customer claims or leaves
    Row("POST /api/waitlist", _made(SIGNED_IN), given.a_full_hall, WAIT),
    Row("POST /api/waitlist", _made(SITE_STAFF), given.a_full_hall, WAIT | {"user_id": "{user_id}", "priority": -1} | WHY),
    Row("GET /api/waitlist", SIGNED_IN, given.an_entry),
    Row("GET /api/waitlist?site=central", SITE_STAFF, given.an_entry),
    Row("GET /api/waitlist/my_waitlist", SIGNED_IN, given.an_entry),
    Row("GET /api/waitlist/{entry_id}", "401 200 403 200 403 200 403 200", given.an_entry),
    Row("POST /api/waitlist/{entry_id}/claim", _made(OWN), given.an_offer),
    Row("DELETE /api/waitlist/{entry_id}/leave", OWN_OR_SITE_OWNER, given.an_offer),
    Row("DELETE /api/waitlist/{entry_id}", OWN_OR_SITE_OWNER, given.an_entry),
    # coming and going: the guest's own doing only where nobody checks in
    Row("POST /api/bookings/{booking_id}/check-in", "401 403 404 200 404 200 404 200", given.a_booking),
    Row("POST /api/bookings/{booking_id}/check-in", PARTY, given.a_booking_without_check_in),
    Row("POST /api/bookings/{booking_id}/check-out", "401 403 404 200 404 200 404 200", given.a_stay),
    Row("POST /api/bookings/{booking_id}/check-out", PARTY, given.a_stay_without_check_in),
    # owners and admins: what ends otherwise
    Row("POST /api/payments/orders", _made(PARTY), given.a_fee_to_pay, {"booking_id": "{booking_id}"}),
    Row("POST /api/payments/verify", PARTY, given.a_fee_to_pay, CHECKED_OUT),
    Row("POST /api/payments/webhooks/razorpay", "404 404 404 404 404 404 404 404"),
    Row("POST /api/payments/webhooks/phonepe", "404 404 404 404 404 404 404 404"),
    Row("POST /api/bookings/{booking_id}/refund", "401 403 403 403 403 200 404 200", given.a_paid_fee, WHY),
    Row("POST /api/bookings/{booking_id}/deposit", AT_DESK, given.a_deposit_to_take),
    Row("POST /api/bookings/{booking_id}/deposit/return", AT_DESK, given.a_deposit_held, {"keep": "20.00"} | WHY),
    Row("GET /api/admin/payment-reviews?site=central", SITE_OWNER),
    Row("POST /api/admin/payment-reviews/{case_id}/close", SITE_OWNER, given.a_case, NOTED),
    Row("POST /api/bookings/{booking_id}/waive", "401 403 403 403 403 200 404 200", given.an_unpaid_stay, WHY),
    Row("POST /api/bookings/{booking_id}/terminate", ADMIN, given.a_stay, WHY),
    # season passes and their plans
    Row("GET /api/public/passes/plans?site=central", ANYBODY, given.plans_in_sale),
    Row("GET /api/admin/passes/plans?site=central", SITE_OWNER, given.plans_in_sale),
    Row("POST /api/admin/passes/plans", _made(SITE_OWNER), body={"site": "central", "period": "weekly"}),
    Row("GET /api/admin/passes/plans/{plan_ref}", SITE_OWNER, given.plans_in_sale),
    Row("PATCH /api/admin/passes/plans/{plan_ref}", SITE_OWNER, given.plans_in_sale, {"price": "4000"}),
    Row("DELETE /api/admin/passes/plans/{plan_ref}", _gone(SITE_OWNER), given.plans_in_sale),
    Row("GET /api/me/passes", SIGNED_IN, given.a_season_pass),
    Row("POST /api/me/passes", _made(SIGNED_IN), given.plans_in_sale, SEASON),
    Row("POST /api/me/passes/orders", _made(PARTY), given.a_season_pass_to_pay, {"pass_id": "{pass_id}"}),
    Row("POST /api/me/passes/verify", PARTY, given.a_season_pass_to_pay, CHECKED_OUT),
    Row("GET /api/passes/{pass_id}", PARTY, given.a_season_pass),
    Row("PATCH /api/passes/{pass_id}", PARTY, given.a_season_pass, {"auto_renew": True}),
    Row("POST /api/passes/{pass_id}/pause", PARTY, given.a_season_pass, {"first": "2026-11-25", "days": 2}),
    Row("POST /api/passes/{pass_id}/resume", PARTY, given.a_paused_season_pass),
    Row("POST /api/passes/{pass_id}/transfer", PARTY, given.a_season_pass, {"vehicle_number": "KA02ZZ0001"}),
    Row("POST /api/passes/{pass_id}/hand-over", PARTY, given.a_season_pass, {"user_id": "{friend}"}),
    Row("POST /api/passes/{pass_id}/cancel", PARTY, given.a_season_pass, {"reason": "moved away"}),
    Row("GET /api/staff/passes?site=central&vehicle_number=KA01AB1234", SITE_STAFF, given.a_season_pass),
    Row("POST /api/staff/passes", _made(SITE_STAFF), given.plans_in_sale, SEASON),
    Row("POST /api/staff/passes/{pass_id}/renew", AT_DESK, given.a_season_pass, {"payment_method": "CASH"}),
    # the gate; a pass proves that its booking exists, so another site's is refused openly
    Row("POST /api/staff/entry", SITE_STAFF, given.a_booking, SCAN),
    Row("POST /api/staff/exit", SITE_STAFF, given.a_stay, PAID),
    Row("POST /api/staff/let-out", SITE_STAFF, given.a_stay, SCAN | WHY),
    Row("POST /api/staff/exit-quote", SITE_STAFF, given.a_stay, SCAN),
    Row("GET /api/staff/exit-quote?qr_code={qr}", SITE_STAFF, given.a_quoted_stay),
    Row("GET /api/staff/active-sessions", "401 403 403 200 200 200 200 200", given.a_stay),
    Row("GET /api/staff/active-sessions?site=central", SITE_STAFF, given.a_stay),
    Row("GET /api/staff/slot-status", "401 403 403 200 200 200 200 200", given.a_stay),
    Row("GET /api/staff/slot-status?site=central", SITE_STAFF, given.a_stay),
    # shifts: a colleague may read the note, but neither close nor see what was taken
    Row("GET /api/staff/shifts", "401 403 403 200 200 200 200 400", given.a_shift),  # an admin names the site
    Row("GET /api/staff/shifts?site=central", SITE_STAFF, given.a_shift),
    Row("POST /api/staff/shifts", _made(SITE_STAFF), body=DRAWER | {"site": "central"}),
    Row("POST /api/staff/shifts", "401 403 403 201 201 201 201 400", body=DRAWER),
    Row("POST /api/staff/shifts/{shift_id}/close", SITE_STAFF, given.a_shift, COUNTED),
    Row("POST /api/staff/shifts/{shift_id}/close", SITE_OWNER, given.a_colleagues_shift, COUNTED),
    Row("GET /api/staff/shifts/{shift_id}/report", SITE_STAFF, given.a_shift),
    Row("GET /api/staff/shifts/{shift_id}/report", SITE_OWNER, given.a_colleagues_shift),
    # auto-checkouts
    Row("GET /api/staff/auto-checkouts", "401 403 403 200 200 200 200 400"),
    Row("GET /api/staff/auto-checkouts?site=central", SITE_STAFF),
    # incidents
    Row("GET /api/staff/incidents", "401 403 403 200 200 200 200 400"),
    Row("GET /api/staff/incidents?site=central", SITE_STAFF),
    Row("POST /api/staff/incidents", _made(SITE_STAFF), given.a_booking, BENT | {"site": "central", "booking_id": "{booking_id}"}),
    Row("POST /api/staff/incidents", "401 403 403 201 201 201 201 400", body=BENT),
    # the front desk
    Row("GET /api/staff/hotels/{slug}/arrivals", SITE_STAFF, given.the_zone),
    Row("GET /api/staff/hotels/{slug}/departures", SITE_STAFF, given.the_zone),
    Row("GET /api/staff/hotels/{slug}/in-house", SITE_STAFF, given.the_zone),
    Row("GET /api/staff/hotels/{slug}/overstays", SITE_STAFF, given.the_zone),
    Row("GET /api/staff/hotels/{slug}/search?q=Byrne", SITE_STAFF, given.the_zone),
    # rooms: another site's staff find no such booking, and no way to the rooms
    Row("POST /api/staff/hotels/{slug}/room-bookings/{booking_id}/check-in", AT_DESK, given.a_room_booking),
    Row("POST /api/staff/hotels/{slug}/room-bookings/{booking_id}/check-out", AT_DESK, given.a_room_stay),
    Row("POST /api/staff/hotels/{slug}/bookings/{booking_id}/checkout", AT_DESK, given.a_room_stay),
    Row("POST /api/staff/hotels/{slug}/room-bookings/{booking_id}/assign-room", AT_DESK, given.a_room_booking, {"room_number": "102"}),
    Row("POST /api/staff/hotels/{slug}/room-bookings/{booking_id}/swap-room", AT_DESK, given.two_room_bookings, {"with_booking_id": "{other_id}", "room_number": "102"}),
    Row("POST /api/staff/hotels/{slug}/walk-ins", _made(SITE_STAFF), given.a_hotel, {"zone_id": "rooms", "nights": 1, "guests": [{"name": "Ravi"}]}),
    Row("POST /api/staff/hotel/{slug}/rooms/checkout", SITE_STAFF, given.a_room_stay, {"room_ids": ["rooms.101"]}),
    Row("POST /api/staff/hotel/{slug}/rooms/checkout", ADMIN, given.a_room_stay, {"room_ids": ["rooms.101"], "destructive": True} | WHY),
    Row("POST /api/staff/hotel/{slug}/rooms/checkin", SITE_STAFF, given.a_room_booking, {"room_ids": ["rooms.101"]}),
    Row("GET /api/staff/hotels/{slug}/rooms", SITE_STAFF, given.a_hotel),
    Row("GET /api/staff/hotels/{slug}/housekeeping", SITE_STAFF, given.a_hotel),
    Row("GET /api/staff/hotels/{slug}/rooms/{space_id}/turnover", SITE_STAFF, given.a_hotel),
    Row("POST /api/staff/hotels/{slug}/rooms/{space_id}/turnover", SITE_STAFF, given.a_hotel, {"to": "CLEANING_IN_PROGRESS"}),
    # what hangs on a stay
    Row("GET /api/bookings/{booking_id}/attachments", PARTY, given.a_room_stay),
    Row("POST /api/bookings/{booking_id}/attachments", PARTY, given.a_room_stay, {"kind": "push_token", "ref": "phone-1"}),
    Row("POST /api/bookings/{booking_id}/attachments", "401 403 404 200 404 200 404 200", given.a_room_stay, {"kind": "order", "ref": "tea"}),
    Row("DELETE /api/bookings/{booking_id}/attachments?kind=conversation&ref=c-1", PARTY, given.a_room_stay),
    # what happened at a site
    Row("GET /api/events?site=central", SITE_STAFF),
    # sites
    Row("GET /api/admin/sites", OWNERS),
    Row("POST /api/admin/sites", _made(ADMIN), body=NEW_SITE),
    Row("GET /api/admin/sites/{slug}", SITE_OWNER, given.the_zone),
    Row("PATCH /api/admin/sites/{slug}", SITE_OWNER, given.the_zone, {"name": "Renamed"}),
    Row("DELETE /api/admin/sites/{slug}", _gone(ADMIN), given.an_empty_site),
    Row("GET /api/admin/sites/{slug}/affected-bookings", SITE_OWNER, given.the_zone),
    Row("GET /api/admin/sites/{slug}/open", SITE_OWNER, given.the_zone),
    Row("GET /api/admin/sites/{slug}/papers", SITE_OWNER, given.the_zone),
    # zones
    Row("GET /api/admin/zones", OWNERS),
    Row("GET /api/admin/zones?site=central", SITE_OWNER),
    Row("POST /api/admin/zones", _made(SITE_OWNER), body=NEW_ZONE),
    Row("GET /api/admin/zones/{zone_id}", SITE_OWNER, given.the_zone),
    Row("PATCH /api/admin/zones/{zone_id}", SITE_OWNER, given.the_zone, {"tariff": {"rate": "60"}}),
    Row("DELETE /api/admin/zones/{zone_id}", _gone(SITE_OWNER), given.an_empty_zone),
    Row("GET /api/admin/zones/{zone_id}/affected-bookings", SITE_OWNER, given.the_zone),
    Row("GET /api/admin/zones/{zone_id}/open", SITE_OWNER, given.the_zone),
    # spaces
    Row("GET /api/admin/spaces?zone_id=zone-a", SITE_OWNER),
    Row("POST /api/admin/spaces", _made(SITE_OWNER), body={"zone_id": "zone-a", "number": "B-001"}),
    Row("GET /api/admin/spaces/{space_id}", SITE_OWNER, given.the_zone),
    Row("PATCH /api/admin/spaces/{space_id}", SITE_OWNER, given.the_zone, {"active": False}),
    Row("DELETE /api/admin/spaces/{space_id}", _gone(SITE_OWNER), given.the_zone),
    Row("GET /api/admin/spaces/{space_id}/open", SITE_OWNER, given.the_zone),
    # blackouts
    Row("GET /api/admin/blackouts", OWNERS),
    Row("GET /api/admin/blackouts?site=central", SITE_OWNER),
    Row("GET /api/admin/blackouts?zone_id=zone-a", SITE_OWNER),
    Row("POST /api/admin/blackouts", _made(SITE_OWNER), given.a_booking, {"zone_id": "zone-a"} | CLOSED),
    Row("POST /api/admin/blackouts", _made(SITE_OWNER), given.a_booking, {"site": "central", "bookings": "cancel"} | CLOSED),
    Row("GET /api/admin/blackouts/{blackout_id}", SITE_OWNER, given.a_blackout),
    Row("PATCH /api/admin/blackouts/{blackout_id}", SITE_OWNER, given.a_blackout, {"reason": "repairs"}),
    Row("DELETE /api/admin/blackouts/{blackout_id}", _gone(SITE_OWNER), given.a_blackout),
    Row("GET /api/admin/blackouts/{blackout_id}/bookings", SITE_OWNER, given.a_blackout),
    Row("POST /api/admin/blackouts/{blackout_id}/cancel-bookings", SITE_OWNER, given.a_blackout),
    # other systems that are called
    # promo codes; those of all sites are for admins
    Row("GET /api/admin/promos?site=central", SITE_OWNER),
    Row("GET /api/admin/promos", ADMIN),
    Row("POST /api/admin/promos", _made(SITE_OWNER), body=NEW_PROMO),
    Row("POST /api/admin/promos", _made(ADMIN), body={"code": "ALL5", "percent": 5}),
    Row("GET /api/admin/promos/{promo_id}", SITE_OWNER, given.a_promo),
    Row("PATCH /api/admin/promos/{promo_id}", SITE_OWNER, given.a_promo, {"active": False}),
    Row("DELETE /api/admin/promos/{promo_id}", _gone(SITE_OWNER), given.a_promo),
    Row("GET /api/admin/webhooks?site=central", SITE_OWNER),
    Row("POST /api/admin/webhooks", _made(SITE_OWNER), given.a_webhook, NEW_WEBHOOK),
    Row("GET /api/admin/webhooks/{webhook_id}", SITE_OWNER, given.a_webhook),
    Row("PATCH /api/admin/webhooks/{webhook_id}", SITE_OWNER, given.a_webhook, {"active": False}),
    Row("DELETE /api/admin/webhooks/{webhook_id}", _gone(SITE_OWNER), given.a_webhook),
    Row("POST /api/admin/webhooks/{webhook_id}/rotate", SITE_OWNER, given.a_webhook),
    Row("POST /api/admin/webhooks/{webhook_id}/test", SITE_OWNER, given.a_webhook),
    Row("GET /api/admin/webhooks/{webhook_id}/deliveries", SITE_OWNER, given.a_webhook),
    # people: owners look after those who work at their sites
    Row("GET /api/admin/users", OWNERS),
    Row("GET /api/admin/users?site=central", SITE_OWNER),
    Row("POST /api/admin/users", _made(SITE_OWNER), body=NEW_STAFF),
    Row("POST /api/admin/users", _made(ADMIN), body=NEW_OWNER),
    Row("GET /api/admin/users/{user_id}", "401 403 403 403 403 200 404 200", given.a_colleague),
    Row("GET /api/admin/users/{user_id}", "401 403 403 403 403 404 404 200", given.a_customer),
    Row("PATCH /api/admin/users/{user_id}", "401 403 403 403 403 200 404 200", given.a_colleague, {"name": "New"}),
    Row("PATCH /api/admin/users/{user_id}", "401 403 403 403 403 403 404 200", given.a_colleague, {"role": "admin", "sites": []}),
    Row("PATCH /api/admin/users/{user_id}", "401 403 403 403 403 200 404 200", given.a_colleague, {"email": "new@example.com"}),
    Row("PATCH /api/admin/users/{user_id}", "401 403 403 403 403 404 404 200", given.a_customer, {"email": "new@example.com"}),
    Row("DELETE /api/admin/users/{user_id}", "401 403 403 403 403 204 404 204", given.a_colleague),
    Row("DELETE /api/admin/users/{user_id}", "401 403 403 403 403 404 404 204", given.a_customer),
    # devices: owners give them keys for their sites
    Row("GET /api/admin/api-keys?site=central", SITE_OWNER, given.an_api_key),
    Row("POST /api/admin/api-keys", _made(SITE_OWNER), body={"site": "central", "name": "North gate", "scope": "scans"}),
    Row("GET /api/admin/api-keys/{key_id}", SITE_OWNER, given.an_api_key),
    Row("DELETE /api/admin/api-keys/{key_id}", _gone(SITE_OWNER), given.an_api_key),
    # the running of it
    Row("POST /api/admin/sweeps/{name}", ADMIN, lambda two_sites: {"name": "outbox"}, {"dry_run": True}),
    Row("GET /api/admin/audit", OWNERS),
    Row("GET /api/admin/audit?site=central", SITE_OWNER),
    # the old URLs: the same guards
    Row("POST /parking/entry", SITE_STAFF, body=PARK),
    Row("POST /api/parking/book", "401 200 200 200 403 200 403 200", body=PARK),  # staff book at their site only
    Row("POST /parking/entry-qr-scan", SITE_STAFF, given.a_booking, SCAN),
    Row("POST /api/parking/scan-entry", SITE_STAFF, given.a_booking, SCAN),
    Row("POST /parking/exit-qr-scan", SITE_STAFF, given.a_stay, PAID),
    Row("POST /api/parking/scan-exit", SITE_STAFF, given.a_stay, PAID),
    Row("POST /api/payment/phonepe/create", PARTY, given.a_fee_for_phonepe, {"session_id": "{booking_id}"}),
    Row("POST /api/payment/phonepe/verify", PARTY, given.a_fee_for_phonepe, {"merchant_txn_id": "{reference}"}),
    Row("POST /api/payment/phonepe/refund", "401 403 403 403 403 200 404 200", given.a_fee_paid_with_phonepe,
        WHY | {"merchant_txn_id": "{reference}"}),
    Row("POST /api/payment/callback/phonepe", "404 404 404 404 404 404 404 404"),
    Row("POST /api/payment/create-order", PARTY, given.a_fee_to_pay, {"session_id": "{booking_id}"}),
    Row("POST /api/payment/verify", PARTY, given.a_fee_to_pay, CHECKED_OUT),
    Row("POST /api/payment/webhook", "404 404 404 404 404 404 404 404"),
    Row("POST /parking/cancel-booking", PARTY, given.a_booking, {"session_id": "{booking_id}"}),
    Row("GET /parking/zone/{zone_id}/status", ANYBODY, given.the_zone),
    # those of the timer and of the venue system
    Row("POST /bookings", _made(SIGNED_IN), body=BOOK),
    Row("GET /bookings", SIGNED_IN, given.a_booking),
    Row("GET /bookings?site=central", SITE_STAFF, given.a_booking),
    Row("GET /bookings/{booking_id}", PARTY, given.a_booking),
    Row("POST /bookings/{booking_id}/cancel", PARTY, given.a_booking),
    Row("POST /bookings/{booking_id}/renew", "401 201 404 403 404 403 404 403", given.a_stay_about_to_end),
    Row("POST /bookings/{booking_id}/confirm", PARTY, given.a_booking_to_confirm),
    Row("POST /bookings/{booking_id}/override_autocancel", AT_DESK, given.a_booking_to_confirm),
    Row("POST /bookings/{booking_id}/override-autocancel", AT_DESK, given.a_booking_to_confirm),
    Row("POST /waitlist", _made(SIGNED_IN), given.a_full_hall, WAIT),
    Row("GET /waitlist", SIGNED_IN, given.an_entry),
    Row("GET /waitlist?site=central", SITE_STAFF, given.an_entry),
    Row("GET /waitlist/my_waitlist", SIGNED_IN, given.an_entry),
    Row("GET /waitlist/{entry_id}", "401 200 403 200 403 200 403 200", given.an_entry),
    Row("POST /waitlist/{entry_id}/claim", _made(OWN), given.an_offer),
    Row("DELETE /waitlist/{entry_id}/leave", OWN_OR_SITE_OWNER, given.an_offer),
    Row("DELETE /waitlist/{entry_id}", OWN_OR_SITE_OWNER, given.an_entry),
    Row("GET /parking/entry", ANYBODY, given.the_zone),
    Row("GET /parking/entry-qr-scan", ANYBODY),
    Row("GET /parking/exit-qr-scan", ANYBODY),
    Row("GET /entry-qr-scan", ANYBODY),
    Row("GET /exit-qr-scan", ANYBODY),
    # the links in mails: any holder may use one
    Row("GET /l/{token}", ANYBODY, given.a_link),
    Row("POST /l/{token}", ANYBODY, given.a_link),
    Row("GET /l/{token}", ANYBODY, given.a_link_of_a_booking),
    Row("POST /l/{token}", ANYBODY, given.a_link_of_a_booking),
    Row("GET /l/{token}", ANYBODY, given.a_link_of_an_offer),
    Row("POST /l/{token}", ANYBODY, given.a_link_of_an_offer),
    Row("GET /l/{token}", ANYBODY, given.a_link_of_an_address),
    Row("GET /receipt/{token}", ANYBODY, given.a_link_of_a_receipt),
    Row("GET /receipt/{token}/pdf", ANYBODY, given.a_link_of_a_receipt),
    Row("POST /l/{token}", ANYBODY, given.a_link_of_an_address),
    Row("GET /pay/{token}", ANYBODY, given.a_pay_link),
    Row("POST /pay/{token}", ANYBODY, given.a_pay_link),
    Row("GET /pay/{token}/result", ANYBODY, given.a_pay_link),
    Row("POST /pay/{token}/result", ANYBODY, given.a_pay_link),
    # the start page and the contract
    Row("GET /", ANYBODY),
    Row("GET /api/openapi.json", ANYBODY),
    Row("GET /api/docs", ANYBODY),
)  # fmt: skip

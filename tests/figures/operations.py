"""Every operation whose cost is counted, in the order of the table that shows it.

`python -m tests.figures.table` prints the counts.
"""

from __future__ import annotations

from typing import Final

from tests.figures import bookings, halls, rooms, stays
from tests.figures.measure import Operation
from tests.figures.stays import MANY

OPERATIONS: Final = (
    Operation("book a space now", bookings.book),
    Operation("book a named space ahead", bookings.book_ahead),
    Operation("book with a promo code, limited in all and for each person", bookings.with_code),
    Operation("book by rearranging: one other moves", bookings.book_by_rearranging),
    Operation("book over midnight (UTC)", bookings.book_over_midnight),
    Operation("book 10 spaces together", bookings.book_a_group),
    Operation("book a space on 52 dates", bookings.book_a_year_of_weeks),
    Operation("cancel 10 bookings together", bookings.cancel_a_group),
    Operation("book a room for 30 nights", rooms.book_thirty_nights),
    Operation("book a room for a guest by name, phone and mail", rooms.book_for_a_guest),
    Operation("find a guest by name", rooms.find_by_name),
    Operation("find a booking by its short code", bookings.find_by_code),
    Operation("assign a room", rooms.assign),
    Operation("who arrives on a day", rooms.list_arrivals),
    Operation("look at a booking", bookings.get),
    Operation("list 25 bookings", bookings.list_own),
    Operation("move a booking", bookings.move),
    Operation("move a booking to another day (UTC)", bookings.move_to_another_day),
    Operation("extend by rearranging: one other moves", bookings.extend_by_rearranging),
    Operation("cancel", bookings.cancel),
    Operation("confirm", halls.confirm),
    Operation("reminder falls due, by sweep", halls.remind),
    Operation("deliver a reminder", halls.deliver_a_reminder),
    Operation("a reminder bounces", halls.bounce),
    Operation(f"reminders, each of {MANY} due", halls.remind_many, share=MANY),
    Operation(f"their mails by sweep, each of {MANY}", halls.deliver_many_reminders, share=MANY),
    Operation("auto-cancel, by sweep", halls.auto_cancel),
    Operation("join a waitlist", halls.join),
    Operation("cancel a booking that an entry waits for", halls.cancel_what_is_waited_for),
    Operation("claim an offer", halls.claim),
    Operation("an offer lapses and is passed on, by sweep", halls.lapse),
    Operation("entry scan", stays.enter),
    Operation("entry scan, booked ahead, on time", stays.enter_on_time),
    Operation("entry scan, 10 minutes early", stays.enter_early),
    Operation("entry scan, after another stay", stays.enter_after_another_stay),
    Operation("exit scan, cash", stays.leave),
    Operation("check-out by staff, cash", stays.check_out_at_the_desk),
    Operation("look at a stay that time has ended", stays.read_after_the_limit),
    Operation(f"auto-checkout, each of {MANY} due", stays.auto_checkout, share=MANY),
    Operation(f"statistics of auto-checkouts, {MANY} today", stays.statistics_of_auto_checkouts),
    Operation("check in to a room", rooms.check_in),
    Operation("check out of a room", rooms.check_out),
    Operation("look at a stay that has become an overstay", rooms.overstay),
    Operation("keep an overstay for another month", rooms.keep_overstay),
    Operation(f"check in to {MANY} rooms, each", rooms.check_in_many, share=MANY),
    Operation(f"check out of {MANY} rooms, each", rooms.check_out_many, share=MANY),
    Operation("a step of housekeeping", rooms.clean),
    Operation("board of 500 rooms", rooms.board),
    Operation("open a shift", stays.open_a_shift),
    Operation("close a shift", stays.close_a_shift),
    Operation("report of a shift of one day (UTC)", stays.report_a_shift),
    Operation("shifts of a site", stays.list_shifts),
    Operation("report an incident about a booking", stays.report_an_incident),
    Operation("sweep with nothing due, a shard", stays.nothing_due),
    Operation("deliver a mail", stays.deliver_a_mail),
    Operation("a whole life: book, entry, exit", stays.whole_life),
)

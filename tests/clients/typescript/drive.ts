// Use Berth through the types that openapi-typescript generates, with openapi-fetch: `drive.js ADDRESS`.
// tests/clients/test_typescript_client.py generates `berth.ts` from the document, and compiles and runs this file.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./berth.js";

type Refusal = components["schemas"]["Error"];
type Booking = components["schemas"]["BookingView"];

const address = process.argv[2] ?? "";

function client(token?: string) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return createClient<paths>({ baseUrl: address, headers });
}

type Berth = ReturnType<typeof client>;

/** The answer to a request that must succeed. */
function done<T>(answer: { data?: T; error?: unknown }): T {
  assert.equal(answer.error, undefined, JSON.stringify(answer.error));
  assert.ok(answer.data);
  return answer.data;
}

/** The refusal of a request that must be refused. */
function refused(answer: { data?: unknown; error?: Refusal }, code: Refusal["error"]["code"]): Refusal {
  assert.equal(answer.data, undefined);
  assert.equal(answer.error?.error.code, code);
  return answer.error!;
}

async function signedIn(username: string): Promise<Berth> {
  const body = { username, password: "password123" };
  const tokens = done(await client().POST("/api/auth/login", { body }));
  assert.equal(tokens.user.username, username);
  return client(tokens.access);
}

/** Book a bay, drive in, drive out and pay. */
async function park(guest: Berth, staff: Berth): Promise<void> {
  const body = { zone_id: "zone-a", vehicle_number: "KA01AB1234", owner_name: "Asha Rao" };
  const params = { header: { "Idempotency-Key": "drive-1" } };
  const booked: Booking = done(await guest.POST("/api/user/book-slot", { body, params }));
  assert.equal(booked.status, "booked");
  const again = done(await guest.POST("/api/user/book-slot", { body, params }));
  assert.equal(again.booking_id, booked.booking_id);

  const scan = { qr_code: booked.qr_code, vehicle_number: "KA01AB1234" };
  const entered = done(await staff.POST("/api/staff/entry", { body: scan }));
  assert.equal(entered.booking.status, "active");
  assert.equal(entered.entry_time, entered.booking.actual_start_time);
  refused(await staff.POST("/api/staff/entry", { body: scan }), "ALREADY_CHECKED_IN");

  const leave = { qr_code: booked.qr_code, payment_method: "CASH", amount_received: "500.00" } as const;
  const left = done(await staff.POST("/api/staff/exit", { body: leave }));
  assert.equal(left.booking.status, "completed");
  assert.deepEqual(left.change, { amount: "450.00", currency: "INR" });
  assert.equal(left.booking.actual_end_time, left.exit_time);
}

/** Book a hall that another waits for; cancel, and the other claims it; leave another line. */
async function giveUpAHall(first: Berth, second: Berth): Promise<void> {
  const day = new Date(Date.now() + 2 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  const hall = { space_id: "halls.aula", start: `${day}T05:00:00Z`, minutes: 60 };
  const booked = done(await first.POST("/api/bookings", { body: hall }));
  assert.equal(booked.start_time, hall.start);
  assert.deepEqual(booked.bookings, []);
  const taken = refused(await second.POST("/api/bookings", { body: hall }), "SPACE_TAKEN");
  assert.equal(taken.error.waitlist, true);

  const entry = done(await second.POST("/api/waitlist", { body: hall }));
  assert.deepEqual([entry.status, entry.position, entry.booking_id], ["waiting", 1, null]);
  const its = { params: { path: { entry_id: entry.id } } };
  refused(await second.POST("/api/waitlist/{entry_id}/claim", { ...its, body: {} }), "NOT_OFFERED");

  const path = { booking_id: booked.booking_id };
  const body = { reason: "The choir is ill" };
  const cancelled = done(await first.POST("/api/bookings/{booking_id}/cancel", { params: { path }, body }));
  assert.equal(cancelled.status, "cancelled");

  const offered = done(await second.GET("/api/waitlist/{entry_id}", its));
  assert.equal(offered.status, "offered");
  assert.ok(Date.parse(offered.expires_at ?? "") > Date.now());
  const claimed = done(await second.POST("/api/waitlist/{entry_id}/claim", { ...its, body: {} }));
  assert.deepEqual([claimed.status, claimed.slot_number], ["booked", booked.slot_number]);
  const mine = { params: { path: { booking_id: claimed.booking_id } } };
  const seen = done(await second.GET("/api/bookings/{booking_id}", mine));
  assert.equal(seen.status, "booked");
  assert.ok(seen.timeline[0]?.event);
  refused(await first.GET("/api/bookings/{booking_id}", mine), "BOOKING_NOT_FOUND");

  const late = done(await first.POST("/api/waitlist", { body: hall }));
  const params = { path: { entry_id: late.id } };
  assert.equal(done(await first.DELETE("/api/waitlist/{entry_id}/leave", { params })).status, "left");
}

const [user1, user2, staff] = await Promise.all([signedIn("user1"), signedIn("user2"), signedIn("staff1")]);
await park(user1, staff);
await giveUpAHall(user1, user2);
const unknown = { params: { path: { booking_id: "BK1" } } };
refused(await client("nonsense").GET("/api/bookings/{booking_id}", unknown), "NOT_AUTHENTICATED");
console.log("parked, gave up a hall, claimed it, left the line");

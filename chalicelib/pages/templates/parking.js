"use strict";
const root = location.pathname.replace(/\/(parking\/)?(entry|entry-qr-scan|exit-qr-scan)\/?$/, "");
const signIn = document.getElementById("sign-in");
const work = document.getElementById("work");
const answer = document.getElementById("answer");
const facts = document.getElementById("facts");
const pass = document.getElementById("pass");
const labels = {
  slot_number: "Slot", zone_name: "Zone", vehicle_number: "Vehicle", qr_code: "QR code",
  entry_time: "Entry", exit_time: "Exit", duration_minutes: "Minutes", amount_charged: "Amount",
  amount_received: "Received", change: "Change", payment_method: "Payment",
};
let token = "";

async function send(form, path, type, body) {
  const button = form.querySelector("button");
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    const headers = { "Content-Type": type, ...(token && { Authorization: `Bearer ${token}` }) };
    const reply = await fetch(root + path, { method: "POST", headers, body });
    return { ok: reply.ok, body: await reply.json() };
  } catch {
    return { ok: false, body: { message: "There is no connection. Try again." } };
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

function say(text, failed) {
  answer.textContent = text;
  answer.className = failed ? "fault" : "";
  facts.hidden = true;
  pass.hidden = true;
}

function show(data) {
  facts.replaceChildren();
  for (const [name, label] of Object.entries(labels)) {
    if (data[name] === undefined || data[name] === null) continue;
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = label;
    value.textContent = name.endsWith("_time") ? new Date(data[name]).toLocaleString() : data[name];
    facts.append(term, value);
  }
  facts.hidden = false;
}

async function showPass(id) {
  const headers = { Authorization: `Bearer ${token}` };
  const reply = await fetch(`${root}/api/bookings/${encodeURIComponent(id)}/qr.svg`, { headers });
  if (!reply.ok) return;
  pass.src = URL.createObjectURL(await reply.blob());
  pass.hidden = false;
}

signIn.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(signIn)));
  const reply = await send(signIn, "/api/auth/login", "application/json", body);
  if (!reply.ok) return say(reply.body.error?.message ?? reply.body.message, true);
  token = reply.body.access;
  signIn.hidden = true;
  say("You are signed in.", false);
  work.querySelector("input").focus();
});

work.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!token) return say("Sign in first.", true);
  const body = new URLSearchParams(new FormData(work)).toString();
  const reply = await send(work, work.dataset.path, "application/x-www-form-urlencoded", body);
  say(reply.body.message, !reply.ok);
  if (!reply.ok) return;
  show(reply.body.data);
  if (reply.body.data.qr_code) await showPass(reply.body.data.session_id);
  work.reset();
  work.querySelector("input").focus();
});

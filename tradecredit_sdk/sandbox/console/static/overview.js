// The frame around every view (clock, badges) and the overview itself.

import { get } from "./api.js";
import { decide } from "./actions.js";
import { draw, el, empty, find } from "./dom.js";
import * as format from "./format.js";
import { bar, feed, fillCountries, noEvents, notes, who } from "./lists.js";
import { buyerName, state } from "./state.js";
import { tryIt } from "./connect.js";

/** Clock and badges. The clock runs on by itself between two refreshes. */
export async function paintFrame() {
  const overview = state.overview;
  fillCountries(overview.countries);
  state.clockAhead = Date.parse(overview.now) - Date.now();
  tick();
  badge("pending", overview.counts.pending, format.count(overview.counts.pending));
  const faults = await get("/faults");
  badge("faults", faults.active, "on");
}

function badge(name, shown, text) {
  const node = find(`[data-badge="${name}"]`);
  node.hidden = !shown;
  node.textContent = text;
}

export function tick() {
  if (state.clockAhead === undefined) return;
  const now = new Date(Date.now() + state.clockAhead);
  const clock = find("#now");
  clock.dateTime = now.toISOString();
  clock.textContent = format.moment(now);
}

function tile(name, value, note) {
  return el("dl", { class: "tile" }, el("dt", {}, name), el("dd", {}, value), el("dd", { class: "note" }, note));
}

function coverTile(cover) {
  if (cover.length === 0) return tile("Cover in force", "–", "nothing granted yet");
  const [main, ...others] = cover;
  const share = format.percent(Number(main.granted) / Number(main.asked));
  const more = others.slice(0, 2).map((one) => format.compactMoney(one.granted, one.currency));
  return tile("Cover in force", format.compactMoney(main.granted, main.currency), [`${share} of asked`, ...more].join(" · "));
}

function tiles({ counts, totals }) {
  const [unpaid, ...others] = totals.unpaid;
  const more = others.slice(0, 2).map((one) => format.compactMoney(one.amount, one.currency));
  return [
    coverTile(totals.cover),
    tile("Limits in force", format.count(counts.limits_in_force), `${format.count(counts.buyers)} companies known`),
    tile("Waiting for a decision", format.count(counts.pending), `${format.count(counts.applications)} applications in all`),
    tile("Declared unpaid", unpaid ? format.compactMoney(unpaid.amount, unpaid.currency) : "–", [`${format.count(counts.overdues)} overdues`, ...more].join(" · ")),
  ];
}

function waiting(applications) {
  if (applications.total === 0) {
    return state.overview.counts.applications === 0
      ? empty("No limit was asked for yet.", "Set the variables under Connect in your shell, then ask:", tryIt())
      : empty("Nobody waits.", "Applications for buyer 900000007, and those left to an underwriter, appear here.");
  }
  return el("ul", { class: "rows" }, applications.items.map((one) => el("li", { class: "line" },
    who(one, [one.reference, one.comment].filter(Boolean).join(" · ") || one.id),
    el("span", { class: "num" }, format.money(one.amount)),
    el("button", { type: "button", class: "primary", "data-key": `decide-${one.id}`, click: () => decide(one) }, "Decide…"))));
}

function topLimits(limits) {
  const largest = limits.items.filter((limit) => Number(limit.amount.amount) > 0).sort((one, other) => Number(other.amount.amount) - Number(one.amount.amount)).slice(0, 6);
  if (largest.length === 0) return empty("No limit is in force.", "A limit appears here as soon as an application is approved.");
  return el("ul", { class: "rows" }, largest.map((limit) => el("li", { class: "bar-row" },
    el("div", { class: "line" }, el("strong", {}, buyerName(limit)), el("span", { class: "num" }, format.money(limit.amount))),
    bar(limit),
    notes(limit) ? el("span", { class: "sub" }, notes(limit)) : null)));
}

export async function paintOverview() {
  const [pending, limits, events] = await Promise.all([
    get("/applications", { state: "pending", page_size: 5 }),
    get("/limits", { state: "in_force", page_size: 100 }),
    get("/events", { page_size: 7 }),
  ]);
  const { counts, totals } = state.overview;
  draw("tiles", [counts, totals], () => tiles(state.overview));
  draw("waiting", [pending, counts.applications], () => waiting(pending));
  draw("topLimits", limits, () => topLimits(limits));
  draw("feed", events, () => (events.total === 0 ? noEvents() : feed(events.items)));
}

/** The clock runs on between two refreshes. */
export function keepTime() {
  setInterval(tick, 1000);
}

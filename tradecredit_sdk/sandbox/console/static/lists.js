// The lists: buyers, applications, limits, overdues, events and webhook deliveries.

import { get } from "./api.js";
import { acknowledge, askDocuments, changeGrade, cut, decide, handOver, makeInsolvent } from "./actions.js";
import { draw, el, empty, find, pager, table } from "./dom.js";
import * as format from "./format.js";
import { tryIt } from "./connect.js";
import { buyerName, filters, goTo, pageOf, painters, state } from "./state.js";

const SIZE = 20;
const PENDING = ["requested", "referred"];
const ENDED = ["expired", "cancelled", "superseded", "withdrawn", "refused"];

export const isPending = (application) => PENDING.includes(application.state);

/** Whether a row counts today and can be cut; replaced rows keep their state and end on a day. */
function isInForce(limit) {
  const today = state.overview.now.slice(0, 10);
  return !ENDED.includes(limit.state) && Number(limit.amount.amount) > 0 && (limit.valid_until === null || limit.valid_until >= today);
}

export const chip = (state) => el("span", { class: `chip ${format.tone(state)}` }, format.words(state));
export const who = (row, sub = row.buyer_id) => el("div", { class: "who" }, el("strong", {}, buyerName(row)), el("small", {}, sub));
const grade = (value) => el("span", { class: `grade ${format.gradeTone(value)}` }, value ?? "NA");

function action(text, key, act, css = "quiet") {
  return el("button", { type: "button", class: css, "data-key": key, click: act }, text);
}

/** A cover against what was asked for it: what stays, what leaves when the announced change comes, what was not granted. */
export function bar(limit) {
  const now = Number(limit.amount.amount);
  const later = limit.announced_change ? Number(limit.announced_change.amount.amount) : now;
  const comparable = limit.asked && limit.asked.currency === limit.amount.currency;
  const whole = Math.max(now, comparable ? Number(limit.asked.amount) : 0);
  const width = (part) => `${whole > 0 ? (100 * part) / whole : 0}%`;
  const stays = el("div", { class: `fill ${later < now ? "" : "whole"}` });
  const leaves = el("div", { class: "fill leaving" });
  stays.style.width = width(Math.min(later, now));
  leaves.style.width = width(Math.max(0, now - later));
  return el("div", { class: "track", "aria-hidden": "true" }, stays, leaves);
}

/** "67% of EUR 420,000", or nothing where all was granted or the currencies differ. */
function ofAsked(limit) {
  const { amount, asked } = limit;
  if (!asked || asked.currency !== amount.currency || Number(asked.amount) <= Number(amount.amount)) return "";
  return `${format.percent(Number(amount.amount) / Number(asked.amount))} of ${format.money(asked)} asked`;
}

function announced(limit) {
  const change = limit.announced_change;
  if (!change) return "";
  const then = Number(change.amount.amount) === 0 ? "Withdrawn" : format.money(change.amount);
  return `${then} from ${format.day(change.effective_on)}`;
}

/** "Stopped since 2 Apr 2026" while new deliveries to the buyer are not insured. */
function stopped(limit) {
  return limit.stop && !limit.stop.until ? `Stopped since ${format.day(limit.stop.since)}` : "";
}

export const notes = (limit) => [stopped(limit), announced(limit), ofAsked(limit)].filter(Boolean).join(" · ");

async function paintBuyers() {
  const page = pageOf("buyers");
  const data = await get("/buyers", { ...filters("buyers"), page, page_size: SIZE });
  draw("buyers", [data, page], () => {
    if (data.total === 0) return empty("No company fits.", "Try a part of the name, or another country.");
    const rows = data.items.map((buyer) => el("tr", {},
      el("td", {}, el("div", { class: "who" }, el("strong", {}, buyer.name), el("small", { class: "mono" }, buyer.id))),
      el("td", {}, format.country(buyer.country), el("span", { class: "sub" }, buyer.address.town ?? "")),
      el("td", {}, [...new Set(buyer.identifiers.map((one) => one.value))].map((value) => el("span", { class: "sub mono" }, value))),
      el("td", {}, grade(buyer.grade)),
      el("td", {}, chip(buyer.status)),
      el("td", { class: "do" },
        action("Grade…", `grade-${buyer.id}`, () => changeGrade(buyer)),
        buyer.status === "insolvent" ? null : action("Insolvent…", `insolvent-${buyer.id}`, () => makeInsolvent(buyer), "quiet danger"))));
    return [
      table("Buyers", [["Company"], ["Country"], ["Numbers"], ["Grade"], ["Status"], ["", "do"]], rows),
      pager(page, SIZE, data.total, (to) => goTo("buyers", to)),
    ];
  });
}

async function paintApplications() {
  const page = pageOf("applications");
  const pendingOnly = filters("applications").show === "pending";
  const data = await get("/applications", { state: pendingOnly ? "pending" : "", page, page_size: SIZE });
  const items = [...data.items].sort((one, other) => isPending(other) - isPending(one));
  draw("applications", [items, data.total, page, pendingOnly], () => {
    if (data.total === 0) {
      return pendingOnly
        ? empty("Nobody waits for a decision.", "Ask a limit for buyer 900000007: it stays pending until you decide here.")
        : empty("No limit was asked for yet.", "Point your client at this sandbox (see Connect) and ask for one:", tryIt());
    }
    const rows = items.map((one) => el("tr", {},
      el("td", {}, who(one, one.reference ?? one.id)),
      el("td", {}, format.words(one.action), el("span", { class: "sub" }, format.words(one.kind))),
      el("td", { class: "num" }, format.money(one.amount)),
      el("td", { class: "num" }, one.decision ? format.money(one.decision.amount) : "–"),
      el("td", {}, chip(one.state), one.comment ? el("span", { class: "sub said" }, one.comment) : null),
      el("td", { class: "nowrap" }, format.shortMoment(one.created_at)),
      el("td", { class: "do" }, isPending(one) ? action("Decide…", `decide-${one.id}`, () => decide(one), "primary") : null)));
    return [
      table("Applications", [["Buyer"], ["What"], ["Asked", "num"], ["Granted", "num"], ["State"], ["Received"], ["", "do"]], rows),
      pager(page, SIZE, data.total, (to) => goTo("applications", to)),
    ];
  });
}

async function paintLimits() {
  const page = pageOf("limits");
  const all = filters("limits").show === "all";
  const data = await get("/limits", { state: all ? "" : "in_force", page, page_size: SIZE });
  draw("limits", [data, page, all], () => {
    if (data.total === 0) return empty("No limit is in force.", "A limit appears here as soon as an application is approved.");
    const rows = data.items.map((limit) => el("tr", {},
      el("td", {}, who(limit)),
      el("td", {}, chip(limit.state), el("span", { class: "sub" }, format.words(limit.kind))),
      el("td", {}, bar(limit), el("span", { class: "sub" }, notes(limit))),
      el("td", { class: "num" }, format.money(limit.amount)),
      el("td", { class: "nowrap" }, format.day(limit.valid_from), el("span", { class: "sub" }, limit.valid_until ? `to ${format.day(limit.valid_until)}` : "until changed")),
      el("td", { class: "do" }, isInForce(limit) ? action("Cut…", `cut-${limit.id}`, () => cut(limit), "quiet danger") : null)));
    return [
      table("Limits", [["Buyer"], ["State"], ["Cover"], ["Amount", "num"], ["Valid"], ["", "do"]], rows),
      pager(page, SIZE, data.total, (to) => goTo("limits", to)),
    ];
  });
}

/** What became of cover, who collects, and what is missing; one line each. */
function standing(overdue) {
  const cover = overdue.cover;
  const missing = overdue.documents.filter((one) => !one.received_on).map((one) => format.words(one.kind).toLowerCase());
  return [
    cover && `cover ${cover.state}${cover.state === "reinstated" ? ` from ${format.day(cover.reinstated_from)}` : cover.stopped_from ? `, ${cover.state === "stopped" ? "since" : "stops"} ${format.day(cover.stopped_from)}` : ""}`,
    overdue.collection && `${overdue.collection.by} collects${overdue.collection.until ? ` until ${format.day(overdue.collection.until)}` : ""}`,
    missing.length > 0 && `missing: ${missing.join(", ")}`,
    !overdue.in_time && "declared too late",
  ].filter(Boolean).map((line) => el("span", { class: "sub" }, line));
}

const isClosed = (overdue) => ["settled", "withdrawn", "rejected"].includes(overdue.state);

function overdueActions(one) {
  if (!one.acknowledged_at) return action("Acknowledge", `acknowledge-${one.id}`, () => acknowledge(one), "quiet");
  if (isClosed(one)) return null;
  return [
    action("Documents…", `documents-${one.id}`, () => askDocuments(one), "quiet"),
    one.collection?.by === "insurer" ? null : action("Hand over…", `hand-over-${one.id}`, () => handOver(one), "quiet danger"),
  ];
}

function invoices(overdue) {
  const rows = overdue.invoices.map((one) => el("tr", {},
    el("td", {}, one.number), el("td", {}, `due ${format.day(one.due_date)}`), el("td", { class: "num" }, format.money(one.amount)),
    el("td", {}, one.settled_on ? `settled ${format.day(one.settled_on)}` : one.withdrawn_on ? `withdrawn ${format.day(one.withdrawn_on)}` : Number(one.paid.amount) > 0 ? `${format.money(one.paid)} paid` : one.extended_to ? `extended to ${format.day(one.extended_to)}` : "")));
  const number = overdue.invoices.length;
  return el("details", { "data-key": overdue.id }, el("summary", {}, number === 1 ? "1 invoice" : `${number} invoices`), el("table", {}, el("tbody", {}, rows)));
}

async function paintOverdues() {
  const page = pageOf("overdues");
  const data = await get("/overdues", { page, page_size: SIZE });
  draw("overdues", [data, page], () => {
    if (data.total === 0) return empty("No overdue was declared.", "An unpaid invoice must be declared before the policy's deadline: tradecredit overdue declare.");
    const rows = data.items.map((one) => el("tr", {},
      el("td", {}, who(one, one.reference ?? one.id)),
      el("td", {}, chip(one.state), el("span", { class: "sub" }, format.words(one.reason))),
      el("td", {}, invoices(one)),
      el("td", { class: "num" }, format.money(one.total)),
      el("td", {}, el("div", { class: "said" }, one.answer ?? "–"), standing(one)),
      el("td", { class: "nowrap" }, format.shortMoment(one.declared_at)),
      el("td", { class: "do" }, overdueActions(one))));
    return [
      table("Overdues", [["Buyer"], ["State"], ["Invoices"], ["Unpaid", "num"], ["The insurer's answer"], ["Declared"], ["", "do"]], rows),
      pager(page, SIZE, data.total, (to) => goTo("overdues", to)),
    ];
  });
}

/** Events as a feed; each names the buyer it is about. */
export function feed(events) {
  return el("ul", { class: "feed" }, events.map((event) => el("li", { class: format.eventTone(event.type) },
    el("div", {}, format.eventTitle(event.type), el("span", { class: "sub" }, buyerName(event))),
    el("time", { datetime: event.occurred_at }, format.shortMoment(event.occurred_at)))));
}

export const noEvents = () => empty("Nothing has happened yet.", "Decisions, cuts and insolvencies are told here, and to your webhooks.");

async function paintEvents() {
  const page = pageOf("events");
  const [events, deliveries] = await Promise.all([get("/events", { page, page_size: SIZE }), get("/deliveries", { page: pageOf("deliveries"), page_size: SIZE })]);
  draw("events", [events, page], () => (events.total === 0 ? noEvents() : [feed(events.items), pager(page, SIZE, events.total, (to) => goTo("events", to))]));
  draw("deliveries", deliveries, () => {
    if (deliveries.total === 0) return empty("No webhook was called.", "Register one at POST /open/v1/policies/DEMO-001/webhooks; each event is then sent there, signed.");
    return [deliveryTable(deliveries.items), pager(pageOf("deliveries"), SIZE, deliveries.total, (to) => goTo("deliveries", to))];
  });
}

function deliveryTable(deliveries) {
  const rows = deliveries.map((one) => el("tr", {},
    el("td", {}, el("div", { class: "who" }, el("strong", {}, format.eventTitle(one.event_type)), el("small", {}, one.url))),
    el("td", {}, chip(one.state), el("span", { class: "sub" }, one.last_error ?? "")),
    el("td", { class: "num" }, format.count(one.attempts))));
  return table("Webhook deliveries", [["Event"], ["State"], ["Calls", "num"]], rows);
}

export function wireLists() {
  Object.assign(painters, { buyers: paintBuyers, applications: paintApplications, limits: paintLimits, overdues: paintOverdues, events: paintEvents });
}

/** Offer the countries in which the sandbox knows companies. */
export function fillCountries(codes) {
  const select = find('form[data-filter="buyers"] select[name="country"]');
  if (select.options.length > 1) return;
  const named = codes.map((code) => [format.country(code), code]).sort();
  select.append(...named.map(([name, code]) => el("option", { value: code }, name)));
}

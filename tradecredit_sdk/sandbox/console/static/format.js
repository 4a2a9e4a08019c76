// Amounts, days and codes in people's own format. Amounts arrive as strings and stay exact: Intl formats strings.

const locales = navigator.languages;
const number = new Intl.NumberFormat(locales);
const dayFormat = new Intl.DateTimeFormat(locales, { dateStyle: "medium", timeZone: "UTC" });
const momentFormat = new Intl.DateTimeFormat(locales, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
const shortFormat = new Intl.DateTimeFormat(locales, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
const moneyFormats = new Map();

function moneyFormat(currency, compact) {
  const key = `${currency}${compact}`;
  if (!moneyFormats.has(key)) {
    const shape = compact ? { notation: "compact", maximumFractionDigits: 1 } : { trailingZeroDisplay: "stripIfInteger" };
    moneyFormats.set(key, new Intl.NumberFormat(locales, { style: "currency", currency, currencyDisplay: "code", ...shape }));
  }
  return moneyFormats.get(key);
}

export const money = (value) => (value ? moneyFormat(value.currency, false).format(value.amount) : "–");
export const compactMoney = (amount, currency) => moneyFormat(currency, true).format(amount);
export const count = (value) => number.format(value);
export const day = (value) => (value ? dayFormat.format(new Date(`${value}T00:00:00Z`)) : "–");
export const moment = (value) => (value ? `${momentFormat.format(new Date(value))} UTC` : "–");
export const shortMoment = (value) => (value ? shortFormat.format(new Date(value)) : "–");
export const percent = (share) => new Intl.NumberFormat(locales, { style: "percent" }).format(share);

const regions = new Intl.DisplayNames(["en"], { type: "region" });
export const country = (code) => regions.of(code) ?? code;

/** "partly_approved" -> "Partly approved" */
export const words = (code) => (code ? code[0].toUpperCase() + code.slice(1).replaceAll(/[_.]/g, " ") : "–");

const tones = {
  approved: "good", partly_approved: "good", active: "good", settled: "good", delivered: "good", succeeded: "good",
  referred: "warn", requested: "warn", reduced: "warn", withdrawal_announced: "warn", extended: "warn", rescheduled: "warn",
  refused: "bad", withdrawn: "bad", insolvent: "bad", rejected: "bad", failed: "bad", gave_up: "bad",
  declared: "bad", claimed: "bad", documents_requested: "warn", in_collection: "bad", pending: "info", sent: "info",
};
export const tone = (state) => tones[state] ?? "";

const eventTones = {
  "application.decided": "info", "limit.granted": "good", "limit.reduced": "warn", "limit.withdrawal_announced": "warn",
  "limit.withdrawn": "bad", "limit.expired": "", "limit.cancelled": "", "buyer.grade_changed": "info",
  "buyer.insolvent": "bad", "overdue.declared": "bad", "overdue.changed": "info",
  "overdue.acknowledged": "info", "overdue.documents_requested": "warn", "overdue.handed_over": "bad", "cover.stopped": "bad",
  "cover.reinstated": "good",
};
export const eventTone = (type) => eventTones[type] ?? "";

const eventWords = {
  "application.decided": "Decision taken", "limit.granted": "Limit granted", "limit.reduced": "Limit reduced",
  "limit.withdrawal_announced": "Withdrawal announced", "limit.withdrawn": "Limit withdrawn", "limit.expired": "Limit expired",
  "limit.cancelled": "Limit cancelled", "buyer.grade_changed": "Grade changed", "buyer.insolvent": "Buyer insolvent",
  "overdue.declared": "Overdue declared", "overdue.changed": "Overdue changed",
  "overdue.acknowledged": "Overdue acknowledged", "overdue.documents_requested": "Documents requested",
  "overdue.handed_over": "Handed over to collection", "cover.stopped": "Cover stopped", "cover.reinstated": "Cover reinstated",
};
export const eventTitle = (type) => eventWords[type] ?? words(type);

/** Grades run from 1 (best) to 10; NA means not known. */
export function gradeTone(grade) {
  const value = Number.parseInt(grade, 10);
  if (Number.isNaN(value)) return "";
  return value <= 4 ? "good" : value <= 7 ? "warn" : "bad";
}

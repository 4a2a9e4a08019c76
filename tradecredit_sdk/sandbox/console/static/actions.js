// What a person can do, each in a dialog: decide, cut, insolvency, grade, clock, reset. A finished action refreshes.

import { call } from "./api.js";
import { ask, el, find, toast } from "./dom.js";
import * as format from "./format.js";
import { buyerName, refresh } from "./state.js";

const AMOUNT = { inputmode: "decimal", pattern: "[0-9]+([.][0-9]{1,4})?", title: "Digits and one decimal point, such as 30000 or 30000.50", required: true, autocomplete: "off" };

const facts = (...pairs) => el("dl", { class: "facts" }, pairs.map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));

/** A radio button in a list of choices. */
function choice(name, value, text, checked = false) {
  return el("label", {}, el("input", { type: "radio", name, value, checked }), text);
}

async function done(text) {
  await refresh();
  toast(text);
}

export function decide(application) {
  const asked = application.amount;
  const amount = el("input", { name: "amount", ...AMOUNT });
  const granted = { approved: asked.amount, partly_approved: "", refused: "0" };
  let chosen = null;
  ask({
    title: "Decide on the application",
    ok: "Decide",
    body: [
      facts(["Buyer", buyerName(application)], ["Asked", format.money(asked)], ["Reference", application.reference ?? "–"],
        ...(application.comment ? [["Comment", application.comment]] : [])),
      el("div", { class: "choices", role: "radiogroup", "aria-label": "Decision" },
        choice("state", "approved", "Approve in full", true), choice("state", "partly_approved", "Approve a part"), choice("state", "refused", "Refuse")),
      el("label", {}, `Amount granted, ${asked.currency}`, amount),
    ],
    change(form) {
      if (form.elements.state.value === chosen) return;
      chosen = form.elements.state.value;
      amount.disabled = chosen !== "partly_approved";
      amount.value = granted[chosen];
      if (!amount.disabled) amount.focus();
    },
    async act(data) {
      const state = data.get("state");
      const part = state === "partly_approved" ? { amount: data.get("amount"), currency: asked.currency } : null;
      await call("POST", `/applications/${encodeURIComponent(application.id)}/decide`, { state, amount: part });
      await done(`${format.words(state)}: ${buyerName(application)}`);
    },
  });
}

export function cut(limit) {
  const notice = el("input", { name: "notice", type: "number", min: "0", max: "365", step: "1", value: "30", required: true });
  ask({
    title: "Cut the limit",
    ok: "Cut",
    danger: true,
    body: [
      facts(["Buyer", buyerName(limit)], ["Now", format.money(limit.amount)]),
      el("label", {}, `New amount, ${limit.amount.currency} (0 withdraws it)`, el("input", { name: "amount", value: "0", ...AMOUNT })),
      el("label", {}, "Days of notice (0: from today)", notice),
      el("p", {}, "Goods shipped before the notice ends stay covered at the old amount."),
    ],
    async act(data) {
      await call("POST", `/limits/${encodeURIComponent(limit.id)}/cut`, {
        amount: { amount: data.get("amount"), currency: limit.amount.currency },
        notice_days: Number(data.get("notice")),
      });
      await done(`Cut announced: ${buyerName(limit)}`);
    },
  });
}

export function makeInsolvent(buyer) {
  ask({
    title: `Make ${buyer.name} insolvent?`,
    ok: "Make insolvent",
    danger: true,
    body: [el("p", {}, "All its limits are withdrawn at once, new applications are refused, and events are sent. Only a reset brings the company back.")],
    async act() {
      await call("POST", `/buyers/${encodeURIComponent(buyer.id)}/insolvency`);
      await done(`Insolvent: ${buyer.name}`);
    },
  });
}

export function changeGrade(buyer) {
  const grades = [...Array.from({ length: 10 }, (_, index) => String(index + 1)), "NA"];
  ask({
    title: `Grade of ${buyer.name}`,
    ok: "Change",
    body: [el("label", {}, "Grade, 1 is best", el("select", { name: "grade" },
      grades.map((grade) => el("option", { value: grade, selected: grade === buyer.grade }, grade))))],
    async act(data) {
      await call("POST", `/buyers/${encodeURIComponent(buyer.id)}/grade`, { grade: data.get("grade") });
      await done(`Grade ${data.get("grade")}: ${buyer.name}`);
    },
  });
}

async function overdueAct(overdue, what, body, said) {
  await call("POST", `/overdues/${encodeURIComponent(overdue.id)}/${what}`, body);
  await done(`${said}: ${buyerName(overdue)}`);
}

export async function acknowledge(overdue) {
  try {
    await overdueAct(overdue, "acknowledge", undefined, "Acknowledged");
  } catch (problem) {
    toast(problem.message, "bad");
  }
}

const DOCUMENTS = ["invoice", "delivery_proof", "order", "conditions_of_sale", "correspondence", "account_statement", "debt_acknowledgement", "guarantee"];

export function askDocuments(overdue) {
  ask({
    title: "Ask for documents",
    ok: "Ask",
    body: [
      facts(["Buyer", buyerName(overdue)], ["Reference", overdue.reference ?? "–"]),
      el("div", { class: "choices" }, DOCUMENTS.map((kind, index) => el("label", {},
        el("input", { type: "checkbox", name: "kinds", value: kind, checked: index < 2 }), format.words(kind)))),
      el("label", {}, "To be sent within days", el("input", { name: "days", type: "number", min: "0", max: "365", step: "1", value: "30", required: true })),
    ],
    async act(data) {
      await overdueAct(overdue, "documents", { kinds: data.getAll("kinds"), days: Number(data.get("days")) }, "Documents requested");
    },
  });
}

export function handOver(overdue) {
  ask({
    title: "Hand over to collection?",
    ok: "Hand over",
    danger: true,
    body: [facts(["Buyer", buyerName(overdue)], ["Unpaid", format.money(overdue.total)]),
      el("p", {}, "The insurer collects from now on. Cover stops, and no extension or payment plan can be asked for any more.")],
    async act() {
      await overdueAct(overdue, "hand-over", undefined, "Handed over");
    },
  });
}

export async function advance(days) {
  try {
    await call("POST", "/clock", { advance_days: days });
    await done(days === 1 ? "One day later" : `${days} days later`);
  } catch (problem) {
    toast(problem.message, "bad");
  }
}

function setClock() {
  const now = find("#now").dateTime;
  ask({
    title: "Set the sandbox clock",
    ok: "Set",
    body: [
      el("label", {}, "Day and time, UTC", el("input", { type: "datetime-local", name: "now", required: true, value: now.slice(0, 16) })),
      el("p", {}, "Limits, tokens, decisions and deadlines follow this clock, not that of your machine."),
    ],
    async act(data) {
      await call("POST", "/clock", { now: `${data.get("now")}:00Z` });
      await done("Clock set");
    },
  });
}

function reset() {
  ask({
    title: "Reset the sandbox?",
    ok: "Reset",
    danger: true,
    body: [el("p", {}, "Applications, limits, overdues, events and webhooks are deleted, companies and clock are as in the beginning, faults are off.")],
    async act() {
      await call("POST", "/reset");
      await done("As new");
    },
  });
}

export function wireActions() {
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => advance(Number(button.dataset.advance)));
  }
  find("#set-clock").addEventListener("click", setClock);
  find("#reset").addEventListener("click", reset);
}

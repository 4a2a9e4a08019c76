// What the page knows: the overview, the buyers' names, which page of which list is shown, and the refresh loop.

import { OfflineError, get } from "./api.js";
import { find, findAll, toast } from "./dom.js";

const INTERVAL_MS = 2500;

export const state = { view: "overview", overview: null, pages: {}, names: new Map() };

/** What to draw after each refresh: view name -> async function. */
export const painters = {};

export const buyerName = (row) => state.names.get(row.buyer_id) ?? row.buyer_id ?? "–";

export const pageOf = (list) => state.pages[list] ?? 1;

export function goTo(list, page) {
  state.pages[list] = page;
  refresh();
}

/** The values of a filter form, empty ones left out. */
export function filters(list) {
  const form = find(`form[data-filter="${list}"]`);
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
}

async function loadNames() {
  for (let page = 1; ; page += 1) {
    const { items, total } = await get("/buyers", { page, page_size: 500 });
    for (const buyer of items) state.names.set(buyer.id, buyer.name);
    if (items.length === 0 || state.names.size >= total) return;
  }
}

let running = null;
let next = null;
let told = null; // an error that stays is told once

/** Read anew and draw what changed; done when everything known at the moment of the call is on the page. */
export function refresh() {
  if (running === null) return start();
  next ??= running.then(start);
  return next;
}

function start() {
  next = null;
  running = run().finally(() => {
    running = null;
  });
  return running;
}

async function run() {
  try {
    if (state.names.size === 0) await loadNames();
    state.overview = await get("/overview");
    for (const paint of [painters.frame, painters[state.view]]) await paint?.();
    find("#offline").hidden = true;
    told = null;
  } catch (problem) {
    if (problem instanceof OfflineError) find("#offline").hidden = false;
    else if (problem.message !== told) toast(problem.message, "bad");
    told = problem.message;
  }
}

/** Refresh for ever while somebody looks. */
export function keepFresh() {
  setInterval(() => {
    if (!document.hidden) refresh();
  }, INTERVAL_MS);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
  for (const form of findAll("form[data-filter]")) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => goTo(form.dataset.filter, 1));
  }
}

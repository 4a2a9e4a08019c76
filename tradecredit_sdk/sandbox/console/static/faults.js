// Faults on demand: which kinds, how often, where; and what was injected.

import { call, get } from "./api.js";
import { draw, el, empty, find, toast } from "./dom.js";
import * as format from "./format.js";
import { painters, refresh } from "./state.js";

const KINDS = [
  ["latency", "Latency", "the right answer, late"],
  ["500", "500", "internal error, nothing done"],
  ["503", "503", "unavailable, with Retry-After"],
  ["429", "429", "too many requests, with Retry-After"],
  ["reset_before", "Reset before", "connection reset, nothing done"],
  ["reset_after", "Reset after", "connection reset, yet it was done"],
  ["drip", "Drip", "the body comes in small pieces"],
  ["truncate", "Truncate", "the body stops half-way"],
  ["garbage", "Garbage", "200, but not the promised JSON"],
];

const label = (kind) => KINDS.find(([code]) => code === kind)?.[1] ?? kind;
const whole = (text) => (text === "" ? null : Number(text));

function settings(form) {
  const data = new FormData(form);
  const kinds = data.getAll("kinds");
  if (kinds.length === 0) throw new Error("Choose at least one kind.");
  return {
    rate: Number(data.get("rate")) / 100,
    kinds,
    paths: data.get("paths") ? [data.get("paths")] : ["/open/v1", "/allianz-trade"],
    count: whole(data.get("count")),
    seed: whole(data.get("seed")),
    latency_seconds: Number(data.get("latency_seconds")),
    retry_after_seconds: Number(data.get("retry_after_seconds")),
  };
}

async function act(work, text) {
  const error = find("#fault-form .error");
  error.hidden = true;
  try {
    await work();
    await refresh();
    toast(text);
  } catch (problem) {
    error.textContent = problem.message;
    error.hidden = false;
  }
}

async function paint() {
  const status = await get("/faults");
  draw("faultCounts", status, () => {
    const state = el("p", {}, el("span", { class: `chip ${status.active ? "bad" : "good"}` }, status.active ? `On: ${format.percent(status.rate)} of exchanges` : "Off: every exchange passes"));
    const injected = Object.entries(status.injected).sort(([, one], [, other]) => other - one);
    if (injected.length === 0) return [state, empty("Nothing was broken so far.", "Switch faults on and let your client work.")];
    const most = injected[0][1];
    return [state, el("ul", { class: "rows" }, injected.map(([kind, times]) => {
      const fill = el("div", { class: "fill bad whole" });
      fill.style.width = `${(100 * times) / most}%`;
      return el("li", { class: "bar-row" },
        el("div", { class: "line" }, el("span", {}, label(kind)), el("span", { class: "num" }, format.count(times))),
        el("div", { class: "track", "aria-hidden": "true" }, fill));
    })), el("p", { class: "sub" }, `${format.count(status.seen)} exchanges seen since the plan began.`)];
  });
}

/** Show in the form what is switched on, once, when the page opens; after that the form is the person's. */
async function fillForm(form) {
  const status = await get("/faults");
  if (!status.active) return;
  for (const box of form.elements.kinds) box.checked = status.kinds.includes(box.value);
  form.elements.rate.value = Math.round(status.rate * 100);
  form.elements.paths.value = status.paths.length === 1 ? status.paths[0] : "";
  for (const name of ["count", "seed", "latency_seconds", "retry_after_seconds"]) form.elements[name].value = status[name] ?? "";
}

export async function wireFaults() {
  const form = find("#fault-form");
  find("#fault-kinds").append(...KINDS.map(([kind, name, what]) =>
    el("label", {}, el("input", { type: "checkbox", name: "kinds", value: kind, checked: true }), name, el("small", {}, what))));
  const showRate = () => {
    find("#rate-out").value = `${form.elements.rate.value} %`;
  };
  form.addEventListener("input", showRate);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => call("PUT", "/faults", settings(form)), "Faults are on");
  });
  find("#faults-off").addEventListener("click", () => act(() => call("DELETE", "/faults"), "Faults are off"));
  painters.faults = paint;
  await fillForm(form);
  showRate();
}

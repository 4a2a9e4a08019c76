// How to connect: variables to copy, for each of the two interfaces this sandbox serves.

import { el, find, findAll, toast } from "./dom.js";

const FIXED = [
  ["900000001", "approved in full at once"],
  ["900000002", "half of what was asked"],
  ["900000003", "refused"],
  ["900000004", "referred to an underwriter, approved a few seconds later"],
  ["900000005", "approved, cut to half after 30 days on the sandbox clock"],
  ["900000006", "approved; after 10 days a withdrawal is announced with 30 days of notice"],
  ["900000007", "referred until a person decides, here"],
  ["900000008", "insolvent: refused"],
  ["900000009", "decided in US dollars"],
  ["900000010", "partly approved, with conditions and at most 30 days of payment terms"],
];

const BASES = { open: "/open/v1", "allianz-trade": "/allianz-trade" };

const variables = (insurer) => [
  `export TRADECREDIT_INSURER=${insurer}`,
  `export TRADECREDIT_BASE_URL=${location.origin}${BASES[insurer]}`,
  "export TRADECREDIT_API_KEY=sandbox",
  "export TRADECREDIT_POLICY=DEMO-001",
].join("\n");

/** A block of text with a button that copies it. */
export function snippet(text, label) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied");
    } catch {
      getSelection().selectAllChildren(block);
      toast("Selected: press Ctrl+C to copy");
    }
  };
  const block = el("pre", { tabindex: "0", "aria-label": label }, text);
  return el("div", { class: "snippet" }, block, el("button", { type: "button", "aria-label": `Copy ${label}`, click: copy }, "Copy"));
}

export const tryIt = () => snippet("tradecredit limit request --buyer 900000007 --amount 50000 --currency EUR", "a first request");

export function drawConnect() {
  for (const place of findAll("[data-connect]")) {
    place.replaceChildren(
      snippet(variables(place.dataset.connect), `variables for ${place.dataset.connect}`),
      snippet("tradecredit doctor", "the check of the connection"));
  }
  find('[data-list="fixed"]').replaceChildren(el("ul", { class: "rows" },
    FIXED.map(([id, what]) => el("li", { class: "line" }, el("code", {}, id), el("span", { class: "who" }, what)))));
}

// Builds elements from data. Names and comments come from outside, so text is only ever set as text, never as markup.

/** el("td", {class: "num"}, "12"): properties are attributes, functions become listeners, children are nodes or text. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

const drawn = new WeakMap();

/** Put `build()` into the list called `name`, but only when `data` has changed, and give focus back to where it was. */
export function draw(name, data, build) {
  const signature = JSON.stringify(data);
  for (const place of findAll(`[data-list="${name}"]`)) {
    if (drawn.get(place) === signature) continue;
    drawn.set(place, signature);
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const open = findAll("details[open]", place).map((node) => node.dataset.key);
    place.replaceChildren(...[build()].flat(Infinity));
    for (const node of findAll("details", place)) node.open = open.includes(node.dataset.key);
    if (focused) find(`[data-key="${CSS.escape(focused)}"]`, place)?.focus();
  }
}

export function empty(title, ...help) {
  return el("div", { class: "empty" }, el("strong", {}, title), ...help);
}

/** A table with a caption for screen readers; `columns` are [heading, class]. */
export function table(caption, columns, rows) {
  const head = columns.map(([text, css]) => el("th", { scope: "col", class: css }, text || el("span", { class: "sr" }, "Actions")));
  return el("div", { class: "scroll" },
    el("table", {}, el("caption", { class: "sr" }, caption), el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)));
}

export function pager(page, size, total, go) {
  const pages = Math.max(1, Math.ceil(total / size));
  const from = total === 0 ? 0 : (page - 1) * size + 1;
  return el("div", { class: "pager" },
    el("span", {}, `${from}–${Math.min(total, page * size)} of ${total}`),
    el("span", {},
      el("button", { type: "button", disabled: page <= 1, "data-key": "previous", click: () => go(page - 1) }, "Previous"),
      el("button", { type: "button", disabled: page >= pages, "data-key": "next", click: () => go(page + 1) }, "Next")));
}

export function toast(text, kind = "") {
  const note = el("div", { class: `toast ${kind}` }, text);
  find("#toasts").append(note);
  setTimeout(() => note.remove(), kind === "bad" ? 9000 : 4500);
}

/**
 * Ask in a modal dialog. `act(FormData)` does the work; what it throws is shown in words and the dialog stays open.
 * `change(form)` runs at each input, to switch fields on and off.
 */
export function ask({ title, body, ok, danger = false, act, change }) {
  const dialog = find("#dialog");
  const form = find("form", dialog);
  const error = find(".error", dialog);
  const button = find("#dialog-ok");
  find("#dialog-title").textContent = title;
  find("#dialog-body").replaceChildren(...body);
  error.hidden = true;
  button.textContent = ok;
  button.disabled = false;
  button.classList.toggle("danger", danger);
  form.oninput = () => change?.(form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await act(new FormData(form));
      dialog.close();
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  };
  find("#dialog-cancel").onclick = () => dialog.close();
  change?.(form);
  dialog.showModal();
}

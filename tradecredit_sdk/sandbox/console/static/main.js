// Starts the page: views by address fragment, the frame around them, and the refresh loop.

import { wireActions } from "./actions.js";
import { drawConnect } from "./connect.js";
import { find, findAll, toast } from "./dom.js";
import { wireFaults } from "./faults.js";
import * as format from "./format.js";
import { wireLists } from "./lists.js";
import { keepTime, paintFrame, paintOverview } from "./overview.js";
import { keepFresh, painters, refresh, state } from "./state.js";

const VIEWS = findAll("[data-view]").map((section) => section.dataset.view);

/** Show the view named by the address; the heading takes part so that screen readers hear of it. */
function show() {
  const asked = location.hash.slice(1);
  state.view = VIEWS.includes(asked) ? asked : "overview";
  for (const section of findAll("[data-view]")) section.hidden = section.dataset.view !== state.view;
  for (const link of findAll("nav a")) {
    const here = link.hash === `#${state.view}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  find("#title").textContent = format.words(state.view);
  document.title = `${format.words(state.view)} · Sandbox insurer`;
  refresh();
}

wireActions();
wireLists();
drawConnect();
Object.assign(painters, { frame: paintFrame, overview: paintOverview });
addEventListener("hashchange", () => {
  show();
  find("#main").focus();
});
show();
keepFresh();
keepTime();
wireFaults().catch((problem) => toast(problem.message, "bad"));

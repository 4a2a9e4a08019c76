// The control API under /sandbox/v1. What goes wrong becomes an Error whose message a person can act upon.

export class OfflineError extends Error {}

/** Call the control API and return its JSON (null when empty). */
export async function call(method, path, body) {
  const options = { method, headers: { Accept: "application/json" }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/sandbox/v1${path}`, options);
  } catch {
    throw new OfflineError("The sandbox does not answer. Is it still running?");
  }
  const text = await answer.text();
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    throw new Error(`The sandbox sent something unreadable (status ${answer.status}).`);
  }
  if (answer.ok) return data;
  throw new Error(inWords(data, answer.status));
}

function inWords(problem, status) {
  const fields = Array.isArray(problem?.errors) ? problem.errors.map((one) => `${one.field}: ${one.message}`) : [];
  const detail = typeof problem?.detail === "string" ? problem.detail : problem?.title;
  return [detail ?? `The sandbox refused with status ${status}.`, ...fields].join(" ");
}

export const get = (path, query = {}) => {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const search = new URLSearchParams(given).toString();
  return call("GET", search ? `${path}?${search}` : path);
};

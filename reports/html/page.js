// What the page does beyond HTML: it fills what is opened, follows links into it, copies, filters, and moves the focus
// within pictures by arrow keys.

const root = document.documentElement;
root.classList.add("scripted");

/** Turns the text that a `noscript` holds into elements; see `later.ts`. */
function fill(details) {
  for (const waiting of details.querySelectorAll("noscript")) {
    // That of a closed `details` further inside waits on.
    if (waiting.closest("details") !== details) continue;
    const template = document.createElement("template");
    template.innerHTML = waiting.textContent;
    waiting.replaceWith(template.content);
  }
}

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open && !target.matches(".suite")) fill(target);
  },
  true,
);
for (const details of document.querySelectorAll("details[open]:not(.suite)")) fill(details);

if (matchMedia("(max-width: 760px)").matches) {
  for (const details of document.querySelectorAll("[data-open-narrow]")) details.open = true;
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest(".copy");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.firstChild.data = "Copied";
  } catch {
    // Without leave to write there, what is marked can be copied by hand.
    getSelection().selectAllChildren(code);
    button.firstChild.data = "Marked";
  }
});

const form = document.querySelector(".filters");

/** Rows of a suite that become elements at a time. */
const portion = 100;
const suites = [...document.querySelectorAll(".suite")].map((details) => {
  const waiting = details.querySelector("noscript");
  const list = document.createElement("div");
  waiting.replaceWith(list);
  return { details, list, text: waiting.textContent, rows: undefined, shown: portion };
});

/** The rows of a suite as text, with what they can be filtered by. */
function rowsOf(suite) {
  suite.rows ??= suite.text
    .split(/(?=<details class="check")/)
    .filter((text) => text.startsWith("<details"))
    .map((text) => {
      const [, outcome, known] = /data-o="([^"]*)" data-k="([^"]*)"/.exec(text);
      const what = /<span class="what">(.*?)<\/span>/s.exec(text)[1].replace(/<[^>]+>/g, "");
      return { text, outcome, known: known.split(" "), said: `${suite.details.dataset.suite}/${what}`.toLowerCase() };
    });
  return suite.rows;
}

/** What is asked for: every word, and each of outcome, profile and tag that is chosen. */
function wanted() {
  const { text, outcome, profile, tag } = Object.fromEntries(new FormData(form));
  const escaped = new Option(text.toLowerCase()).innerHTML.replaceAll("'", "&#39;").replaceAll('"', "&quot;");
  const words = escaped.split(/\s+/).filter(Boolean);
  const named = [profile, tag].filter(Boolean);
  const fits = (row) =>
    (outcome === "" || row.outcome === outcome) &&
    named.every((word) => row.known.includes(word)) &&
    words.every((word) => row.said.includes(word));
  return { fits, any: words.length + named.length === 0 && outcome === "" };
}

/** Makes elements of the first rows of a suite that fit; one that is closed has none until it is opened. */
function show(suite, { fits }) {
  const fitting = suite.details.open ? rowsOf(suite).filter(fits) : [];
  const left = fitting.length - suite.shown;
  const more = `<button type="button" class="rest">${left} more</button>`;
  const texts = fitting.slice(0, suite.shown).map(({ text }) => text);
  suite.list.innerHTML = texts.join("") + (left > 0 ? more : "");
}

function filter() {
  const choice = wanted();
  let [count, all] = [0, 0];
  for (const suite of suites) {
    const fitting = rowsOf(suite).filter(choice.fits).length;
    all += rowsOf(suite).length;
    count += fitting;
    suite.shown = portion;
    suite.details.hidden = fitting === 0;
    if (!choice.any) suite.details.open = true;
    show(suite, choice);
  }
  form.querySelector("output").textContent = choice.any ? `${all} checks` : `${count} of ${all} checks`;
}
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());

for (const suite of suites) {
  show(suite, wanted());
  suite.details.addEventListener("toggle", () => suite.list.hasChildNodes() || show(suite, wanted()));
  suite.list.addEventListener("click", ({ target }) => {
    if (!target.matches(".rest")) return;
    suite.shown += portion;
    show(suite, wanted());
  });
}

/** Shows the row of this name in the list, whatever is filtered. */
function bring(id) {
  const suite = suites.find(({ text }) => text.includes(`id="${id}"`));
  if (!suite) return undefined;
  if (suite.details.hidden || !document.getElementById(id)) {
    form.reset();
    filter();
    suite.details.open = true;
    suite.shown = Math.max(portion, rowsOf(suite).findIndex(({ text }) => text.includes(`id="${id}"`)) + 1);
    show(suite, wanted());
  }
  return document.getElementById(id);
}

/** Opens the target of the address and whatever encloses it, and shows it. */
function follow() {
  const id = location.hash.slice(1);
  const target = document.getElementById(id) ?? bring(id);
  if (!target) return;
  for (let inside = target.closest("details"); inside; inside = inside.parentElement.closest("details")) {
    inside.open = true;
    fill(inside);
  }
  target.scrollIntoView();
  target.closest("details")?.querySelector("summary").focus({ preventScroll: true });
}
addEventListener("hashchange", follow);
// A second click on a link changes no address.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a[href^='#']");
  if (link && link.getAttribute("href") === location.hash) follow();
});
follow();

/** One stop of the Tab key for a picture; arrow keys go on from there. */
for (const group of document.querySelectorAll("[data-roving]")) {
  const links = [...group.querySelectorAll("a")];
  for (const link of links.slice(1)) link.tabIndex = -1;
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = links[links.indexOf(event.target.closest("a")) + step];
    if (step === undefined || next === undefined) return;
    event.preventDefault();
    for (const link of links) link.tabIndex = link === next ? 0 : -1;
    next.focus();
  });
}

/** What the pointer or the focus is on, in words. */
const said = document.querySelector("[data-said]");
for (const type of ["pointerover", "focusin"]) {
  document.addEventListener(type, ({ target }) => {
    const span = target.closest?.("[data-say]");
    if (span) said.textContent = span.dataset.say;
  });
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll(".fault details, .reasons details")) details.open = true;
});

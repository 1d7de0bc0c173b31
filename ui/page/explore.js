// The explore view: what it knows, and the charts. The server is asked for what is known at once (`server.shelf`), for pages of
// the table (`server.rows`) and for the map (`server.plane`). The parts of this script are one function's body, `element` is its
// root. Text of papers is only ever set as text.
const $ = (name) => element.querySelector(name);
const make = (tag, fields = {}, ...children) => { const node = Object.assign(document.createElement(tag), fields); node.append(...children); return node; };
const [ID, TITLE, DAY, ORG, COMMENTS, AUTHORS, LINK, X, Y, GROUP] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const count = (n) => n.toLocaleString("en");
const words = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
const MONTHS = "January February March April May June July August September October November December".split(" ");
const month_name = (key) => (key.length > 4 ? `${MONTHS[+key.slice(5) - 1]} ${key.slice(0, 4)}` : key);
const day_name = (day) => (day ? `${+day.slice(8)} ${month_name(day.slice(0, 7))}` : "no date");

// What is known of the shelf, the map (later), the papers on it by id; the paper chosen and the one pointed at.
let shelf = null, plane = null, by_id = new Map(), inside = [], chosen = null, hovered = null;
const kept = { period: null, org: null, group: null, text: "", by: "published", down: true };
const drawn = () => plane?.papers || [];
const whole = () => plane && plane.n_shown === plane.n_papers; // the page has every paper
const folded = (text) => (text || "").toLowerCase();

const passes = (paper) => (!kept.period || paper[DAY]?.startsWith(kept.period)) && (kept.org === null || folded(paper[ORG]) === folded(kept.org)) &&
  (kept.group === null || paper[GROUP] === kept.group) && folded(kept.text).split(/\s+/).every((word) => folded(`${paper[TITLE]} ${paper[ORG] || ""}`).includes(word));
const narrowed = () => kept.period || kept.org !== null || kept.group !== null || kept.text;

function press(buttons, is) { const any = [...buttons].some(is); buttons.forEach((button) => any ? button.setAttribute("aria-pressed", String(is(button))) : button.removeAttribute("aria-pressed")); }
function narrow(change) { Object.assign(kept, change); show(); }
const turn = (name, value) => narrow({ [name]: kept[name] === value ? null : value });

// One stop for Tab in a row of buttons; the arrow keys move in it.
function rove(box, at) {
  const buttons = [...box.querySelectorAll("button")];
  buttons.forEach((button, i) => { button.tabIndex = i === Math.max(0, Math.min(at, buttons.length - 1)) ? 0 : -1; });
}
function roves(box) {
  box.addEventListener("keydown", (event) => {
    const buttons = [...box.querySelectorAll("button")], i = buttons.indexOf(event.target);
    const to = { ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (i < 0 || to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(to, buttons.length - 1))].focus();
  });
  box.addEventListener("focusin", (event) => rove(box, [...box.querySelectorAll("button")].indexOf(event.target)));
}

// Bars too thin to be tapped are years.
const by_year = () => $(".ex-bars").clientWidth < 600 && shelf.months.length > 24;
let years_shown = null;
function months() {
  const box = $(".ex-bars"), counted = new Map();
  years_shown = by_year();
  for (const [key, n] of shelf.months) { const at = years_shown ? key.slice(0, 4) : key; counted.set(at, (counted.get(at) || 0) + n); }
  // Long gaps before the bulk of the papers would leave bars too thin to see: the last ten years, and how many are older.
  const all = [...counted], most_shown = years_shown ? 12 : 120, shown = all.slice(-most_shown), most = Math.max(1, ...shown.map(([, n]) => n));
  const before = all.slice(0, -most_shown).reduce((sum, [, n]) => sum + n, 0), unit = years_shown ? "year" : "month";
  box.replaceChildren(...shown.map(([key, n]) => {
    const said = `${month_name(key)}: ${words(n, "paper")}`, bar = make(n ? "button" : "span", { className: "ex-bar", title: said }, make("i"));
    if (n) { bar.type = "button"; bar.value = key; bar.setAttribute("aria-label", said); bar.firstChild.style.height = `${Math.max(2, 100 * n / most)}%`; }
    return bar;
  }));
  rove(box, Infinity);
  box.setAttribute("aria-label", `Papers a ${unit}; the arrow keys move, and one chosen narrows the table and the map`);
  $(".ex-unit").textContent = `Papers a ${unit}`;
  const undated = shelf.n_papers - shelf.n_dated;
  $(".ex-months .ex-note").textContent = [undated ? `${words(undated, "paper")} without a date` : "", before ? `${count(before)} older` : ""].filter(Boolean).join("; ");
  const step = years_shown ? Math.ceil(shown.length / 7) : Math.max(1, Math.ceil(shown.length / 12 / (box.clientWidth < 600 ? 5 : 8)));
  const years = shown.flatMap(([key], i) => (years_shown || key.endsWith("-01") || i === 0) ? [[key.slice(0, 4), i]] : []).filter(([year, i], at, list) => at === 0 && !years_shown ? list.length < 2 || list[1][1] > 8 : (+year % step) === 0);
  $(".ex-axis").replaceChildren(...years.map(([year, i]) => { const mark = make("span", { textContent: year }); mark.style.left = `${100 * (i + (years_shown ? .5 : 0)) / shown.length}%`; if (years_shown) mark.className = "ex-mid"; return mark; }));
}
// The bar that was meant: the one pressed by a key, else the nearest one with papers.
function bar_at(event) {
  if (!event.detail) return event.target.closest("button.ex-bar");
  const off = (bar) => { const box = bar.getBoundingClientRect(); return Math.max(0, box.left - event.clientX, event.clientX - box.right); };
  return [...$(".ex-bars").querySelectorAll("button")].reduce((best, bar) => (!best || off(bar) < off(best) ? bar : best), null);
}

function organisations() {
  const most = Math.max(1, ...shelf.organisations.map(([, n]) => n));
  $(".ex-list").replaceChildren(...shelf.organisations.map(([name, n]) => {
    const bar = make("i");
    bar.style.width = `${100 * n / most}%`;
    return make("li", {}, make("button", { type: "button", value: name, title: name, onclick: () => turn("org", name) }, make("b", { textContent: name, dir: "auto" }), bar, make("em", { textContent: count(n) })));
  }));
  rove($(".ex-list"), 0);
  $(".ex-orgs .ex-note").textContent = shelf.organisations.length ? "" : "None is known here.";
}

// The explore view: asks the server once for what the shelf holds, draws it, and says which paper was chosen. Runs as the
// component's script: `element` is its root, `server.shelf()` asks. Text of papers is only ever set as text.
const $ = (name) => element.querySelector(name);
const make = (tag, fields = {}, ...children) => { const node = Object.assign(document.createElement(tag), fields); node.append(...children); return node; };
const [ID, TITLE, DAY, ORG, COMMENTS, AUTHORS, LINK, X, Y, GROUP] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
// Eight colours that stay apart for colour-blind eyes, each with a shape of its own; at least 3:1 on the page's grounds.
const LIGHT = ["#0072b2", "#b8500f", "#00785a", "#a63d93", "#866700", "#3b2f9e", "#8c1c3f", "#4d4d4d"];
const DARK = ["#6fbdf0", "#ff9f4a", "#3fd0a0", "#f0a0d8", "#ece15a", "#b3adff", "#ff96a6", "#d4d4d4"];
const SHAPES = [
  (c, r) => c.arc(0, 0, r, 0, 7), (c, r) => c.rect(-r * .88, -r * .88, r * 1.76, r * 1.76),
  (c, r) => path(c, r * 1.2, [[0, -1], [.95, .7], [-.95, .7]]), (c, r) => path(c, r * 1.25, [[0, -1], [1, 0], [0, 1], [-1, 0]]),
  (c, r) => path(c, r * 1.2, [[0, 1], [.95, -.7], [-.95, -.7]]), (c, r) => path(c, r * 1.15, [[-.35, -1], [.35, -1], [.35, -.35], [1, -.35], [1, .35], [.35, .35], [.35, 1], [-.35, 1], [-.35, .35], [-1, .35], [-1, -.35], [-.35, -.35]]),
  (c, r) => path(c, r * 1.15, [[0, -1], [.95, -.31], [.59, .81], [-.59, .81], [-.95, -.31]]), (c, r) => path(c, r * 1.15, [[1, 0], [.5, .87], [-.5, .87], [-1, 0], [-.5, -.87], [.5, -.87]]),
];
const path = (c, r, points) => { points.forEach(([x, y], i) => c[i ? "lineTo" : "moveTo"](x * r, y * r)); c.closePath(); };
const dark = () => document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : document.body.classList.contains("dark");
const colour = (group) => (dark() ? DARK : LIGHT)[group % 8];
const count = (n) => n.toLocaleString("en");
const words = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
const MONTHS = "January February March April May June July August September October November December".split(" ");
const month_name = (key) => `${MONTHS[+key.slice(5) - 1]} ${key.slice(0, 4)}`;
const day_name = (day) => (day ? `${+day.slice(8)} ${month_name(day.slice(0, 7))}` : "no date");

let shelf = null, rows = [], chosen = null, hovered = null, n_listed = 50, asking = false;
const kept = { month: null, org: null, group: null, text: "", by: DAY, down: true };

const passes = (paper) => (!kept.month || paper[DAY]?.startsWith(kept.month)) && (kept.org === null || paper[ORG] === kept.org) &&
  (kept.group === null || paper[GROUP] === kept.group) && kept.text.split(/\s+/).every((word) => `${paper[TITLE]} ${paper[ORG] || ""}`.toLowerCase().includes(word));
const narrowed = () => kept.month || kept.org !== null || kept.group !== null || kept.text;

function press(buttons, of) { const any = of !== null; buttons.forEach((button) => any ? button.setAttribute("aria-pressed", String(button.value === String(of))) : button.removeAttribute("aria-pressed")); }
function narrow(change) { Object.assign(kept, change); n_listed = 50; show(); }
const turn = (name, value) => narrow({ [name]: kept[name] === value ? null : value });

function months() {
  const box = $(".ex-bars"), all = shelf.months, most = Math.max(1, ...all.map(([, n]) => n));
  // Long gaps before the bulk of the papers would leave bars too thin to see: show the last ten years, and say so.
  const shown = all.slice(-120), before = all.slice(0, -120).reduce((sum, [, n]) => sum + n, 0);
  box.replaceChildren(...shown.map(([key, n]) => {
    const bar = make("button", { type: "button", className: "ex-bar", value: key, title: `${month_name(key)}: ${words(n, "paper")}`, disabled: !n, onclick: () => turn("month", key) }, make("i"));
    bar.setAttribute("aria-label", `${month_name(key)}: ${words(n, "paper")}`);
    bar.firstChild.style.height = `${n ? Math.max(2, 100 * n / most) : 0}%`;
    return bar;
  }));
  const undated = shelf.n_papers - shelf.n_dated;
  $(".ex-months .ex-note").textContent = [undated ? `${words(undated, "paper")} without a date` : "", before ? `${count(before)} older` : ""].filter(Boolean).join("; ");
  const step = Math.max(1, Math.ceil(shown.length / 12 / 8)), years = shown.flatMap(([key], i) => (key.endsWith("-01") || i === 0) ? [[key.slice(0, 4), i]] : []).filter(([year, i], at, list) => at === 0 ? list.length < 2 || list[1][1] > 8 : (+year % step) === 0);
  $(".ex-axis").replaceChildren(...years.map(([year, i]) => { const mark = make("span", { textContent: year }); mark.style.left = `${100 * i / shown.length}%`; return mark; }));
}

function organisations() {
  const most = Math.max(1, ...shelf.organisations.map(([, n]) => n));
  $(".ex-list").replaceChildren(...shelf.organisations.map(([name, n]) => {
    const bar = make("i");
    bar.style.width = `${100 * n / most}%`;
    return make("li", {}, make("button", { type: "button", value: name, title: name, onclick: () => turn("org", name) }, make("b", { textContent: name }), bar, make("em", { textContent: count(n) })));
  }));
  $(".ex-orgs .ex-note").textContent = !shelf.organisations.length ? "None is known here." : shelf.n_shown < shelf.n_papers ? `among the ${count(shelf.n_shown)} shown` : "";
}

function legend() {
  $(".ex-legend").replaceChildren(...shelf.clusters.map((cluster, group) => {
    const mark = make("canvas", { width: 28, height: 28 }), button = make("button", { type: "button", value: String(group), onclick: () => turn("group", group) }, mark, make("span", { textContent: cluster.name }), make("em", { textContent: count(cluster.n) }));
    mark.style.cssText = "width:14px;height:14px"; mark.setAttribute("aria-hidden", "true");
    const c = mark.getContext("2d"); c.translate(14, 14); c.beginPath(); SHAPES[group % 8](c, 9); c.fillStyle = colour(group); c.fill();
    return button;
  }));
}

const canvas = $("canvas"), MARGIN = 26;
const at = (paper, box) => [MARGIN + paper[X] * (box.width - 2 * MARGIN), MARGIN + (1 - paper[Y]) * (box.height - 2 * MARGIN)];
function draw() {
  if (!shelf) return;
  const box = canvas.getBoundingClientRect(), scale = devicePixelRatio || 1;
  if (!box.width) return;
  canvas.width = box.width * scale; canvas.height = box.height * scale;
  const c = canvas.getContext("2d"), size = Math.max(2, Math.min(4.6, 110 / Math.sqrt(shelf.papers.length))) * (box.width < 500 ? .85 : 1);
  c.scale(scale, scale);
  const style = getComputedStyle(element.querySelector(".explore")), ink = style.getPropertyValue("--ex-ink"), ground = style.getPropertyValue("--ex-card");
  const point = (paper, r, alpha, edge) => {
    const [x, y] = at(paper, box);
    c.save(); c.translate(x, y); c.globalAlpha = alpha; c.beginPath(); SHAPES[paper[GROUP] % 8](c, r); c.fillStyle = colour(paper[GROUP]); c.fill();
    if (edge) { c.lineWidth = edge; c.strokeStyle = edge > 1 ? ink : ground; c.stroke(); }
    c.restore();
  };
  const inside = new Set(rows);
  if (narrowed()) for (const paper of shelf.papers) if (!inside.has(paper)) point(paper, size * .8, .16, 0);
  for (const paper of inside) point(paper, size, .85, .7);
  for (const paper of [hovered, chosen]) if (paper) point(paper, size * 1.8, 1, 2);
  labels(box);
}
function labels(box) {
  const sums = shelf.clusters.map(() => []);
  for (const paper of shelf.papers) sums[paper[GROUP]].push(paper);
  const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const spots = sums.map((papers, group) => ({ group, n: papers.length, x: middle(papers.map((p) => p[X])), y: middle(papers.map((p) => p[Y])) })).filter((spot) => spot.n && (kept.group === null || kept.group === spot.group));
  const placed = [];
  $(".ex-labels").replaceChildren(...spots.map(({ group, x, y }) => {
    const spot = at([, , , , , , , x, y], box), half = box.width < 500 ? 62 : 98, name = shelf.clusters[group].name.split(", ").slice(0, 2).join(", ");
    spot[0] = Math.min(Math.max(spot[0], half), box.width - half); spot[1] = Math.min(Math.max(spot[1], 34), box.height - 34);
    for (let tries = 0; tries < 12 && placed.some(([px, py]) => Math.abs(px - spot[0]) < half * 1.7 && Math.abs(py - spot[1]) < 40); tries++) spot[1] += (tries % 2 ? -1 : 1) * (tries + 1) * 22;
    spot[1] = Math.min(Math.max(spot[1], 34), box.height - 34);
    placed.push(spot);
    const label = make("span", { textContent: name });
    label.style.cssText = `left:${spot[0]}px;top:${spot[1]}px`;
    label.style.color = colour(group);
    return label;
  }));
}
function under(event) {
  const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  let best = null, least = (event.pointerType === "touch" ? 22 : 11) ** 2;
  for (const paper of rows) { const [px, py] = at(paper, box), d = (px - x) ** 2 + (py - y) ** 2; if (d < least) { least = d; best = paper; } }
  return best;
}
function tip(paper, event) {
  const box = $(".ex-tip");
  box.hidden = !paper;
  if (!paper) return;
  box.replaceChildren(make("b", { textContent: paper[TITLE] }), make("span", { textContent: [day_name(paper[DAY]), paper[ORG]].filter(Boolean).join(" · ") }));
  const area = canvas.getBoundingClientRect(), x = event.clientX - area.left, y = event.clientY - area.top;
  box.style.left = `${Math.min(x + 14, Math.max(4, area.width - box.offsetWidth - 6))}px`;
  box.style.top = `${y + 18 + box.offsetHeight > area.height ? Math.max(4, y - box.offsetHeight - 12) : y + 18}px`;
}

function choose(paper, focus) {
  chosen = paper;
  const card = $(".ex-card");
  card.hidden = !paper;
  if (paper) {
    const ask = make("button", { type: "button", className: "ex-button ex-main", textContent: "Ask about this paper", onclick: () => leave(null, paper) });
    const like = make("button", { type: "button", className: "ex-button", textContent: "What does it report?", onclick: () => leave(`What does ${paper[TITLE].split(/:\s/)[0]} report?`, paper) });
    const close = make("button", { type: "button", className: "ex-button", textContent: "Close", onclick: () => choose(null) });
    const acts = make("div", { className: "ex-acts" }, ask, like);
    if (/^https?:\/\//i.test(paper[LINK] || "")) acts.append(make("a", { href: paper[LINK], target: "_blank", rel: "noopener noreferrer", textContent: "Open its page" }));
    acts.append(close);
    const facts = [day_name(paper[DAY]), paper[ORG], paper[AUTHORS] ? words(paper[AUTHORS], "author") : "", paper[COMMENTS] ? words(paper[COMMENTS], "comment") : "", shelf.clusters[paper[GROUP]].name];
    card.replaceChildren(make("strong", { textContent: paper[TITLE] }), make("span", { className: "ex-quiet", textContent: facts.filter(Boolean).join(" · ") }), acts);
    if (focus) { card.scrollIntoView({ block: "nearest" }); ask.focus({ preventScroll: true }); }
  }
  for (const row of element.querySelectorAll("tbody tr")) row.paper === chosen && chosen ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
  draw();
}
function leave(question, paper) {
  window.askpapers?.desk?.ask_from_outside?.(question, { id: paper[ID], title: paper[TITLE] });
  document.dispatchEvent(new CustomEvent("askpapers:choose", { detail: { question, paper_id: paper[ID], title: paper[TITLE] } }));
}

const COLUMNS = [["Title", TITLE, ""], ["Date", DAY, "day"], ["Comments", COMMENTS, "num"], ["Organisation", ORG, ""], ["Authors", AUTHORS, "num"]];
function heads() {
  $("thead tr").replaceChildren(...COLUMNS.map(([name, column, kind]) => {
    const button = make("button", { type: "button", textContent: name, onclick: () => narrow({ by: column, down: kept.by === column ? !kept.down : column !== TITLE && column !== ORG }) });
    if (kept.by === column) button.append(kept.down ? " ▾" : " ▴");
    const head = make("th", { scope: "col", className: kind === "num" ? "num" : "" }, button);
    head.setAttribute("aria-sort", kept.by === column ? (kept.down ? "descending" : "ascending") : "none");
    return head;
  }));
}
function table() {
  const sign = kept.down ? -1 : 1, known = (paper) => paper[kept.by] !== null && paper[kept.by] !== "";
  rows.sort((a, b) => known(b) - known(a) || (!known(a) ? 0 : sign * (typeof a[kept.by] === "number" ? a[kept.by] - b[kept.by] : a[kept.by].localeCompare(b[kept.by]))));
  $("tbody").replaceChildren(...rows.slice(0, n_listed).map((paper) => {
    const title = make("button", { type: "button", textContent: paper[TITLE], onclick: () => choose(paper, true), onfocus: () => { hovered = paper; draw(); }, onblur: () => { hovered = null; draw(); } });
    const row = make("tr", { paper }, make("td", {}, title), make("td", { className: "day", textContent: paper[DAY] || "no date" }), make("td", { className: "num", textContent: paper[COMMENTS] ?? "" }), make("td", { textContent: paper[ORG] || "" }), make("td", { className: "num", textContent: paper[AUTHORS] ?? "" }));
    if (paper === chosen) row.setAttribute("aria-current", "true");
    return row;
  }));
  const rest = rows.length - n_listed;
  $(".ex-more").hidden = rest <= 0;
  $(".ex-more").textContent = `Show ${Math.min(rest, 200)} more of ${count(rows.length)}`;
  $(".ex-count").textContent = narrowed() ? `${count(rows.length)} of ${words(shelf.n_shown, "paper")}` : words(shelf.n_shown, "paper");
}
function show() {
  rows = shelf.papers.filter(passes);
  press(element.querySelectorAll(".ex-bar"), kept.month); press(element.querySelectorAll(".ex-list button"), kept.org); press(element.querySelectorAll(".ex-legend button"), kept.group);
  $(".ex-clear").hidden = !narrowed();
  heads(); table(); draw();
}

async function open() {
  if (asking) return;
  asking = true;
  $("#explore-open").textContent = "Refresh";
  $(".ex-said").textContent = shelf ? "Looking whether anything is new …" : "Drawing the shelf …";
  try {
    const got = await server.shelf(0);
    if (!got || got.error) throw new Error(got?.error || "The server gave nothing.");
    shelf = got;
    chosen = hovered = null;
    $(".ex-card").hidden = true;
    $(".ex-body").hidden = !shelf.n_shown;
    $(".ex-said").textContent = !shelf.n_papers ? "There are no papers here yet; add some, and they are drawn." : shelf.n_shown < shelf.n_papers ? `Showing ${count(shelf.n_shown)} of ${words(shelf.n_papers, "paper")}, taken evenly; the months count all.` : words(shelf.n_papers, "paper");
    canvas.setAttribute("aria-label", `A map of ${words(shelf.n_shown, "paper")} in ${words(shelf.clusters.length, "group")}: ${shelf.clusters.map((c) => `${c.name} (${c.n})`).join("; ")}. The table below lists the same papers.`);
    if (shelf.n_shown) { months(); organisations(); legend(); show(); }
  } catch (error) {
    $(".ex-said").textContent = `The shelf could not be drawn: ${error.message}`;
  } finally { asking = false; }
}

$("#explore-open").addEventListener("click", open);
$(".ex-search").addEventListener("input", (event) => shelf && narrow({ text: event.target.value.trim().toLowerCase() }));
$(".ex-clear").addEventListener("click", () => { $(".ex-search").value = ""; narrow({ month: null, org: null, group: null, text: "" }); $(".ex-search").focus(); });
$(".ex-more").addEventListener("click", () => { const from = n_listed; n_listed += 200; table(); element.querySelectorAll("tbody button")[from]?.focus(); });
canvas.addEventListener("pointermove", (event) => { const paper = under(event); if (paper !== hovered) { hovered = paper; draw(); } tip(event.pointerType === "touch" ? null : paper, event); });
canvas.addEventListener("pointerleave", () => { hovered = null; tip(null); draw(); });
canvas.addEventListener("click", (event) => { const paper = under(event); if (paper) choose(paper, true); });
new ResizeObserver(() => draw()).observe(canvas);
new MutationObserver(() => { if (shelf) { legend(); show(); } }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

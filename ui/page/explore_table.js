
// The chosen paper, and the table. The server sorts and searches the whole shelf; where the page has every paper, the page does.
const COLUMNS = [["Title", TITLE, "", "title"], ["Date", DAY, "day", "published"], ["Comments", COMMENTS, "num", "n_comments"], ["Organisation", ORG, "", "organisation"], ["Authors", AUTHORS, "num", "n_authors"]];
const AT_FIRST = 50, MORE = 200;
let listed = [], n_found = 0, asked = 0, waiting = 0;

function choose(paper, focus, back) {
  const card = $(".ex-card"), had = card.contains(document.activeElement), before = chosen;
  chosen = paper;
  card.hidden = !paper;
  if (paper) {
    const ask = make("button", { type: "button", className: "ex-button ex-main", textContent: "Ask about this paper", onclick: () => leave(null, paper) });
    const like = make("button", { type: "button", className: "ex-button", textContent: "What does it report?", onclick: () => leave(`What does ${paper[TITLE].split(/:\s/)[0].slice(0, 300)} report?`, paper) });
    const close = make("button", { type: "button", className: "ex-button", textContent: "Close", onclick: () => choose(null) });
    const acts = make("div", { className: "ex-acts" }, ask, like);
    if (/^https?:\/\//i.test(paper[LINK] || "")) acts.append(make("a", { href: paper[LINK], target: "_blank", rel: "noopener noreferrer", textContent: "Open its page" }));
    acts.append(close);
    const group = by_id.get(paper[ID])?.[GROUP];
    const facts = [day_name(paper[DAY]), paper[ORG], paper[AUTHORS] ? words(paper[AUTHORS], "author") : "", paper[COMMENTS] ? words(paper[COMMENTS], "comment") : "", group === undefined ? "" : plane.clusters[group].name];
    card.replaceChildren(make("strong", { textContent: paper[TITLE], dir: "auto" }), make("span", { className: "ex-quiet", textContent: facts.filter(Boolean).join(" · ") }), acts);
    if (focus) { card.scrollIntoView({ block: "nearest" }); ask.focus({ preventScroll: true }); }
  }
  const rows = [...element.querySelectorAll("tbody tr")];
  for (const row of rows) chosen && row.paper[ID] === chosen[ID] ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
  if (!paper && had) (rows.find((row) => row.paper[ID] === before?.[ID])?.querySelector("button") || $(".ex-search")).focus();
  draw();
}
function leave(question, paper) {
  window.askpapers?.desk?.ask_from_outside?.(question, { id: paper[ID], title: paper[TITLE] });
  document.dispatchEvent(new CustomEvent("askpapers:choose", { detail: { question, paper_id: paper[ID], title: paper[TITLE] } }));
}

function heads() {
  const row = $("thead tr");
  if (!row.children.length) row.append(...COLUMNS.map(([name, , kind, by]) => make("th", { scope: "col", className: kind === "num" ? "num" : "" }, make("button", { type: "button", textContent: name,
    onclick: () => narrow({ by, down: kept.by === by ? !kept.down : by !== "title" && by !== "organisation" }) }))));
  COLUMNS.forEach(([name, , , by], i) => {
    const is = kept.by === by;
    row.children[i].setAttribute("aria-sort", is ? (kept.down ? "descending" : "ascending") : "none");
    row.children[i].firstChild.textContent = is ? `${name} ${kept.down ? "▾" : "▴"}` : name;
  });
}
const here = () => whole() || kept.group !== null; // only the papers on the map have a group
function own_rows() {
  const column = COLUMNS.find(([, , , by]) => by === kept.by)[1], sign = kept.down ? -1 : 1, known = (paper) => paper[column] !== null && paper[column] !== "";
  return [...inside].sort((a, b) => known(b) - known(a) || (!known(a) ? 0 : sign * (typeof a[column] === "number" ? a[column] - b[column] : a[column].localeCompare(b[column]))));
}
async function fill(n, from = 0) {
  const mine = ++asked, frame = $(".ex-scroll");
  clearTimeout(waiting);
  if (here()) { const all = own_rows(); listed = all.slice(0, from + n); n_found = all.length; table(); return; }
  waiting = setTimeout(() => { if (mine === asked) { frame.setAttribute("aria-busy", "true"); $(".ex-count").textContent = kept.by === "title" ? "Putting the titles in order …" : "Looking …"; } }, 400);
  const known = shelf.organisations.find(([name]) => name === kept.org);
  let got = null;
  try { got = await server.rows({ text: kept.text, period: kept.period, organisation: known ? known[2] : kept.org, by: kept.by, descending: kept.down, offset: from, n }); } catch { /* said below */ }
  if (mine !== asked) return;
  clearTimeout(waiting);
  if (!got || got.error) { frame.removeAttribute("aria-busy"); $(".ex-count").textContent = got?.error || SILENT; return; }
  listed = [...listed.slice(0, from), ...got.rows]; n_found = got.n;
  table();
}
function table() {
  $(".ex-scroll").removeAttribute("aria-busy");
  const had = document.activeElement?.closest?.("tbody tr")?.paper?.[ID];
  $("tbody").replaceChildren(...listed.map((paper) => {
    const point = (on) => () => { hovered = on ? by_id.get(paper[ID]) || null : null; draw(); };
    const title = make("button", { type: "button", textContent: paper[TITLE], dir: "auto", onclick: () => choose(paper, true), onfocus: point(true), onblur: point(false) });
    if (paper[TITLE].length > 200) title.title = paper[TITLE];
    const row = make("tr", { paper }, make("td", {}, title), make("td", { className: "day", textContent: paper[DAY] || "no date" }), make("td", { className: "num", textContent: paper[COMMENTS] ?? "" }), make("td", { textContent: paper[ORG] || "", dir: "auto" }), make("td", { className: "num", textContent: paper[AUTHORS] ?? "" }));
    if (chosen && paper[ID] === chosen[ID]) row.setAttribute("aria-current", "true");
    return row;
  }));
  if (had) [...element.querySelectorAll("tbody tr")].find((row) => row.paper[ID] === had)?.querySelector("button").focus({ preventScroll: true });
  const rest = n_found - listed.length, of_drawn = kept.group !== null && !whole(), all = of_drawn ? `the ${words(plane.n_shown, "paper")} drawn` : words(shelf.n_papers, "paper");
  $(".ex-more").hidden = rest <= 0;
  $(".ex-more").textContent = `Show ${Math.min(rest, MORE)} more of ${count(n_found)}`;
  $(".ex-count").textContent = narrowed() ? `${count(n_found)} of ${all}` : all;
  $(".ex-scroll").hidden = !n_found;
  $(".ex-none").hidden = !!n_found;
  $(".ex-none").textContent = n_found ? "" : `None of ${of_drawn ? all : `all ${all}`} ${[
    kept.text && `has “${kept.text}” in its title or ${here() ? "organisation" : "abstract"}`, kept.period && `is of ${month_name(kept.period)}`, kept.org !== null && `is from ${kept.org}`, kept.group !== null && `belongs to “${plane.clusters[kept.group].name}”`,
  ].filter(Boolean).join(" and ")}.`;
}
function show() {
  inside = drawn().filter(passes);
  press(element.querySelectorAll("button.ex-bar"), (bar) => !!kept.period && (years_shown ? kept.period.startsWith(bar.value) : bar.value.startsWith(kept.period)));
  press(element.querySelectorAll(".ex-list button"), (button) => button.value === kept.org);
  press(element.querySelectorAll(".ex-legend button"), (button) => button.value === String(kept.group));
  $(".ex-clear").hidden = !narrowed();
  heads(); draw();
  return fill(AT_FIRST);
}

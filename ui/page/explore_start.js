
// Opening: first what is known at once and the table, then the map, which takes longest.
const SILENT = "The server does not answer. Is askpapers still running? “Refresh” tries again.";
const lasts = (seconds) => (seconds <= 6 ? "a few seconds" : seconds < 50 ? `about ${10 * Math.ceil(seconds / 10)} seconds` : seconds < 90 ? "about a minute" : `about ${Math.round(seconds / 60)} minutes`);
let asking = false, drawing = 0;

async function from_server(ask) {
  let got = null;
  try { got = await ask(); } catch { /* the same as nothing */ }
  if (!got) throw new Error(SILENT);
  if (got.error) throw new Error(got.error);
  return got;
}
async function open() {
  if (asking) return;
  asking = true;
  $("#explore-open").textContent = "Refresh";
  $(".ex-said").textContent = shelf ? "Looking whether anything is new …" : "Looking at the shelf …";
  try {
    const got = await from_server(() => server.shelf(0));
    if (got.state !== shelf?.state) {
      shelf = got; plane = null; by_id = new Map();
      kept.group = null;
      if (kept.org !== null && !shelf.organisations.some(([name]) => name === kept.org)) kept.org = null;
      choose(null);
      $(".ex-body").hidden = !shelf.n_papers;
      if (!shelf.n_papers) { $(".ex-said").textContent = "There are no papers here yet; add some, and they are drawn."; return; }
      $(".ex-map").setAttribute("aria-busy", "true");
      $(".ex-legend").replaceChildren(); $(".ex-labels").replaceChildren();
      canvas.width = canvas.width; canvas.setAttribute("aria-label", "The map is being drawn.");
      months(); organisations();
      await show();
    }
    if (shelf.n_papers && !plane) map(); else said();
  } catch (error) {
    $(".ex-said").textContent = error.message;
  } finally { asking = false; }
}
const said = () => {
  const all = words(shelf.n_papers, "paper");
  $(".ex-said").textContent = !shelf.n_papers ? "There are no papers here yet; add some, and they are drawn." : shelf.n_shown < shelf.n_papers ? `${all}; the map shows ${count(shelf.n_shown)} of them, taken evenly.` : all;
};
async function map() {
  const mine = ++drawing, of = shelf, long = `${words(of.n_papers, "paper")}. Drawing the map of ${of.n_shown < of.n_papers ? `${count(of.n_shown)} of them, taken evenly` : "them"}: ${lasts(of.map_s)} …`;
  $(".ex-said").textContent = long;
  $(".ex-wait").textContent = `Placing ${words(of.n_shown, "paper")} by what they say: ${lasts(of.map_s)} …`;
  try {
    const got = await from_server(() => server.plane(0));
    if (mine !== drawing) return;
    plane = got; shelf.n_shown = plane.n_shown; laid.key = null;
    by_id = new Map(plane.papers.map((paper) => [paper[ID], paper]));
    $(".ex-map").removeAttribute("aria-busy"); $(".ex-wait").textContent = "";
    canvas.setAttribute("aria-label", `A map of ${words(plane.n_shown, "paper")} in ${words(plane.clusters.length, "group")}: ${plane.clusters.map((c) => `${c.name} (${c.n})`).join("; ")}. The table below lists ${whole() ? "the same" : "all"} papers.`);
    $(".ex-map .ex-note").textContent = `Near papers say similar things. Choose one to ask about it; the table below lists ${whole() ? "the same" : "all"} papers.`;
    $(".ex-search").placeholder = whole() ? "words of a title" : "words of a title or abstract";
    legend(); said();
    inside = drawn().filter(passes);
    draw();
  } catch (error) {
    if (mine !== drawing) return;
    $(".ex-map").removeAttribute("aria-busy");
    $(".ex-said").textContent = $(".ex-wait").textContent = `The map could not be drawn. ${error.message}`;
  }
}

let typed = 0;
$("#explore-open").addEventListener("click", open);
$(".ex-search").addEventListener("input", (event) => { if (!shelf) return; clearTimeout(typed); typed = setTimeout(() => narrow({ text: event.target.value.trim() }), here() ? 0 : 200); });
$(".ex-clear").addEventListener("click", () => { clearTimeout(typed); $(".ex-search").value = ""; narrow({ period: null, org: null, group: null, text: "" }); $(".ex-search").focus(); });
$(".ex-more").addEventListener("click", async () => { const from = listed.length; await fill(MORE, from); element.querySelectorAll("tbody button")[from]?.focus(); });
$(".ex-bars").addEventListener("click", (event) => { const bar = bar_at(event); if (bar) turn("period", bar.value); });
for (const name of [".ex-bars", ".ex-list", ".ex-legend"]) roves($(name));
canvas.addEventListener("pointermove", (event) => { const paper = under(event); if (paper !== hovered) { hovered = paper; draw(); } tip(event.pointerType === "touch" ? null : paper, event); });
canvas.addEventListener("pointerleave", () => { hovered = null; tip(null); draw(); });
canvas.addEventListener("click", (event) => { const paper = under(event); if (paper) choose(paper, true); });
new ResizeObserver(() => { if (shelf?.n_papers && $(".ex-bars").clientWidth && by_year() !== years_shown) { months(); show(); } draw(); }).observe(canvas);
const repaint = () => { if (plane) { legend(); show(); } };
new MutationObserver(repaint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
forced.addEventListener("change", repaint);

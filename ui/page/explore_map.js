
// The map.
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
const forced = matchMedia("(forced-colors: active)");
const area = () => getComputedStyle($(".ex-plane"));
function dark() {
  if (forced.matches) { const [r, g, b] = area().backgroundColor.match(/[\d.]+/g).map(Number); return r + g + b < 384; }
  return document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : document.body.classList.contains("dark");
}
const colour = (group) => (dark() ? DARK : LIGHT)[group % 8];

function legend() {
  $(".ex-legend").replaceChildren(...plane.clusters.map((cluster, group) => {
    const mark = make("canvas", { width: 28, height: 28 }), button = make("button", { type: "button", value: String(group), onclick: () => turn("group", group) }, mark, make("span", { textContent: cluster.name }), make("em", { textContent: count(cluster.n) }));
    mark.style.cssText = "width:14px;height:14px"; mark.setAttribute("aria-hidden", "true");
    const c = mark.getContext("2d"); c.translate(14, 14); c.beginPath(); SHAPES[group % 8](c, 9); c.fillStyle = colour(group); c.fill();
    return button;
  }));
  rove($(".ex-legend"), 0);
}

const canvas = $("canvas"), MARGIN = 26;
const at = (paper, box) => [MARGIN + paper[X] * (box.width - 2 * MARGIN), MARGIN + (1 - paper[Y]) * (box.height - 2 * MARGIN)];
function draw() {
  if (!plane) return;
  const box = canvas.getBoundingClientRect(), scale = devicePixelRatio || 1;
  if (!box.width) return;
  canvas.width = box.width * scale; canvas.height = box.height * scale;
  const c = canvas.getContext("2d"), size = Math.max(2, Math.min(4.6, 110 / Math.sqrt(drawn().length))) * (box.width < 500 ? .85 : 1);
  c.scale(scale, scale);
  const style = area(), ink = style.color, ground = style.backgroundColor;
  const point = (paper, r, alpha, edge) => {
    const [x, y] = at(paper, box);
    c.save(); c.translate(x, y); c.globalAlpha = alpha; c.beginPath(); SHAPES[paper[GROUP] % 8](c, r); c.fillStyle = colour(paper[GROUP]); c.fill();
    if (edge) { c.lineWidth = edge; c.strokeStyle = edge > 1 ? ink : ground; c.stroke(); }
    c.restore();
  };
  if (narrowed()) { const passing = new Set(inside); for (const paper of drawn()) if (!passing.has(paper)) point(paper, size * .8, .16, 0); }
  for (const paper of inside) point(paper, size, .85, .7);
  for (const { group, line } of labels(box)) if (line) for (const [width, tone] of [[3.5, ground], [1.1, colour(group)]]) {
    c.beginPath(); c.moveTo(line[0], line[1]); c.lineTo(line[2], line[3]); c.lineWidth = width; c.strokeStyle = tone; c.stroke();
  }
  for (const paper of [hovered, chosen && by_id.get(chosen[ID])]) if (paper) point(paper, size * 1.8, 1, 2);
}
function under(event) {
  const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  let best = null, least = (event.pointerType === "touch" ? 22 : 11) ** 2;
  for (const paper of inside) { const [px, py] = at(paper, box), d = (px - x) ** 2 + (py - y) ** 2; if (d < least) { least = d; best = paper; } }
  return best;
}
function tip(paper, event) {
  const box = $(".ex-tip");
  box.hidden = !paper;
  if (!paper) return;
  box.replaceChildren(make("b", { textContent: paper[TITLE], dir: "auto" }), make("span", { textContent: [day_name(paper[DAY]), paper[ORG]].filter(Boolean).join(" · ") }));
  const area = canvas.getBoundingClientRect(), x = event.clientX - area.left, y = event.clientY - area.top;
  box.style.left = `${Math.min(x + 14, Math.max(4, area.width - box.offsetWidth - 6))}px`;
  box.style.top = `${y + 18 + box.offsetHeight > area.height ? Math.max(4, y - box.offsetHeight - 12) : y + 18}px`;
}


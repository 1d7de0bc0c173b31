
// Names on the map, in free space beside their points: largest group first, a thin line to its middle where it stands apart.
const MOST_ON_PHONES = 4;
let laid = { key: null, labels: [] };

// Where to put boxes ({w, h, x, y}: size, and what they name) so that they cover few points and none of each other, nor a line.
function places(wanted, points, box) {
  const CELL = 4, cols = Math.ceil(box.width / CELL) + 1, lines = Math.ceil(box.height / CELL) + 1, sums = new Uint32Array((cols + 1) * (lines + 1));
  for (const [x, y] of points) sums[(Math.floor(Math.max(0, y) / CELL) + 1) * (cols + 1) + Math.floor(Math.max(0, x) / CELL) + 1]++;
  for (let j = 1; j <= lines; j++) for (let i = 1; i <= cols; i++) sums[j * (cols + 1) + i] += sums[(j - 1) * (cols + 1) + i] + sums[j * (cols + 1) + i - 1] - sums[(j - 1) * (cols + 1) + i - 1];
  const cell = (value, most) => Math.max(0, Math.min(most, value));
  const covered = (l, t, r, b) => {
    const i = cell(Math.floor(l / CELL), cols), j = cell(Math.floor(t / CELL), lines), k = cell(Math.ceil(r / CELL), cols), m = cell(Math.ceil(b / CELL), lines);
    return sums[m * (cols + 1) + k] - sums[j * (cols + 1) + k] - sums[m * (cols + 1) + i] + sums[j * (cols + 1) + i];
  };
  const within = (x, y, one, gap) => x > one.left - gap && x < one.left + one.w + gap && y > one.top - gap && y < one.top + one.h + gap;
  const crosses = (line, one) => line && [...Array(15).keys()].some((i) => within(line[0] + (line[2] - line[0]) * i / 14, line[1] + (line[3] - line[1]) * i / 14, one, 2));
  const weight = 4 * Math.min(1, 900 / Math.max(1, points.length)), placed = [];
  for (const { w, h, x, y } of wanted) {
    let best = null;
    for (let radius = 0; radius <= Math.max(box.width, box.height) * .6; radius += 12) for (let turn = 0; turn < (radius ? 20 : 1); turn++) {
      const left = Math.max(4, Math.min(box.width - w - 4, x + 1.3 * radius * Math.cos(turn * Math.PI / 10) - w / 2)), top = Math.max(4, Math.min(box.height - h - 4, y + radius * Math.sin(turn * Math.PI / 10) - h / 2));
      if (placed.some((one) => left < one.left + one.w + 8 && one.left < left + w + 8 && top < one.top + one.h + 5 && one.top < top + h + 5)) continue;
      const cost = weight * covered(left - 4, top - 2, left + w + 4, top + h + 2) + .06 * Math.hypot(left + w / 2 - x, top + h / 2 - y);
      if (best && cost >= best.cost) continue;
      const nx = Math.max(left, Math.min(left + w, x)), ny = Math.max(top, Math.min(top + h, y)), line = Math.hypot(nx - x, ny - y) > 12 ? [nx, ny, x, y] : null, one = { left, top, w, h };
      if (placed.some((other) => crosses(line, other) || crosses(other.line, one))) continue;
      best = { ...one, line, cost };
    }
    placed.push(best || { left: -1e4, top: -1e4, w, h, line: null });
  }
  return placed;
}

function labels(box) {
  const key = [box.width, box.height, kept.group, plane.state, dark()].join();
  if (laid.key === key) return laid.labels;
  const groups = plane.clusters.map(() => []), middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  for (const paper of drawn()) groups[paper[GROUP]].push(at(paper, box));
  const wanted = groups.map((points, group) => ({ group, points })).filter(({ group, points }) => points.length && (kept.group === null || kept.group === group)).slice(0, box.width < 500 ? MOST_ON_PHONES : undefined);
  const names = wanted.map(({ group }) => { const name = make("span", { textContent: plane.clusters[group].name.split(", ").slice(0, box.width < 500 ? 1 : 2).join(", ") }); name.style.color = colour(group); return name; });
  $(".ex-labels").replaceChildren(...names);
  const sizes = names.map((name) => { const words = document.createRange(); words.selectNodeContents(name); return words.getBoundingClientRect(); });
  const spots = places(wanted.map(({ points }, i) => {
    const x = middle(points.map((one) => one[0])), y = middle(points.map((one) => one[1])), near = points.reduce((a, b) => (Math.hypot(a[0] - x, a[1] - y) <= Math.hypot(b[0] - x, b[1] - y) ? a : b));
    return { w: sizes[i].width, h: sizes[i].height, x: near[0], y: near[1] };
  }), groups.flat(), box);
  names.forEach((name, i) => { name.style.left = `${spots[i].left - (name.offsetWidth - sizes[i].width) / 2}px`; name.style.top = `${spots[i].top - (name.offsetHeight - sizes[i].height) / 2}px`; });
  laid = { key, labels: spots.map(({ line }, i) => ({ group: wanted[i].group, line })) };
  return laid.labels;
}

// Adding papers: files and the Daily Papers, one run at a time, which goes on while its window is closed.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.adding) return;
  const { el, $ } = A;

  const D = (A.adding = { run: null, waiting: [], unseen: false });
  D.open = () => { if (!D.run && !D.unseen) $("add-run").replaceChildren(); D.unseen = false; $("adding").showModal(); };
  const n = (count) => count.toLocaleString("en");
  const size = (bytes) => bytes > 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MB` : `${Math.ceil(bytes / 1024)} kB`;
  D.files = async (files) => {
    const limit = A.desk.shelf?.upload_limit_bytes || Infinity;
    const large = files.filter((file) => file.size > limit);
    const fit = files.filter((file) => file.size <= limit);
    const problems = large.map((file) => `${file.name}: ${size(file.size)} is more than the limit of ${size(limit)}`);
    if (!fit.length) { if (!D.run) $("add-run").replaceChildren(); D.report({ problems, rejected: problems.length, read: 0 }); return; }
    const label = fit.length === 1 ? fit[0].name : `${fit.length} files`;
    await D.work(label, async (show, signal) => {
      const paths = await A.upload(fit, (done, total) => show("uploading", done, total), signal);
      return { files: paths.map((path, at) => ({ path, name: fit[at].name })) };
    }, problems);
  };
  D.daily = (days) => D.work(`the Daily Papers of ${days} days`, async () => ({ days }), []);
  // What is chosen while papers are being added waits, and says so.
  const say_waiting = () => { const line = $("add-waiting"); if (line) line.textContent = D.waiting.length ? `Then: ${D.waiting.map(([label]) => label).join(", ")}` : ""; };
  D.work = async (label, prepare, problems) => {
    if (D.run) { D.waiting.push([label, prepare, problems]); say_waiting(); A.say(`${label} waits`); return; }
    $("add-run").replaceChildren();
    let next = [label, prepare, problems];
    while (next) { await once(...next); next = D.waiting.shift(); }
  };
  const once = async (label, prepare, problems) => {
    D.run = new AbortController();
    const bar = el("progress", { max: "1", "aria-label": "Progress" });
    const words = el("p", { class: "quiet" }, "Starting …");
    const now = el("div", { id: "add-now" }, words, bar, el("p", { class: "quiet", id: "add-waiting" }), el("button", { type: "button", "data-act": "stop-adding" }, "Cancel"));
    $("add-run").append(now);
    say_waiting();
    const plain = $("go-add").textContent;
    let [look_at, looking] = [performance.now() + 1000, false];
    const look = async () => { // the shelf as it grows; rarely, where looking takes long
      if (looking || performance.now() < look_at) return;
      looking = true;
      const started = performance.now();
      await A.desk.look();
      look_at = performance.now() + Math.max(3000, 20 * (performance.now() - started));
      looking = false;
    };
    const show = (text, done, total) => {
      const share = total ? `${Math.round((100 * done) / total)} %` : "";
      words.textContent = total ? `${text}: ${share}` : done ? `${text}: ${n(done)}` : `${text} …`;
      $("go-add").textContent = `Adding papers … ${share}`;
      if (total) bar.value = done / total; else bar.removeAttribute("value");
    };
    let last = null;
    try {
      const payload = await prepare(show, D.run.signal);
      for await (const record of A.call("page_add", payload, D.run.signal)) {
        if (record.kind === "progress") { show(`${record.text}${record.source ? ` ${record.source}` : ""}`, record.done, record.total); look(); }
        else last = record;
      }
    } catch (error) { last = { kind: "error", message: error.name === "AbortError" ? "Stopped. What was stored so far stays in the library." : error.message }; }
    D.run = null;
    now.remove();
    $("go-add").textContent = plain;
    if (!last || last.kind !== "report") D.report({ problems: [...problems, last?.message || "It broke off; try it again."] });
    else D.report({ ...last, problems: [...problems, ...last.problems] });
    A.desk.look();
    if (last?.kind === "error") setTimeout(A.desk.look, 3000); // what was under way is stored a moment later
  };
  D.report = (report) => {
    const known = report.unchanged ? `, ${n(report.unchanged)} known already` : "";
    const words = report.read === undefined ? "" : report.read
      ? `Read ${n(report.read)} paper${report.read === 1 ? "" : "s"}: ${n(report.new)} new, ${n(report.changed + report.refreshed)} with something new${known}. The library holds ${n(report.total)}.`
      : "No paper could be read.";
    D.unseen = !$("adding").open;
    if (D.unseen) A.toast(words || report.problems?.[0] || "Done.");
    $("add-run").append(...(words ? [el("p", {}, words)] : []), ...(report.problems?.length ? [el("ul", {}, ...report.problems.map((line) => el("li", {}, line)))] : []));
  };
  D.stop = () => { D.waiting = []; D.run?.abort(); };
  D.wire = () => {
    const drop = $("drop");
    $("files").addEventListener("change", (event) => { D.files([...event.target.files]); event.target.value = ""; });
    $("daily").addEventListener("submit", (event) => { event.preventDefault(); D.daily(Number($("days").value)); });
    const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
    addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      if ($("desk").dataset.readOnly === "true") return;
      if (!$("adding").open) D.open();
      drop.setAttribute("data-over", "");
    });
    addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.removeAttribute("data-over"); });
    addEventListener("drop", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      drop.removeAttribute("data-over");
      if ($("desk").dataset.readOnly !== "true") D.files([...event.dataTransfer.files]);
    });
  };
})();

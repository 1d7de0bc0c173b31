// The filters beside the question, the basket, the cards of the chips, and adding papers.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.filters) return;
  const { el, $ } = A;

  // Filters: what is set stands as chips over the question, too.
  const F = (A.filters = { organisations: [], paper: null });
  F.now = () => {
    const value = (id) => $(id).value.trim();
    const set = { since: value("f-since"), until: value("f-until"), organisations: [...F.organisations], source: value("f-source"),
      min_comments: value("f-comments"), paper_ids: F.paper ? [F.paper.id] : [] };
    return Object.fromEntries(Object.entries(set).filter(([, given]) => given.length));
  };
  F.show = () => {
    const tags = [];
    const tag = (words, field) => tags.push(el("li", { class: "tag given" }, el("span", {}, words),
      el("button", { type: "button", "data-act": "unset", "data-field": field, "aria-label": `Remove: ${words}` }, "×")));
    if ($("f-since").value) tag(`from ${$("f-since").value}`, "since");
    if ($("f-until").value) tag(`to ${$("f-until").value}`, "until");
    F.organisations.forEach((name) => tag(name, `organisation:${name}`));
    if ($("f-comments").value) tag(`at least ${$("f-comments").value} comments`, "min_comments");
    if ($("f-source").value) tag($("f-source").selectedOptions[0].textContent, "source");
    if (F.paper) tag(`about: ${F.paper.title}`, "paper_ids");
    $("active").replaceChildren(...tags);
    $("f-chosen").replaceChildren(...F.organisations.map((name) => el("li", { class: "tag given" }, el("span", {}, name),
      el("button", { type: "button", "data-act": "unset", "data-field": `organisation:${name}`, "aria-label": `Remove: ${name}` }, "×"))));
    for (const id of ["f-since", "f-until", "f-comments", "f-source"]) $(id).toggleAttribute("data-set", !!$(id).value);
    $("f-clear").hidden = !tags.length;
  };
  F.add_organisation = () => {
    const name = $("f-organisation").value.trim();
    if (name && !F.organisations.includes(name)) F.organisations.push(name);
    $("f-organisation").value = "";
    F.show();
  };
  F.about = (id, title) => { F.paper = { id, title }; F.show(); A.desk.close_rail(); $("question").focus(); A.say(`The next questions are about ${title}`); };
  const FIELDS = { since: "f-since", until: "f-until", min_comments: "f-comments", source: "f-source" };
  F.clear = (fields) => {
    for (const field of fields) {
      if (FIELDS[field]) $(FIELDS[field]).value = "";
      else if (field.startsWith("organisation:")) F.organisations = F.organisations.filter((name) => `organisation:${name}` !== field);
      else if (field.startsWith("organisation")) F.organisations = [];
      else if (field === "paper_ids") F.paper = null;
    }
    F.show();
  };
  F.clear_all = () => F.clear([...Object.keys(FIELDS), "organisations", "paper_ids"]);

  // The basket
  const B = (A.basket = { papers: () => A.store.read("basket", []) });
  B.toggle = (id, title) => {
    const kept = B.papers();
    const without = kept.filter((one) => one.id !== id);
    A.store.write("basket", without.length === kept.length ? [...kept, { id, title }] : without);
    A.say(without.length === kept.length ? "Put into the basket" : "Taken out of the basket");
    B.show();
  };
  B.show = () => {
    const kept = B.papers();
    $("basket-n").textContent = kept.length;
    $("basket-empty").hidden = kept.length > 0;
    $("exports").hidden = !kept.length;
    $("basket-list").replaceChildren(...kept.map(({ id, title }) => el("li", {}, el("span", {}, title),
      el("button", { type: "button", class: "icon", "data-act": "unbasket", "data-paper": id, "aria-label": `Take out: ${title}` }, "×"))));
    B.mark();
  };
  B.mark = () => {
    const kept = new Set(B.papers().map((one) => one.id));
    for (const button of $("panel").querySelectorAll('[data-act="basket"]')) {
      const inside = kept.has(button.closest(".source").dataset.paper);
      button.setAttribute("aria-pressed", String(inside));
      button.textContent = inside ? "In the basket" : "Basket";
    }
  };
  B.export = async (format) => {
    const reply = await A.ask_once("page_export", { ids: B.papers().map((one) => one.id), format });
    if (reply.n) A.download(reply.name, reply.text); else A.toast("None of these papers is in the library any more.");
  };

  // Cards of chips: on hover, focus or tap; Escape puts them away; the pointer may rest on them.
  const P = (A.pop = { chip: null, timer: 0 });
  P.show = (chip) => {
    clearTimeout(P.timer);
    if (P.chip === chip && !$("pop").hidden) return;
    P.hide();
    const card = chip.parentElement.querySelector(".card");
    if (!card) return;
    P.chip = chip;
    chip.setAttribute("data-on", "");
    const pop = $("pop");
    pop.replaceChildren(...[...card.childNodes].map((node) => node.cloneNode(true)),
      el("button", { type: "button", "data-act": "pop-jump", tabindex: "-1" }, "Show the source →"));
    pop.hidden = false;
    const at = chip.getBoundingClientRect();
    const left = Math.max(12, Math.min(at.left - 20, innerWidth - pop.offsetWidth - 12));
    const over = at.bottom + pop.offsetHeight + 14 > innerHeight && at.top > pop.offsetHeight + 14;
    pop.style.left = `${left}px`;
    pop.style.top = over ? `${at.top - pop.offsetHeight - 8}px` : `${at.bottom + 8}px`;
  };
  P.hide = () => { clearTimeout(P.timer); P.chip?.removeAttribute("data-on"); P.chip = null; $("pop").hidden = true; };
  P.later = () => { clearTimeout(P.timer); P.timer = setTimeout(P.hide, 180); };
  P.wire = (root) => {
    let touched = false;
    root.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; });
    root.addEventListener("mouseover", (event) => {
      const chip = event.target.closest(".chip");
      if (chip && !touched) P.show(chip); else if (event.target.closest("#pop")) clearTimeout(P.timer);
    });
    root.addEventListener("mouseout", (event) => { if (event.target.closest(".chip, #pop") && !touched) P.later(); });
    root.addEventListener("focusin", (event) => { const chip = event.target.closest(".chip"); if (chip) P.show(chip); else if (!event.target.closest("#pop")) P.hide(); });
    root.addEventListener("focusout", () => P.later());
    root.addEventListener("click", (event) => {
      const chip = event.target.closest(".chip");
      if (chip && touched) P.show(chip); else if (chip) P.jump(chip);
    });
    $("transcript").addEventListener("scroll", P.hide, { passive: true });
  };
  P.jump = (chip) => { const article = chip.closest(".turn"); P.hide(); A.turns.jump(article.turn, chip.dataset.paper, chip.dataset.marker); };

  // Adding papers
  const D = (A.adding = { run: null });
  D.open = () => { $("add-run").replaceChildren(); $("adding").showModal(); };
  const size = (bytes) => bytes > 2 ** 20 ? `${(bytes / 2 ** 20).toFixed(1)} MB` : `${Math.ceil(bytes / 1024)} kB`;
  D.files = async (files) => {
    const limit = A.desk.shelf?.upload_limit_bytes || Infinity;
    const large = files.filter((file) => file.size > limit);
    const fit = files.filter((file) => file.size <= limit);
    const problems = large.map((file) => `${file.name}: ${size(file.size)} is more than the limit of ${size(limit)}`);
    if (!fit.length) { D.report({ problems, rejected: problems.length, read: 0 }); return; }
    await D.work(async (show, signal) => {
      const paths = await A.upload(fit, (done, total) => show("uploading", done, total), signal);
      return { files: paths.map((path, at) => ({ path, name: fit[at].name })) };
    }, problems);
  };
  D.daily = (days) => D.work(async () => ({ days }), []);
  D.work = async (prepare, problems) => {
    if (D.run) return;
    D.run = new AbortController();
    const bar = el("progress", { max: "1", "aria-label": "Progress" });
    const words = el("p", { class: "quiet" }, "Starting …");
    $("add-run").replaceChildren(words, bar, el("button", { type: "button", "data-act": "stop-adding" }, "Cancel"));
    const show = (text, done, total) => {
      words.textContent = total ? `${text}: ${Math.round((100 * done) / total)} %` : done ? `${text}: ${done}` : `${text} …`;
      if (total) bar.value = done / total; else bar.removeAttribute("value");
    };
    let last = null;
    try {
      const payload = await prepare(show, D.run.signal);
      for await (const record of A.call("page_add", payload, D.run.signal)) {
        if (record.kind === "progress") show(`${record.text}${record.source ? ` ${record.source}` : ""}`, record.done, record.total);
        else last = record;
      }
    } catch (error) { last = { kind: "error", message: error.name === "AbortError" ? "Stopped. What was stored so far stays in the library." : error.message }; }
    D.run = null;
    if (!last || last.kind !== "report") D.report({ problems: [...problems, last?.message || "It broke off; try it again."] });
    else D.report({ ...last, problems: [...problems, ...last.problems] });
    A.desk.look();
    if (last?.kind === "error") setTimeout(A.desk.look, 3000); // what was under way is stored a moment later
  };
  D.report = (report) => {
    const known = report.unchanged ? `, ${report.unchanged} known already` : "";
    const words = report.read === undefined ? "" : report.read
      ? `Read ${report.read} paper${report.read === 1 ? "" : "s"}: ${report.new} new, ${report.changed + report.refreshed} with something new${known}. The library holds ${report.total}.`
      : "No paper could be read.";
    $("add-run").replaceChildren(el("p", {}, words), ...(report.problems?.length ? [el("ul", {}, ...report.problems.map((line) => el("li", {}, line)))] : []));
  };
  D.stop = () => D.run?.abort();
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

// The desk itself: what stands on it at first, the conversations, the keys, and who does what on a click.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.desk) return;
  const { el, $ } = A;
  const D = (A.desk = { shelf: null });

  D.start = () => {
    const root = $("desk");
    if (!root || root.dataset.started) return;
    root.dataset.started = "yes";
    A.paint();
    A.focus.wire(root);
    A.turns.current = A.turns.blank();
    const first = A.store.index()[0];
    A.turns.open((first && A.store.conversation(first.id)) || A.turns.current);
    A.basket.show();
    A.filters.show();
    A.pop.wire(root);
    A.adding.wire();
    A.turns.place();
    wire(root);
    D.look();
    D.tell();
    if (history.state?.askpapers) history.replaceState(null, ""); // loaded anew: the desk, not the shelf
    $("question").value = A.draft.read();
    D.grow();
    if (matchMedia("(pointer: fine)").matches) $("question").focus({ preventScroll: true });
  };

  // What is on the shelf
  D.look = async () => {
    try { D.shelf = await A.ask_once("page_status"); } catch (error) { $("coverage").textContent = error.message; return; }
    const shelf = D.shelf;
    $("coverage").textContent = shelf.n_papers ? (shelf.is_sample ? `The bundled sample: ${shelf.coverage}` : shelf.coverage) : "The library is empty.";
    $("model").textContent = shelf.model ? `model: ${shelf.model}` : "model: quotes only";
    $("go-add").hidden = shelf.read_only;
    $("go-explore").hidden = !shelf.n_papers;
    $("f-organisations").replaceChildren(...shelf.organisations.map((name) => el("option", { value: name })));
    const chosen = $("f-source").value;
    $("f-source").replaceChildren(el("option", { value: "" }, "any"), ...shelf.sources.map(({ name, label, n }) => el("option", { value: name }, `${label} (${n.toLocaleString("en")})`)));
    $("f-source").value = shelf.sources.some(({ name }) => name === chosen) ? chosen : "";
    for (const id of ["f-since", "f-until"]) { $(id).min = shelf.first || ""; $(id).max = shelf.last || ""; }
    for (const article of $("turns").children) if (article.turn.empty) A.turns.paint(article);
    D.refresh();
  };

  D.refresh = () => {
    const conversation = A.turns.current;
    welcome(conversation);
    $("export-conversation").hidden = !conversation.turns.some((turn) => turn.text);
    if ($("conversations").querySelector("input")) return; // a name is being typed
    const rows = A.store.index().map(({ id, title }) => {
      const current = id === conversation.id;
      return el("li", { "data-id": id, "data-current": current }, el("button", { type: "button", class: "open", "data-act": "open", "aria-current": current ? "true" : null, title, dir: "auto" }, title),
        el("span", { class: "tools" }, el("button", { type: "button", "data-act": "rename", "aria-label": `Rename: ${title}`, title: "Rename" }, "✎"),
          el("button", { type: "button", "data-act": "delete", "aria-label": `Delete: ${title}`, title: "Delete" }, "×")));
    });
    $("conversations").replaceChildren(...rows);
    if (!rows.length && !A.store.trouble()) $("conversations").append(el("li", { class: "quiet" }, "Kept in this browser only."));
    D.tell();
  };

  // What the browser does not keep: stands under the conversations, and is said when it begins.
  D.tell = () => {
    const [line, trouble] = [$("not-kept"), A.store.trouble()];
    if (line.textContent === trouble) return;
    line.textContent = trouble;
    line.hidden = !trouble;
    if (trouble) A.toast(trouble);
  };

  const welcome = (conversation) => {
    const box = $("welcome");
    const shelf = D.shelf;
    box.hidden = conversation.turns.length > 0;
    if (box.hidden || !shelf) return;
    box.replaceChildren();
    if (!shelf.n_papers) {
      box.append(el("h2", {}, "Nothing is on the shelf yet"),
        el("p", {}, "Put papers on it, and ask. Each answer quotes the words that it rests on."));
      if (!shelf.read_only) box.append(el("button", { type: "button", class: "choice", "data-act": "add" }, "Add papers",
        el("small", {}, "Drop files anywhere on this page, choose them, or fetch the newest Daily Papers")));
      if (!shelf.read_only) box.append(el("button", { type: "button", class: "choice", "data-act": "sample" }, "Look around with the sample",
        el("small", {}, "Sixty bundled papers in a library of their own; yours stays empty")));
    } else {
      box.append(el("h2", {}, "What would you like to know?"), el("p", {}, shelf.is_sample
        ? "These are the bundled sample papers. Add your own, and they take the sample’s place."
        : "Ask in your own words: a result, a comparison, what is new, how many. Every sentence of an answer points at the words behind it."));
      box.append(el("div", { class: "examples" }, ...shelf.examples.map((text) => el("button", { type: "button", "data-act": "example" }, text))));
    }
    if (!shelf.model && !A.store.read("told", false)) {
      box.append(el("p", { class: "model-note" }, "Answers are quotes from the abstracts. To have them written by a language model, start the page with ",
        el("code", {}, "askpapers chat --llm openai-like/MODEL@http://localhost:11434/v1"), " or set ", el("code", {}, "OPENAI_API_KEY"), ". ",
        el("button", { type: "button", class: "quiet-button", "data-act": "told" }, "Understood")));
    }
  };

  // Conversations
  const id_of = (element) => element.closest("li").dataset.id;
  const rename = (element) => {
    const row = element.closest("li");
    const before = row.querySelector(".open").textContent;
    const input = el("input", { type: "text", maxlength: "120", "aria-label": "New name" });
    input.value = before;
    let over = false;
    const done = (keep) => {
      if (over || !input.isConnected) return;
      over = true;
      const name = input.value.trim();
      input.remove();
      if (keep && name) {
        A.store.rename(row.dataset.id, name);
        if (A.turns.current.id === row.dataset.id) Object.assign(A.turns.current, { title: name, named: true });
      }
      D.refresh();
      $("conversations").querySelector(`[data-id="${row.dataset.id}"] .open`)?.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); done(true); }
      if (event.key === "Escape") { event.stopPropagation(); done(false); }
    });
    input.addEventListener("blur", () => done(true));
    row.replaceChildren(input);
    input.focus(); input.select();
  };
  const remove = (element) => {
    if (!element.classList.contains("sure")) {
      element.classList.add("sure"); element.textContent = "Delete?";
      element.addEventListener("blur", () => D.refresh(), { once: true });
      return;
    }
    const id = id_of(element);
    A.store.forget(id);
    if (A.turns.current.id === id) {
      const next = A.store.index()[0];
      A.turns.open((next && A.store.conversation(next.id)) || A.turns.blank());
    } else D.refresh();
    $("question").focus();
  };
  const choose = (id) => {
    const kept = A.store.conversation(id);
    if (kept) A.turns.open(kept);
    D.close_rail();
    D.explore(false);
  };

  D.close_rail = () => { $("desk").removeAttribute("data-rail"); $("open-rail").setAttribute("aria-expanded", "false"); };
  const open_rail = () => { $("desk").setAttribute("data-rail", ""); $("open-rail").setAttribute("aria-expanded", "true"); $("rail").querySelector("button").focus(); };
  // The shelf is a place to come back from with the browser's own button.
  D.explore = (on, { by_history = false } = {}) => {
    const was = document.documentElement.classList.contains("exploring");
    if (on !== was && !by_history) { if (on) history.pushState({ askpapers: "explore" }, ""); else if (history.state?.askpapers) history.back(); }
    document.documentElement.classList.toggle("exploring", on);
    $("go-explore").setAttribute("aria-pressed", String(on));
    D.close_rail();
    if (on) { document.querySelector("#explore-open, #explore-open button")?.click(); A.paint(); dispatchEvent(new Event("resize")); }
  };
  // For the explore view: a question, or a paper to ask about.
  D.ask_from_outside = (question, paper) => {
    D.explore(false);
    if (paper) A.filters.about(paper.id, paper.title);
    if (question && A.turns.waits()) { $("question").value = question; D.grow(); $("question").focus(); } else if (question) A.turns.ask(question);
  };
  D.grow = () => { const box = $("question"); box.style.height = "auto"; box.style.height = `${box.scrollHeight}px`; };

  const send = () => {
    if (A.turns.busy) { A.turns.stop(); return; }
    const question = $("question").value;
    if (!question.trim()) return;
    const from = A.turns.editing;
    const options = from ? { from, dropped: A.filters.dropped, filters: A.filters.now(), paper: A.filters.paper } : {};
    if (from) A.turns.end_edit({ sent: true }); else $("question").value = "";
    D.grow();
    A.draft.write(A.turns.draft());
    A.turns.ask(question, options);
  };

  const ACTS = {
    new: () => { A.turns.open(A.turns.blank()); D.explore(false); $("question").focus(); },
    open: (element) => choose(id_of(element)), rename, delete: remove,
    example: (element) => A.turns.ask(element.textContent), told: () => { A.store.write("told", true); D.refresh(); D.tell(); },
    sample: async (element) => {
      element.disabled = true;
      (element.querySelector("small") || element).textContent = "Making it …";
      const turn = element.closest(".turn")?.turn;
      await A.ask_once("page_sample");
      await D.look();
      $("question").focus();
      if (turn) A.turns.again(turn);
    },
    undrop: (element) => { A.filters.dropped.splice(Number(element.dataset.at), 1); A.filters.show(); $("question").focus(); },
    add: () => { D.close_rail(); A.adding.open(); }, "stop-adding": () => A.adding.stop(),
    explore: () => D.explore(!document.documentElement.classList.contains("exploring")),
    "open-rail": open_rail, "close-rail": () => { D.close_rail(); $("open-rail").focus(); },
    "clear-filters": () => A.filters.clear_all(), unset: (element) => { A.filters.clear([element.dataset.field]); $("question").focus(); },
    unbasket: (element) => { A.basket.toggle(element.dataset.paper, ""); }, export: (element) => A.basket.export(element.dataset.format),
    "empty-basket": () => A.basket.empty(), refill: () => A.basket.refill(), "pop-jump": () => A.pop.chip && A.pop.jump(A.pop.chip),
  };

  const wire = (root) => {
    root.addEventListener("click", (event) => {
      const element = event.target.closest("[data-act]");
      if (!element) return;
      const act = element.dataset.act;
      if (ACTS[act]) Promise.resolve(ACTS[act](element)).catch((error) => A.toast(error.message));
      else A.turns.act(act, element);
    });
    $("theme").addEventListener("click", A.turn_theme);
    document.addEventListener("click", (event) => { if (event.target.id === "explore-back") { D.explore(false); $("question").focus(); } });
    $("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
    $("filters").addEventListener("submit", (event) => event.preventDefault());
    $("filters").addEventListener("change", (event) => (event.target.id === "f-organisation" ? A.filters.add_organisation() : A.filters.show()));
    $("question").addEventListener("input", () => { D.grow(); A.draft.write(A.turns.draft()); });
    $("question").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); if ($("question").value.trim() && !A.turns.waits()) send(); }
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !$("adding").open) { event.preventDefault(); D.explore(false); $("question").focus(); }
      if (event.key === "Escape" && !$("adding").open) {
        if (!$("pop").hidden) A.pop.hide();
        else if (root.hasAttribute("data-rail")) { D.close_rail(); $("open-rail").focus(); }
        else if (A.turns.editing) A.turns.end_edit();
        else if (A.turns.busy) A.turns.stop();
      }
    });
    addEventListener("storage", ({ key }) => {
      if (key && !key.startsWith(A.store.prefix)) return;
      const is = (name) => !key || key === A.store.prefix + name;
      if (is("basket")) A.basket.show();
      if (is("theme")) A.paint();
      if (is(`c:${A.turns.current.id}`)) A.turns.sync();
      if (is("index")) D.refresh();
    });
    addEventListener("pagehide", () => { A.turns.leave(); A.draft.write(A.turns.draft()); });
    addEventListener("popstate", ({ state }) => D.explore(!!state?.askpapers, { by_history: true }));
    $("basket-box").addEventListener("toggle", () => $("basket-box").open && $("basket").scrollIntoView({ block: "nearest" }));
  };
})();

// The transcript: asking, what comes back, what another tab adds, and the sources of an answer.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.turns) return;
  const { el, fill, $ } = A;
  const T = (A.turns = { current: null, busy: null, answering: null, editing: null, active: null });
  const LEFT = "The page was left before the answer came.";
  const BUSY = "An answer is being written. Esc stops it; else ask again when it is there.";

  T.blank = () => ({ id: A.new_id(), title: "New conversation", turns: [] });
  T.open = (conversation) => {
    T.stop();
    T.end_edit();
    T.current = conversation;
    $("side").prepend($("sources"));
    $("turns").replaceChildren(...conversation.turns.map(T.article));
    T.show_sources(conversation.turns.at(-1) || null);
    A.desk.refresh();
    $("transcript").scrollTop = $("transcript").scrollHeight;
  };

  T.article = (turn) => {
    const parts = { understood: el("div"), body: el("div", { class: "answer" }), below: el("div"), slot: el("div", { class: "slot" }) };
    const article = el("article", { class: "turn", id: `t-${turn.id}`, "aria-label": turn.question.slice(0, 120) },
      el("h2", { class: "asked", dir: "auto" }, turn.question), parts.understood, parts.body, parts.below, parts.slot);
    article.turn = turn;
    article.parts = parts;
    T.paint(article);
    return article;
  };

  T.paint = (article) => {
    const { turn, parts } = article;
    article.classList.toggle("refusal", !!turn.abstained);
    fill(parts.understood, turn.understood || "");
    dropped_chips(turn, parts.understood);
    fill(parts.body, turn.html || "");
    const comment = parts.below.querySelector(".comment");
    const typing = comment?.contains(document.activeElement) && document.activeElement;
    parts.below.replaceChildren();
    if (turn.problem) parts.below.append(el("p", { class: "problem" }, turn.problem));
    if (turn.note) parts.below.append(el("p", { class: "working" }, turn.note));
    if (turn.footer) { const line = el("p", { class: "footer" }); fill(line, turn.footer); parts.below.append(line); }
    if (turn.footer || turn.problem || turn.note) parts.below.append(actions(turn));
    if (comment) parts.below.append(comment);
    if (typing) typing.focus({ preventScroll: true });
  };

  const button = (act, words, more = {}) => el("button", { type: "button", "data-act": act, ...more }, words);
  // What was understood from the question and is not applied, as the reader wished: a list of { fields, words }.
  T.dropped = (turn) => turn.dropped || [
    ...(turn.ignore?.length ? [{ fields: turn.ignore, words: "a filter in the question" }] : []),
    ...(turn.alone ? [{ fields: ["rewritten"], words: "the questions before it" }] : [])];
  const dropped_chips = (turn, box) => {
    const dropped = T.dropped(turn);
    if (!dropped.length) return;
    if (!box.querySelector("ul.understood")) box.prepend(el("ul", { class: "understood", "aria-label": "Understood" }));
    box.querySelector("ul.understood").append(...dropped.map(({ words }, at) => el("li", { class: "tag dropped" }, el("span", {}, `not applied: ${words}`),
      el("button", { type: "button", "data-act": "reapply", "data-at": at, "aria-label": `Apply again: ${words}`, title: "Apply again" }, "↺"))));
  };
  const actions = (turn) => {
    const row = el("div", { class: "turn-acts" });
    if (turn.empty && !A.desk.shelf?.n_papers) {
      if ($("desk").dataset.readOnly !== "true") row.append(button("add", "Add papers", { class: "next" }),
        button("sample", "Look around with the sample", { class: "next" }));
    }
    if (turn.abstained && Object.keys(turn.filters || {}).length) row.append(button("unfiltered", "Ask without the filters"));
    if (turn.text) row.append(button("copy", "Copy"));
    row.append(button("retry", "Retry"), button("edit", "Edit"));
    if (turn.text) row.append(
      button("thumb", "Helpful", { "data-rating": "up", "aria-pressed": String(turn.rating === "up") }),
      button("thumb", "Not helpful", { "data-rating": "down", "aria-pressed": String(turn.rating === "down") }),
      button("sources", "Sources", { class: "show-sources" }));
    return row;
  };

  const history = T.history = (turns) => turns.filter((turn) => turn.text).slice(-6)
    .flatMap((turn) => [{ role: "user", text: turn.question }, { role: "assistant", text: turn.text.slice(0, 12000) }]);

  // While an answer is being written no other is asked for; that is said.
  T.waits = () => { if (T.busy) A.toast(BUSY); return !!T.busy; };

  // Asks; `from` is the turn whose place the new one takes, with all that followed it. Without `filters` those hold that are set
  // beside the question.
  T.ask = async (question, { from = null, dropped = [], filters = A.filters.now(), paper = A.filters.paper } = {}) => {
    question = question.trim();
    if (!question || T.waits()) return;
    T.sync();
    const conversation = T.current;
    const cut = from ? conversation.turns.indexOf(from) : -1;
    const gone = cut >= 0 ? conversation.turns.slice(cut).map((turn) => turn.id) : [];
    const alone = dropped.some(({ fields }) => fields.includes("rewritten"));
    if (cut >= 0) {
      $("side").prepend($("sources"));
      conversation.turns.slice(cut).forEach((turn) => $(`t-${turn.id}`)?.remove());
      conversation.turns.length = cut;
    }
    const before = alone ? [] : history(conversation.turns);
    const ignore = [...new Set(dropped.flatMap(({ fields }) => fields).filter((name) => name !== "rewritten"))];
    const turn = { id: A.new_id(), question, ...(dropped.length && { dropped }), filters, ...(paper && { paper }) };
    conversation.turns.push(turn);
    if (!conversation.named && conversation.turns.length === 1) conversation.title = question.slice(0, 60);
    const article = T.article(turn);
    const working = el("p", { class: "working" }, "Searching …");
    article.parts.below.replaceChildren(working);
    // Kept before it is answered, so that a reload loses no question.
    keep(conversation, { ...turn, note: LEFT, pending: Date.now() }, { fresh: true, gone });
    $("turns").append(article);
    A.desk.refresh();
    article.scrollIntoView({ block: "start" });
    T.busy = new AbortController();
    const answering = T.answering = { conversation, turn, left: false };
    set_busy(true);
    A.say("Searching");
    try {
      const payload = { question, history: before, filters: turn.filters, ignore, uid: turn.id };
      for await (const record of A.call("page_ask", payload, T.busy.signal)) take(record, article, working);
      if (!turn.footer && !turn.problem) turn.problem = "The answer did not arrive; try it again.";
    } catch (error) {
      if (error.name === "AbortError") turn.note = "Stopped."; else turn.problem = error.message;
    }
    T.busy = T.answering = null;
    set_busy(false);
    turn.html ||= "";
    if (!answering.left) keep(conversation, turn);
    if (article.isConnected) {
      if (turn.problem || turn.note) T.paint(article);
      if (turn.problem) A.say(turn.problem);
    }
    T.sync();
    A.desk.refresh();
    $("turns").dataset.done = Number($("turns").dataset.done || 0) + 1;
  };

  const keep = T.keep = (conversation, turn, how) => {
    A.store.keep(conversation, turn, how);
    A.desk.tell();
  };
  // The page is left: what is being answered is waited for by nobody any more.
  T.leave = () => {
    if (!T.answering) return;
    keep(T.answering.conversation, { ...T.answering.turn, note: T.answering.turn.html ? "Stopped." : LEFT });
    T.answering.left = true; // that its connection broke off is no news
  };

  // Shows what other tabs did to the open conversation, unless this one is just answering; then it comes after the answer.
  T.sync = () => {
    const conversation = T.current;
    if (T.busy || A.store.unkept(conversation.id)) return;
    const held = A.store.conversation(conversation.id);
    if (!held) {
      if (conversation.kept) { T.open(T.blank()); A.toast("This conversation was deleted in another tab."); }
      return;
    }
    const known = new Map(conversation.turns.map((turn) => [turn.id, turn]));
    const changed = new Set();
    const turns = held.turns.map((one) => {
      const turn = known.get(one.id);
      const now = one.pending > Date.now() - 600_000 ? { ...one, note: "Another tab waits for this answer." } : one;
      if (turn && JSON.stringify(turn) === JSON.stringify(now)) return turn;
      changed.add(one.id);
      if (!turn) return now;
      for (const name of Object.keys(turn)) delete turn[name];
      return Object.assign(turn, now);
    });
    Object.assign(conversation, held, { turns });
    const ids = new Set(turns.map((turn) => turn.id));
    for (const article of [...$("turns").children]) {
      if (ids.has(article.turn.id)) continue;
      if (article.contains($("sources"))) $("side").prepend($("sources"));
      article.remove();
    }
    turns.forEach((turn, at) => {
      const article = $(`t-${turn.id}`) || T.article(turn);
      if ($("turns").children[at] !== article) $("turns").insertBefore(article, $("turns").children[at] || null);
      if (known.has(turn.id) && changed.has(turn.id)) T.paint(article);
    });
    if (!turns.includes(T.active)) T.show_sources(turns.at(-1) || null);
    else if (changed.has(T.active.id)) T.show_sources(T.active);
    else T.head();
    A.desk.refresh();
  };

  const take = (record, article, working) => {
    const turn = article.turn;
    if (record.kind === "status") { working.textContent = `${record.text} …`; A.say(record.text); }
    else if (record.kind === "partial") { turn.html = record.html; fill(article.parts.body, record.html); keep_in_sight(article); }
    else if (record.kind === "answer") {
      const { kind: _, ...kept } = record;
      Object.assign(turn, kept);
      T.paint(article);
      T.active = turn;
      A.say(`${turn.abstained ? "No answer" : "Answer"}: ${article.parts.body.textContent.slice(0, 1500)}`);
    } else if (record.kind === "sources") T.show_sources(turn, record.html);
    else if (record.kind === "error") { turn.problem = record.message; }
  };
  const keep_in_sight = (article) => {
    const box = $("transcript");
    const below = article.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
    if (below > 0 && below < 160) box.scrollTop += below;
  };
  const set_busy = (busy) => {
    const send = $("send");
    send.textContent = busy ? "Stop" : "Ask";
    send.toggleAttribute("data-busy", busy);
    $("turns").setAttribute("aria-busy", String(busy));
  };
  T.stop = () => T.busy?.abort();

  // Sources
  const panels = new Map();
  T.show_sources = async (turn, html) => {
    T.active = turn;
    const box = $("sources");
    T.head();
    if (!turn) { $("side").prepend(box); $("panel").replaceChildren(el("p", { class: "quiet" }, "The papers behind an answer stand here, with the words it rests on marked.")); return; }
    T.place();
    if (html !== undefined) panels.set(turn.id, html);
    if (!panels.has(turn.id)) {
      if (!turn.footer) { $("panel").replaceChildren(); return; }
      try {
        const reply = await A.ask_once("page_sources", { citations: turn.citations, found: turn.found });
        panels.set(turn.id, reply.html);
      } catch (error) { panels.set(turn.id, ""); A.toast(error.message); }
    }
    if (T.active !== turn) return;
    fill($("panel"), panels.get(turn.id));
    T.head();
    A.basket.mark();
  };
  T.head = () => {
    const turn = T.active;
    const what = turn?.footer && !turn.citations?.length ? "Papers found" : "Sources";
    const last = !turn || turn === T.current.turns.at(-1);
    $("h-sources").textContent = last ? (what === "Sources" ? "Sources of this answer" : what) : `${what}: ${turn.question.slice(0, 60)}`;
  };
  // On wide screens the sources stand in their own column, on narrow ones under their answer, folded.
  T.place = () => {
    const article = T.active && $(`t-${T.active.id}`);
    const box = $("sources");
    if (A.wide.matches || !article) { if (box.parentElement !== $("side")) $("side").prepend(box); $("sources-box").open = true; }
    else if (box.parentElement !== article.parts.slot) { article.parts.slot.append(box); $("sources-box").open = false; }
    (A.wide.matches ? $("side") : $("rail")).append($("basket"));
    if (!A.wide.matches) $("rail").append($("rail").querySelector(".rail-foot"));
  };
  A.wide.addEventListener("change", () => T.place());
  T.jump = async (turn, paper, marker) => {
    if (T.active !== turn) await T.show_sources(turn);
    $("sources-box").open = true;
    const card = [...$("panel").querySelectorAll(".source")].find((one) => one.dataset.paper === paper);
    if (!card) return;
    card.scrollIntoView({ block: "nearest" });
    card.focus({ preventScroll: true });
    for (const mark of $("panel").querySelectorAll("[data-markers]")) {
      const now = mark.closest(".source") === card && mark.dataset.markers.split(" ").includes(String(marker));
      mark.toggleAttribute("data-now", now);
      if (now && card.offsetHeight > innerHeight / 2) mark.scrollIntoView({ block: "center" });
    }
    card.classList.remove("flash"); void card.offsetWidth; card.classList.add("flash");
  };
})();

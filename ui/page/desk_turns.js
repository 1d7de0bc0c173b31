// The transcript: asking, what comes back, and everything that can be done with an answer.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.turns) return;
  const { el, fill, $ } = A;
  const T = (A.turns = { current: null, busy: null, editing: null, active: null });

  T.blank = () => ({ id: A.new_id(), title: "New conversation", turns: [] });
  T.open = (conversation) => {
    T.stop();
    T.cancel_edit();
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
      el("h2", { class: "asked" }, turn.question), parts.understood, parts.body, parts.below, parts.slot);
    article.turn = turn;
    article.parts = parts;
    T.paint(article);
    return article;
  };

  T.paint = (article) => {
    const { turn, parts } = article;
    article.classList.toggle("refusal", !!turn.abstained);
    fill(parts.understood, turn.understood || "");
    fill(parts.body, turn.html || "");
    parts.below.replaceChildren();
    if (turn.problem) parts.below.append(el("p", { class: "problem" }, turn.problem));
    if (turn.note) parts.below.append(el("p", { class: "working" }, turn.note));
    if (turn.footer) { const line = el("p", { class: "footer" }); fill(line, turn.footer); parts.below.append(line); }
    if (turn.footer || turn.problem || turn.note) parts.below.append(actions(turn));
  };

  const button = (act, words, more = {}) => el("button", { type: "button", "data-act": act, ...more }, words);
  const actions = (turn) => {
    const row = el("div", { class: "turn-acts" });
    if (turn.abstained && Object.keys(turn.filters || {}).length) row.append(button("unfiltered", "Ask without the filters"));
    if (turn.text) row.append(button("copy", "Copy"));
    row.append(button("retry", "Retry"), button("edit", "Edit"));
    if (turn.text) row.append(
      button("thumb", "Helpful", { "data-rating": "up", "aria-pressed": String(turn.rating === "up") }),
      button("thumb", "Not helpful", { "data-rating": "down", "aria-pressed": String(turn.rating === "down") }),
      button("sources", "Sources", { class: "show-sources" }));
    return row;
  };

  const history = (turns) => turns.filter((turn) => turn.text).slice(-6)
    .flatMap((turn) => [{ role: "user", text: turn.question }, { role: "assistant", text: turn.text.slice(0, 12000) }]);

  // Asks; `from` is the turn whose place the new one takes, with all that followed it.
  T.ask = async (question, { from = null, ignore = [], alone = false } = {}) => {
    question = question.trim();
    if (!question || T.busy) return;
    const conversation = T.current;
    const cut = from ? conversation.turns.indexOf(from) : -1;
    if (cut >= 0) {
      $("side").prepend($("sources"));
      conversation.turns.slice(cut).forEach((turn) => $(`t-${turn.id}`)?.remove());
      conversation.turns.length = cut;
    }
    const before = alone ? [] : history(conversation.turns);
    const turn = { id: A.new_id(), question, ignore, alone, filters: A.filters.now() };
    conversation.turns.push(turn);
    if (!conversation.named && conversation.turns.length === 1) conversation.title = question.slice(0, 60);
    const article = T.article(turn);
    const working = el("p", { class: "working" }, "Searching …");
    article.parts.below.replaceChildren(working);
    $("turns").append(article);
    A.desk.refresh();
    article.scrollIntoView({ block: "start" });
    T.busy = new AbortController();
    set_busy(true);
    // Kept before it is answered, so that a reload loses no question.
    A.store.save({ ...conversation, turns: [...conversation.turns.slice(0, -1), { ...turn, note: "The page was left before the answer came." }] });
    A.say("Searching");
    try {
      const payload = { question, history: before, filters: turn.filters, ignore, uid: turn.id };
      for await (const record of A.call("page_ask", payload, T.busy.signal)) take(record, article, working);
      if (!turn.footer && !turn.problem) turn.problem = "The answer did not arrive; try it again.";
    } catch (error) {
      if (error.name === "AbortError") turn.note = "Stopped."; else turn.problem = error.message;
    }
    T.busy = null;
    set_busy(false);
    turn.html ||= "";
    $("turns").dataset.done = Number($("turns").dataset.done || 0) + 1;
    if (!article.isConnected) return;
    if (turn.problem || turn.note) T.paint(article);
    if (turn.problem) A.say(turn.problem);
    A.store.save(conversation);
    A.desk.refresh();
  };

  const take = (record, article, working) => {
    const turn = article.turn;
    if (record.kind === "status") { working.textContent = `${record.text} …`; A.say(record.text); }
    else if (record.kind === "partial") { turn.html = record.html; fill(article.parts.body, record.html); keep_in_sight(article); }
    else if (record.kind === "answer") {
      const { kind, ...kept } = record;
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
    const last = turn === T.current.turns.at(-1);
    const what = turn.citations?.length ? "Sources" : "Papers found";
    $("h-sources").textContent = last ? (turn.citations?.length ? "Sources of this answer" : what) : `${what}: ${turn.question.slice(0, 60)}`;
    A.basket.mark();
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
    for (const mark of $("panel").querySelectorAll("mark")) {
      const now = mark.closest(".source") === card && mark.dataset.markers?.split(" ").includes(String(marker));
      mark.toggleAttribute("data-now", now);
      if (now && card.offsetHeight > innerHeight / 2) mark.scrollIntoView({ block: "center" });
    }
    card.classList.remove("flash"); void card.offsetWidth; card.classList.add("flash");
  };

  // What the buttons under an answer do
  const turn_of = (element) => element.closest(".turn")?.turn;
  const again = (turn, options = {}) => {
    const last = turn === T.current.turns.at(-1);
    return T.ask(turn.question, { from: last ? turn : null, ignore: turn.ignore, alone: turn.alone, ...options });
  };
  T.copy = async (turn) => {
    const reply = await A.ask_once("page_conversation", { title: turn.question, turns: [turn] });
    A.copy(reply.text.replace(/^# .*\n+/, ""));
  };
  T.save_all = async () => {
    const reply = await A.ask_once("page_conversation", { title: T.current.title, turns: T.current.turns.filter((turn) => turn.text) });
    A.download(reply.name, reply.text);
  };
  T.edit = (turn) => {
    T.editing = turn;
    $("editing").hidden = false;
    $("question").value = turn.question;
    $("question").focus();
    A.desk.grow();
  };
  T.cancel_edit = () => { if (T.editing) $("question").value = ""; T.editing = null; $("editing").hidden = true; A.desk.grow(); };
  T.thumb = async (turn, rating, article) => {
    const same = turn.rating === rating;
    turn.rating = rating;
    turn.feedback_id ||= A.new_id();
    T.paint(article);
    A.store.save(T.current);
    const before = history(T.current.turns.slice(0, T.current.turns.indexOf(turn)));
    const send = (comment) => A.ask_once("page_feedback", {
      question: turn.question, history: before, filters: turn.filters, rating, comment, feedback_id: turn.feedback_id,
      text: turn.text, abstained: turn.abstained, citations: turn.citations });
    try { if (!same) await send(""); } catch (error) { A.toast(error.message); return; }
    const area = el("textarea", { rows: "2", maxlength: "4000", id: `why-${turn.id}` });
    const form = el("form", { class: "comment" }, el("label", { for: `why-${turn.id}` }, rating === "up" ? "What was good about it? (kept in a local file)" : "What should it have said? (kept in a local file)"),
      area, el("button", { type: "submit" }, "Keep the comment"));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try { if (area.value.trim()) await send(area.value.trim()); form.remove(); A.toast("Kept, thank you."); } catch (error) { A.toast(error.message); }
    });
    article.parts.below.append(form);
    area.focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest" });
  };
  T.drop = (turn, element) => {
    const fields = element.dataset.fields.split(" ");
    if (element.dataset.kind === "rewritten") return again(turn, { alone: true });
    if (element.dataset.kind === "given") { A.filters.clear(fields); return again(turn); }
    return again(turn, { ignore: [...new Set([...turn.ignore, ...fields])] });
  };
  T.similar = async (source) => {
    try {
      const reply = await A.ask_once("page_similar", { paper_id: source.dataset.paper });
      fill($("panel"), reply.html);
      $("panel").prepend(el("button", { type: "button", class: "quiet-button", "data-act": "back-to-sources" }, "← Sources of the answer"));
      A.basket.mark();
      $("sources").scrollIntoView({ block: "nearest" });
      $("side").scrollTop = 0;
      $("panel").querySelector("button").focus({ preventScroll: true });
    } catch (error) { A.toast(error.message); }
  };

  T.act = (act, element) => {
    const turn = turn_of(element);
    const article = element.closest(".turn");
    const source = element.closest(".source");
    const done = {
      copy: () => T.copy(turn), unfiltered: () => { A.filters.clear_all(); return again(turn); }, retry: () => again(turn), edit: () => T.edit(turn), drop: () => T.drop(turn, element),
      thumb: () => T.thumb(turn, element.dataset.rating, article), "cancel-edit": T.cancel_edit, "export-conversation": T.save_all,
      sources: () => T.show_sources(turn).then(() => { $("sources-box").open = true; $("sources").scrollIntoView({ block: "nearest" }); }),
      about: () => A.filters.about(source.dataset.paper, source.dataset.title), similar: () => T.similar(source),
      basket: () => A.basket.toggle(source.dataset.paper, source.dataset.title), "back-to-sources": () => T.show_sources(T.active),
    }[act];
    if (done) Promise.resolve(done()).catch((error) => A.toast(error.message));
    return !!done;
  };
})();

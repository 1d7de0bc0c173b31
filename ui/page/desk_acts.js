// What can be done with an answer: ask it again, edit it, rate it, drop what was understood, look at its sources.
(() => {
  "use strict";
  const A = window.askpapers;
  const { el, fill, $, turns: T } = A;
  if (T.act) return;

  const turn_of = (element) => element.closest(".turn")?.turn;
  // A question asked again keeps its own filters and what was dropped from it, whatever is set beside the question now.
  const again = T.again = (turn, options = {}) => {
    const last = turn === T.current.turns.at(-1);
    return T.ask(turn.question, { from: last ? turn : null, dropped: T.dropped(turn), filters: turn.filters || {}, paper: turn.paper || null, ...options });
  };
  T.copy = async (turn) => {
    const reply = await A.ask_once("page_conversation", { title: turn.question, turns: [turn] });
    A.copy(reply.text.replace(/^# .*\n+/, ""));
  };
  T.save_all = async () => {
    const reply = await A.ask_once("page_conversation", { title: T.current.title, turns: T.current.turns.filter((turn) => turn.text) });
    A.download(reply.name, reply.text);
  };
  // Editing takes over the box and the filters; what stood there comes back when it ends.
  let before = null;
  T.edit = (turn) => {
    if (!T.editing) before = { text: $("question").value, filters: A.filters.now(), paper: A.filters.paper };
    T.editing = turn;
    A.filters.dropped = [...T.dropped(turn)];
    A.filters.put(turn.filters || {}, turn.paper);
    $("editing").hidden = false;
    $("question").value = turn.question;
    $("question").focus();
    A.desk.grow();
  };
  T.draft = () => (T.editing ? before.text : $("question").value);
  T.end_edit = ({ sent = false } = {}) => {
    if (!T.editing) return;
    const untouched = JSON.stringify(A.filters.now()) === JSON.stringify(T.editing.filters || {});
    T.editing = null;
    $("editing").hidden = true;
    $("question").value = before.text;
    A.filters.dropped = [];
    if (!sent || untouched) A.filters.put(before.filters, before.paper); else A.filters.show();
    A.desk.grow();
  };
  T.thumb = async (turn, rating, article) => {
    const same = turn.rating === rating;
    turn.rating = rating;
    turn.feedback_id ||= A.new_id();
    article.parts.below.querySelector(".comment")?.remove();
    T.paint(article);
    T.keep(T.current, turn);
    const earlier = T.history(T.current.turns.slice(0, T.current.turns.indexOf(turn)));
    const send = (comment) => A.ask_once("page_feedback", {
      question: turn.question, history: earlier, filters: turn.filters, rating, comment, feedback_id: turn.feedback_id,
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
    const { kind } = element.dataset;
    const options = {};
    if (kind === "given" || kind === "both") {
      const [filters, paper] = A.filters.without(fields, turn);
      Object.assign(options, { filters, paper });
    }
    const words = element.closest("li").querySelector("span").textContent.replace(/^read as: .*/s, "the questions before it");
    if (kind !== "given") options.dropped = [...T.dropped(turn), { fields, words }];
    return again(turn, options);
  };
  T.reapply = (turn, at) => again(turn, { dropped: T.dropped(turn).filter((_, n) => n !== at) });
  // Where the sources stand under the answer, their list is longer than the window: its head comes into sight.
  const to_sources = () => { if (!A.wide.matches) $("sources").scrollIntoView({ block: "start" }); };
  T.similar = async (source) => {
    try {
      const reply = await A.ask_once("page_similar", { paper_id: source.dataset.paper });
      fill($("panel"), reply.html);
      $("panel").prepend(el("button", { type: "button", class: "quiet-button", "data-act": "back-to-sources" }, "← Sources of the answer"));
      A.basket.mark();
      $("side").scrollTop = 0;
      to_sources();
      $("panel").querySelector("button").focus({ preventScroll: true });
    } catch (error) { A.toast(error.message); }
  };

  T.act = (act, element) => {
    const turn = turn_of(element);
    const article = element.closest(".turn");
    const source = element.closest(".source");
    const done = {
      copy: () => T.copy(turn), unfiltered: () => { A.filters.clear_all(); return again(turn, { filters: {}, paper: null }); }, retry: () => again(turn), edit: () => T.edit(turn), drop: () => T.drop(turn, element), reapply: () => T.reapply(turn, Number(element.dataset.at)),
      thumb: () => T.thumb(turn, element.dataset.rating, article), "cancel-edit": () => T.end_edit(), "export-conversation": T.save_all,
      sources: () => T.show_sources(turn).then(() => { $("sources-box").open = true; $("sources").scrollIntoView({ block: "nearest" }); }),
      about: () => A.filters.about(source.dataset.paper, source.dataset.title), similar: () => T.similar(source),
      basket: () => A.basket.toggle(source.dataset.paper, source.dataset.title), "back-to-sources": () => T.show_sources(T.active).then(to_sources),
    }[act];
    if (["unfiltered", "retry", "drop", "reapply"].includes(act) && T.waits()) return true;
    if (done) Promise.resolve(done()).catch((error) => A.toast(error.message));
    return !!done;
  };
})();

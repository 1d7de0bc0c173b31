// The basket: papers put aside, their export, and emptying it, which can be undone.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.basket) return;
  const { el, $ } = A;

  const B = (A.basket = { papers: () => A.store.read("basket", []), emptied: null });
  const put = (papers) => { A.store.write("basket", papers); B.show(); A.desk.refresh(); };
  B.toggle = (id, title) => {
    const kept = B.papers();
    const without = kept.filter((one) => one.id !== id);
    B.emptied = null;
    put(without.length === kept.length ? [...kept, { id, title }] : without);
    A.say(without.length === kept.length ? "Put into the basket" : "Taken out of the basket");
  };
  const papers = (n) => `${n.toLocaleString("en")} paper${n === 1 ? "" : "s"}`;
  B.empty = () => {
    B.emptied = B.papers();
    put([]);
    A.say(`${papers(B.emptied.length)} taken out of the basket`);
    $("basket-undo").querySelector("button").focus();
  };
  // What was emptied comes back, before what was put aside since.
  B.refill = () => {
    const since = B.papers();
    const back = (B.emptied || []).filter(({ id }) => !since.some((one) => one.id === id));
    B.emptied = null;
    put([...back, ...since]);
    A.say(`${papers(back.length)} put back into the basket`);
  };
  B.show = () => {
    const kept = B.papers();
    if (kept.length) B.emptied = null; // another tab put something there
    $("basket-n").textContent = kept.length.toLocaleString("en");
    $("basket-empty").hidden = kept.length > 0 || !!B.emptied;
    $("basket-undo").hidden = !B.emptied;
    $("basket-undo").querySelector("span").textContent = B.emptied ? `Emptied: ${papers(B.emptied.length)}.` : "";
    $("exports").hidden = !kept.length;
    $("basket-list").replaceChildren(...kept.map(({ id, title }) => el("li", {}, el("span", { dir: "auto" }, title),
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
})();

// Cards of chips: on hover, focus or tap. They follow their chip when the text is scrolled, the pointer may rest on them, the
// arrow keys scroll a long one while its chip has the focus, and Escape puts them away.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.pop) return;
  const { el, $ } = A;

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
    pop.querySelector(".card-title")?.setAttribute("dir", "auto");
    pop.querySelector("q")?.setAttribute("dir", "auto");
    pop.hidden = false;
    pop.scrollTop = 0;
    place();
  };
  // Under the chip where there is room, else over it; never larger than the room, and scrolled then.
  const place = () => {
    const pop = $("pop");
    const at = P.chip.getBoundingClientRect();
    pop.style.maxHeight = "none";
    const [below, above] = [innerHeight - at.bottom - 16, at.top - 16];
    const over = pop.offsetHeight > below && above > below;
    pop.style.maxHeight = `${Math.max(96, over ? above : below)}px`;
    const top = over ? at.top - pop.offsetHeight - 8 : at.bottom + 8;
    pop.style.left = `${Math.max(12, Math.min(at.left - 20, innerWidth - pop.offsetWidth - 12))}px`;
    pop.style.top = `${Math.max(4, Math.min(top, innerHeight - pop.offsetHeight - 4))}px`;
    if (pop.scrollHeight > pop.clientHeight) pop.setAttribute("tabindex", "0"); else pop.removeAttribute("tabindex");
  };
  const follow = () => {
    if (!P.chip) return;
    const [at, box] = [P.chip.getBoundingClientRect(), $("transcript").getBoundingClientRect()];
    if (P.chip.isConnected && at.bottom > box.top && at.top < box.bottom) place(); else P.hide();
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
    root.addEventListener("focusin", (event) => {
      const chip = event.target.closest(".chip");
      if (chip) P.show(chip); else if (event.target.closest("#pop")) clearTimeout(P.timer); else P.hide();
    });
    root.addEventListener("focusout", () => P.later());
    root.addEventListener("click", (event) => {
      const chip = event.target.closest(".chip");
      if (chip && touched) P.show(chip); else if (chip) P.jump(chip);
    });
    root.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 40, ArrowUp: -40 }[event.key];
      const pop = $("pop");
      if (!step || pop.hidden || !event.target.closest(".chip") || pop.scrollHeight <= pop.clientHeight) return;
      event.preventDefault();
      pop.scrollTop += step;
    });
    $("transcript").addEventListener("scroll", follow, { passive: true });
    addEventListener("resize", follow);
  };
  P.jump = (chip) => { const article = chip.closest(".turn"); P.hide(); A.turns.jump(article.turn, chip.dataset.paper, chip.dataset.marker); };
})();

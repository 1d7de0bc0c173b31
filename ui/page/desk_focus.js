// Where the focus goes when what had it is taken away: never to the whole page, from where Tab would start anew.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.focus) return;
  const { $ } = A;

  const F = (A.focus = {});
  const STOPS = "button, input, select, textarea, summary, a[href], [tabindex='0']";
  let last = null; // what has the focus, and where it stands: what surrounds it, and its place among its like

  const alike = (element) => (element.dataset.act ? `[data-act="${element.dataset.act}"]` : element.matches(".chip") ? ".chip" : null);
  const seen = (element) => element.isConnected && element.checkVisibility() && !element.matches(":disabled");
  const remember = (element) => {
    const kind = alike(element);
    const around = [];
    for (let box = element.parentElement; box && box.id !== "desk"; box = box.parentElement) {
      around.push({ box, at: kind ? [...box.querySelectorAll(kind)].indexOf(element) : -1 });
    }
    last = { element, kind, around };
  };
  const focus = (element) => { element?.focus({ preventScroll: true }); return element; };
  // The box, but where a keyboard would come up over the text.
  F.home = () => focus(matchMedia("(pointer: fine)").matches ? $("question") : $("transcript"));

  const place = () => {
    const { kind, around } = last;
    const turn = around.find(({ box }) => box.matches(".turn"))?.box;
    if (turn && !turn.isConnected) return $("turns").lastElementChild; // asked again: the turn in its place
    const next = around.find(({ box }) => seen(box));
    if (!next) return null;
    const { box, at } = next;
    const same = kind && box.closest("ul, ol, .turn, form, #panel") ? [...box.querySelectorAll(kind)].filter(seen) : [];
    if (same.length) return same[Math.min(at, same.length - 1)];
    if (turn) return turn;
    const part = box.closest("#basket, #sources, #filters, #adding");
    return part && [...part.querySelectorAll(STOPS)].find(seen);
  };
  const rescue = () => {
    if (!last || seen(last.element)) return;
    const now = document.activeElement;
    if (now && now !== document.body && now !== last.element) { last = null; return; }
    const to = place();
    last = null;
    if (to?.matches(".turn")) to.tabIndex = -1;
    if (!to || focus(to) !== document.activeElement) F.home();
  };
  F.wire = (root) => {
    root.addEventListener("focusin", (event) => remember(event.target));
    root.addEventListener("focusout", (event) => { const { element } = last || {}; if (event.target === element && seen(element)) setTimeout(() => { if (last?.element === element && document.activeElement !== element && seen(element)) last = null; }); });
    new MutationObserver(rescue).observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden", "disabled"] });
  };
})();

// What everything else stands on: HTML from the server made harmless once more, calls of the server, messages, dark and light.
(() => {
  "use strict";
  if (window.askpapers) return;
  const A = (window.askpapers = {});

  // Elements and attributes that the page's own HTML uses. The server escapes all text; what was kept by the browser, or slipped
  // through, is cut to these before it becomes part of the page.
  const TAGS = new Set(("a b br button code details div em h3 li mark math mfrac mi mn mo mover mrow mroot mspace msqrt msub " +
    "msubsup msup mtext ol p pre q section small span strong summary table tbody td th thead tr u ul").split(" "));
  const NAMES = new Set("class dir id role tabindex open hidden scope start title type target rel mathvariant stretchy width".split(" "));

  A.safe = (html) => {
    const body = new DOMParser().parseFromString(String(html ?? ""), "text/html").body;
    const clean = (node) => {
      for (const child of [...node.children]) {
        if (!TAGS.has(child.localName)) { child.replaceWith(document.createTextNode(child.textContent)); continue; }
        for (const { name, value } of [...child.attributes]) {
          const link = name === "href" && /^https?:\/\//i.test(value);
          if (!NAMES.has(name) && !/^(data|aria)-[a-z-]+$/.test(name) && !link) child.removeAttribute(name);
        }
        if (child.localName === "a") child.setAttribute("rel", "noopener noreferrer");
        clean(child);
      }
    };
    clean(body);
    const made = document.createDocumentFragment();
    made.append(...body.childNodes);
    return made;
  };
  A.fill = (element, html) => element.replaceChildren(A.safe(html));
  A.el = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  A.$ = (id) => document.getElementById(id);

  A.new_id = () => Math.random().toString(36).slice(2, 10);

  // Gradio's queue, over its HTTP API: join with POST, then read the events. Leaving early cancels the work.
  const at = (path) => new URL(`gradio_api/${path}`, document.baseURI);
  const post = (path, body, signal) =>
    fetch(at(path), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

  A.client = (() => {
    try {
      const known = sessionStorage.getItem("askpapers:client") || A.new_id() + A.new_id();
      sessionStorage.setItem("askpapers:client", known);
      return known;
    } catch { return "page"; }
  })();

  const lost = (words) => (error) => {
    if (error.name === "AbortError") throw error;
    throw new Error(`${words} Is \`askpapers chat\` still running?`);
  };
  const [SILENT, BROKEN] = [lost("The page's server does not answer."), lost("The connection to the page's server broke off.")];
  A.call = async function* (name, payload = {}, signal) {
    const joined = await post(`call/${name}`, { data: [{ client: A.client, ...payload }] }, signal).catch(SILENT);
    if (joined.status === 401) { location.reload(); return; }
    if (!joined.ok) throw new Error(joined.status === 503 ? "Too many questions are waiting; try again in a moment." : `The server refused (${joined.status}).`);
    const { event_id } = await joined.json();
    let ended = false;
    try {
      const reply = await fetch(at(`call/${name}/${event_id}`), { signal }).catch(BROKEN);
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      let held = "";
      for (;;) {
        const { value, done } = await reader.read().catch(BROKEN);
        if (done) break;
        held += value;
        let cut;
        while ((cut = held.indexOf("\n\n")) >= 0) {
          const kind = /^event: (.*)$/m.exec(held.slice(0, cut))?.[1];
          const data = /^data: (.*)$/m.exec(held.slice(0, cut))?.[1];
          held = held.slice(cut + 2);
          if (kind === "generating") yield JSON.parse(data)[0];
          else if (kind === "complete") { ended = true; return; }
          else if (kind === "error") { ended = true; throw new Error("The server stopped answering; try it again."); }
        }
      }
      ended = true;
    } finally {
      if (!ended) {
        const fn = (window.gradio_config?.dependencies || []).find((one) => one.api_name === name);
        post("cancel", { session_hash: event_id, fn_index: fn?.id ?? 0, event_id }).catch(() => {});
      }
    }
  };
  // The last record of a call; an error record is thrown.
  A.ask_once = async (name, payload, signal) => {
    let last = null;
    for await (const record of A.call(name, payload, signal)) {
      if (record.kind === "error") throw new Error(record.message);
      last = record;
    }
    return last;
  };
  A.upload = (files, onprogress, signal) => new Promise((resolve, reject) => {
    const form = new FormData();
    for (const file of files) form.append("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", at("upload"));
    request.upload.onprogress = (event) => event.lengthComputable && onprogress(event.loaded, event.total);
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText));
      else {
        let why = "";
        try { why = JSON.parse(request.responseText).error; } catch { /* a proxy's own page */ }
        reject(new Error(why || `The upload was refused (${request.status}).`));
      }
    };
    request.onerror = () => reject(new Error("The upload broke off. Is `askpapers chat` still running?"));
    signal.addEventListener("abort", () => { request.abort(); reject(new DOMException("stopped", "AbortError")); });
    request.send(form);
  });

  A.say = (text) => { const live = A.$("live"); live.textContent = ""; requestAnimationFrame(() => { live.textContent = text; }); };
  let hiding = 0;
  A.toast = (text) => {
    const toast = A.$("toast");
    toast.textContent = text; toast.hidden = false;
    clearTimeout(hiding); hiding = setTimeout(() => { toast.hidden = true; }, Math.max(5000, 80 * text.length));
  };
  A.download = (name, text) => {
    const link = A.el("a", { href: URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  A.copy = async (text) => {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = A.el("textarea"); area.value = text; document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
    }
    A.toast("Copied.");
  };

  A.wide = matchMedia("(min-width: 1100px)");
})();

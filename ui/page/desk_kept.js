// What the browser keeps: conversations (one entry each), the basket, the theme. A server never sees another's.
// Several tabs write here. So a tab never writes a conversation as it remembers it: it reads what is held now, and adds or
// changes the one turn that is its own. What another tab deleted stays deleted.
// What the browser does not take (it is full, or keeps nothing) is kept here until the page is left; nothing is deleted for it.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.store) return;

  const prefix = `askpapers:${window.gradio_config?.username || ""}:`;
  const NO_ROOM = "This browser had no room to keep the answer.";
  const spare = new Map(); // as text, by name: what the browser did not take
  const replaced = new Set(); // ids of turns whose place others took
  const held = (name) => { try { return localStorage.getItem(prefix + name); } catch { return null; } };
  const put = (name, text) => { try { localStorage.setItem(prefix + name, text); return true; } catch { return false; } };
  const parsed = (text, otherwise) => { try { return JSON.parse(text) ?? otherwise; } catch { return otherwise; } };
  const read = (name, otherwise) => parsed(spare.get(name) ?? held(name), otherwise);
  const write = (name, value) => {
    const text = JSON.stringify(value);
    if (put(name, text)) spare.delete(name); else spare.set(name, text);
    return !spare.has(name);
  };
  const blocked = (() => {
    try { localStorage.setItem(`${prefix}probe`, "1"); localStorage.removeItem(`${prefix}probe`); return false; } catch {
      try { return !localStorage.length; } catch { return true; }
    }
  })();

  const listed = () => parsed(held("index"), []).filter((one) => one && typeof one.id === "string");
  const list = (rows) => put("index", JSON.stringify(rows));
  // The newest first: those that only this page has, then those that the browser keeps.
  const index = () => {
    const rows = listed();
    const own = [...spare].filter(([name]) => name.startsWith("c:")).map(([name, text]) => ({ id: name.slice(2), title: parsed(text, {}).title }));
    return [...own.filter(({ id }) => !rows.some((one) => one.id === id)).reverse(), ...rows];
  };
  const keep_listed = (id, title) => list([{ id, title }, ...listed().filter((one) => one.id !== id)]);
  // There may be room again: what waits for it is tried once more.
  const again = () => {
    for (const [name, text] of [...spare]) {
      if (!put(name, text)) continue;
      if (!name.startsWith("c:") || keep_listed(name.slice(2), parsed(text, {}).title)) spare.delete(name);
      else localStorage.removeItem(prefix + name);
    }
  };
  const forget = (id) => {
    spare.delete(`c:${id}`);
    try { localStorage.removeItem(`${prefix}c:${id}`); } catch { /* nothing is kept here */ }
    list(listed().filter((one) => one.id !== id));
    again();
  };
  // `kept` says that it was in the store once: when it is there no more, it was deleted.
  const conversation = (id) => {
    const found = read(`c:${id}`, null);
    return found && Array.isArray(found.turns) ? { ...found, kept: true } : null;
  };

  A.store = {
    prefix, read, write, index, forget, conversation,
    unkept: (id) => spare.has(`c:${id}`),
    // One sentence where the browser does not keep what the page wants kept; else nothing.
    trouble: () => (blocked ? "This browser lets the page keep nothing: conversations, basket and settings last until the page is left."
      : spare.size ? "This browser’s storage is full: what is new lasts only until the page is left. Save it, or delete conversations to make room." : ""),
    // Keeps one turn of a conversation; `fresh`: it is new, in the place of the turns `gone` (ids). False: the browser has no
    // room; the conversation is then kept whole as soon as there is some. A turn that is neither new nor held was deleted.
    keep(mine, turn, { fresh = false, gone = [] } = {}) {
      const before = conversation(mine.id);
      if (!before && mine.kept) return true;
      mine.kept = true;
      gone.forEach((id) => replaced.add(id));
      const turns = (before?.turns || []).filter((one) => !replaced.has(one.id));
      const missing = !before ? mine.turns.filter(({ id }) => !turns.some((one) => one.id === id)) : fresh ? [turn] : [];
      const all = [...turns, ...missing].map((one) => (one.id === turn.id ? turn : one));
      const named = before?.named ? before : mine;
      const name = `c:${mine.id}`;
      const entry = { id: mine.id, title: named.title, ...(named.named && { named: true }), turns: all };
      if (write(name, entry)) {
        if (keep_listed(mine.id, entry.title) || listed().some(({ id }) => id === mine.id)) { again(); return true; }
        localStorage.removeItem(prefix + name);
        spare.set(name, JSON.stringify(entry));
      }
      // The question stands in the store as one that is being answered. It is not; and this is shorter.
      const stored = parsed(held(name), null);
      const waits = stored?.turns?.find((one) => one.id === turn.id && one.pending);
      if (waits && !turn.pending) {
        const { pending: _, ...rest } = waits;
        put(name, JSON.stringify({ ...stored, turns: stored.turns.map((one) => (one === waits ? { ...rest, note: NO_ROOM } : one)) }));
      }
      return false;
    },
    rename(id, title) {
      const { kept, ...found } = conversation(id) || {};
      if (!kept) return;
      const entry = { ...found, title, named: true };
      if (!spare.has(`c:${id}`)) { write(`c:${id}`, entry); list(listed().map((one) => (one.id === id ? { ...one, title } : one))); }
      else { spare.set(`c:${id}`, JSON.stringify(entry)); again(); }
    },
  };

  // What is half typed, of this tab alone.
  A.draft = {
    read: () => { try { return sessionStorage.getItem(`${prefix}draft`) || ""; } catch { return ""; } },
    write: (text) => { try { sessionStorage.setItem(`${prefix}draft`, text); } catch { /* it is not kept then */ } },
  };

  // Dark or light: the system's, unless the reader chose.
  const wanted = () => A.store.read("theme", null) || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  A.paint = () => {
    document.documentElement.dataset.theme = wanted();
    document.body?.classList.toggle("dark", wanted() === "dark");
  };
  A.turn_theme = () => { A.store.write("theme", wanted() === "dark" ? "light" : "dark"); A.paint(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", A.paint);
  A.paint();
})();

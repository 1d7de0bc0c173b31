// The filters beside the question.
(() => {
  "use strict";
  const A = window.askpapers;
  if (A.filters) return;
  const { el, $ } = A;

  // Filters: what is set stands as chips over the question, too.
  const F = (A.filters = { organisations: [], paper: null, dropped: [] });
  F.now = () => {
    const value = (id) => $(id).value.trim();
    const set = { since: value("f-since"), until: value("f-until"), organisations: [...F.organisations], source: value("f-source"),
      min_comments: $("f-comments").validity.valid ? value("f-comments") : "", paper_ids: F.paper ? [F.paper.id] : [] };
    return Object.fromEntries(Object.entries(set).filter(([, given]) => given.length));
  };
  F.show = () => {
    const tags = [];
    const tag = (words, field) => tags.push(el("li", { class: "tag given" }, el("span", { dir: "auto" }, words),
      el("button", { type: "button", "data-act": "unset", "data-field": field, "aria-label": `Remove: ${words}` }, "×")));
    if ($("f-since").value) tag(`from ${$("f-since").value}`, "since");
    if ($("f-until").value) tag(`to ${$("f-until").value}`, "until");
    F.organisations.forEach((name) => tag(name, `organisation:${name}`));
    const comments = $("f-comments");
    const valid = comments.validity.valid;
    comments.setAttribute("aria-invalid", String(!valid));
    $("f-comments-wrong").hidden = valid;
    if (comments.value && valid) tag(`at least ${$("f-comments").value} comments`, "min_comments");
    if ($("f-source").value) tag($("f-source").selectedOptions[0].textContent, "source");
    if (F.paper) tag(`about: ${F.paper.title}`, "paper_ids");
    const dropped = F.dropped.map(({ words }, at) => el("li", { class: "tag dropped" }, el("span", {}, `not applied: ${words}`),
      el("button", { type: "button", "data-act": "undrop", "data-at": at, "aria-label": `Apply again: ${words}`, title: "Apply again" }, "↺")));
    $("active").replaceChildren(...tags, ...dropped);
    $("f-chosen").replaceChildren(...F.organisations.map((name) => el("li", { class: "tag given" }, el("span", { dir: "auto" }, name),
      el("button", { type: "button", "data-act": "unset", "data-field": `organisation:${name}`, "aria-label": `Remove: ${name}` }, "×"))));
    for (const id of ["f-since", "f-until", "f-comments", "f-source"]) $(id).toggleAttribute("data-set", !!$(id).value && (id !== "f-comments" || valid));
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
  // What is set, set anew: as `now` gives it. A source that is not on the list is put there.
  F.put = (filters, paper) => {
    for (const [name, id] of Object.entries(FIELDS)) {
      if (name === "source" && filters.source && ![...$(id).options].some(({ value }) => value === filters.source)) {
        $(id).append(el("option", { value: filters.source }, filters.source.split("/").at(-1)));
      }
      $(id).value = filters[name] || "";
    }
    F.organisations = [...(filters.organisations || [])];
    const id = filters.paper_ids?.[0];
    F.paper = id ? paper || { id, title: "one paper" } : null;
    F.show();
  };
  // A turn's filters and paper without some fields; where the same is set beside the question, it is cleared there, too.
  F.without = (fields, turn) => {
    const names = fields.map((name) => (name === "organisation" ? "organisations" : name));
    const [set, filters] = [F.now(), turn.filters || {}];
    F.clear(names.filter((name) => JSON.stringify(set[name]) === JSON.stringify(filters[name])));
    return [Object.fromEntries(Object.entries(filters).filter(([name]) => !names.includes(name))), names.includes("paper_ids") ? null : turn.paper || null];
  };
  F.clear_all = () => F.clear([...Object.keys(FIELDS), "organisations", "paper_ids"]);
})();

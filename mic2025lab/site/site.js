"use strict";
/* The search: words are looked for at the beginning of the words of an entry, short ones as whole words. The front page sends its words to
   the page of the search, where they stand in the address after #. */
(() => {
  const go = document.getElementById("go");
  if (go) {
    go.hidden = false;
    go.addEventListener("submit", (event) => {
      event.preventDefault();
      location.href = `search.html#q=${encodeURIComponent(go.elements.q.value.trim())}`;
    });
  }
  const form = document.getElementById("find");
  if (!form) return;
  const found = document.getElementById("found");
  const input = form.elements.q;
  const kinds = [...document.querySelectorAll(".kind")];
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const entries = kinds.flatMap((kind) => [...kind.querySelectorAll("li")].map((entry) => ({
    entry, text: ` ${plain(`${entry.textContent} ${entry.dataset.words}`).replace(/[^\p{L}\p{N}]+/gu, " ")} `,
  })));
  const stem = (word) => (word.length > 4 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word);
  const show = () => {
    const words = plain(input.value).split(/[^\p{L}\p{N}]+/u).filter(Boolean).map(stem);
    const looked = words.map((word) => (/^[\p{ASCII}]{1,3}$/u.test(word) ? ` ${word} ` : /^\p{ASCII}+$/u.test(word) ? ` ${word}` : word));
    let count = 0;
    for (const { entry, text } of entries) {
      entry.hidden = !looked.every((word) => text.includes(word));
      count += !entry.hidden;
    }
    for (const kind of kinds) kind.hidden = !kind.querySelector("li:not([hidden])");
    found.textContent = !words.length ? "Everything that can be found, by kind." : count ? `${count} found` : "Nothing found; take a word away, or write a more general one.";
  };
  const read = () => {
    input.value = new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
    show();
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", () => {
    show();
    history.replaceState(null, "", input.value ? `#q=${encodeURIComponent(input.value)}` : location.pathname + location.search);
  });
  addEventListener("hashchange", read);
  if (!location.hash || location.hash.includes("=")) read();
  input.focus();
})();
/* The filter of the reports: what is chosen stands in the address after #, so that a link keeps it and "back" restores it.
   Without this script every report is shown. */
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const hits = document.getElementById("hits");
  const fields = ["text", "analysis", "sector", "status"];
  const groups = [...document.querySelectorAll(".group")];
  const cards = groups.flatMap((group) => [...group.querySelectorAll(".card")].map((card) => ({
    card,
    text: `${group.querySelector("h2").textContent} ${group.querySelector(".kicker").textContent} ${card.textContent}`.toLowerCase(),
    has: (field, value) => card.dataset[field].split(" ").includes(value),
  })));

  /* What is chosen, as the part of an address; "" if nothing is. */
  const written = () => {
    const chosen = new URLSearchParams();
    for (const field of fields) {
      const value = form.elements[field].value.trim();
      if (value) chosen.set(field, value);
    }
    return chosen.toString();
  };

  const show = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = fields.slice(1).map((field) => [field, form.elements[field].value]).filter(([, value]) => value);
    let shown = 0;
    for (const { card, text, has } of cards) {
      card.hidden = !(words.every((word) => text.includes(word)) && chosen.every(([field, value]) => has(field, value)));
      shown += !card.hidden;
    }
    for (const group of groups) group.hidden = !group.querySelector(".card:not([hidden])");
    const narrowed = Boolean(written());
    for (const earlier of document.querySelectorAll(".earlier")) earlier.hidden = narrowed;
    hits.textContent = narrowed ? (shown ? `${shown} of ${cards.length} reports` : `None of ${cards.length} reports fits; take a word or a choice away.`) : "";
  };

  /* An address without "=" is a place in the page, such as #main: the choice stays. */
  const read = () => {
    const hash = location.hash.slice(1);
    if (hash && !hash.includes("=")) {
      if (written()) history.replaceState(null, "", `#${written()}`);
      return false;
    }
    const given = new URLSearchParams(hash);
    for (const field of fields) {
      const control = form.elements[field];
      control.value = given.get(field) ?? "";
      if (control.selectedIndex === -1) control.value = "";
    }
    show();
    return Boolean(written());
  };

  const keep = (add) => {
    const address = `#${written()}`;
    if (address === (location.hash || "#")) return;
    history[add ? "pushState" : "replaceState"](null, "", address === "#" ? location.pathname + location.search : address);
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => { show(); keep(event.target.name !== "text"); });
  form.addEventListener("reset", () => setTimeout(() => { show(); keep(true); form.elements.text.focus(); }));
  addEventListener("popstate", read);
  addEventListener("hashchange", read);
  if (read() && performance.getEntriesByType("navigation")[0]?.type === "navigate") form.scrollIntoView({ behavior: "instant" });
})();

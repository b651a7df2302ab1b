"use strict";
/* The filter of the front page: what is chosen stands in the address after #, so that a link keeps it and "back" restores it.
   Without this script every report is shown. */
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const hits = document.getElementById("hits");
  const fields = ["text", "analysis", "sector", "status"];
  const groups = [...document.querySelectorAll(".group")];
  const cards = groups.flatMap((group) => [...group.querySelectorAll(".card")].map((card) => ({
    card,
    text: `${group.querySelector("h3").textContent} ${group.querySelector(".kicker").textContent} ${card.textContent}`.toLowerCase(),
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
  if (read() && performance.getEntriesByType("navigation")[0]?.type === "navigate") document.getElementById("reports").scrollIntoView({ behavior: "instant" });
})();

"use strict";
/* Charts with values on hover, drawn over the images of a page from the specifications that stand beside them. The library is loaded
   when the first of them comes near the screen. Without this script, on paper, or if the library is missing, the images stay. */
(() => {
  const LIBRARY = "{{ library }}"; // nothing in the page can name another script
  const holders = [...document.querySelectorAll(".chart")].filter((one) => one.querySelector(":scope > script"));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const copy = (value) => JSON.parse(JSON.stringify(value));
  let library;
  const load = () => library ??= new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => done(window.vegaEmbed);
    script.onerror = fail;
    document.head.append(script);
  });

  /* The colors and letters of the page. */
  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const [ink, soft, line, paper] = ["--ink", "--soft", "--line", "--paper"].map((name) => style.getPropertyValue(name).trim());
    const font = getComputedStyle(document.body).fontFamily;
    const axis = { labelColor: soft, domainColor: soft, tickColor: soft, gridColor: line, gridOpacity: 1 };
    return {
      background: paper, font, axis, header: { labelColor: ink }, legend: { labelColor: soft },
      style: { "guide-label": { fill: ink, font }, "guide-title": { fill: ink, font } },
    };
  };

  const wrap = (text, most) => text.replace(/\s+/g, " ").split(" ").reduce((lines, word) => {
    const last = lines.length - 1;
    if (last >= 0 && lines[last].length + 1 + word.length <= most) lines[last] += ` ${word}`; else lines.push(word);
    return lines;
  }, []).join("\n");

  /* A copy of the specification for this width and these colors; title and source are text of the page. */
  const fitted = (spec, width, night) => {
    const tiles = spec.data.values.some((row) => "depth" in row); // their numbers are white on the deep colors
    const swaps = new Map(night && !tiles ? [["#0072B2", "#56A5E8"], ["#D55E00", "#F28A45"], ["#5F5F5F", "#A9A9A9"]] : []);
    if (width < 520 && spec.height?.step) {
      const lines = spec.data.values.map(({ label }) => { swaps.set(label, wrap(label, Math.floor(width / 16))); return swaps.get(label).split("\n").length; });
      spec = { ...spec, height: { step: Math.max(spec.height.step, 8 + 12 * Math.max(...lines)) } };
    }
    const made = JSON.parse(JSON.stringify(spec, (_, value) => typeof value === "string" && swaps.has(value) ? swaps.get(value) : value));
    delete made.title;
    if (made.facet) {
      made.columns = Math.min(made.columns, Math.max(1, Math.floor(width / 160)));
      made.spec.width = 100;
      made.facet.header.labelLimit = width / made.columns - 30;
    } else made.width = 150;
    return made;
  };

  const draw = async (holder, spec, embed) => {
    const width = holder.clientWidth, night = dark.matches;
    const place = holder.querySelector(".live > .drawn");
    const made = fitted(spec, width, night);
    const { view, finalize } = await embed(place, made, {
      mode: "vega-lite", ast: true, renderer: "svg", actions: false, logLevel: 1, config: look(), tooltip: { theme: night ? "dark" : "light" },
    });
    place.querySelector("svg").setAttribute("aria-hidden", "true"); // the box around it says what it shows
    const columns = made.facet ? Math.min(made.columns, new Set(spec.data.values.map(({ panel }) => panel)).size) : 1;
    const signal = made.facet ? "child_width" : "width";
    for (let pass = 0; pass < 2; pass++) { // what stands around the panels may shrink when they grow
      const around = place.querySelector("svg").getBoundingClientRect().width - view.signal(signal) * columns;
      await view.signal(signal, Math.max(60, Math.min(Math.floor((width - around - 2) / columns), made.facet ? Infinity : 1.7 * spec.width))).resize().runAsync();
    }
    holder.finalize?.();
    holder.finalize = finalize;
    holder.drawn = `${width} ${night}`;
  };

  const download = (name, address) => {
    const link = document.createElement("a");
    link.download = name;
    link.href = address;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };

  /* The chart as it is in print: with title and source, on white. */
  const printed = async (spec, embed) =>
    (await embed(document.createElement("div"), copy(spec), { mode: "vega-lite", ast: true, renderer: "svg", actions: false, logLevel: 1, config: { background: "white" } })).view;

  const table = ({ data, usermeta }) => {
    const { columns } = usermeta;
    const cell = (value) => value == null ? "" : String(value).replace(/[\s\u200b]+/g, " ").trim();
    const rows = data.values.map((row) => columns.map(([field]) => cell(row[field])));
    return [columns.map(([, name]) => name), ...rows].map((row) => row.join("\t")).join("\n") + "\n";
  };

  const copied = async (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy"); // also in a page from a file, where the newer way may ask and wait
    area.remove();
    if (!done) await navigator.clipboard?.writeText(text);
    return done || Boolean(navigator.clipboard);
  };

  const start = async (holder) => {
    const spec = JSON.parse(holder.querySelector(":scope > script").textContent);
    delete spec.usermeta.embedOptions; // a notebook chooses no option of the page
    delete spec.$schema; // Vega-Lite 6 draws those of 5, and warns
    const embed = await load();
    const { title, subtitle, source } = spec.usermeta;
    const add = (tag, parent, text, kind) => Object.assign(parent.appendChild(document.createElement(tag)), { textContent: text, className: kind });
    const live = document.createElement("div");
    live.className = "live";
    add("p", live, title, "title");
    add("p", live, subtitle, "subtitle");
    const drawn = add("div", live, "", "drawn");
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", spec.description);
    add("p", live, `Source: ${source}`, "source");
    const bar = add("p", live, "", "tools");
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    const name = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60).replace(/^-|-$/g, "") || "chart";
    const tools = {
      "Copy data": async () => (await copied(table(spec))) ? `${spec.data.values.length} rows copied` : "The browser did not let the page copy",
      SVG: async () => {
        const svg = await (await printed(spec, embed)).toSVG();
        download(`${name}.svg`, URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })));
      },
      PNG: async () => download(`${name}.png`, await (await printed(spec, embed)).toImageURL("png", 2)),
    };
    for (const [label, act] of Object.entries(tools)) {
      const button = add("button", bar, label, "");
      button.type = "button";
      button.addEventListener("click", async () => { said.textContent = (await act()) ?? ""; });
    }
    bar.append(said);
    holder.append(live);
    holder.classList.add("is-live");
    const again = () => draw(holder, spec, embed);
    try { await again(); } catch (error) { live.remove(); holder.classList.remove("is-live"); throw error; }
    dark.addEventListener("change", again);
    let wait;
    new ResizeObserver(() => {
      clearTimeout(wait);
      wait = setTimeout(() => { if (holder.clientWidth && holder.drawn !== `${holder.clientWidth} ${dark.matches}`) again(); }, 150);
    }).observe(holder);
  };

  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      start(target).catch(() => {}); // the image stays
    }
  }, { rootMargin: "600px" });
  holders.forEach((holder) => near.observe(holder));
})();

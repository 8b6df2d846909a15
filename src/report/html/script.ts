/**
 * The page's one script, in the language of browsers. The page is whole without it: it adds a filter, keys, copying, a theme, folding.
 * Controls are made here, so that none stands dead where scripts do not run; texts go in through `textContent` alone.
 */
export const script = `
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const button = (text, action) => {
    const element = make("button", { type: "button", textContent: text });
    element.addEventListener("click", action);
    return element;
  };

  const steps = all(".step");
  const entries = new Map(all(".contents li[data-step]").map((entry) => [entry.dataset.step, entry]));
  const texts = new Map();
  const ownText = (step) => {
    if (!texts.has(step)) texts.set(step, step.textContent.toLowerCase());
    return texts.get(step);
  };

  const filter = make("input", { type: "search", placeholder: "Filter steps" });
  filter.setAttribute("aria-label", "Filter steps by any text in them");
  const shown = make("output");
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let matching = 0;
    for (const step of steps) {
      const matches = words.every((word) => ownText(step).includes(word));
      step.hidden = !matches;
      if (matches) matching++;
      const entry = entries.get(step.id);
      if (entry) entry.hidden = !matches;
    }
    shown.textContent = words.length === 0 ? "" : matching + " of " + steps.length + " steps";
  };
  filter.addEventListener("input", apply);

  const themes = ["system", "light", "dark"];
  let theme = 0;
  const themeButton = button("Theme: system", () => {
    theme = (theme + 1) % themes.length;
    if (theme === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = themes[theme];
    themeButton.textContent = "Theme: " + themes[theme];
  });

  let open = false;
  const foldButton = button("Expand all", () => {
    open = !open;
    for (const details of all("main details")) details.open = open;
    foldButton.textContent = open ? "Collapse all" : "Expand all";
  });

  const keysOn = make("input", { type: "checkbox", checked: true });
  const help = make(
    "dialog",
    {},
    make("h2", { textContent: "Keys" }),
    make(
      "dl",
      { className: "facts" },
      ...[
        ["j", "next step"],
        ["k", "previous step"],
        ["/", "filter"],
        ["?", "this help"],
        ["Esc", "clear the filter"],
      ].flatMap(([key, what]) => [make("dt", {}, make("kbd", { textContent: key })), make("dd", { textContent: what })]),
    ),
    make("p", {}, make("label", {}, keysOn, " Single keys act on this page")),
    button("Close", () => help.close()),
  );
  help.setAttribute("aria-label", "Keys");

  const bar = make("div", { className: "bar" }, filter, shown, foldButton, themeButton, button("Keys", () => help.showModal()));
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Reading this report");
  document.querySelector("main").prepend(bar);
  document.body.append(help);

  const copy = async (source, control) => {
    const text = source.textContent.replace(/\\n$/, "");
    try {
      await navigator.clipboard.writeText(text);
      control.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      control.textContent = "Selected";
    }
    setTimeout(() => { control.textContent = "Copy"; }, 1500);
  };
  for (const figure of all("figure.command")) {
    const source = figure.querySelector("pre");
    const control = button("Copy", () => copy(source, control));
    control.className = "copy";
    control.setAttribute("aria-label", "Copy this command");
    figure.append(control);
  }

  // Where the keys stand; scrolling by hand makes them start from what is in sight.
  let current = null;
  for (const kind of ["wheel", "touchmove"]) addEventListener(kind, () => { current = null; }, { passive: true });
  const go = (direction) => {
    const visible = steps.filter((step) => !step.hidden && !step.parentElement.closest("[hidden]"));
    if (visible.length === 0) return;
    let next = visible.indexOf(current) + direction;
    if (!visible.includes(current)) {
      const below = visible.findIndex((step) => step.getBoundingClientRect().top > 90);
      next = direction > 0 ? below : below - 1;
      if (below === -1) next = visible.length - 1;
    }
    current = visible[Math.min(visible.length - 1, Math.max(0, next))];
    current.tabIndex = -1;
    current.focus({ preventScroll: true });
    current.scrollIntoView({ block: "start" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target === filter) {
      if (event.key !== "Escape") return;
      filter.value = "";
      apply();
      filter.blur();
      return;
    }
    if (!keysOn.checked) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "?") help.showModal();
    else if (event.key === "/") {
      event.preventDefault();
      filter.focus();
    }
  });

  // The contents tell where one is.
  const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  let here = null;
  const watcher = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) seen[isIntersecting ? "add" : "delete"](target);
    const innermost = [...seen].findLast((one) => ![...seen].some((other) => other !== one && one.contains(other)));
    const link = links.get(innermost?.id);
    if (!link || link === here) return;
    here?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    here = link;
  }, { rootMargin: "-10% 0px -85% 0px" });
  for (const id of links.keys()) watcher.observe(document.getElementById(id));

  document.addEventListener("click", (event) => {
    const line = event.target instanceof Element ? event.target.closest(".lines > span") : null;
    if (line !== null && String(getSelection()) === "") history.replaceState(null, "", "#" + line.id);
  });
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let node = target; node; node = node.parentElement) if (node instanceof HTMLDetailsElement) node.open = true;
    target?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  addEventListener("beforeprint", () => { for (const details of all("main details")) details.open = true; });
})();
`;

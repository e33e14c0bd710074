"use strict";
(() => {
  const form = document.querySelector(".filter");
  const requirements = [...document.querySelectorAll(".req")];
  const sections = [...document.querySelectorAll("section")];
  const FIELDS = ["area", "verdict", "level", "q"];
  const texts = new Map();
  form.hidden = false;

  const text = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const head = (requirement) => `${text(requirement.querySelector("summary"))} ${requirement.querySelector(".why")?.textContent.toLowerCase() ?? ""}`;
  const matches = (words, ...within) => words.every((word) => within.some((one) => one.includes(word)));

  // A requirement is shown if one of its cases is; a word may stand in its sentence or in the case.
  const show = () => {
    const [area, verdict, level] = FIELDS.map((name) => form.elements[name].value);
    const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    let cases = 0;
    for (const requirement of requirements) {
      const fits = (!area || requirement.dataset.area === area) && (!level || requirement.dataset.level === level);
      const said = words.length && fits ? head(requirement) : "";
      let some = 0;
      for (const one of requirement.querySelectorAll("[data-v]")) {
        const reason = one.closest(".listed")?.firstElementChild;
        const fit = fits && (!verdict || one.dataset.v === verdict)
          && (!words.length || matches(words, said, text(one), reason && reason.matches("p") ? text(reason) : ""));
        if (!one.matches("li:empty")) one.hidden = !fit;
        if (fit) some += 1;
      }
      for (const list of requirement.querySelectorAll(".listed")) {
        list.hidden = ![...list.querySelectorAll("li")].some((one) => !one.hidden || one.matches(":empty"));
      }
      requirement.hidden = !some;
      if (some) shown += 1;
      cases += some;
    }
    for (const section of sections) {
      const all = section.querySelectorAll(".req").length;
      const left = section.querySelectorAll(".req:not([hidden])").length;
      section.hidden = !left;
      section.querySelector("h2 .count").textContent = left === all ? all : `${left} of ${all}`;
    }
    document.querySelector(".nothing").hidden = shown > 0;
    form.querySelector("output").textContent = `${shown} of ${requirements.length} requirements, ${cases} case${cases === 1 ? "" : "s"}`;
  };

  // `#?area=gate&verdict=fail` is a filter, any other hash the id of a requirement or of a case.
  const hash = () => {
    const given = new URLSearchParams(FIELDS.map((name) => [name, form.elements[name].value]).filter(([, value]) => value));
    return `#?${given}`;
  };
  const goTo = (id) => {
    const cut = id.indexOf("@");
    const target = document.getElementById(id) ?? document.getElementById(cut < 0 ? id : id.slice(0, cut));
    if (!target) return;
    for (let one = target; one; one = one.parentElement) {
      one.hidden = false;
      if (one.tagName === "DETAILS") one.open = true;
    }
    target.scrollIntoView();
  };
  const read = () => {
    const given = decodeURIComponent(location.hash.slice(1));
    if (given && !given.startsWith("?")) {
      show();
      goTo(given);
      return;
    }
    const asked = new URLSearchParams(location.hash.slice(2));
    for (const name of FIELDS) form.elements[name].value = asked.get(name) ?? "";
    show();
    if (given) form.scrollIntoView(); // what was asked for stands below it, on a small screen far below the headline
  };
  const changed = () => {
    history.replaceState(null, "", hash());
    show();
  };

  let later;
  form.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(changed, form.elements.q === document.activeElement ? 150 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  addEventListener("hashchange", read);
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      form.elements.q.focus();
    }
  });

  for (const block of document.querySelectorAll(".copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const pre = block.querySelector("pre");
      getSelection().selectAllChildren(pre);
      try {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.querySelector("h4").after(button);
  }
  read();
})();

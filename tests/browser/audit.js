// Returns a sentence for everything on this page that a citizen on a phone could not read, reach or understand.
const [width, language] = arguments;
const faults = [];
const expect = (holds, sentence) => { if (!holds) faults.push(sentence); };
const all = (selector) => [...document.querySelectorAll(selector)];
const shown = (node) => node.checkVisibility() && !node.closest(".skip, .trap");
const named = (node) => `${node.tagName.toLowerCase()}${node.id ? "#" + node.id : ""}${node.className ? "." + node.className : ""}`;

// Colours come as rgb(r, g, b) or rgba(r, g, b, a).
const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
const opaque = (colour) => { const [, , , alpha = 1] = parts(colour); return alpha === 1; };
// Relative luminance and contrast as WCAG 2.2 defines them.
const luminance = (colour) => {
  const [red, green, blue] = parts(colour).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
const behind = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (opaque(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};

expect(document.documentElement.lang === language, `lang is ${document.documentElement.lang}`);
expect(document.title.trim() !== "", "no title");
expect(all("h1").length === 1, `${all("h1").length} h1`);
expect(all("main").length === 1, `${all("main").length} main`);
expect(document.documentElement.scrollWidth <= width, `${document.documentElement.scrollWidth} px wide`);

const ids = all("[id]").map((node) => node.id);
expect(new Set(ids).size === ids.length, "an id stands twice");
for (const node of all("[aria-describedby]")) {
  for (const id of node.getAttribute("aria-describedby").trim().split(/\s+/)) expect(ids.includes(id), `${named(node)} names ${id}`);
}

const fields = all("input:not([type=hidden]), textarea, select").filter(shown);
for (const field of fields) {
  const labels = [...field.labels];
  expect(labels.length === 1 && labels[0].innerText.trim(), `${named(field)} has no label`);
  expect(labels.every(shown), `the label of ${named(field)} is hidden`);
  expect(parseFloat(getComputedStyle(field).fontSize) >= 16, `${named(field)} has small letters`);
  expect(contrast(getComputedStyle(field).color, behind(field)) >= 4.5, `${named(field)} is faint`);
}
for (const field of fields.filter((node) => !["checkbox", "radio"].includes(node.type))) {
  expect(field.getBoundingClientRect().height >= 44, `${named(field)} is low`);
  expect(contrast(getComputedStyle(field).borderTopColor, behind(field.parentElement)) >= 3, `${named(field)} has a faint border`);
}
for (const button of all("button, nav a, .emergency a").filter(shown)) {
  const { width: across, height } = button.getBoundingClientRect();
  expect(height >= 44 && across >= 44, `${named(button)} is ${across} by ${height}`);
}

const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let texts = 0;
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !shown(node)) continue;
  texts += 1;
  const style = getComputedStyle(node);
  const ratio = contrast(style.color, behind(node));
  expect(opaque(style.color) && ratio >= 4.5, `${named(node)} has contrast ${ratio.toFixed(2)}`);
  expect(parseFloat(style.fontSize) >= 16, `${named(node)} has letters of ${style.fontSize}`);
}
expect(texts > 5, "nothing to read");
return faults;

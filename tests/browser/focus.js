// What has the focus now: its place among everything that can have it, whether that shows, and what may cover it.
const node = document.activeElement;
const reachable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, select")]
  .filter((one) => one.tabIndex >= 0 && (one.type !== "radio" || one.checked));
const style = getComputedStyle(node);
const box = node.getBoundingClientRect();
const on = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
return {
  place: reachable.indexOf(node),
  count: reachable.length,
  skip: node.classList.contains("skip"),
  outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
  uncovered: on !== null && (node.contains(on) || on.contains(node)),
};

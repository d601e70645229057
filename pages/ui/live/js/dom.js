// Nodes that survive: made once, changed only where something differs. All text goes through textContent.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

function makeSvg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
  }
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setStyle(node, property, value) {
  if (node.style.getPropertyValue(property) !== value) node.style.setProperty(property, value);
}

// The parent's children number `count` afterwards; those that were there stay the same nodes.
function pool(parent, count, create) {
  while (parent.childNodes.length > count) parent.lastChild.remove();
  while (parent.childNodes.length < count) parent.append(create(parent.childNodes.length));
  return parent.childNodes;
}

// An SVG drawing; `describe` gives it its text alternative.
function makeDrawing(className) {
  return makeSvg("svg", { role: "img", class: className });
}

function describe(svg, text) {
  setAttributes(svg, { "aria-label": text });
}

// A card: a title that asks or states, one quiet line that says how to read it, and a body.
function makeCard(part) {
  const title = make("h3");
  const hint = make("p", { class: "hint" });
  const body = make("div", { class: "body" });
  const root = make("section", { class: "card", "data-part": part }, title, hint, body);
  return { root, title, hint, body };
}

// The room of a card's drawing: at least `least` high, more where its neighbour is higher.
function roomOf(panel, card, least) {
  setStyle(card.body, "min-height", `${least}px`);
  const { width, height } = panel.sizes.get(card.body);
  return { width, height: Math.max(least, height) };
}

function setSize(svg, { width, height }) {
  setAttributes(svg, { width, height, viewBox: `0 0 ${width} ${height}` });
}

// Separated facts on one line, each its own node, empty ones out of sight.
function setFacts(parent, facts) {
  const nodes = pool(parent, facts.length, () => make("span", { class: "fact" }));
  facts.forEach((fact, index) => {
    nodes[index].hidden = !fact;
    setText(nodes[index], fact || "");
  });
}

const measuring = { context: null, widths: new Map() };

// Width in pixels of a text in the panel's font.
function textWidth(panel, text, size, weight = 400) {
  const font = `${weight} ${size}px ${panel.font}`;
  const key = `${font}|${text}`;
  if (!measuring.widths.has(key)) {
    measuring.context ??= document.createElement("canvas").getContext("2d");
    measuring.context.font = font;
    if (measuring.widths.size > 4000) measuring.widths.clear();
    measuring.widths.set(key, measuring.context.measureText(text).width);
  }
  return measuring.widths.get(key);
}

// The text, cut with an ellipsis where it would not fit.
function fitText(panel, text, width, size, weight = 400) {
  if (textWidth(panel, text, size, weight) <= width) return text;
  let cut = text;
  while (cut.length > 1 && textWidth(panel, `${cut}…`, size, weight) > width) cut = cut.slice(0, -1);
  return `${cut}…`;
}

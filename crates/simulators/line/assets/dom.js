// Elements from data. Data only ever becomes text or a checked address, never markup.

export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  const { text, on, style, ...rest } = options;
  if (text !== undefined && text !== null) node.textContent = String(text);
  for (const [name, handler] of Object.entries(on ?? {})) node.addEventListener(name, handler);
  for (const [name, value] of Object.entries(style ?? {})) {
    if (value !== undefined && value !== null) node.style.setProperty(name, String(value));
  }
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children.filter(Boolean));
  return node;
}

// Addresses the browser may load or open: web pages and pictures, nothing that runs.
export function webAddress(text) {
  try {
    const url = new URL(text, location.href);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function picture(address, className, alt = "") {
  const src = webAddress(address ?? "");
  return el("img", { src: src ?? "data:,", class: className, alt, loading: "lazy" });
}

// Makes an element do something on a click and on Enter.
export function tappable(node, action, tap) {
  if (!action) return node;
  node.classList.add("tappable");
  node.setAttribute("title", action.label ?? action.uri ?? action.data ?? action.text ?? "");
  const go = (event) => {
    event.stopPropagation();
    tap(action);
  };
  if (node.tagName !== "BUTTON") {
    node.tabIndex = 0;
    node.setAttribute("role", "button");
    node.addEventListener("keydown", (event) => event.key === "Enter" && go(event));
  }
  node.addEventListener("click", go);
  return node;
}

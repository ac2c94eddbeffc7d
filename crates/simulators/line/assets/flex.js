// Flex messages: bubbles and the components inside, near to what LINE shows.

import { el, picture, tappable } from "./dom.js";

const GAPS = { none: "0", xs: "2px", sm: "4px", md: "8px", lg: "12px", xl: "16px", xxl: "20px" };
const SIZES = { xxs: "11px", xs: "13px", sm: "14px", md: "16px", lg: "19px", xl: "22px", xxl: "29px", "3xl": "35px", "4xl": "48px", "5xl": "74px" };
const IMAGES = { xxs: "40px", xs: "60px", sm: "80px", md: "100px", lg: "120px", xl: "140px", xxl: "160px", "3xl": "180px", "4xl": "200px", "5xl": "220px", full: "100%" };
const RADII = { none: "0", xs: "2px", sm: "4px", md: "8px", lg: "12px", xl: "16px", xxl: "20px" };
const EDGES = { start: "flex-start", center: "center", end: "flex-end" };

const gap = (value) => GAPS[value] ?? value;

export function container(contents, tap) {
  if (contents?.type === "carousel") {
    return el("div", { class: "cards" }, ...(contents.contents ?? []).map((b) => bubble(b, tap)));
  }
  return bubble(contents ?? {}, tap);
}

function bubble(data, tap) {
  const node = el("article", { class: `card ${data.size ?? "mega"}`, dir: data.direction });
  for (const block of ["header", "hero", "body", "footer"]) {
    if (!data[block]) continue;
    const part = component(data[block], "vertical", tap);
    part.classList.add(block);
    part.style.setProperty("background-color", data.styles?.[block]?.backgroundColor ?? data[block].backgroundColor ?? "");
    node.append(part);
  }
  return tappable(node, data.action, tap);
}

function component(data, layout, tap) {
  const make = { box, text, image, button, separator, icon, video, filler }[data.type];
  const node = make ? make(data, tap, layout) : el("span", { text: `[${data.type}]` });
  const style = node.style;
  if (data.margin) style.setProperty(layout === "vertical" ? "margin-top" : "margin-left", gap(data.margin));
  grow(node, data, layout);
  for (const [key, name] of [["offsetTop", "top"], ["offsetBottom", "bottom"], ["offsetStart", "left"], ["offsetEnd", "right"]]) {
    if (data[key]) {
      style.setProperty("position", data.position === "absolute" ? "absolute" : "relative");
      style.setProperty(name, gap(data[key]));
    }
  }
  if (data.position === "absolute") style.setProperty("position", "absolute");
  return data.type === "button" ? node : tappable(node, data.action, tap);
}

// In a row, parts share the width unless they say otherwise; in a column, each takes its own height.
function grow(node, data, layout) {
  if (["separator", "icon"].includes(data.type)) return;
  if (data.flex !== undefined) {
    node.style.setProperty("flex", data.flex === 0 ? "0 0 auto" : `${Number(data.flex)} 1 0`);
  } else if (layout === "horizontal" || layout === "baseline") {
    node.style.setProperty("flex", data.width ? "0 0 auto" : "1 1 0");
  }
}

function box(data, tap) {
  const layout = ["horizontal", "baseline"].includes(data.layout) ? data.layout : "vertical";
  const node = el("div", {
    class: `box ${layout}`,
    style: {
      "background-color": data.backgroundColor,
      gap: gap(data.spacing),
      width: data.width,
      height: data.height,
      "max-width": data.maxWidth,
      "max-height": data.maxHeight,
      "border-radius": RADII[data.cornerRadius] ?? data.cornerRadius,
      "justify-content": data.justifyContent,
      "align-items": data.alignItems,
      position: "relative",
      padding: gap(data.paddingAll),
      "padding-top": gap(data.paddingTop),
      "padding-bottom": gap(data.paddingBottom),
      "padding-left": gap(data.paddingStart),
      "padding-right": gap(data.paddingEnd),
    },
  });
  if (data.borderWidth || data.borderColor) {
    node.style.setProperty("border", `1px solid ${data.borderColor ?? "#d9dde2"}`);
  }
  if (data.cornerRadius) node.style.setProperty("overflow", "hidden");
  node.append(...(data.contents ?? []).map((inner) => component(inner, layout, tap)));
  return node;
}

function lettering(data) {
  return {
    "font-size": SIZES[data.size] ?? data.size,
    "font-weight": data.weight === "bold" ? "700" : data.weight === "regular" ? "400" : undefined,
    color: data.color,
    "font-style": data.style,
    "text-decoration": data.decoration,
  };
}

function text(data) {
  const node = el("div", {
    class: `flex-text ${data.wrap ? "wrap" : "one-line"}`,
    style: { ...lettering({ size: "md", ...data }), "text-align": data.align, "align-self": data.gravity && EDGES[{ top: "start", bottom: "end" }[data.gravity] ?? data.gravity] },
  });
  if (data.contents?.length) {
    node.append(...data.contents.map((span) => el("span", { text: span.text, style: lettering(span) })));
  } else {
    node.textContent = data.text ?? "";
  }
  if (data.maxLines) {
    for (const [name, value] of [["display", "-webkit-box"], ["-webkit-box-orient", "vertical"], ["-webkit-line-clamp", data.maxLines], ["overflow", "hidden"]]) {
      node.style.setProperty(name, String(value));
    }
  }
  return node;
}

function image(data) {
  const node = picture(data.url, `flex-image ${data.aspectMode === "cover" ? "cover" : ""}`);
  node.style.setProperty("aspect-ratio", (data.aspectRatio ?? "1:1").replace(":", " / "));
  node.style.setProperty("width", IMAGES[data.size ?? "md"] ?? data.size);
  node.style.setProperty("max-width", "100%");
  node.style.setProperty("align-self", EDGES[data.align] ?? "center");
  if (data.backgroundColor) node.style.setProperty("background-color", data.backgroundColor);
  return node;
}

function video(data, tap) {
  return data.altContent ? component(data.altContent, "vertical", tap) : picture(data.previewUrl, "flex-image");
}

function button(data, tap) {
  const node = el("button", {
    type: "button",
    class: `flex-button ${["primary", "secondary"].includes(data.style) ? data.style : ""} ${data.height === "sm" ? "sm" : ""}`,
    text: data.action?.label ?? "",
  });
  if (data.color) node.style.setProperty(data.style === "primary" || data.style === "secondary" ? "background" : "color", data.color);
  return tappable(node, data.action, tap);
}

function separator(data) {
  return el("hr", { class: "separator", style: { "background-color": data.color, margin: "0" } });
}

function icon(data) {
  const node = picture(data.url, "icon");
  node.style.setProperty("height", SIZES[data.size] ?? "16px");
  return node;
}

function filler() {
  return el("span", { style: { flex: "1" } });
}

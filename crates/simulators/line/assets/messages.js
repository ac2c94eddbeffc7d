// One chat message as LINE would show it.

import { el, picture, tappable, webAddress } from "./dom.js";
import { container } from "./flex.js";
import { face } from "./send.js";

// The element, and whether it wants the whole width of the phone.
export function message(data, tap) {
  switch (data.type) {
    case "text":
    case "textV2":
      return { node: words(data.text ?? "", tap) };
    case "image":
      return { node: picture(data.previewImageUrl ?? data.originalContentUrl ?? data.contentUrl, "picture", "圖片 / image") };
    case "video":
      return { node: data.contentUrl
        ? player("video", data)
        : picture(data.previewImageUrl, "picture", "影片 / video") };
    case "sticker":
      return { node: sticker(data) };
    case "audio":
      return { node: data.contentUrl
        ? player("audio", data)
        : el("div", { class: "bubble", text: `♪ ${Math.round((data.duration ?? 0) / 1000)} s` }) };
    case "file":
      return { node: el("div", { class: "bubble file" }, el("b", { text: "📄" }),
        el("div", {}, el("span", { text: data.fileName ?? "" }), el("small", { text: size(data.fileSize ?? 0) }))) };
    case "location":
      return { node: el("div", { class: "bubble place" }, el("div", { class: "map", text: "📍", "aria-hidden": "true" }),
        data.title && el("b", { text: data.title }), data.address && el("small", { text: data.address })) };
    case "imagemap":
      return { node: imagemap(data, tap), wide: true };
    case "template":
      return { node: template(data.template ?? {}, tap), wide: true };
    case "flex":
      return { node: el("div", { "aria-label": data.altText }, container(data.contents, tap)), wide: true };
    default:
      return { node: el("div", { class: "bubble", text: data.altText ?? `[${data.type}]` }) };
  }
}

function player(tag, data) {
  return el(tag, { class: `player ${tag}`, controls: "", preload: "metadata", src: webAddress(data.contentUrl) ?? "" });
}

function sticker(data) {
  const known = face(data.packageId, data.stickerId);
  return known
    ? el("div", { class: "sticker-sent", text: known, title: `${data.packageId}/${data.stickerId}` })
    : el("div", { class: "bubble", text: `貼圖 sticker ${data.packageId}/${data.stickerId}` });
}

function size(bytes) {
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

// Text with its links tappable.
function words(text, tap) {
  const node = el("div", { class: "bubble" });
  for (const part of text.split(/(https?:\/\/[^\s]+)/)) {
    if (!/^https?:\/\//.test(part) || !webAddress(part)) {
      node.append(part);
      continue;
    }
    const link = el("a", { text: part, href: "#" });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      tap({ type: "uri", uri: part }, true);
    });
    node.append(link);
  }
  return node;
}

function template(data, tap) {
  if (data.type === "carousel") {
    return el("div", { class: "cards" }, ...(data.columns ?? []).map((c) => card({ ...c, imageAspectRatio: data.imageAspectRatio }, tap)));
  }
  if (data.type === "image_carousel") {
    return el("div", { class: "cards" }, ...(data.columns ?? []).map((c) => {
      const node = el("div", { class: "card kilo relative" }, picture(c.imageUrl, "flex-image cover"));
      node.firstChild.style.setProperty("aspect-ratio", "1");
      if (c.action?.label) node.append(el("span", { class: "pill", text: c.action.label }));
      return tappable(node, c.action, tap);
    }));
  }
  return card(data, tap);
}

function card(data, tap) {
  const node = el("article", { class: "card template" });
  if (data.thumbnailImageUrl) {
    node.append(picture(data.thumbnailImageUrl, data.imageAspectRatio === "square" ? "square" : ""));
  }
  node.append(el("div", { class: "words" }, data.title && el("b", { text: data.title }), el("span", { text: data.text ?? "" })));
  node.append(el("div", { class: "actions" }, ...(data.actions ?? []).map((action) =>
    tappable(el("button", { type: "button", class: "flex-button", text: action.label ?? "" }), action, tap))));
  return tappable(node, data.defaultAction, tap);
}

function imagemap(data, tap) {
  const { width = 1040, height = 1040 } = data.baseSize ?? {};
  const node = el("div", { class: "relative", style: { width: "282px", "aspect-ratio": `${width} / ${height}` } });
  const image = picture(`${data.baseUrl}/700`, "flex-image", data.altText);
  image.style.setProperty("height", "100%");
  node.append(image);
  for (const action of data.actions ?? []) {
    const area = action.area ?? {};
    const share = (part, whole) => `${(100 * (part ?? 0)) / whole}%`;
    node.append(tappable(el("div", { style: {
      position: "absolute", left: share(area.x, width), top: share(area.y, height),
      width: share(area.width, width), height: share(area.height, height),
    } }), action, tap));
  }
  return node;
}

// What a guest sends besides words: stickers, pictures, videos, sound, files, places.

import { el } from "./dom.js";

// LINE's own stickers are LINE's to show; these stand for them.
export const STICKERS = [
  ["446", "1988", "👋", ["hi", "hello"]], ["446", "1989", "😄", ["happy", "laugh"]],
  ["446", "1990", "🙏", ["thanks", "please"]], ["446", "1991", "😍", ["love"]],
  ["446", "1992", "😭", ["sad", "cry"]], ["446", "1993", "👍", ["ok", "good"]],
  ["446", "1994", "🎉", ["congrats", "party"]], ["446", "1995", "😴", ["sleepy", "good night"]],
].map(([packageId, stickerId, face, keywords]) => ({ packageId, stickerId, face, keywords }));

const PICTURES = [
  ["picture-sea.png", "海邊 / the sea"], ["picture-dinner.png", "晚餐 / dinner"], ["picture-room.png", "房間 / the room"],
];
const PLACES = [
  { title: "台北 101", address: "台北市信義區信義路五段 7 號", latitude: 25.033964, longitude: 121.564468 },
  { title: "高雄車站", address: "高雄市三民區建國二路 318 號", latitude: 22.639557, longitude: 120.302104 },
];
const LARGEST = 150 * 1024 * 1024;

export function face(packageId, stickerId) {
  return STICKERS.find((s) => s.packageId === packageId && s.stickerId === stickerId)?.face;
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// One second of a quiet tone, so that nobody needs a recording at hand.
function tone() {
  const rate = 8000;
  const view = new DataView(new ArrayBuffer(44 + rate));
  const put = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  put(0, "RIFF"); view.setUint32(4, 36 + rate, true); put(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, rate, true);
  view.setUint16(32, 1, true); view.setUint16(34, 8, true);
  put(36, "data"); view.setUint32(40, rate, true);
  for (let i = 0; i < rate; i += 1) view.setUint8(44 + i, 128 + 40 * Math.sin(i / 3) * Math.exp(-i / 3000));
  return new Blob([view], { type: "audio/wav" });
}

// How long a video or recording plays, if the browser can tell.
function duration(file, kind) {
  return new Promise((resolve) => {
    const player = document.createElement(kind);
    const address = URL.createObjectURL(file);
    const end = (ms) => { URL.revokeObjectURL(address); resolve(ms); };
    player.addEventListener("loadedmetadata", () => end(Number.isFinite(player.duration) ? Math.round(player.duration * 1000) : undefined));
    player.addEventListener("error", () => end(undefined));
    setTimeout(() => end(undefined), 3000);
    player.src = address;
  });
}

function kindOf(file) {
  if (/^image\/(jpeg|png|gif|webp)$/.test(file.type)) return "image";
  if (file.type.startsWith("video/")) return "video";
  if (file.type.startsWith("audio/")) return "audio";
  return "file";
}

// Fills the drawer under the chat. `send(path, body)` posts for the guest who is shown.
export function drawer(box, send, toast) {
  async function upload(file, more = {}) {
    if (file.size > LARGEST) return toast("檔案太大 / too large for the simulator");
    const kind = kindOf(file);
    const body = { mime: file.type || "application/octet-stream", base64: await base64(file), name: file.name, ...more };
    if (kind === "video" || kind === "audio") body.duration = await duration(file, kind);
    return send(kind, body);
  }
  async function uploadAll(files) {
    const pictures = files.filter((file) => kindOf(file) === "image");
    const set = pictures.length > 1 ? crypto.randomUUID() : null;
    for (const file of files) {
      const index = pictures.indexOf(file) + 1;
      await upload(file, set && index > 0 ? { set, index, total: pictures.length } : {});
    }
  }
  const button = (text, label, click, className = "") => el("button", { type: "button", class: className, title: label, "aria-label": label, on: { click } }, text);

  const chooser = el("input", { type: "file", multiple: true, hidden: true, "aria-label": "檔案 / files" });
  chooser.addEventListener("change", async () => { await uploadAll([...chooser.files]); chooser.value = ""; });

  const stickers = STICKERS.map((s) => button(s.face, `貼圖 / sticker: ${s.keywords[0]}`,
    () => send("sticker", { package_id: s.packageId, sticker_id: s.stickerId, keywords: s.keywords }), "sticker"));
  const pictures = PICTURES.map(([name, label]) => el("button", {
    type: "button", class: "sample", title: label, "aria-label": label,
    on: { click: async () => upload(new File([await (await fetch(`/page/${name}`)).blob()], name, { type: "image/png" })) },
  }, el("img", { src: `/page/${name}`, alt: label })));
  const things = [
    ["🎵", "錄音", "sound", () => upload(new File([tone()], "tone.wav", { type: "audio/wav" }))],
    ["📄", "文件", "file", () => upload(new File(["房號 1208，謝謝。\n"], "訂房需求.txt", { type: "text/plain" }))],
    ["📍", "位置", "place", () => send("location", PLACES[Math.floor(Math.random() * PLACES.length)])],
    ["📁", "自選", "your own", () => chooser.click()],
  ].map(([icon, name, english, click]) => el("button", { type: "button", class: "thing", title: `${name} / ${english}`, on: { click } },
    el("b", { text: icon }), el("span", { text: name })));

  box.replaceChildren(el("div", { class: "stickers" }, ...stickers), el("div", { class: "samples" }, ...pictures),
    el("div", { class: "things" }, ...things), chooser);
  return uploadAll;
}

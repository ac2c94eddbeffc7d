// The page: friends on the left, one guest's phone on the right.

import { el, picture, webAddress } from "./dom.js";
import { message } from "./messages.js";
import { drawer } from "./send.js";

const byId = (id) => document.getElementById(id);
const COLOURS = ["#5b8def", "#e58a5b", "#8f6fd8", "#3fae8c", "#d9648a", "#c29b2f"];
const NOTICES = { followed: "已加入好友 / followed", unsent: "已收回訊息 / message unsent", unblocked: "已解除封鎖 / unblocked", blocked: "已封鎖 / blocked" };
const SAID = { ...NOTICES, sticker: "貼圖 / sticker", image: "圖片 / picture", video: "影片 / video", audio: "錄音 / sound", file: "檔案 / file", location: "位置 / place" };
const state = { uid: null, page: 1, following: false, atEnd: true };

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    toast(data.message ?? `HTTP ${answer.status}`);
    throw new Error(`${path}: ${answer.status}`);
  }
  return data;
}

const friendPath = (rest) => `/sim/friends/${encodeURIComponent(state.uid)}/${rest}`;

let toastTimer;
function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 3500);
}

function avatar(friend) {
  if (friend.picture_url && webAddress(friend.picture_url)) return picture(friend.picture_url, "avatar");
  const colour = COLOURS[parseInt(friend.uid.slice(1, 5), 16) % COLOURS.length];
  return el("span", { class: "avatar", text: [...friend.display_name][0] ?? "?", style: { "background-color": colour } });
}

async function showFriends() {
  const query = new URLSearchParams({ page: state.page, q: byId("search").value });
  const { friends, page_size: size } = await call("GET", `/sim/friends?${query}`);
  byId("list").replaceChildren(...friends.map((friend) => el("li", {}, el("button", {
    type: "button",
    class: `${friend.uid === state.uid ? "open" : ""} ${friend.following ? "" : "blocked"}`,
    on: { click: () => open(friend.uid) },
  },
  avatar(friend),
  el("div", { class: "row" }, el("b", { text: friend.display_name }), el("span", { text: SAID[friend.last_text] ?? friend.last_text ?? "" })),
  friend.deliveries > 0 && el("span", { class: "count", text: friend.deliveries, title: "收到 / received" })))));
  byId("page").textContent = state.page;
  byId("newer").disabled = state.page === 1;
  byId("older").disabled = friends.length < size;
}

async function showFigures() {
  const c = await call("GET", "/sim/counters");
  const quota = c.quota_limit === null ? "∞" : c.quota_limit;
  byId("figures").replaceChildren(
    el("span", { text: `好友 friends ${c.friends}/${c.users}` }),
    el("span", { text: `額度 quota ${c.quota_used}/${quota}` }),
    el("span", { text: `送達 delivered ${c.deliveries}` }),
    el("span", { text: `webhook ${c.webhooks_delivered} ✓ ${c.webhooks_pending} …` }),
  );
}

async function open(uid) {
  state.uid = uid;
  await Promise.all([showChat(true), showFriends()]);
}

async function showChat(toEnd) {
  if (!state.uid) {
    byId("chat").replaceChildren(el("p", { class: "empty", text: "選擇或新增一位好友\nchoose or add a friend", style: { "white-space": "pre-line" } }));
    return;
  }
  const uid = state.uid;
  const data = await call("GET", friendPath("messages"));
  if (uid !== state.uid) return; // another friend was chosen meanwhile
  const chat = byId("chat");
  state.atEnd ||= toEnd;
  state.following = data.following;
  byId("who").textContent = `${data.display_name} 的手機`;
  byId("block").hidden = false;
  byId("block").textContent = data.following ? "封鎖 block" : "解除封鎖 unblock";
  for (const field of byId("write").elements) field.disabled = !data.following;
  if (!data.following) showDrawer(false);
  // What is shown already stays as it is, so that nothing that plays begins anew.
  const shown = new Map([...chat.children].map((node) => [node.dataset.key, node]));
  chat.replaceChildren(...data.messages.map((entry) => {
    const key = `${uid} ${entry.id}`;
    const node = shown.get(key) ?? line(entry);
    node.dataset.key = key;
    return node;
  }));
  showQuickReplies(data.messages.at(-1));
  stayAtEnd();
}

// Pictures make the chat longer when they come.
function stayAtEnd() {
  const chat = byId("chat");
  if (state.atEnd) chat.scrollTop = chat.scrollHeight;
}
byId("chat").addEventListener("load", stayAtEnd, true);
byId("chat").addEventListener("loadedmetadata", stayAtEnd, true);
byId("chat").addEventListener("scroll", ({ target: chat }) => {
  state.atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
});

function line(entry) {
  if (entry.from === "notice") return el("div", { class: "notice", text: NOTICES[entry.message.text] ?? entry.message.text });
  const shown = message(entry.message, (action, inText) => tap(entry, action, inText));
  const sender = entry.message.sender;
  const face = sender?.iconUrl ? picture(sender.iconUrl, "avatar") : el("span", { class: "avatar", text: "H" });
  return el("div", { class: `line ${entry.from === "guest" ? "guest" : ""}` },
    entry.from === "account" && face,
    el("div", { class: `said ${shown.wide ? "wide" : ""}` }, sender?.name && el("span", { class: "sender", text: sender.name }), shown.node),
    !shown.wide && el("time", { text: new Date(entry.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }) }),
    entry.from === "guest" && menu(entry));
}

// What may be done with something the guest sent.
function menu(entry) {
  const item = (text, label, path, body) => el("button", { type: "button", title: label, "aria-label": label, text,
    on: { click: async () => { await call("POST", path, body); toast(label); } } });
  return el("span", { class: "menu" },
    item("↩", "收回 / unsend", friendPath("unsend"), { message_id: entry.id }),
    item("⟳", "再送一次 webhook / redeliver", "/sim/redeliver", { message_id: entry.id }));
}

function showQuickReplies(last) {
  const items = last?.from === "account" ? last.message.quickReply?.items ?? [] : [];
  byId("quick").hidden = items.length === 0;
  byId("quick").replaceChildren(...items.map((item) => el("button", {
    type: "button", text: item.action?.label ?? "", on: { click: () => tap(last, item.action) },
  })));
}

// A link inside a text is no action object, so it opens without asking the simulator.
async function tap(entry, action, inText) {
  const link = webAddress(action.uri ?? action.linkUri ?? "");
  if (action.type === "uri" && link) window.open(link, "_blank", "noopener");
  if (inText) return;
  const body = { message_id: entry.id, action };
  if (action.type === "datetimepicker") {
    const mode = ["date", "time"].includes(action.mode) ? action.mode : "datetime";
    const example = { date: "2026-12-25", time: "18:00", datetime: "2026-12-25T18:00" }[mode];
    const picked = window.prompt(mode, action.initial ?? example);
    if (!picked) return;
    body.params = { [mode]: picked };
  }
  const done = await call("POST", friendPath("tap"), body);
  if (done.copied) toast(`已複製 / copied: ${done.copied}`);
  else if (done.open && !link) toast(done.open);
  else if (done.webhook_event_id) toast("已點選 / tapped");
}

byId("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = byId("new-name").value.trim();
  const { uid } = await call("POST", "/sim/friends", name ? { display_name: name } : {});
  byId("new-name").value = "";
  byId("search").value = "";
  state.page = 1;
  await open(uid);
});
byId("write").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = byId("text").value.trim();
  if (!text) return;
  byId("text").value = "";
  await call("POST", friendPath("text"), { text });
});
function showDrawer(shown) {
  byId("drawer").hidden = !shown;
  byId("more").setAttribute("aria-expanded", String(shown));
  byId("more").textContent = shown ? "✕" : "＋";
  stayAtEnd();
}
byId("more").addEventListener("click", () => showDrawer(byId("drawer").hidden));
const uploadAll = drawer(byId("drawer"), (path, body) => call("POST", friendPath(path), body), toast);
const phone = document.querySelector(".phone");
phone.addEventListener("dragover", (event) => event.preventDefault());
phone.addEventListener("drop", (event) => {
  event.preventDefault();
  if (state.uid && state.following) uploadAll([...event.dataTransfer.files]);
});
byId("block").addEventListener("click", () => call("POST", friendPath(state.following ? "block" : "unblock"), {}));
byId("search").addEventListener("input", () => { state.page = 1; showFriends(); });
byId("newer").addEventListener("click", () => { state.page = Math.max(1, state.page - 1); showFriends(); });
byId("older").addEventListener("click", () => { state.page += 1; showFriends(); });

// Much may happen at once during a campaign; look again at most a few times a second.
let due = null;
function lookAgain(chat) {
  due = { chat: (due?.chat ?? false) || chat, timer: due?.timer };
  due.timer ??= setTimeout(() => {
    const { chat: chatToo } = due;
    due = null;
    showFriends();
    showFigures();
    if (chatToo && state.uid) showChat(false);
  }, 250);
}
const news = new EventSource("/sim/events");
news.addEventListener("message", ({ data }) => {
  const { type, detail } = JSON.parse(data);
  lookAgain(type === "friends" || (type === "chat" && (detail.many || detail.uids.includes(state.uid))));
});
news.addEventListener("open", () => lookAgain(true));

showFriends();
showFigures();
showChat(true);

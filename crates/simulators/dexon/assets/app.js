// The page is the control API with buttons. Data only ever becomes text, never markup.

const $ = (id) => document.getElementById(id);
const SHOWN_REQUESTS = 15;

const TROUBLE = {
  "417 業務錯誤 / business error": { kind: "business", code: "1002", message: "no data" },
  "200 resultCode 9999": { kind: "result_code", code: "9999", message: "system busy" },
  "429 Retry-After 2": { kind: "too_fast", retry_after: 2 },
  "503 暫停服務 / unavailable": { kind: "unavailable" },
  "502 HTML": { kind: "html_bad_gateway" },
  "200 HTML": { kind: "html_ok" },
  "204 無內容 / no content": { kind: "no_content" },
  "慢 5 秒 / slow": { kind: "slow", ms: 5000 },
  "斷線 / cut": { kind: "cut" },
  "中途斷線 / cut half-way": { kind: "cut_body" },
  "游標過期 / expired cursor": { kind: "expired_cursor" },
  "401 金鑰 / key": { kind: "wrong_key" },
  "403 飯店 / hotel": { kind: "wrong_hotel" },
  "21 MiB": { kind: "huge", bytes: 22020096 },
  "時鐘快一小時 / clock an hour ahead": { kind: "clock_off", seconds: 3600 },
};

const COLUMNS = {
  stays: ["ikey", "ikey_seq_nos", "order_sta", "guest_sta", "last_nam", "first_nam", "gcust_cod", "room_nam", "ci_dat", "co_dat", "pay_tot", "upd_dat"],
  guests: ["gcust_cod", "last_nam", "first_nam", "alt_nam", "id_nos", "contact1_rmk", "contact2_rmk", "accept_dm", "merged_into", "upd_dat"],
};

const node = (tag, text, name) => {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = String(text);
  if (name) made.className = name;
  return made;
};

async function call(method, path, body) {
  const answer = await fetch(`/_sim${path}`, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const said = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(said?.error ?? answer.statusText);
  return said;
}

let hides;
function say(words) {
  $("toast").textContent = words;
  $("toast").hidden = false;
  clearTimeout(hides);
  hides = setTimeout(() => ($("toast").hidden = true), 4000);
}

const tried = (work) => async (event) => {
  event?.preventDefault();
  try {
    await work();
  } catch (error) {
    say(error.message);
  }
  await Promise.all([figures(), rows()]).catch(() => {});
};

async function figures() {
  const [state, requests] = await Promise.all([call("GET", "/state"), call("GET", "/requests")]);
  const paths = Object.values(state.counts.paths);
  const sum = (name) => paths.reduce((all, path) => all + path[name], 0);
  const told = [
    ["營業日 business date", state.business_date],
    ["現在 now", state.now.slice(0, 19).replace("T", " ")],
    ["客史 guests", state.guests],
    ["住宿 stays", state.stays],
    ["在住 in house", state.in_house],
    ["請求 requests", sum("requests")],
    ["完整載入 full loads", sum("full_loads")],
    ["每秒最多 max per second", state.counts.max_per_second],
  ];
  $("figures").replaceChildren(...told.map(([name, value]) => {
    const pair = node("div");
    pair.append(node("dt", name), node("dd", value));
    return pair;
  }));
  $("open").replaceChildren(...state.faults.map((fault) =>
    node("li", `${fault.kind} × ${fault.times}${fault.endpoint ? ` (${fault.endpoint})` : ""}`)));
  $("requests").replaceChildren(...requests.slice(0, SHOWN_REQUESTS).map((request) => {
    const line = node("tr", null, request.status === 200 || request.status === 204 ? "" : "bad");
    line.append(
      node("td", request.number), node("td", request.at),
      node("td", `${request.path}${request.query ? "?" : ""}${request.query}`, "long"),
      node("td", request.status || "✂"), node("td", request.rows), node("td", request.bytes),
      node("td", request.fault ?? "", "long"),
    );
    return line;
  }));
}

function deeds(table, row) {
  const cell = node("td");
  if (table !== "stays" || row.verdict !== "good") return cell;
  const offers = { booked: [["入住", "check-in"], ["取消", "cancel"]], in_house: [["退房", "check-out"]] };
  for (const [label, deed] of offers[row.meaning] ?? []) {
    const button = node("button", label);
    button.type = "button";
    button.title = deed;
    button.addEventListener("click", tried(() => call("POST", `/stays/${encodeURIComponent(row.key)}/${deed}`, {})));
    cell.append(button);
  }
  return cell;
}

async function rows() {
  const table = $("table").value;
  const found = await call("GET", `/${table}?limit=60&q=${encodeURIComponent($("words").value)}`);
  if (table !== $("table").value) return;
  const heads = node("tr");
  heads.append(node("th"), ...COLUMNS[table].map((name) => node("th", name)), node("th", "meaning"), node("th", "case"));
  $("heads").replaceChildren(heads);
  $("rows").replaceChildren(...found.map((row) => {
    const line = node("tr", null, row.verdict === "good" ? "" : row.verdict);
    line.append(deeds(table, row), ...COLUMNS[table].map((name) => node("td", row.fields[name] ?? "")),
      node("td", row.meaning ?? row.verdict), node("td", row.case ?? ""));
    return line;
  }));
}

$("kind").append(...Object.keys(TROUBLE).map((name) => node("option", name)));
$("leave").addEventListener("click", tried(async () => {
  const { key, fields } = await call("POST", "/check-out", {});
  say(`${key} ${fields.last_nam?.trim() ?? ""}${fields.first_nam?.trim() ?? ""}`);
}));
$("audit").addEventListener("click", tried(() => call("POST", "/business-date", { days: 1 })));
$("calm").addEventListener("click", tried(() => call("DELETE", "/faults")));
$("trouble").addEventListener("submit", tried(() => call("POST", "/faults", {
  ...TROUBLE[$("kind").value],
  times: Number($("times").value) || 1,
  ...($("endpoint").value ? { endpoint: $("endpoint").value } : {}),
})));
$("find").addEventListener("submit", tried(rows));
$("table").addEventListener("change", tried(rows));
let waits;
$("words").addEventListener("input", () => {
  clearTimeout(waits);
  waits = setTimeout(tried(rows), 250);
});
tried(async () => {})();
setInterval(() => !document.hidden && figures().catch(() => {}), 2000);

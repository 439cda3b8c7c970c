"use strict";
(() => {
const D = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const T = {
  en: {
    skip: "Skip to the review", theme: "Light or dark", print: "Print", kind: "Review of a change of policy", contents: "Contents",
    short: "In short", diff: "What changes", money: "The money", flips: "Who is decided otherwise", load: "Work and deadlines",
    fair: "Fairness", words: "The release in plain words", wordsHint: "Everything that the new release says, part by part.",
    tests: "Tests", digests: "Signatures and digests", sign: "Sign-off",
    signHint: "Saving writes a file, signoff.json, on this computer and sends nothing. `redress release sign --signoff signoff.json` reads it.",
    reviewer: "Your name", answer: "Your answer", approved: "I have read this and approve the release", rejected: "I do not approve it",
    remarks: "Remarks", save: "Save the sign-off", saved: "signoff.json was saved.", close: "Close",
    foot: "This page is one file: it loads nothing and sends nothing.", before: "before", after: "after",
    total: "total", statutory: "law", contractual: "contract", goodwill: "goodwill", gainers: "gain", losers: "lose", change: "change",
    month: "By month", segment: "By", band: "By amount of the case", cumulative: "Added up over time",
    nothing: "Nothing changed.", cases: "cases", outcome: "Outcome", all: "all", reason: "Reason", direction: "Direction", find: "Case or value",
    any: "any", more: "gains", less: "loses", same: "same sum", showing: (n, all) => `${n} of ${all} kept cases`,
    kept: (n, all) => n < all ? `${all} cases are decided otherwise; the ${n} that move most are on this page.` : `All ${n} cases whose decision reads otherwise are on this page.`,
    who: "Who", perDay: "mean a day", peak: "busiest day", approvals: "To approve", due: "Falls due", moved: (e, l) => `${e} deadlines are earlier, ${l} later.`,
    lowest: (s, a, b) => `${s}: the value with the lowest share of cases given something has ${a} % of the highest before, ${b} % after.`,
    fairNone: "No segment has two values with at least 100 cases, so no share is compared.",
    passed: (n, m) => `${n} of ${m} cases of the release pass.`, failed: "These fail:", coverage: "Coverage, mutants and proofs are not part of this page unless they were run.",
    mutants: (k, n) => `${k} of ${n} mutants are noticed by a case.`,
    release: "release", archive: "archive", history: "History", assumed: "assumed", rows: "rows", bad: "bad rows",
    undetermined: (n, f) => `${n} cases are not compared, because a fact is unknown: ${f}. Nothing is guessed.`,
    facts: "Facts", decision: "Decision", given: "Given", adjustments: "Adjusted", reasons: "Reasons", escalations: "Must decide", unsigned: "Nobody has signed yet.",
    signedBy: "Signed by", asIf: "as if in force on every date", line: "line", incident: "incident", none: "none", from: "from", to: "to",
    grant: "grant", escalate: "escalate", hold: "hold", refuse: "refuse", listLabel: "Cases that are decided otherwise; arrow keys move, Enter opens",
    tableOf: "as a table", cost: "cost a case", compared: "cases compared", flipped: "decided otherwise", dateOf: "review by", gate: "Gates",
    moving: (n, m) => `${n} changes, ${m} of which can move a decision`, newWord: "new", gone: "gone", added: "added", removed: "removed", otherwise: "does otherwise", order: "rows stand in another order, and the first that matches counts"
  },
  zh: {
    skip: "跳到正文", theme: "浅色或深色", print: "打印", kind: "规则变更审阅", contents: "目录",
    short: "概要", diff: "变更内容", money: "金额", flips: "决定有变的案件", load: "工作量与期限",
    fair: "公平", words: "新版本的文字说明", wordsHint: "逐项列出新版本的全部内容。",
    tests: "测试", digests: "签名与摘要", sign: "审阅意见",
    signHint: "保存只在本机写出文件 signoff.json，不发送任何内容。`redress release sign --signoff signoff.json` 读取该文件。",
    reviewer: "姓名", answer: "结论", approved: "已阅读并同意发布", rejected: "不同意",
    remarks: "备注", save: "保存审阅意见", saved: "已保存 signoff.json。", close: "关闭",
    foot: "本页为单一文件，不加载也不发送任何内容。", before: "变更前", after: "变更后",
    total: "合计", statutory: "法定", contractual: "合同", goodwill: "善意", gainers: "增加", losers: "减少", change: "变化",
    month: "按月", segment: "按", band: "按案件金额", cumulative: "累计",
    nothing: "没有变更。", cases: "件", outcome: "结果", all: "全部", reason: "理由", direction: "增减", find: "案件或取值",
    any: "不限", more: "增加", less: "减少", same: "金额不变", showing: (n, all) => `显示 ${n} / ${all} 件`,
    kept: (n, all) => n < all ? `共 ${all} 件决定有变；本页收录变动最大的 ${n} 件。` : `决定表述有变的 ${n} 件全部收录在本页。`,
    who: "负责人", perDay: "日均", peak: "最忙一天", approvals: "待审批", due: "到期", moved: (e, l) => `${e} 个期限提前，${l} 个延后。`,
    lowest: (s, a, b) => `${s}：获补偿比例最低者与最高者之比，变更前 ${a} %，变更后 ${b} %。`,
    fairNone: "没有任何分组有两个取值达到 100 件，不作比较。",
    passed: (n, m) => `该版本的 ${m} 个案例中 ${n} 个通过。`, failed: "未通过：", coverage: "未运行的覆盖率、变异与证明不在本页。",
    mutants: (k, n) => `${n} 个变异中有 ${k} 个被案例发现。`,
    release: "版本", archive: "归档", history: "历史数据", assumed: "假定", rows: "行", bad: "无效行",
    undetermined: (n, f) => `${n} 件因事实不明未作比较：${f}。不作推测。`,
    facts: "事实", decision: "决定", given: "给付", adjustments: "调整", reasons: "理由", escalations: "须由其决定", unsigned: "尚无人签署。",
    signedBy: "签署人", asIf: "视为对所有日期有效", line: "行", incident: "事件", none: "无", from: "自", to: "至",
    grant: "给付", escalate: "上报", hold: "暂缓", refuse: "拒绝", listLabel: "决定有变的案件；方向键移动，回车打开",
    tableOf: "以表格显示", cost: "件均", compared: "比较案件", flipped: "决定有变", dateOf: "复审期限", gate: "门槛",
    moving: (n, m) => `${n} 处变更，其中 ${m} 处可能影响决定`, newWord: "新增", gone: "删除", added: "新增", removed: "删除", otherwise: "步骤有变", order: "行的顺序有变，以最先匹配者为准"
  }
};
let lang = D.lang;
const t = (key, ...rest) => { const v = T[lang][key]; return typeof v === "function" ? v(...rest) : v; };
const el = (tag, attrs = {}, ...kids) => {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs)) if (v !== null && v !== undefined) node.setAttribute(k, v);
  node.append(...kids.filter((kid) => kid !== null && kid !== undefined));
  return node;
};
const S = "http://www.w3.org/2000/svg";
const svg = (tag, attrs = {}, text) => {
  const node = document.createElementNS(S, tag);
  for (const [k, v] of Object.entries(attrs)) node.setAttribute(k, v);
  if (text !== undefined) node.textContent = text;
  return node;
};
const n0 = (n) => Number(n).toLocaleString("en-US");
const exp = Object.fromEntries(D.report.currencies.map((c) => [c.currency, c.exponent]));
const money = (minor, c, digits = exp[c] ?? 2) =>
  `${(Number(minor) / 10 ** (exp[c] ?? 2)).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${c}`;
const short = (minor, c) => {
  const v = Number(minor) / 10 ** (exp[c] ?? 2), a = Math.abs(v);
  return a >= 1e6 ? `${(v / 1e6).toFixed(1)}M` : a >= 1e4 ? `${Math.round(v / 1e3)}k` : a >= 1e3 ? `${(v / 1e3).toFixed(1)}k` : `${Math.round(v)}`;
};
const signed = (minor, c) => (minor > 0 ? "+" : "") + money(minor, c);
const tone = (by) => (by > 0 ? "up" : by < 0 ? "down" : "same");
const percent = (p) => p.old === 0 ? "" : `${p.new >= p.old ? "+" : ""}${(100 * (p.new - p.old) / Math.abs(p.old)).toFixed(1)} %`;
const main = D.report.currencies[0]?.currency;
const pairOf = (sums) => (sums.find(([c]) => c === main) || [main, { old: 0, new: 0 }])[1];

const table = (caption, heads, rows) => el("div", { class: "scroll" }, el("table", {},
  caption ? el("caption", {}, caption) : null,
  el("thead", {}, el("tr", {}, ...heads.map((h, i) => el("th", { scope: "col", class: i ? "n" : null }, h)))),
  el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell, i) => {
    const at = i ? { class: "n" } : { scope: "row" };
    if (cell && cell.cls) at.class = `n ${cell.cls}`;
    return el(i ? "td" : "th", at, cell && cell.text !== undefined ? cell.text : cell);
  }))))));

function tiles() {
  const r = D.report, c = r.currencies[0], box = $("tiles");
  const tile = (name, value, note) => box.append(el("div", { class: "tile" }, el("dt", {}, name), el("dd", {}, value, note ? el("small", {}, note) : null)));
  box.replaceChildren();
  tile(t("diff"), n0(D.diff[lang].changes.length), t("moving", D.diff[lang].changes.length, D.moving));
  tile(t("compared"), n0(r.compared), `${n0(r.rows)} ${t("rows")}`);
  tile(t("flipped"), n0(r.flips), `${(100 * r.flips / Math.max(1, r.compared)).toFixed(2)} %`);
  if (c) {
    const by = c.total.new - c.total.old;
    tile(t("change"), signed(by, c.currency), percent(c.total));
    tile(t("gainers"), n0(c.moves.total.gainers), money(c.moves.total.gained, c.currency));
    tile(t("losers"), n0(c.moves.total.losers), money(c.moves.total.lost, c.currency));
  }
  const u = r.undetermined, open = u.old + u.new + u.both;
  $("verdict").textContent = open ? t("undetermined", n0(open), u.missing.map(([f]) => f).join(", ")) : "";
  $("verdict").className = open ? "warn" : "";
}

function sentence(e) {
  const says = (list) => list.map(([k, v]) => `${k} ${v}`).join("; ");
  const sep = lang === "zh" ? "：" : ": ", and = lang === "zh" ? "，" : ", ";
  switch (e.change) {
    case "added": return `${t("added")} ${e.thing}${e.says.length ? sep + says(e.says) : ""}`;
    case "removed": return `${t("removed")} ${e.thing}${e.said.length ? sep + says(e.said) : ""}`;
    case "changed": {
      const by = e.movement ? ` (${e.movement === "raised" ? "▲" : "▼"}${e.percent === null ? "" : ` ${Math.abs(e.percent)} %`})` : "";
      return `${e.thing}${and}${e.trait}${sep}${e.from ?? t("none")} → ${e.to ?? t("none")}${by}`;
    }
    case "items": return `${e.thing}${and}${e.trait}${sep}${[e.added.length ? `${t("newWord")} ${e.added.join(", ")}` : "", e.removed.length ? `${t("gone")} ${e.removed.join(", ")}` : ""].filter(Boolean).join("; ")}`;
    case "moved": return `${e.from} → ${e.thing}`;
    case "steps": return `${e.thing} ${t("otherwise")}`;
    default: return `${t("order")}${sep}${e.from.join(" | ")} → ${e.to.join(" | ")}`;
  }
}

function diff() {
  const box = $("diff"), d = D.diff[lang];
  box.replaceChildren();
  $("proof").textContent = D.proof[lang];
  if (!d.changes.length) box.append(el("p", {}, t("nothing")));
  for (const [part, title] of D.parts[lang]) {
    const own = d.changes.filter((e) => e.part === part);
    if (!own.length) continue;
    box.append(el("h3", {}, title), el("ul", { class: "changes" }, ...own.map((e) => {
      const li = el("li", {}, sentence(e));
      for (const h of e.hunks || []) {
        for (const s of h.before) li.append(el("span", { class: "step minus" }, `− ${s}`));
        for (const s of h.after) li.append(el("span", { class: "step plus" }, `+ ${s}`));
      }
      return li;
    })));
  }
}

function figure(title, plot, heads, rows) {
  return el("figure", {}, el("figcaption", {}, title), plot, el("details", {}, el("summary", {}, t("tableOf")), table(null, heads, rows)));
}

/* The width that plots are drawn for, so that their text is as large as the page's on a telephone too. */
const wide = () => (innerWidth < 560 ? 330 : 480);
/* Two bars beside each other for each label, before and after. */
function bars(items, label) {
  const W = wide(), rowH = 30, left = Math.min(150, 24 + 7 * Math.max(4, ...items.map((i) => [...i.label].length))), H = items.length * rowH + 8;
  const max = Math.max(1, ...items.flatMap((i) => [i.pair.old, i.pair.new]));
  const g = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": label });
  items.forEach((item, i) => {
    const y = 4 + i * rowH, room = W - left - 62;
    g.append(svg("text", { x: left - 8, y: y + 17, "text-anchor": "end" }, item.label));
    for (const [k, key, fill] of [[0, "old", "var(--old)"], [1, "new", "var(--new)"]]) {
      const w = Math.max(item.pair[key] > 0 ? 1 : 0, room * item.pair[key] / max);
      g.append(svg("rect", { x: left, y: y + k * 13, width: w, height: 11, rx: 1.5, fill }));
      g.append(svg("text", { x: left + w + 5, y: y + k * 13 + 9.5 }, short(item.pair[key], main)));
    }
  });
  return g;
}

/* Two lines over months. */
function lines(items, label) {
  const W = wide(), H = 230, left = 52, right = 12, top = 10, bottom = 28;
  const max = Math.max(1, ...items.flatMap((i) => [i.pair.old, i.pair.new]));
  const g = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": label });
  const x = (i) => left + (W - left - right) * (items.length < 2 ? 0.5 : i / (items.length - 1));
  const y = (v) => top + (H - top - bottom) * (1 - v / max);
  for (let k = 0; k <= 4; k++) {
    const v = max * k / 4;
    g.append(svg("line", { x1: left, x2: W - right, y1: y(v), y2: y(v), stroke: "var(--line)" }));
    g.append(svg("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end" }, short(v, main)));
  }
  const every = Math.ceil(items.length / (wide() < 400 ? 4 : 6));
  items.forEach((item, i) => {
    const anchor = i === 0 ? "start" : i === items.length - 1 ? "end" : "middle";
    if (i % every === 0) g.append(svg("text", { x: x(i), y: H - 8, "text-anchor": anchor }, item.label));
  });
  for (const [key, stroke, dash] of [["old", "var(--old)", "6 4"], ["new", "var(--new)", "none"]]) {
    const points = items.map((item, i) => `${x(i)},${y(item.pair[key])}`).join(" ");
    g.append(svg("polyline", { points, fill: "none", stroke, "stroke-width": 2.5, "stroke-dasharray": dash }));
    items.forEach((item, i) => g.append(svg("circle", { cx: x(i), cy: y(item.pair[key]), r: 2.5, fill: stroke })));
  }
  return g;
}

function moneyPart() {
  const r = D.report;
  const side = (s) => `${s.name} ${s.versions.map(([v]) => v).join(", ")}${s.dates === "any" ? ` (${t("asIf")})` : ""}`;
  $("basis").textContent = `${t("history")}: ${r.history} · ${n0(r.rows)} ${t("rows")}${r.bad_rows ? ` · ${n0(r.bad_rows)} ${t("bad")}` : ""} · ${side(r.old)} → ${side(r.new)}` +
    (r.assumed.length ? ` · ${t("assumed")}: ${r.assumed.map(([f, v]) => `${f} = ${v}`).join(", ")}` : "");
  $("currencies").replaceChildren(...r.currencies.map((c) => table(c.currency,
    ["", t("before"), t("after"), t("change"), t("gainers"), t("losers")],
    ["total", "statutory", "contractual", "goodwill"].filter((g) => g === "total" || c[g].old || c[g].new).map((g) => {
      const p = c[g], by = p.new - p.old, m = c.moves[g];
      return [t(g), money(p.old, c.currency), money(p.new, c.currency), { text: `${signed(by, c.currency)} ${percent(p)}`, cls: tone(by) }, n0(m.gainers), n0(m.losers)];
    }))));
  const plots = $("plots");
  plots.replaceChildren();
  if (!main) return;
  const heads = ["", t("before"), t("after"), t("change")];
  const rows = (items) => items.map((i) => [i.label, money(i.pair.old, main), money(i.pair.new, main), { text: signed(i.pair.new - i.pair.old, main), cls: tone(i.pair.new - i.pair.old) }]);
  const months = r.months.map((m) => ({ label: m.month, pair: pairOf(m.sums) }));
  plots.append(figure(t("month"), lines(months, t("month")), heads, rows(months)));
  let o = 0, w = 0;
  const sums = months.map((m) => ({ label: m.label, pair: { old: (o += m.pair.old), new: (w += m.pair.new) } }));
  plots.append(figure(t("cumulative"), lines(sums, t("cumulative")), heads, rows(sums)));
  for (const s of r.segments) {
    const items = s.values.map((v) => ({ label: v.value || "—", pair: pairOf(v.sums) }));
    const name = `${t("segment")} ${s.name}`;
    plots.append(figure(name, bars(items.slice(0, 12), name), heads, rows(items.slice(0, 200))));
  }
  const bands = r.currencies[0].bands.map((b) => ({ label: b.above === null ? "0" : b.up_to === null ? `> ${n0(b.above)}` : `${n0(b.above)}–${n0(b.up_to)}`, pair: b.sums, cases: b.cases })).filter((b) => b.cases);
  plots.append(figure(t("band"), bars(bands, t("band")), heads, rows(bands)));
}

function matrix() {
  const outcomes = ["grant", "escalate", "hold", "refuse"], cell = {};
  for (const f of D.report.matrix) cell[`${f.from}>${f.to}`] = f.cases;
  $("matrix").replaceChildren(table(`${t("before")} ↓   ${t("after")} →`, ["", ...outcomes.map((o) => t(o))],
    outcomes.map((from) => [t(from), ...outcomes.map((to) => { const c = cell[`${from}>${to}`] || 0; return { text: n0(c), cls: from === to ? "same" : c ? "flip" : "same" }; })])));
  $("kept").textContent = t("kept", n0(D.flips.length), n0(Math.max(D.report.flips, D.flips.length)));
}

/* A list that holds only the rows in sight. */
const list = { rows: [], at: 0, height: () => matchMedia("(max-width: 560px)").matches ? 64 : 44 };
const by = (f) => f.by;
function filters() {
  const box = $("filters"), keep = (id) => $(id)?.value ?? "";
  const values = { from: keep("f-from"), to: keep("f-to"), dir: keep("f-dir"), reason: keep("f-reason"), text: keep("f-text") };
  const select = (id, name, options, value) => {
    const s = el("select", { id }, ...options.map(([v, text]) => el("option", { value: v }, text)));
    s.value = value; s.addEventListener("change", apply);
    return el("label", {}, name, s);
  };
  const outcomes = [["", t("any")], ...["grant", "escalate", "hold", "refuse"].map((o) => [o, t(o)])];
  const reasons = [...new Set(D.flips.flatMap((f) => f.new.reasons.map((r) => r[0])))].sort();
  const input = el("input", { id: "f-text", type: "search" });
  input.value = values.text; input.addEventListener("input", apply);
  box.replaceChildren(
    select("f-from", t("before"), outcomes, values.from), select("f-to", t("after"), outcomes, values.to),
    select("f-dir", t("direction"), [["", t("any")], ["up", t("more")], ["down", t("less")], ["same", t("same")]], values.dir),
    select("f-reason", t("reason"), [["", t("any")], ...reasons.map((r) => [r, r])], values.reason),
    el("label", {}, t("find"), input));
}
function apply() {
  const v = (id) => $(id).value, text = v("f-text").trim().toLowerCase();
  list.rows = D.flips.filter((f) => (!v("f-from") || f.old.outcome === v("f-from")) && (!v("f-to") || f.new.outcome === v("f-to")) &&
    (!v("f-dir") || tone(by(f)) === v("f-dir")) && (!v("f-reason") || f.new.reasons.some((r) => r[0] === v("f-reason"))) &&
    (!text || f.id.toLowerCase().includes(text) || f.segments.some((s) => s.toLowerCase().includes(text))));
  list.at = 0; $("list").scrollTop = 0;
  $("shown").textContent = t("showing", n0(list.rows.length), n0(D.flips.length));
  draw();
}
function draw() {
  const box = $("list"), h = list.height();
  const first = Math.max(0, Math.floor(box.scrollTop / h) - 6), last = Math.min(list.rows.length, first + Math.ceil(box.clientHeight / h) + 12);
  const nodes = [el("div", { style: `height:${list.rows.length * h}px` })];
  for (let i = first; i < last; i++) {
    const f = list.rows[i];
    const row = el("div", { class: "row", role: "option", id: `r${i}`, style: `top:${i * h}px`, "aria-selected": String(i === list.at), "aria-setsize": list.rows.length, "aria-posinset": i + 1 },
      el("span", {}, f.id), el("span", { class: "soft seg" }, f.segments.join(" · ")),
      el("span", {}, f.old.outcome === f.new.outcome ? t(f.new.outcome) : `${t(f.old.outcome)} → ${t(f.new.outcome)}`),
      el("span", { class: `by ${tone(by(f))}` }, f.currency ? signed(by(f), f.currency) : "—"));
    row.addEventListener("click", () => { list.at = i; draw(); open(f); });
    nodes.push(row);
  }
  box.replaceChildren(...nodes);
  if (list.rows.length) box.setAttribute("aria-activedescendant", `r${list.at}`);
}
function keys(event) {
  const page = Math.max(1, Math.floor($("list").clientHeight / list.height()) - 1), end = list.rows.length - 1;
  const to = { ArrowDown: list.at + 1, ArrowUp: list.at - 1, PageDown: list.at + page, PageUp: list.at - page, Home: 0, End: end }[event.key];
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); if (list.rows[list.at]) open(list.rows[list.at]); return; }
  if (to === undefined) return;
  event.preventDefault();
  list.at = Math.min(end, Math.max(0, to));
  const box = $("list"), h = list.height(), y = list.at * h;
  if (y < box.scrollTop) box.scrollTop = y;
  if (y + h > box.scrollTop + box.clientHeight) box.scrollTop = y + h - box.clientHeight;
  draw();
}
const reasonText = ([code, args]) => {
  const s = D.sentences[lang][code];
  return s ? s.replace(/\{(\d)\}/g, (_, i) => args[i] ?? "…") : code;
};
function side(name, d) {
  const dl = el("dl", {});
  const add = (k, v) => { if (v && v.length) dl.append(el("dt", {}, k), el("dd", {}, ...(Array.isArray(v) ? v.flatMap((x) => [x, el("br")]) : [v]))); };
  add(t("decision"), t(d.outcome)); add(t("given"), d.given.length ? d.given : [t("none")]);
  add(t("reasons"), d.reasons.map(reasonText)); add(t("adjustments"), d.adjustments); add(t("escalations"), d.escalations);
  return el("div", {}, el("h3", {}, name), dl);
}
function open(f) {
  $("drawer-title").textContent = f.id;
  const facts = el("dl", {}, ...f.facts.flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]));
  $("drawer-body").replaceChildren(
    el("p", { class: "soft" }, `${t("incident")} ${f.date} · ${t("line")} ${n0(f.line)} · ${f.segments.join(" · ")}`),
    f.currency ? el("p", { class: tone(by(f)) }, `${t("change")}: ${signed(by(f), f.currency)}`) : null,
    el("div", { class: "two" }, side(`${t("before")} (${f.old.version})`, f.old), side(`${t("after")} (${f.new.version})`, f.new)),
    el("h3", {}, t("facts")), facts);
  for (const node of [...$("drawer-body").childNodes]) if (node.nodeType === 3 && node.textContent === "null") node.remove();
  $("drawer").showModal();
}

function load() {
  const r = D.report, mean = (h) => (h / 100).toFixed(2);
  const of = (rows) => rows.map((x) => [x.who, `${n0(x.cases[0])} → ${n0(x.cases[1])}`, `${mean(x.mean_hundredths[0])} → ${mean(x.mean_hundredths[1])}`, `${n0(x.peak[0])} → ${n0(x.peak[1])}`]);
  const heads = [t("who"), t("cases"), t("perDay"), t("peak")];
  const [earlier, , later] = r.deadlines_moved;
  const part = (name, rows) => rows.length ? table(name, heads, of(rows)) : el("p", {}, `${name}: ${t("none")}`);
  $("load").replaceChildren(part(t("approvals"), r.approvers), part(t("due"), r.deadlines), el("p", {}, t("moved", n0(earlier), n0(later))));
}
function fair() {
  const own = D.report.segments.filter((s) => s.parity_percent);
  $("fair").replaceChildren(...(own.length ? own.map((s) => el("p", {}, t("lowest", s.name, ...s.parity_percent))) : [el("p", {}, t("fairNone"))]));
}
function words() {
  $("words").replaceChildren(...D.parts[lang].map(([part, title]) => {
    const own = D.words[lang].filter((x) => x.part === part);
    if (!own.length) return null;
    return el("details", {}, el("summary", {}, `${title} (${own.length})`), table(null, ["", ""], own.map((x) => [x.thing, { text: x.says.map(([k, v]) => `${k}: ${v}`).join("; "), cls: "w" }])));
  }).filter(Boolean));
  for (const td of document.querySelectorAll("#words td.w")) { td.className = ""; }
}
function tests() {
  const x = D.tests, nodes = [el("p", {}, t("passed", n0(x.passed), n0(x.total)))];
  if (x.failed.length) nodes.push(el("p", { class: "down" }, t("failed")), el("ul", {}, ...x.failed.map((f) => el("li", {}, f))));
  nodes.push(el("p", { class: "soft" }, t("coverage")));
  $("tests").replaceChildren(...nodes);
}
function digests() {
  const rows = D.digests.map(([k, v]) => el("tr", {}, el("th", { scope: "row" }, k), el("td", { class: "digest" }, v)));
  const signers = D.signers.length ? el("p", {}, `${t("signedBy")}: ${D.signers.join(", ")}`) : el("p", { class: "warn" }, t("unsigned"));
  $("digests").replaceChildren(el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, ...rows))), signers);
}
function printed() {
  $("printed").replaceChildren(table(t("flips"), ["", t("outcome"), t("before"), t("after"), t("change")], D.flips.slice(0, 50).map((f) =>
    [f.id, `${t(f.old.outcome)} → ${t(f.new.outcome)}`, f.old.given.join(", ") || "0", f.new.given.join(", ") || "0", f.currency ? signed(by(f), f.currency) : "—"])));
}

function all() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  $("lang").textContent = lang === "zh" ? "English" : "中文";
  $("lang").lang = lang === "zh" ? "en" : "zh-CN";
  $("title").textContent = `${D.name}: ${D.versions[0]} → ${D.versions[1]}`;
  $("purpose").textContent = D.summary;
  $("list").setAttribute("aria-label", t("listLabel"));
  $("toc").replaceChildren(...[...document.querySelectorAll("main > section")].map((s) => el("li", {}, el("a", { href: `#${s.id}` }, s.querySelector("h2").textContent))));
  tiles(); diff(); moneyPart(); matrix(); filters(); load(); fair(); words(); tests(); digests(); printed(); apply();
}

$("lang").addEventListener("click", () => { lang = lang === "zh" ? "en" : "zh"; all(); });
$("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});
$("print").addEventListener("click", () => window.print());
$("close").addEventListener("click", () => $("drawer").close());
$("drawer").addEventListener("close", () => $("list").focus());
$("list").addEventListener("scroll", draw, { passive: true });
$("list").addEventListener("keydown", keys);
let drawnFor = wide();
window.addEventListener("resize", () => { if (wide() !== drawnFor) { drawnFor = wide(); moneyPart(); } draw(); });
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.dataset.was = d.open ? "1" : ""; d.open = true; }));
window.addEventListener("afterprint", () => document.querySelectorAll("details").forEach((d) => { d.open = d.dataset.was === "1"; }));
$("signoff").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const off = { reviewer: form.get("reviewer").trim(), answer: form.get("answer"), remarks: form.get("remarks").trim(), release_sha256: D.release_sha256, review_sha256: D.review_sha256 };
  const a = el("a", { download: "signoff.json", href: URL.createObjectURL(new Blob([JSON.stringify(off, null, 2) + "\n"], { type: "application/json" })) });
  a.click();
  $("saved").textContent = t("saved");
});
const asked = new URLSearchParams(location.hash.slice(1));
if (asked.get("theme")) document.documentElement.dataset.theme = asked.get("theme");
if (asked.get("lang")) lang = asked.get("lang") === "zh" ? "zh" : "en";
all();
if (asked.get("open")) { const f = D.flips.find((x) => x.id === asked.get("open")); if (f) open(f); }
document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();

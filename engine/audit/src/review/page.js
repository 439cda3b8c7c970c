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
    passed: (n, m) => `${n} of ${m} cases of the release pass.`, failed: "These fail:",
    proofs: "What the script never does", proofsHint: "Asked of the script of the new release, over all facts that its schema allows, before the guardrails act.",
    skipped: (what) => `${what}: not run for this page.`, notRun: (what, why) => `${what}: could not be run: ${why}`,
    solver: (s, n) => `Solver: ${s}, at most ${n} s for each property.`, noSolver: "No solver was found, so nothing is proved: install z3, or name one in SMT_SOLVER. What is refuted was refuted by a case that chance found.",
    givenThat: (list) => `Taken for granted of the facts: ${list}.`,
    property: "Property", verdict: "Answer", shown: "Shown by", proved: "proved", refuted: "refuted", unknown: "unknown", bug: "not confirmed",
    coverage: "Coverage", metric: "What", through: "gone through by a case", lines: "lines", branches: "branches", conditions: "conditions (MC/DC)", tableRows: "table rows", guardrails: "guardrails",
    part: "Part", says: "What it says", oneCase: "Case",
    missing: (n) => `${n} places that no case goes through`, whole: "The cases go through everything.", where: "Where", what: "What",
    mutants: "Mutants", mutantsFound: (k, n, r) => `A case notices ${k} of ${n} small changes to limits, cells and lines; ${r} more cannot be loaded.`,
    survivors: (n) => `${n} changes that no case would notice`, noSurvivor: "No change slips through.", killer: "A case that would notice",
    alike: (n, k, c) => `${n} cases of the history in ${k} classes, compared with each other; sums in ${c}.`,
    consistency: "Consistency: 1 less the mean distance of a sum from those of its five nearest neighbours; 1 is perfect",
    lipschitz: "Steepest step: how far two sums lie apart for how far their facts do; lower is smoother",
    leapfrog_rate: "Leapfrogs: of the pairs in which one case is no worse, the share in which it gets more; 0 is perfect",
    figureName: "Figure", fairFew: "Fewer than 30 cases were compared, or nothing is given in money: no figure is told.",
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
    passed: (n, m) => `该版本的 ${m} 个案例中 ${n} 个通过。`, failed: "未通过：",
    proofs: "脚本永远不会做的事", proofsHint: "针对新版本的脚本，在事实模式允许的所有事实上、在护栏介入之前提问。",
    skipped: (what) => `${what}：本页未运行。`, notRun: (what, why) => `${what}：无法运行：${why}`,
    solver: (s, n) => `求解器：${s}，每项性质最多 ${n} 秒。`, noSolver: "未找到求解器，因此没有任何证明：请安装 z3，或用 SMT_SOLVER 指定。标为已否定的，是随机找到的案例所否定。",
    givenThat: (list) => `对事实的前提：${list}。`,
    property: "性质", verdict: "答案", shown: "例证", proved: "已证明", refuted: "已否定", unknown: "未知", bug: "未经确认",
    coverage: "覆盖率", metric: "项目", through: "案例走过", lines: "行", branches: "分支", conditions: "条件（MC/DC）", tableRows: "表格行", guardrails: "护栏",
    part: "项目", says: "内容", oneCase: "案件",
    missing: (n) => `没有案例走过的 ${n} 处`, whole: "案例走过了全部内容。", where: "位置", what: "内容",
    mutants: "变异", mutantsFound: (k, n, r) => `对限额、单元格和代码行的 ${n} 处小改动，案例发现了 ${k} 处；另有 ${r} 处无法载入。`,
    survivors: (n) => `没有案例会发现的 ${n} 处改动`, noSurvivor: "没有改动能够蒙混过关。", killer: "能够发现它的案例",
    alike: (n, k, c) => `历史数据中 ${k} 类共 ${n} 件相互比较；金额以 ${c} 计。`,
    consistency: "一致性：1 减去金额与五个最相近案件金额的平均差距；1 为完全一致",
    lipschitz: "最陡的一步：金额差距与事实差距之比；越低越平缓",
    leapfrog_rate: "越位：一案不比另一案严重却得到更多的案件对所占比例；0 为完全公平",
    figureName: "指标", fairFew: "比较的案件不足 30 件，或没有金钱给付：不给出指标。",
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
/* Thousands by hand: a formatter of the browser's own takes longer to start than the page to draw. */
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");
const n0 = (n) => { const s = String(Math.round(Number(n))); return s[0] === "-" ? `-${grouped(s.slice(1))}` : grouped(s); };
const exp = Object.fromEntries(D.report.currencies.map((c) => [c.currency, c.exponent]));
/* Minor units are whole numbers, so their digits are cut and never divided. */
const money = (minor, c, digits = exp[c] ?? 2) => {
  const value = BigInt(minor), own = exp[c] ?? 2, s = String(value < 0n ? -value : value).padStart(own + 1, "0");
  const units = grouped(s.slice(0, s.length - own)), rest = s.slice(s.length - own).slice(0, digits);
  return `${value < 0n ? "-" : ""}${units}${rest ? `.${rest}` : ""} ${c}`;
};
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
  el("thead", {}, el("tr", {}, ...heads.map((h, i) => (h === "" ? el("td") : el("th", { scope: "col", class: i ? "n" : null }, h))))),
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
const list = { rows: [], at: 0, top: 0, view: 420, height: () => matchMedia("(max-width: 560px)").matches ? 64 : 44 };
const OUTCOMES = ["grant", "escalate", "hold", "refuse"];
/* What the list needs of a case; everything else is read when the case is opened. */
const FLIPS = D.flips.map(([id, from, to, by, currency, segments, reasons], at) => ({ at, id, from: OUTCOMES[from], to: OUTCOMES[to], by, currency, segments, reasons, found: null }));
let stored = null;
const whole = (f) => {
  stored ??= document.getElementById("cases").textContent.split("\n");
  return JSON.parse(stored[f.at]);
};
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
  const reasons = [...new Set(FLIPS.flatMap((f) => f.reasons))].sort();
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
  const [from, to, dir, reason] = ["f-from", "f-to", "f-dir", "f-reason"].map(v);
  list.rows = FLIPS.filter((f) => (!from || f.from === from) && (!to || f.to === to) && (!dir || tone(by(f)) === dir) && (!reason || f.reasons.includes(reason)) &&
    (!text || f.id.toLowerCase().includes(text) || f.segments.some((s) => s.toLowerCase().includes(text))));
  list.at = 0;
  if (list.top) { list.top = 0; $("list").scrollTop = 0; }
  $("shown").textContent = t("showing", n0(list.rows.length), n0(D.flips.length));
  draw();
}
function draw() {
  const box = $("list"), h = list.height();
  const first = Math.max(0, Math.floor(list.top / h) - 6), last = Math.min(list.rows.length, first + Math.ceil(list.view / h) + 12);
  const nodes = [el("div", { role: "presentation", style: `height:${list.rows.length * h}px` })];
  /* The chosen row is drawn wherever the list was scrolled to, so that a screen reader finds it. */
  const places = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  if (list.at < first && list.rows.length) places.unshift(list.at);
  if (list.at >= last && list.at < list.rows.length) places.push(list.at);
  for (const i of places) {
    const f = list.rows[i];
    const row = el("div", { class: "row", role: "option", id: `r${i}`, style: `top:${i * h}px`, "aria-selected": String(i === list.at), "aria-setsize": list.rows.length, "aria-posinset": i + 1 },
      el("span", {}, f.id), el("span", { class: "soft seg" }, f.segments.join(" · ")),
      el("span", {}, f.from === f.to ? t(f.to) : `${t(f.from)} → ${t(f.to)}`),
      el("span", { class: `by ${tone(by(f))}` }, f.currency ? signed(by(f), f.currency) : "—"));
    row.addEventListener("click", () => { list.at = i; draw(); open(f); });
    nodes.push(row);
  }
  box.replaceChildren(...nodes);
  if (list.rows.length) box.setAttribute("aria-activedescendant", `r${list.at}`);
  else box.removeAttribute("aria-activedescendant");
}
function keys(event) {
  const page = Math.max(1, Math.floor(list.view / list.height()) - 1), end = list.rows.length - 1;
  const to = { ArrowDown: list.at + 1, ArrowUp: list.at - 1, PageDown: list.at + page, PageUp: list.at - page, Home: 0, End: end }[event.key];
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); if (list.rows[list.at]) open(list.rows[list.at]); return; }
  if (to === undefined) return;
  event.preventDefault();
  if (end < 0) return;
  list.at = Math.min(end, Math.max(0, to));
  const box = $("list"), h = list.height(), y = list.at * h;
  if (y < box.scrollTop) box.scrollTop = y;
  if (y + h > box.scrollTop + box.clientHeight) box.scrollTop = y + h - box.clientHeight;
  list.top = box.scrollTop;
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
  const c = whole(f);
  $("drawer-title").textContent = f.id;
  const facts = el("dl", {}, ...c.facts.flatMap((v, i) => v === null ? [] : [el("dt", {}, D.facts[i]), el("dd", {}, v)]));
  $("drawer-body").replaceChildren(
    el("p", { class: "soft" }, `${t("incident")} ${c.date} · ${t("line")} ${n0(c.line)} · ${f.segments.join(" · ")}`),
    f.currency ? el("p", { class: tone(by(f)) }, `${t("change")}: ${signed(by(f), f.currency)}`) : null,
    el("div", { class: "two" }, side(`${t("before")} (${c.old.version})`, c.old), side(`${t("after")} (${c.new.version})`, c.new)),
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
  const own = D.report.segments.filter((s) => s.parity_percent), a = D.report.alike, nodes = [];
  if (a) {
    const shown = (m) => m === null ? "—" : (m / 1e6).toFixed(4);
    nodes.push(table(t("alike", n0(a.sample), n0(a.classes), a.currency), [t("figureName"), t("before"), t("after")],
      a.figures.map((f) => [t(f.name), shown(f.before_millionths), shown(f.after_millionths)])));
  } else nodes.push(el("p", {}, t("fairFew")));
  nodes.push(...(own.length ? own.map((s) => el("p", {}, t("lowest", s.name, ...s.parity_percent))) : [el("p", {}, t("fairNone"))]));
  $("fair").replaceChildren(...nodes);
}
/* What a check found, or by its name that it was not run. */
function ran(check, name, done) {
  if (check.ran === "done") return done(check.found);
  return [el("p", { class: "warn" }, check.ran === "skipped" ? t("skipped", name) : t("notRun", name, check.why))];
}
/* What `redress prove` asks of every policy, in Chinese; a release's own properties stand as they are written. */
const ASKED = [
  [/^(\S+) never exceeds its highest sum$/, (x) => `${x} 不超过其最高金额`], [/^(\S+) never stays below its least sum$/, (x) => `${x} 不低于其最低金额`],
  [/^nothing given is below zero$/, () => "没有负数的给付"], [/^the policy never fails$/, () => "规则不会失败"],
  [/^a higher (\S+) never pays less$/, (x) => `${x} 更高时，给付不会更少`], [/^a lower (\S+) never pays less$/, (x) => `${x} 更低时，给付不会更少`],
  [/^every branch is reached$/, () => "每个分支都可到达"], [/^every table answers once$/, () => "每个表格对每个问题恰有一个答案"],
];
function property(says) {
  const found = lang === "zh" ? ASKED.find(([form]) => form.test(says)) : null;
  return found ? found[1](says.match(found[0])[1]) : says;
}
function proofs() {
  const marks = { proved: "up", refuted: "down", bug: "down", unknown: "warn" };
  $("proofs").replaceChildren(...ran(D.checks.proofs, t("proofs"), (p) => [
    el("p", { class: p.solver ? "soft" : "warn" }, p.solver ? t("solver", p.solver, p.seconds) : t("noSolver")),
    ...(p.assumes.length ? [el("p", {}, t("givenThat", p.assumes.join("; ")))] : []),
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ...["property", "verdict", "shown"].map((k) => el("th", { scope: "col" }, t(k))))),
      el("tbody", {}, ...p.rows.map((row) => el("tr", {}, el("th", { scope: "row" }, property(row.says)), el("td", { class: `verdict ${marks[row.answer]}` }, t(row.answer)),
        el("td", { class: "shown" }, ...[...row.cases, ...row.why].flatMap((x, i) => i ? [el("br"), x] : [x]))))))),
  ]));
}
function words() {
  $("words").replaceChildren(...D.parts[lang].map(([part, title]) => {
    const own = D.words[lang].filter((x) => x.part === part);
    if (!own.length) return null;
    return el("details", {}, el("summary", {}, `${title} (${own.length})`), table(null, [t("part"), t("says")], own.map((x) => [x.thing, { text: x.says.map(([k, v]) => `${k}: ${v}`).join("; "), cls: "w" }])));
  }).filter(Boolean));
  for (const td of document.querySelectorAll("#words td.w")) { td.className = ""; }
}
function tests() {
  const c = D.checks, x = c.tested, nodes = [el("p", {}, t("passed", n0(x.passed), n0(x.total)))];
  if (x.failed.length) nodes.push(el("p", { class: "down" }, t("failed")), el("ul", {}, ...x.failed.map((f) => el("li", {}, f))));
  const fold = (title, heads, rows) => el("details", {}, el("summary", {}, title), el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell, i) => el(i ? "td" : "th", i ? {} : { scope: "row" }, cell ?? "—"))))))));
  nodes.push(el("h3", {}, t("coverage")), ...ran(c.coverage, t("coverage"), (v) => [
    table(null, [t("metric"), t("through"), "%"], v.shares.map(([name, hit, of]) => [t(name === "rows" ? "tableRows" : name), of ? `${n0(hit)} / ${n0(of)}` : "—", of ? String(Math.floor(100 * hit / of)) : "—"])),
    v.missing.length ? fold(t("missing", n0(v.missing.length + v.more)), [t("where"), t("what")], v.missing) : el("p", {}, t("whole")),
  ]));
  nodes.push(el("h3", {}, t("mutants")), ...ran(c.mutants, t("mutants"), (m) => [
    el("p", { class: m.survived ? "warn" : "up" }, t("mutantsFound", n0(m.killed), n0(m.killed + m.survived), n0(m.refused))),
    m.survived ? fold(t("survivors", n0(m.survived)), [t("where"), t("what"), t("killer")], m.survivors.map(([where, what, killer]) => [where, what, killer ? el("pre", {}, killer) : null])) : el("p", {}, t("noSurvivor")),
  ]));
  $("tests").replaceChildren(...nodes);
}
function digests() {
  const rows = D.digests.map(([k, v]) => el("tr", {}, el("th", { scope: "row" }, k), el("td", { class: "digest" }, v)));
  const signers = D.signers.length ? el("p", {}, `${t("signedBy")}: ${D.signers.join(", ")}`) : el("p", { class: "warn" }, t("unsigned"));
  $("digests").replaceChildren(el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, ...rows))), signers);
}
function printed() {
  $("printed").replaceChildren(table(t("flips"), [t("oneCase"), t("outcome"), t("before"), t("after"), t("change")], FLIPS.slice(0, 50).map((f) => {
    const c = whole(f);
    return [f.id, `${t(f.from)} → ${t(f.to)}`, c.old.given.join(", ") || "0", c.new.given.join(", ") || "0", f.currency ? signed(by(f), f.currency) : "—"];
  })));
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
  tiles(); diff(); moneyPart(); matrix(); filters(); load(); fair(); words(); proofs(); tests(); digests(); apply(); if (document.readyState !== "loading") printed();
}

$("lang").addEventListener("click", () => { lang = lang === "zh" ? "en" : "zh"; all(); });
$("theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});
$("print").addEventListener("click", () => window.print());
$("close").addEventListener("click", () => $("drawer").close());
$("drawer").addEventListener("close", () => $("list").focus());
$("list").addEventListener("scroll", () => { list.top = $("list").scrollTop; draw(); }, { passive: true });
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
document.documentElement.dataset.ready = String(Math.round(performance.now()));
/* The cases stand behind this script, so that the page is drawn before they are read. */
document.addEventListener("DOMContentLoaded", () => {
  printed();
  if (asked.get("open")) { const f = FLIPS.find((x) => x.id === asked.get("open")); if (f) open(f); }
});
})();

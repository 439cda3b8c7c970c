//! What the page says, in English and Chinese.

use redress_authoring::Lang;

/// One text in both languages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    en: &'static str,
    zh: &'static str,
}

impl Text {
    const fn new(en: &'static str, zh: &'static str) -> Self {
        Self { en, zh }
    }

    pub(super) const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

pub(super) const KIND: Text = Text::new("Report of redress", "补救报告");
pub(super) const SHORT: Text = Text::new("In short", "概要");
pub(super) const DECISIONS: Text = Text::new("decisions", "决定");
pub(super) const CURRENCY: Text = Text::new("currency", "币种");
pub(super) const PAID: Text = Text::new("paid", "已付");
pub(super) const GRANTED: Text = Text::new("granted, unpaid", "已给付待支付");
pub(super) const HELD: Text = Text::new("waits for approval", "待审批");
pub(super) const ENDED: Text = Text::new("taken back or expired", "撤回或过期");
pub(super) const OUTCOME: Text = Text::new("outcome", "结果");
pub(super) const ALL: Text = Text::new("all", "全部");
pub(super) const UNKNOWN: Text = Text::new("not on record", "无记录");
pub(super) const NONE: Text = Text::new("None.", "无。");
pub(super) const DEPARTURES: Text = Text::new("Departures", "例外决定");
pub(super) const OVERDUE: Text = Text::new("Overdue deadlines", "逾期期限");
pub(super) const WARNINGS: Text = Text::new("Systemic warnings", "系统性预警");
pub(super) const WARNINGS_HINT: Text = Text::new(
    "Read from the answers that the ledger still keeps; it forgets those older than its longest window.",
    "取自账本仍保存的应答；早于最长窗口的应答已被清除。",
);
pub(super) const ERRORS: Text = Text::new(
    "Erroneous payments by rule broken",
    "按所违反规则统计的错误付款",
);
pub(super) const DECISION: Text = Text::new("decision", "决定编号");
pub(super) const WHEN: Text = Text::new("when", "时间");
pub(super) const POLICY: Text = Text::new("policy", "规则");
pub(super) const REASON: Text = Text::new("reason", "理由");
pub(super) const ROLE: Text = Text::new("role", "角色");
pub(super) const SUMS: Text = Text::new("sums", "金额");
pub(super) const WHAT: Text = Text::new("what", "事项");
pub(super) const OWNER: Text = Text::new("owner", "负责人");
pub(super) const DUE: Text = Text::new("due", "期限");
pub(super) const CLOSED: Text = Text::new("closed", "办结");
pub(super) const LATE: Text = Text::new("late", "逾期");
pub(super) const OPEN: Text = Text::new("open", "未办结");
pub(super) const WARNING: Text = Text::new("warning", "预警");
pub(super) const FIRST: Text = Text::new("first", "首次");
pub(super) const LAST: Text = Text::new("last", "末次");
pub(super) const RULE: Text = Text::new("rule", "规则条目");
pub(super) const DAYS: Text = Text::new("days", "天");
pub(super) const HOURS: Text = Text::new("hours", "小时");
pub(super) const BASIS: Text = Text::new(
    "Decisions made and sums promised in the period, as they stand now.",
    "本期作出的决定与承诺的金额，按目前状态列示。",
);
pub(super) const FOOT: Text = Text::new(
    "This page is one file: it loads nothing and sends nothing.",
    "本页为单一文件，不加载也不发送任何内容。",
);
pub(super) const THEME: Text = Text::new("Light or dark", "浅色或深色");
pub(super) const PRINT: Text = Text::new("Print", "打印");
pub(super) const RECORD: Text = Text::new("ledger read up to record", "账本读至记录");
pub(super) const AS_OF: Text = Text::new("as of", "截至");

/// The heading of a split.
pub(super) const fn split(by: &str) -> Text {
    match by.as_bytes() {
        b"reason" => Text::new("By reason", "按理由"),
        b"scene" => Text::new("By scene", "按场景"),
        b"role" => Text::new("By role", "按角色"),
        _ => Text::new("By channel", "按渠道"),
    }
}

/// The heading of the column with a split's values.
pub(super) const fn value(by: &str) -> Text {
    match by.as_bytes() {
        b"reason" => REASON,
        b"scene" => Text::new("scene", "场景"),
        b"role" => ROLE,
        _ => Text::new("channel", "渠道"),
    }
}

/// What was due.
pub(super) const fn what(name: &str) -> Text {
    match name.as_bytes() {
        b"promise" => Text::new("promise", "承诺"),
        _ => Text::new("escalation", "上报事项"),
    }
}

/// The name of an outcome.
pub(super) fn outcome(name: &str) -> Option<Text> {
    Some(match name {
        "grant" => Text::new("granted", "给付"),
        "escalate" => Text::new("escalated", "上报"),
        "hold" => Text::new("held", "暂缓"),
        "refuse" => Text::new("refused", "拒绝"),
        _ => return None,
    })
}

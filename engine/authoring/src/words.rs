//! Sentences for the reason codes that the engine itself gives, where a release has none.

use redress_model::Code;

/// The language of what the engine itself says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}

impl Lang {
    /// The key of the release's message files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The one of two texts that is in this language.
    #[must_use]
    pub const fn say<'t>(self, english: &'t str, chinese: &'t str) -> &'t str {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// A name of the engine's own, such as that of a rule, as this language's readers know
    /// it; in English it is the name itself.
    #[must_use]
    pub fn term(self, name: &str) -> &str {
        let known = TERMS.iter().find(|(own, _)| *own == name);
        match (self, known) {
            (Self::Zh, Some((_, chinese))) => chinese,
            _ => name,
        }
    }
}

/// Names that decisions are written with, and their Chinese; ordered by name.
const TERMS: &[(&str, &str)] = &[
    ("a_fortiori", "举重以明轻"),
    ("already_paid", "已付"),
    ("budget", "预算"),
    ("cap", "滚动限额"),
    ("claim_ceiling", "依据上限"),
    ("consent_missing", "缺少同意"),
    ("contractual", "合同"),
    ("corridor", "公平区间"),
    ("escalate", "升级"),
    ("experiment", "试验"),
    ("floor", "法定下限"),
    ("goodwill", "善意补偿"),
    ("goodwill_off", "停用善意补偿"),
    ("grant", "批准"),
    ("hold", "暂缓"),
    ("kind_not_allowed", "种类不适用"),
    ("linked_parity", "关联案例一致"),
    ("loss_multiple", "损失倍数"),
    ("netted", "抵扣"),
    ("no_loss_no_cash", "无损失不付现金"),
    ("now", "即付"),
    ("on_approval", "待批准"),
    ("promise", "承诺"),
    ("refuse", "拒绝"),
    ("requested_kind", "客户所选种类"),
    ("safety_cleared", "安全警报已解除"),
    ("safety_pause", "安全事件暂停"),
    ("statutory", "法定"),
    ("taboo", "禁忌"),
    ("tier_cap", "等级上限"),
    ("unlisted_claim", "未列明的依据"),
];

/// Code, English, Chinese; ordered by code.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "actor_unverified",
        "The one who asks has not been authenticated.",
        "操作人身份未经验证。",
    ),
    (
        "already_paid",
        "What this event entitles to has been paid already.",
        "该事件应付的款项此前已支付。",
    ),
    (
        "amount_negative",
        "The policy proposed a negative amount.",
        "规则给出了负数金额。",
    ),
    (
        "amount_overflow",
        "An amount is larger than any that the engine handles.",
        "金额超出系统可处理的范围。",
    ),
    (
        "approval_chain",
        "A named chain of people must sign first.",
        "须先经指定的审批链签字。",
    ),
    ("budget_spent", "A budget has nothing left.", "预算已用完。"),
    (
        "cap_spent",
        "A rolling cap has nothing left.",
        "滚动限额已用完。",
    ),
    (
        "fx_missing",
        "The sum is in another currency than like cases, and no rate is given.",
        "该金额与同类案例币种不同，且未给出汇率。",
    ),
    (
        "goodwill_off",
        "Goodwill is off for this claimant; the law stays.",
        "对该客户不再给予善意补偿，法定权利不变。",
    ),
    (
        "linked_rate_differs",
        "A linked case was given another rate, so a person decides.",
        "关联案例的赔付标准不同，须由人工决定。",
    ),
    (
        "no_authority_row",
        "No role's limit covers the sum.",
        "没有任何角色的权限涵盖该金额。",
    ),
    (
        "no_loss_no_cash",
        "Nothing was lost, so no goodwill cash is given.",
        "客户没有损失，不给予现金补偿。",
    ),
    (
        "not_allowed_here",
        "This kind of remedy is not given here.",
        "此地不给予这种补偿。",
    ),
    (
        "not_compared",
        "Some like cases could not be compared, since their sums are in another currency.",
        "部分同类案例未作比较：金额的币种不同。",
    ),
    (
        "nothing_due",
        "Nothing of worth is due.",
        "没有应给付的内容。",
    ),
    (
        "offer_above_corridor",
        "Somebody offered more than the tariff allows.",
        "所作承诺高于标准允许的范围。",
    ),
    (
        "over_authority",
        "The sum is beyond the authority of the one who asks.",
        "金额超出操作人的权限。",
    ),
    (
        "partial",
        "There are more like cases than were looked at.",
        "同类案例过多，只比较了其中一部分。",
    ),
    (
        "policy_answer_invalid",
        "The policy gave an answer that is not valid; nothing is paid by default.",
        "规则给出的答复无效；不作默认支付。",
    ),
    (
        "policy_budget_exceeded",
        "The policy used more than it may; nothing is paid by default.",
        "规则运行超出资源限额；不作默认支付。",
    ),
    (
        "policy_failed",
        "The policy failed; nothing is paid by default.",
        "规则运行出错；不作默认支付。",
    ),
    (
        "policy_not_run",
        "The policy could not be run; nothing is paid by default.",
        "规则无法运行；不作默认支付。",
    ),
    (
        "precedent_pays_more",
        "A case that is no worse was given more, so a person decides.",
        "情况并不更严重的案例得到了更多，须由人工决定。",
    ),
    (
        "prior_departure_not_binding",
        "A linked case was an exception, and an exception binds nobody.",
        "关联案例属于例外处理，例外不作先例。",
    ),
    (
        "prior_error_not_binding",
        "A linked payment was an error, and an error binds nobody.",
        "关联案例的赔付有误，错误不作先例。",
    ),
    (
        "promise_binds_promisee_only",
        "A promise to somebody else binds only towards them.",
        "对他人的承诺只对其本人有效。",
    ),
    (
        "safety_cleared",
        "The alarm was found false: goodwill falls away, the law stays, and nobody is penalised.",
        "经核实并无危险：不再给予善意补偿，法定权利不变，也不作任何处罚。",
    ),
    (
        "safety_concern",
        "A person may be in danger: a person looks at once.",
        "可能有人身危险：须立即由专人处理。",
    ),
    (
        "schema_mismatch",
        "The facts fit another schema than the release's.",
        "事实与该版本的事实定义不符。",
    ),
    (
        "second_look",
        "A statutory sum of this size takes a second pair of eyes.",
        "该数额的法定款项须经第二人复核。",
    ),
    (
        "seed",
        "This is the first case of its kind.",
        "这是同类案例中的第一例。",
    ),
    (
        "stage_not_ready",
        "The demand or the facts are not on record yet.",
        "诉求或事实尚未登记。",
    ),
    (
        "standing_incomplete",
        "The ledger did not say what a limit needs to know.",
        "账本缺少核对限额所需的数据。",
    ),
    (
        "too_many_remedies",
        "The policy proposed more remedies than one decision holds.",
        "规则给出的补偿项过多。",
    ),
    (
        "unknown_currency_limit",
        "No limit is given in this currency.",
        "该币种没有设定限额。",
    ),
    (
        "unknown_fact",
        "A fact that the policy needs is not known yet.",
        "规则所需的事实尚不清楚。",
    ),
    (
        "unknown_kind",
        "The policy proposed a kind of remedy that the guardrails lack.",
        "规则给出的补偿种类未在护栏中列明。",
    ),
    (
        "unknown_tier",
        "The policy named a level that the guardrails lack.",
        "规则给出的等级未在护栏中列明。",
    ),
];

/// Whether the engine itself gives the code, and so has words for it.
#[must_use]
pub fn is_own(code: &Code) -> bool {
    sentence(code, Lang::En).is_some()
}

/// The engine's own sentence for a code.
#[must_use]
pub fn sentence(code: &Code, lang: Lang) -> Option<&'static str> {
    let place = WORDS.binary_search_by(|(own, _, _)| (*own).cmp(code.as_str()));
    let (_, en, zh) = WORDS.get(place.ok()?)?;
    Some(match lang {
        Lang::En => en,
        Lang::Zh => zh,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_engine_has_words() {
        for code in redress_kernel::codes::ALL {
            for lang in [Lang::En, Lang::Zh] {
                assert!(sentence(code, lang).is_some(), "{code}");
            }
        }
        assert_eq!(WORDS.len(), redress_kernel::codes::ALL.len());
    }
}

//! One test of a member `m` as SQL. Each is true or false, never NULL, and each asks about that
//! one member by an index, so that a plan made in ranges of members costs no more than one made
//! at once.

use crate::dialect::marks;
use crate::recipient_list::STATUS;
use crate::rfm::SHOWN;
use crate::sql::{Sql, sql};
use crate::stays::{EXPECTED, TOOK_PLACE};
use crm_campaigns::{Bounds, CampaignTest, Deed, Known, RfmTest, Span, StaysTest, Test};
use sea_orm::Value;

pub(super) fn condition(test: &Test) -> Sql {
    match test {
        // The brackets are the caller's.
        Test::All(_) | Test::Any(_) | Test::Not(_) => sql("1 = 0"),
        Test::Gender(genders) => one_of("m.gender", genders.iter().map(|g| g.as_str())),
        Test::Known(what) => sql(format!("({} IS NOT NULL)", column(*what))),
        Test::BirthdayMonth(months) => one_of(
            "SUBSTR(m.birthday, 6, 2)",
            months.iter().map(|month| format!("{month:02}")),
        ),
        Test::Born(days) => known_between("m.birthday", *days),
        Test::Source(sources) => one_of("m.source", sources.iter().map(|s| s.as_str())),
        Test::Created(span) => in_span("m.created_at", span),
        Test::Followed(span) => in_span("m.followed_at", span),
        Test::Interacted(span) => in_span("m.last_interaction_at", span),
        Test::WearsAny(tags) => sql("EXISTS (SELECT 1 FROM member_tag_relations r WHERE \
             r.member_id = m.id AND ")
        .join(one_of("r.tag_id", tags.iter().map(|tag| tag.get())))
        .then(")"),
        Test::Stays(test) => stays(test),
        Test::Expected(days) => sql(format!(
            "EXISTS (SELECT 1 FROM consumption_records s WHERE s.member_id = m.id AND {EXPECTED} \
             AND "
        ))
        .join(known_between("s.check_in_date", *days))
        .then(")"),
        Test::Campaign(test) => campaign(test),
        Test::Rfm(test) => rfm(test),
    }
}

const fn column(what: Known) -> &'static str {
    match what {
        Known::FirstName => "m.first_name",
        Known::LastName => "m.last_name",
        Known::Gender => "m.gender",
        Known::Birthday => "m.birthday",
        Known::Email => "m.email",
        Known::Phone => "m.phone",
        Known::LastInteraction => "m.last_interaction_at",
    }
}

fn one_of<V: Into<Value>>(column: &str, values: impl ExactSizeIterator<Item = V>) -> Sql {
    sql(format!(
        "({column} IS NOT NULL AND {column} IN ({}))",
        marks(values.len())
    ))
    .bind_all(values)
}

/// For what is never NULL.
fn between<T: Into<Value>>(value: &str, bounds: Bounds<T>) -> Sql {
    let mut text = sql("(1 = 1");
    if let Some(from) = bounds.from {
        text = text.then(&format!(" AND {value} >= ?")).bind(from);
    }
    if let Some(to) = bounds.to {
        text = text.then(&format!(" AND {value} <= ?")).bind(to);
    }
    text.then(")")
}

fn known_between<T: Into<Value>>(value: &str, bounds: Bounds<T>) -> Sql {
    sql(format!("({value} IS NOT NULL AND "))
        .join(between(value, bounds))
        .then(")")
}

fn in_span(column: &str, span: &Span) -> Sql {
    let mut text = sql(format!("({column} IS NOT NULL"));
    if let Some(from) = span.from {
        text = text.then(&format!(" AND {column} >= ?")).bind(from);
    }
    if let Some(until) = span.until {
        text = text.then(&format!(" AND {column} < ?")).bind(until);
    }
    text.then(")")
}

fn stays(test: &StaysTest) -> Sql {
    let at_least_one = Bounds {
        from: Some(1),
        to: None,
    };
    let is_bare = test.amount_minor.is_none() && test.last_check_out.is_none();
    if is_bare && test.count == at_least_one {
        // Ends at the first one found.
        return sql("EXISTS (SELECT 1").join(looked_at(test)).then(")");
    }
    // A value even of no stay at all, so that *none* can be asked for too.
    let mut text = sql("(SELECT ").join(between("COUNT(*)", test.count));
    if let Some(amount) = test.amount_minor {
        text = text
            .then(" AND ")
            .join(between("COALESCE(SUM(s.amount_minor), 0)", amount));
    }
    if let Some(days) = test.last_check_out {
        text = text
            .then(" AND ")
            .join(known_between("MAX(s.check_out_date)", days));
    }
    text.join(looked_at(test)).then(")")
}

/// The member's stays that a test looks at.
fn looked_at(test: &StaysTest) -> Sql {
    let mut text = sql(format!(
        " FROM consumption_records s WHERE s.member_id = m.id AND {TOOK_PLACE}"
    ));
    if let Some(first) = test.not_before {
        text = text.then(" AND s.check_out_date >= ?").bind(first);
    }
    if let Some(kinds) = &test.room_types {
        // By their bytes: the column is compared as people do on one database only.
        let bytes = kinds.iter().map(|kind| hex(kind));
        text = text.then(" AND ").join(one_of("HEX(s.room_type)", bytes));
    }
    if let Some(nights) = test.nights {
        text = text.then(" AND ").join(known_between("s.nights", nights));
    }
    text
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}

fn rfm(test: &RfmTest) -> Sql {
    let mut text = sql(format!(
        "EXISTS (SELECT 1 FROM member_rfm g WHERE g.member_id = m.id AND g.generation = {SHOWN}"
    ));
    for (score, bounds) in [
        ("g.recency", test.recency),
        ("g.frequency", test.frequency),
        ("g.money", test.money),
    ] {
        if bounds != Bounds::default() {
            text = text.then(" AND ").join(between(score, bounds));
        }
    }
    if let Some(segment) = test.segment {
        let pairs = segment.pairs().map(|(recency, frequency)| {
            format!("(g.recency = {recency} AND g.frequency = {frequency})")
        });
        let pairs: Vec<String> = pairs.collect();
        text = text.then(&format!(" AND ({})", pairs.join(" OR ")));
    }
    text.then(")")
}

fn campaign(test: &CampaignTest) -> Sql {
    let (statuses, moment): (&[&str], _) = match test.did {
        Deed::Got => (
            &["sent", "opened", "clicked"],
            "COALESCE(r.sent_at, b.finished_at)",
        ),
        Deed::Opened => (
            &["opened", "clicked"],
            "COALESCE(r.opened_at, r.clicked_at)",
        ),
        Deed::Clicked => (&["clicked"], "r.clicked_at"),
    };
    let mut text = sql(
        "EXISTS (SELECT 1 FROM campaign_recipients r LEFT JOIN campaign_batches b \
         ON b.campaign_id = r.campaign_id AND b.number = r.batch_number \
         WHERE r.member_id = m.id AND ",
    );
    if let Some(ids) = &test.any_of {
        text = text
            .join(one_of("r.campaign_id", ids.iter().map(|id| id.get())))
            .then(" AND ");
    }
    if let Some(since) = test.since {
        text = text.then(&format!("{moment} >= ? AND ")).bind(since);
    }
    text.then(&format!("{STATUS} IN ({}))", marks(statuses.len())))
        .bind_all(statuses.iter().copied())
}

use crate::answer::{Body, Came, Vain, opened};
use crate::client::DexonClient;
use crate::dates::When;
use crate::envelope::Entries;
use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use crm_members::{PageAsk, PmsError, PmsGateway, PmsGuest, PmsHealth, PmsPage, PmsRow, PmsStay};
use serde_json::value::RawValue;

/// Longer is no place in a window.
const CURSOR_CHARS: usize = 4_000;

#[async_trait]
impl PmsGateway for DexonClient {
    async fn health(&self) -> Result<PmsHealth, PmsError> {
        self.ask("health", &[], |came| match came {
            Came::Body(body) => self.health_of(&body),
            Came::Nothing(_) => Err(Vain::unreadable("it says nothing")),
        })
        .await
    }

    async fn guests(&self, ask: &PageAsk) -> Result<PmsPage<PmsGuest>, PmsError> {
        self.page("guests", ask, |item| self.mapper.guest_of_item(item))
            .await
    }

    async fn stays(
        &self,
        ask: &PageAsk,
        business_date: NaiveDate,
    ) -> Result<PmsPage<PmsStay>, PmsError> {
        self.page("stays", ask, |item| {
            self.mapper.stay_of_item(item, business_date)
        })
        .await
    }
}

impl DexonClient {
    async fn page<T>(
        &self,
        what: &'static str,
        ask: &PageAsk,
        row: impl Fn(&RawValue) -> PmsRow<T> + Send + Sync,
    ) -> Result<PmsPage<T>, PmsError> {
        let query = self.query(ask);
        self.ask(what, &query, |came| match came {
            Came::Body(body) => self.page_of(&body, ask, &row),
            Came::Nothing(at) => Ok(PmsPage {
                rows: Vec::new(),
                next: None,
                as_of: ask.cursor.is_none().then_some(at),
            }),
        })
        .await
    }

    /// The cursor holds the window, which is asked for with the first page only.
    fn query(&self, ask: &PageAsk) -> Vec<(&'static str, String)> {
        let mut query = vec![("limit", self.page_size.to_string())];
        if let Some(cursor) = &ask.cursor {
            query.push(("cursor", cursor.clone()));
            return query;
        }
        if let Some(since) = ask.window.since {
            let since = since.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            query.push(("updated_since", since));
        }
        if let Some(days) = ask.window.arrivals {
            query.push(("arrival_from", days.from.to_string()));
            query.push(("arrival_to", days.to.to_string()));
        }
        query
    }

    fn page_of<T>(
        &self,
        body: &Body,
        ask: &PageAsk,
        row: impl Fn(&RawValue) -> PmsRow<T>,
    ) -> Result<PmsPage<T>, Vain> {
        let text = body.text();
        let data = data(&opened(&text)?)?;
        let Some(items) = data.items() else {
            return Err(Vain::unreadable("its rows cannot be read or are too many"));
        };
        let as_of = self.moment(&data, "as_of");
        if ask.cursor.is_none() && as_of.is_none() {
            return Err(Vain::unreadable("it does not say up to when it holds"));
        }
        Ok(PmsPage {
            next: next(&data, ask)?,
            as_of,
            rows: items.0.into_iter().map(row).collect(),
        })
    }

    fn health_of(&self, body: &Body) -> Result<PmsHealth, Vain> {
        let text = body.text();
        let data = data(&opened(&text)?)?;
        let day = data.text("business_date");
        let day = day.and_then(|text| When::parse(&text));
        Ok(PmsHealth {
            business_date: day
                .ok_or_else(|| Vain::unreadable("it does not say which day it is there"))?
                .day(self.mapper.hotel),
            server_time: self.moment(&data, "server_time"),
        })
    }

    fn moment(&self, data: &Entries<'_>, key: &str) -> Option<DateTime<Utc>> {
        let when = When::parse(&data.text(key)?)?;
        Some(when.moment(self.mapper.hotel))
    }
}

fn data<'a>(entries: &Entries<'a>) -> Result<Entries<'a>, Vain> {
    let data = entries.data();
    data.ok_or_else(|| Vain::unreadable("it holds no data"))
}

/// Where the next page begins. A cursor that does not move would go round for ever.
fn next(data: &Entries<'_>, ask: &PageAsk) -> Result<Option<String>, Vain> {
    let cursor = data.text("next_cursor");
    let ends = data
        .text("has_more")
        .map(|word| matches!(word.to_lowercase().as_str(), "false" | "n" | "no" | "0"));
    match (cursor, ends) {
        (_, Some(true)) | (None, None) => Ok(None),
        (None, Some(false)) => Err(Vain::unreadable("more rows follow, but no cursor")),
        (Some(cursor), _) if Some(&cursor) == ask.cursor.as_ref() => {
            Err(Vain::unreadable("its cursor does not move"))
        }
        (Some(cursor), _) if cursor.chars().count() > CURSOR_CHARS => {
            Err(Vain::unreadable("its cursor is too long"))
        }
        (Some(cursor), _) => Ok(Some(cursor)),
    }
}

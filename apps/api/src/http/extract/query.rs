use super::gate::admitted;
use super::id::number;
use crate::http::problem::ApiError;
use crate::http::wire::{Word, day};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::{Datelike, NaiveDate};
use crm_kernel::Problems;
use futures::future::LocalBoxFuture;

/// Longest text to search for.
const LONGEST: usize = 200;
/// Most ids in one list: each is a condition of its own.
const MAX_IDS: usize = 50;
/// Days that a filter may name: within what both databases can compare.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// The part of an address after the `?`.
pub(crate) struct Query<T>(pub(crate) T);

/// What can be read from the part of an address after the `?`. Parameters that nobody reads are
/// let pass; values that mean nothing are told, all at once.
pub(crate) trait FromQuery: Sized + 'static {
    fn read(query: &mut QueryReader) -> Self;
}

impl<T: FromQuery> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            admitted(&request).await;
            let mut reader = QueryReader::new(request.query_string())?;
            let value = T::read(&mut reader);
            reader.finish()?;
            Ok(Self(value))
        })
    }
}

/// Reads parameters one by one and notes what is wrong with them.
pub(crate) struct QueryReader {
    pairs: Vec<(String, String)>,
    problems: Problems,
}

impl QueryReader {
    pub(crate) fn new(query: &str) -> Result<Self, ApiError> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
            .map_err(|_| ApiError::invalid_field("query", "cannot be read"))?;
        Ok(Self {
            pairs: pairs.into_inner(),
            problems: Problems::default(),
        })
    }

    pub(crate) fn finish(self) -> Result<(), ApiError> {
        self.problems.into_result().map_err(ApiError::invalid)
    }

    /// Whether a parameter is there at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| key == name)
    }

    /// Notes what is wrong with a parameter.
    pub(crate) fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.add(name, message);
    }

    /// Free text; blank text is none.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let text = self.raw(name)?;
        let text = text.trim();
        if text.chars().count() > LONGEST {
            self.problem(name, format!("must have at most {LONGEST} characters"));
        } else if text.contains('\0') {
            self.problem(name, "must not contain NUL characters");
        } else if !text.is_empty() {
            return Some(text.to_owned());
        }
        None
    }

    /// One of several words.
    pub(crate) fn word<T: Word>(&mut self, name: &str) -> Option<T> {
        let text = self.raw(name)?;
        let word = T::from_word(&text);
        self.known(name, word, || one_of(T::WORDS))
    }

    /// Words separated by commas.
    pub(crate) fn words<T: Word>(&mut self, name: &str) -> Vec<T> {
        let text = self.raw(name).unwrap_or_default();
        let words: Option<Vec<T>> = listed(&text).map(T::from_word).collect();
        self.known(name, words, || one_of(T::WORDS))
            .unwrap_or_default()
    }

    /// Row numbers separated by commas.
    pub(crate) fn ids<T: From<i64>>(&mut self, name: &str) -> Vec<T> {
        let text = self.raw(name).unwrap_or_default();
        let ids: Option<Vec<T>> = listed(&text).map(|id| number(id).map(T::from)).collect();
        let ids = ids.filter(|ids| ids.len() <= MAX_IDS);
        self.known(name, ids, || {
            format!("must be at most {MAX_IDS} ids separated by commas")
        })
        .unwrap_or_default()
    }

    /// A row number.
    pub(crate) fn id<T: From<i64>>(&mut self, name: &str) -> Option<T> {
        let text = self.raw(name)?;
        self.known(name, number(&text).map(T::from), || {
            "must be an id".to_owned()
        })
    }

    /// A count within bounds.
    pub(crate) fn count(&mut self, name: &str, default: u64, most: u64) -> u64 {
        let Some(text) = self.raw(name) else {
            return default;
        };
        let count = number(&text)
            .and_then(|n| u64::try_from(n).ok())
            .filter(|n| (1..=most).contains(n));
        self.known(name, count, || {
            format!("must be a number between 1 and {most}")
        })
        .unwrap_or(default)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let text = self.raw(name)?;
        let flag = match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        self.known(name, flag, || "must be true or false".to_owned())
    }

    /// A day as the hotel's calendar has it.
    pub(crate) fn day(&mut self, name: &str) -> Option<NaiveDate> {
        let text = self.raw(name)?;
        let day = day(&text).filter(|day| YEARS.contains(&day.year()));
        self.known(name, day, || {
            "must be a day written as YYYY-MM-DD".to_owned()
        })
    }

    /// First and last day of a period, either of which may be left open.
    pub(crate) fn period(
        &mut self,
        first: &str,
        last: &str,
    ) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let (from, to) = (self.day(first), self.day(last));
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            self.problem(last, format!("must not be before {first}"));
        }
        (from, to)
    }

    fn raw(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name);
        let value = values.next().map(|(_, value)| value.clone());
        if values.next().is_some() {
            self.problem(name, "must be given once");
            return None;
        }
        value
    }

    fn known<T>(
        &mut self,
        name: &str,
        value: Option<T>,
        wrong: impl FnOnce() -> String,
    ) -> Option<T> {
        if value.is_none() {
            self.problem(name, wrong());
        }
        value
    }
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    // Nothing at all is a list without entries, not a list with an empty one.
    text.split(',')
        .map(str::trim)
        .filter(move |_| !text.is_empty())
}

fn one_of(words: &[&str]) -> String {
    format!("must be one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::wire::{Gender, MemberSource};
    use crm_kernel::TagId;

    fn reader(query: &str) -> QueryReader {
        QueryReader::new(query).unwrap()
    }

    fn wrong(reader: QueryReader) -> String {
        reader
            .finish()
            .map_or_else(|e| e.field_names(), |()| String::new())
    }

    #[test]
    fn lists_are_separated_by_commas_and_may_be_empty() {
        let mut query = reader("tags=1,%202&source=line,crm&none=");
        assert_eq!(query.ids::<TagId>("tags"), [1.into(), 2.into()]);
        assert_eq!(
            query.words::<MemberSource>("source"),
            [MemberSource::Line, MemberSource::Crm]
        );
        assert_eq!(query.ids::<TagId>("none"), []);
        assert_eq!(wrong(query), "");
    }

    #[test]
    fn every_value_that_means_nothing_is_named() {
        let mut query = reader("tags=1,,2&gender=robot&day=2026-2-1&page=0&flag=maybe&id=x");
        query.ids::<TagId>("tags");
        query.word::<Gender>("gender");
        query.day("day");
        query.count("page", 1, 100);
        query.flag("flag");
        query.id::<TagId>("id");
        assert_eq!(wrong(query), "tags,gender,day,page,flag,id");
    }

    #[test]
    fn a_word_that_is_there_but_empty_is_no_word() {
        let mut query = reader("gender=&search=&day=");
        assert_eq!(query.word::<Gender>("gender"), None);
        assert_eq!(query.text("search"), None);
        assert_eq!(query.day("day"), None);
        assert_eq!(wrong(query), "gender,day");
    }

    #[test]
    fn a_parameter_given_twice_is_not_guessed() {
        let mut query = reader("page=1&page=2");
        query.count("page", 1, 100);
        assert_eq!(wrong(query), "page");
    }

    #[test]
    fn text_is_trimmed_and_bounded() {
        let mut query = reader("a=%20%E7%8E%8B%20&b=%00x");
        assert_eq!(query.text("a").as_deref(), Some("王"));
        assert_eq!(query.text("b"), None);
        assert_eq!(wrong(query), "b");
    }
}

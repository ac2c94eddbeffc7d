use super::{FromQuery, QueryReader};
use crm_kernel::PageRequest;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

const DEFAULT_SIZE: u64 = 20;

/// Which page of a list is wanted: `page` and `page_size`.
pub(crate) struct Paging(pub(crate) PageRequest);

impl FromQuery for Paging {
    fn read(query: &mut QueryReader) -> Self {
        let page = query.count("page", 1, PageRequest::MAX_PAGE);
        let size = query.count("page_size", DEFAULT_SIZE, PageRequest::MAX_PAGE_SIZE);
        let request = PageRequest::new(page, size);
        // Both counts are within bounds, whatever was asked for.
        Self(request.unwrap_or(FIRST))
    }
}

/// Which page of a list is wanted, where the whole list is an answer too: none when neither
/// `page` nor `page_size` is given.
pub(crate) struct MaybePaging(pub(crate) Option<PageRequest>);

impl FromQuery for MaybePaging {
    fn read(query: &mut QueryReader) -> Self {
        let is_paged = query.has("page") || query.has("page_size");
        Self(is_paged.then(|| Paging::read(query).0))
    }
}

impl IntoParams for MaybePaging {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Paging::into_params(parameter_in)
    }
}

const FIRST: PageRequest = match PageRequest::new(1, DEFAULT_SIZE) {
    Some(first) => first,
    None => unreachable!(),
};

impl IntoParams for Paging {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = |name: &str, description: &str, default: u64, most: u64| {
            let schema = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .minimum(Some(1))
                .maximum(Some(most))
                .default(Some(default.into()))
                .build();
            ParameterBuilder::new()
                .name(name)
                .description(Some(description))
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .schema(Some(schema))
                .build()
        };
        vec![
            parameter("page", "Page, from 1", 1, PageRequest::MAX_PAGE),
            parameter(
                "page_size",
                "Rows on a page",
                DEFAULT_SIZE,
                PageRequest::MAX_PAGE_SIZE,
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<(u64, u64), String> {
        let mut reader = QueryReader::new(query).unwrap();
        let Paging(page) = Paging::read(&mut reader);
        reader.finish().map_err(|e| e.field_names())?;
        Ok((page.page(), page.page_size()))
    }

    #[test]
    fn the_first_twenty_unless_asked_otherwise() {
        assert_eq!(read(""), Ok((1, 20)));
        assert_eq!(read("page=3&page_size=100"), Ok((3, 100)));
    }

    #[test]
    fn where_no_page_is_asked_for_there_may_be_none() {
        let paging = |query: &str| {
            let MaybePaging(page) = MaybePaging::read(&mut QueryReader::new(query).unwrap());
            page.map(|page| (page.page(), page.page_size()))
        };
        assert_eq!(paging("is_active=true"), None);
        assert_eq!(paging("page=2"), Some((2, 20)));
        assert_eq!(paging("page_size=5"), Some((1, 5)));
    }

    #[test]
    fn pages_out_of_range_are_refused() {
        for query in ["page=0", "page=1000000001", "page=-1", "page=x", "page="] {
            assert_eq!(read(query), Err("page".into()), "{query}");
        }
        for query in ["page_size=0", "page_size=101"] {
            assert_eq!(read(query), Err("page_size".into()), "{query}");
        }
    }
}

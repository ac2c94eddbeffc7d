/// Which page of a list is wanted. Always valid: `page ≥ 1`, `1 ≤ page_size ≤ 100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    page: u64,
    page_size: u64,
}

impl PageRequest {
    /// Largest page that may be asked for.
    pub const MAX_PAGE_SIZE: u64 = 100;
    /// Largest page number; beyond it an offset could not be told to a database.
    pub const MAX_PAGE: u64 = 1_000_000_000;

    /// `None` when a number is out of range.
    #[must_use]
    pub const fn new(page: u64, page_size: u64) -> Option<Self> {
        if page == 0 || page > Self::MAX_PAGE || page_size == 0 || page_size > Self::MAX_PAGE_SIZE {
            return None;
        }
        Some(Self { page, page_size })
    }

    /// The page number, from 1.
    #[must_use]
    pub const fn page(self) -> u64 {
        self.page
    }

    /// Rows on a page.
    #[must_use]
    pub const fn page_size(self) -> u64 {
        self.page_size
    }

    /// Rows before this page.
    #[must_use]
    pub const fn offset(self) -> u64 {
        (self.page - 1) * self.page_size
    }
}

/// One page of a list, with the size of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page; empty past the end.
    pub items: Vec<T>,
    /// Rows in the whole list.
    pub total: u64,
    /// What was asked for.
    pub request: PageRequest,
}

impl<T> Page<T> {
    /// Pages in the whole list; 0 when it is empty.
    #[must_use]
    pub const fn total_pages(&self) -> u64 {
        self.total.div_ceil(self.request.page_size)
    }

    /// The same page of other things.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            total: self.total,
            request: self.request,
        }
    }
}

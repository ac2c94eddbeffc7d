use super::pages::{Rows, SyncPage};
use super::{PmsSync, PmsSyncError};
use crate::Hold;
use crm_members::{
    ImportFileError, PmsField, PmsKind, RawRow, RowDefaults, Sheet, SyncFile, SyncRun, SyncStatus,
};

/// Rows of one unit of work.
const AT_ONCE: usize = 500;

/// Which column says what: for each, the field's name.
type Columns = Vec<Option<String>>;

impl PmsSync {
    /// Reads a table in, as if it were pages of the hotel's own system.
    pub(super) async fn run_file(
        &self,
        run: SyncRun,
        hold: &dyn Hold,
    ) -> Result<SyncRun, PmsSyncError> {
        let Some(file) = run.new.file.clone() else {
            return self
                .fail(run.id, |run, now| run.fail("file_missing", None, now))
                .await;
        };
        let ended = match self.ports.files.rows(&file.path).await {
            Ok(sheet) => self.run_sheet(run, file.clone(), &sheet, hold).await?,
            Err(ImportFileError::Unavailable(why)) => {
                return Err(ImportFileError::Unavailable(why).into());
            }
            Err(error) => {
                let reason = match error {
                    ImportFileError::Missing => "file_missing",
                    ImportFileError::TooLarge => "file_too_large",
                    _ => "file_unreadable",
                };
                self.fail(run.id, |run, now| run.fail(reason, None, now))
                    .await?
            }
        };
        self.ports.files.remove(&file.path).await?;
        Ok(ended)
    }

    async fn run_sheet(
        &self,
        run: SyncRun,
        file: SyncFile,
        sheet: &Sheet,
        hold: &dyn Hold,
    ) -> Result<SyncRun, PmsSyncError> {
        let kind = run.new.kind;
        let fields = self.ports.format.fields(kind);
        let columns = match columns(&sheet.header, &file.headings, &fields) {
            Ok(columns) => columns,
            Err((reason, message)) => {
                return self
                    .fail(run.id, |run, now| run.fail(reason, message, now))
                    .await;
            }
        };
        let mut run = self.begin_file(&run, sheet.rows.len() as u64).await?;
        loop {
            if !hold.is_valid() {
                return Err(PmsSyncError::Overtaken);
            }
            let from = run
                .cursor
                .as_deref()
                .and_then(|c| c.parse().ok())
                .unwrap_or(0);
            let page = self.page_of(&run, kind, &columns, sheet, from);
            run = self.store_page(&run, &page).await?;
            if !run.status.is_open() {
                return Ok(run);
            }
        }
    }

    async fn begin_file(&self, run: &SyncRun, rows: u64) -> Result<SyncRun, PmsSyncError> {
        let now = self.ports.clock.now();
        let mut tx = self.ports.store.begin().await?;
        let found = tx.pms().run(run.id).await?;
        let mut found = found.ok_or(PmsSyncError::NotFound)?;
        if found.status == SyncStatus::Pending {
            found.start(None, self.overlap, self.hotel.day_of(now), now);
        }
        if let Some(file) = &mut found.new.file {
            file.total_rows = rows;
        }
        tx.pms().update_run(&found).await?;
        tx.commit().await?;
        Ok(found)
    }

    fn page_of(
        &self,
        run: &SyncRun,
        kind: PmsKind,
        columns: &Columns,
        sheet: &Sheet,
        from: usize,
    ) -> SyncPage {
        let to = (from + AT_ONCE).min(sheet.rows.len());
        let rows = sheet.rows.get(from..to).unwrap_or_default();
        let defaults = RowDefaults {
            updated_at: run.new.created_at,
            business_date: run
                .business_date
                .unwrap_or_else(|| self.hotel.day_of(run.new.created_at)),
        };
        let raw = rows.iter().map(|(_, cells)| raw_row(columns, cells));
        let format = &self.ports.format;
        SyncPage {
            rows: match kind {
                PmsKind::Members => {
                    Rows::Guests(raw.map(|row| format.guest(&row, defaults)).collect())
                }
                PmsKind::ConsumptionRecords => {
                    Rows::Stays(raw.map(|row| format.stay(&row, defaults)).collect())
                }
            },
            next: (to < sheet.rows.len()).then(|| to.to_string()),
            as_of: None,
            numbers: Some(rows.iter().map(|(number, _)| *number).collect()),
        }
    }
}

fn raw_row(columns: &Columns, cells: &[String]) -> RawRow {
    let said = columns.iter().zip(cells).filter_map(|(field, cell)| {
        let field = field.as_ref()?;
        (!cell.trim().is_empty()).then(|| (field.clone(), cell.clone()))
    });
    RawRow(said.collect())
}

/// Reads the header: a profile's own headings first, then the known ones. Columns that mean
/// nothing are not read.
///
/// # Errors
/// The reason with which the run fails, and which column is meant.
fn columns(
    header: &[String],
    profile: &[(String, String)],
    fields: &[PmsField],
) -> Result<Columns, (&'static str, Option<String>)> {
    let mut columns: Columns = Vec::with_capacity(header.len());
    for heading in header {
        let key = folded(heading);
        let own = profile.iter().find(|(name, _)| folded(name) == key);
        let known = || {
            fields.iter().find(|field| {
                folded(&field.name) == key || field.headings.iter().any(|name| folded(name) == key)
            })
        };
        let field = match own {
            Some((_, field)) => Some(field.clone()),
            None if key.is_empty() => None,
            None => known().map(|field| field.name.clone()),
        };
        if field.is_some() && columns.contains(&field) {
            return Err(("column_twice", field));
        }
        columns.push(field);
    }
    if columns.iter().all(Option::is_none) {
        return Err(("no_known_column", None));
    }
    let missing = fields
        .iter()
        .filter(|field| field.is_required)
        .find(|field| !columns.iter().flatten().any(|name| *name == field.name));
    match missing {
        Some(field) => Err(("column_missing", Some(field.name.clone()))),
        None => Ok(columns),
    }
}

/// Width, capitals, blanks, `_` and `-` do not count.
fn folded(heading: &str) -> String {
    crm_members::folded_heading(heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<PmsField> {
        let field = |name: &str, headings: &[&str], is_required| PmsField {
            name: name.to_owned(),
            headings: headings.iter().map(|h| (*h).to_owned()).collect(),
            is_required,
        };
        vec![
            field("guest_code", &["客戶編號", "Guest No"], true),
            field("phone", &["手機", "行動電話"], false),
        ]
    }

    fn read(header: &[&str], profile: &[(&str, &str)]) -> Result<Columns, &'static str> {
        let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        let profile: Vec<(String, String)> = profile
            .iter()
            .map(|(heading, field)| ((*heading).to_owned(), (*field).to_owned()))
            .collect();
        columns(&header, &profile, &fields()).map_err(|(reason, _)| reason)
    }

    #[test]
    fn known_headings_need_no_profile_and_others_are_not_read() {
        let columns = read(&["ＧＵＥＳＴ＿ＮＯ", "房號", " 手 機 "], &[]).unwrap();
        let names: Vec<Option<&str>> = columns.iter().map(Option::as_deref).collect();
        assert_eq!(names, [Some("guest_code"), None, Some("phone")]);
    }

    #[test]
    fn a_profile_says_what_a_heading_means_even_of_a_known_one() {
        let columns = read(&["編號", "手機"], &[("編號", "guest_code")]).unwrap();
        assert_eq!(columns[0].as_deref(), Some("guest_code"));
        let columns = read(
            &["手機", "電話"],
            &[("手機", "guest_code"), ("電話", "phone")],
        )
        .unwrap();
        assert_eq!(columns[0].as_deref(), Some("guest_code"));
    }

    #[test]
    fn a_header_that_cannot_be_meant_is_refused() {
        assert_eq!(read(&["房號"], &[]), Err("no_known_column"));
        assert_eq!(read(&["手機"], &[]), Err("column_missing"));
        assert_eq!(
            read(&["客戶編號", "手機", "行動電話"], &[]),
            Err("column_twice")
        );
    }
}

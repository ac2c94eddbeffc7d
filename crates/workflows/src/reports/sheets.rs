use super::Reports;
use super::error::{Stop, not_made};
use super::make::Made;
use crate::Hold;
use crm_exports::{Export, SheetFormat, sheet_of};
use futures::future::join;

/// Rows written between two signs of life.
const NOTED_EVERY: u64 = 5_000;

impl Reports {
    /// Writes rows as they come. While a page is being written the next one is read.
    pub(super) async fn write_sheet(
        &self,
        export: &Export,
        name: String,
        hold: &dyn Hold,
    ) -> Result<Made, Stop> {
        let new = &export.new;
        let format = new.format.sheet().unwrap_or(SheetFormat::Csv);
        let total = self.count(export).await?;
        let sheet = sheet_of(new.report, new.shows_id_numbers);
        let files = &self.exports.ports.files;
        let mut open = files.begin(&name, format, &sheet).await.map_err(not_made)?;
        let (mut rows, mut noted) = (0_u64, 0_u64);
        let mut page = self.page(export, None).await?;
        loop {
            let (cells, next) = page;
            rows += cells.len() as u64;
            let reading = async {
                match next {
                    Some(place) => Some(self.page(export, Some(place)).await),
                    None => None,
                }
            };
            let (written, read) = join(open.rows(cells), reading).await;
            written.map_err(not_made)?;
            let is_due = noted == 0 || rows - noted >= NOTED_EVERY;
            if is_due {
                noted = rows.max(1);
            }
            let goes_on = !is_due || self.note(export, (rows, total.max(rows))).await?;
            if !goes_on || !hold.is_valid() {
                return Err(Stop::Lost);
            }
            match read {
                Some(read) => page = read?,
                None => break,
            }
        }
        let bytes = open.finish().await.map_err(not_made)?;
        Ok(Made { name, bytes, rows })
    }
}

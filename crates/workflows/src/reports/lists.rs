use super::Reports;
use super::error::{Stop, not_made};
use super::make::Made;
use super::words::{days_in_words, made_at, with_commas};
use crate::Hold;
use crm_exports::{Export, ExportFormat, Failure, Paper, ReportType, Table, sheet_of};

impl Reports {
    /// A list on paper; one that nobody would print is refused.
    pub(super) async fn paper_of_list(
        &self,
        export: &Export,
        hold: &dyn Hold,
    ) -> Result<(Paper, u64), Stop> {
        let total = self.count(export).await?;
        check_length(total)?;
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let (cells, next) = self.page(export, after).await?;
            rows.extend(cells);
            let read = rows.len() as u64;
            check_length(read)?;
            if !hold.is_valid() || !self.note(export, (read, total.max(read))).await? {
                return Err(Stop::Lost);
            }
            match next {
                Some(place) => after = Some(place),
                None => break,
            }
        }
        let new = &export.new;
        let count = rows.len() as u64;
        let what = match new.report {
            ReportType::CampaignRecipients => self.campaign_title(export).await?,
            _ => new
                .about
                .days
                .map_or_else(|| "全部".to_owned(), days_in_words),
        };
        let title = new.report.title();
        let paper = Paper {
            title: title.to_owned(),
            subtitle: format!("{what}　共 {} 筆", with_commas(count)),
            made_at: made_at(self.now(), self.exports.hotel),
            tiles: Vec::new(),
            charts: Vec::new(),
            tables: vec![Table {
                title: title.to_owned(),
                columns: sheet_of(new.report, new.shows_id_numbers).columns,
                rows,
            }],
            remarks: remarks(new.report),
        };
        Ok((paper, count))
    }

    pub(super) async fn write_paper(
        &self,
        name: String,
        paper: Paper,
        rows: u64,
    ) -> Result<Made, Stop> {
        let files = &self.exports.ports.files;
        let bytes = files.write(&name, paper).await.map_err(not_made)?;
        Ok(Made { name, bytes, rows })
    }
}

fn check_length(rows: u64) -> Result<(), Stop> {
    let most = ExportFormat::MOST_ROWS_ON_PAPER;
    if rows <= most {
        return Ok(());
    }
    let message = format!(
        "a PDF has at most {} rows and this report has more ({}); choose Excel or CSV",
        with_commas(most),
        with_commas(rows)
    );
    Err(Stop::Never(Failure::new("too_many_rows", message)))
}

fn remarks(report: ReportType) -> Vec<String> {
    let remark = match report {
        ReportType::CampaignRecipients => super::words::OPENED,
        ReportType::Members => "住宿次數與金額只計已入住或已退房的住宿。",
        _ => return Vec::new(),
    };
    vec![remark.to_owned()]
}

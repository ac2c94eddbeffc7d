//! What stands in which column, in the words of the hotel.

use crate::{
    Cell, CellKind, Column, MemberLine, MessageLine, RecipientLine, ReportType, Sheet, TagLine,
};
use chrono::{DateTime, Utc};
use crm_kernel::HotelTime;

use CellKind::{Day, Money, Number, Percent, Text, Time};

type Heading = (&'static str, CellKind, Option<u16>);

const MEMBERS: &[Heading] = &[
    ("會員編號", Number, None),
    ("姓", Text, Some(10)),
    ("名", Text, Some(14)),
    ("LINE 名稱", Text, None),
    ("性別", Text, Some(8)),
    ("生日", Day, None),
    ("電子郵件", Text, Some(30)),
    ("電話", Text, Some(18)),
    (ID_NUMBER, Text, Some(18)),
    ("來源", Text, Some(12)),
    ("LINE 狀態", Text, Some(12)),
    ("接受行銷", Text, Some(10)),
    ("標籤", Text, Some(36)),
    ("住宿次數", Number, None),
    ("住宿金額", Money, None),
    ("加入時間", Time, None),
    ("最後互動", Time, None),
];
const ID_NUMBER: &str = "身分證字號（遮罩）";

const RECIPIENTS: &[Heading] = &[
    ("會員編號", Number, None),
    ("姓名", Text, None),
    ("LINE 名稱", Text, None),
    ("狀態", Text, Some(12)),
    ("原因", Text, Some(20)),
    ("發送時間", Time, None),
    ("開啟時間（推估）", Time, None),
    ("點擊時間", Time, None),
];

const MESSAGES: &[Heading] = &[
    ("時間", Time, None),
    ("方向", Text, Some(10)),
    ("會員編號", Number, None),
    ("姓名", Text, None),
    ("LINE 名稱", Text, None),
    ("類型", Text, Some(10)),
    ("內容", Text, Some(60)),
    ("發送者", Text, Some(18)),
    ("狀態", Text, Some(12)),
    ("已讀時間", Time, None),
];

const TAGS: &[Heading] = &[
    ("標籤編號", Number, None),
    ("名稱", Text, None),
    ("類型", Text, Some(12)),
    ("來源", Text, Some(12)),
    ("說明", Text, Some(40)),
    ("會員數", Number, None),
    ("觸發次數", Number, None),
    ("建立時間", Time, None),
];

const CAMPAIGNS: &[Heading] = &[
    ("活動編號", Number, None),
    ("活動", Text, Some(30)),
    ("發送時間", Time, None),
    ("送達", Number, None),
    ("開啟（推估）", Number, Some(14)),
    ("開啟率", Percent, None),
    ("點擊", Number, None),
    ("點擊率", Percent, None),
    ("訂房", Number, None),
    ("轉換率", Percent, None),
    ("訂房金額", Money, None),
];

const DAYS: &[Heading] = &[
    ("日期", Day, None),
    ("推播送達", Number, None),
    ("開啟（推估）", Number, Some(14)),
    ("點擊", Number, None),
    ("訂房", Number, None),
    ("訂房金額", Money, None),
    ("發送訊息", Number, None),
    ("收到訊息", Number, None),
    ("新好友", Number, None),
    ("封鎖", Number, None),
];

/// The sheet of a report; one of guests has masked identity numbers only for those who may
/// know them.
#[must_use]
pub fn sheet_of(report: ReportType, shows_id_numbers: bool) -> Sheet {
    let headings = match report {
        ReportType::Overview => DAYS,
        ReportType::CampaignPerformance => CAMPAIGNS,
        ReportType::CampaignRecipients => RECIPIENTS,
        ReportType::Members => MEMBERS,
        ReportType::Messages => MESSAGES,
        ReportType::Tags => TAGS,
    };
    let column = |(heading, kind, width): &Heading| {
        let column = Column::new(heading, *kind);
        match width {
            Some(width) => column.wide(*width),
            None => column,
        }
    };
    Sheet {
        name: report.title().to_owned(),
        columns: headings
            .iter()
            .filter(|(heading, ..)| shows_id_numbers || *heading != ID_NUMBER)
            .map(column)
            .collect(),
    }
}

impl MemberLine {
    /// Its cells; `id_number` is the masked one, where it has a column.
    #[must_use]
    pub fn into_cells(self, id_number: Option<Option<String>>, hotel: HotelTime) -> Vec<Cell> {
        let mut cells = vec![
            Cell::Number(self.id),
            self.last_name.into(),
            self.first_name.into(),
            self.display_name.into(),
            said(self.gender.as_deref(), GENDERS),
            self.birthday.map_or(Cell::Empty, Cell::Day),
            self.email.into(),
            self.phone.into(),
        ];
        cells.extend(id_number.map(Cell::from));
        cells.extend([
            said(Some(&self.source), SOURCES),
            said(self.line_state.as_deref(), LINE_STATES),
            Cell::from(if self.accept_marketing { "是" } else { "否" }),
            Cell::Text(self.tags.join("、")),
            Cell::Number(self.stays),
            Cell::Money(self.spent),
            time(Some(self.created_at), hotel),
            time(self.last_interaction_at, hotel),
        ]);
        cells
    }
}

impl RecipientLine {
    /// Its cells.
    #[must_use]
    pub fn into_cells(self, hotel: HotelTime) -> Vec<Cell> {
        vec![
            self.member.map_or(Cell::Empty, Cell::Number),
            full_name(self.last_name, self.first_name),
            self.display_name.into(),
            said(Some(&self.status), RECIPIENT_STATES),
            said(self.reason.as_deref(), REASONS),
            time(self.sent_at, hotel),
            time(self.opened_at, hotel),
            time(self.clicked_at, hotel),
        ]
    }
}

impl MessageLine {
    /// Its cells.
    #[must_use]
    pub fn into_cells(self, hotel: HotelTime) -> Vec<Cell> {
        let sender = match self.sender_name {
            Some(name) => Cell::Text(name),
            None => said(self.sender_type.as_deref(), SENDERS),
        };
        vec![
            time(Some(self.created_at), hotel),
            said(Some(&self.direction), DIRECTIONS),
            Cell::Number(self.member),
            full_name(self.last_name, self.first_name),
            self.display_name.into(),
            said(Some(&self.message_type), MESSAGE_TYPES),
            Cell::Text(self.content),
            sender,
            said(Some(&self.status), MESSAGE_STATES),
            time(self.read_at, hotel),
        ]
    }
}

impl TagLine {
    /// Its cells.
    #[must_use]
    pub fn into_cells(self, hotel: HotelTime) -> Vec<Cell> {
        vec![
            Cell::Number(self.id),
            Cell::Text(self.name),
            said(Some(&self.kind), TAG_KINDS),
            said(Some(&self.source), TAG_SOURCES),
            self.description.into(),
            Cell::Number(self.members),
            Cell::Number(self.triggered),
            time(Some(self.created_at), hotel),
        ]
    }
}

type Words = &'static [(&'static str, &'static str)];

const GENDERS: Words = &[("male", "男"), ("female", "女"), ("other", "其他")];
const SOURCES: Words = &[("line", "LINE"), ("crm", "CRM"), ("system", "系統")];
const LINE_STATES: Words = &[("following", "好友"), ("blocked", "已封鎖")];
const RECIPIENT_STATES: Words = &[
    ("pending", "待發送"),
    ("sent", "已送達"),
    ("opened", "已開啟"),
    ("clicked", "已點擊"),
    ("failed", "失敗"),
    ("skipped", "略過"),
];
const REASONS: Words = &[
    ("opted_out", "不接受行銷"),
    ("blocked", "已封鎖"),
    ("cancelled", "已取消"),
    ("quota", "額度不足"),
    ("render_error", "內容無法產生"),
    ("line_rejected", "LINE 拒絕"),
    ("outcome_unknown", "結果不明"),
];
const DIRECTIONS: Words = &[("incoming", "收到"), ("outgoing", "發送")];
const MESSAGE_TYPES: Words = &[("text", "文字"), ("image", "圖片"), ("template", "範本")];
const SENDERS: Words = &[
    ("manual", "人員"),
    ("auto", "自動回應"),
    ("campaign", "活動"),
];
const MESSAGE_STATES: Words = &[
    ("received", "已收到"),
    ("pending", "待發送"),
    ("sent", "已送達"),
    ("failed", "失敗"),
];
const TAG_KINDS: Words = &[("member", "會員標籤"), ("interaction", "互動標籤")];
const TAG_SOURCES: Words = &[("api", "系統"), ("manual", "人工")];

/// A stored word in those of the hotel; one that is new stays as it is.
fn said(word: Option<&str>, words: Words) -> Cell {
    let Some(word) = word else { return Cell::Empty };
    let known = words.iter().find(|(stored, _)| *stored == word);
    Cell::from(known.map_or(word, |(_, shown)| *shown))
}

fn full_name(last: Option<String>, first: Option<String>) -> Cell {
    let name = format!("{}{}", last.unwrap_or_default(), first.unwrap_or_default());
    if name.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(name)
    }
}

fn time(moment: Option<DateTime<Utc>>, hotel: HotelTime) -> Cell {
    moment.map_or(Cell::Empty, |moment| Cell::Time(hotel.wall(moment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(sheet: &Sheet, cells: &[Cell]) -> bool {
        let fits = |(column, cell): (&Column, &Cell)| match cell {
            Cell::Empty => true,
            Cell::Text(_) => column.kind == Text,
            Cell::Number(_) => column.kind == Number,
            Cell::Money(_) => column.kind == Money,
            Cell::Percent(_) => column.kind == Percent,
            Cell::Day(_) => column.kind == Day,
            Cell::Time(_) => column.kind == Time,
        };
        sheet.columns.len() == cells.len() && sheet.columns.iter().zip(cells).all(fits)
    }

    fn member() -> MemberLine {
        MemberLine {
            id: 7,
            birthday: "1988-05-20".parse().ok(),
            source: "line".into(),
            gender: Some("female".into()),
            ..MemberLine::default()
        }
    }

    #[test]
    fn every_cell_stands_under_its_heading() {
        let hotel = HotelTime::default();
        let masked = Some(Some("A12****789".to_owned()));
        let sheet = sheet_of(ReportType::Members, true);
        assert!(fits(&sheet, &member().into_cells(masked, hotel)));
        let recipient = RecipientLine {
            id: 1,
            member: Some(7),
            last_name: None,
            first_name: None,
            display_name: None,
            status: "clicked".into(),
            reason: Some("opted_out".into()),
            sent_at: Some(DateTime::UNIX_EPOCH),
            opened_at: Some(DateTime::UNIX_EPOCH),
            clicked_at: None,
        };
        let sheet = sheet_of(ReportType::CampaignRecipients, false);
        assert!(fits(&sheet, &recipient.into_cells(hotel)));
        let message = MessageLine {
            id: 1,
            created_at: DateTime::UNIX_EPOCH,
            direction: "incoming".into(),
            member: 7,
            last_name: Some("王".into()),
            first_name: Some("小明".into()),
            display_name: None,
            message_type: "text".into(),
            content: "=1+1".into(),
            sender_type: None,
            sender_name: None,
            status: "received".into(),
            read_at: None,
        };
        let sheet = sheet_of(ReportType::Messages, false);
        let cells = message.into_cells(hotel);
        assert!(fits(&sheet, &cells));
        assert_eq!(cells[3], Cell::from("王小明"));
        let tag = TagLine {
            id: 1,
            name: "VIP".into(),
            kind: "member".into(),
            source: "manual".into(),
            description: None,
            members: 3,
            triggered: 0,
            created_at: DateTime::UNIX_EPOCH,
        };
        assert!(fits(
            &sheet_of(ReportType::Tags, false),
            &tag.into_cells(hotel)
        ));
    }

    #[test]
    fn who_may_not_know_identity_numbers_has_no_column_for_them() {
        let sheet = sheet_of(ReportType::Members, false);
        let headings: Vec<&str> = sheet.columns.iter().map(|c| c.heading.as_str()).collect();
        assert!(!headings.contains(&ID_NUMBER));
        assert!(fits(
            &sheet,
            &member().into_cells(None, HotelTime::default())
        ));
    }

    #[test]
    fn times_are_those_of_the_hotels_wall() {
        let cells = member().into_cells(None, HotelTime::default());
        let eight = DateTime::UNIX_EPOCH.naive_utc() + chrono::TimeDelta::hours(8);
        assert!(cells.contains(&Cell::Time(eight)));
    }

    #[test]
    fn a_word_that_is_new_stays_as_it_is() {
        assert_eq!(said(Some("robot"), GENDERS), Cell::from("robot"));
        assert_eq!(said(None, GENDERS), Cell::Empty);
    }
}

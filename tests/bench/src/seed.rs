//! Many members with few statements: one row, then as many again, until there are enough.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait};

/// Tag that 10 % wear.
pub const COMMON_TAG: i64 = 1;
/// Tag that 1 % wear.
pub const RARE_TAG: i64 = 2;
/// A piece of a family name with a given name that about 1 in 100 has.
pub const SEARCHED: &str = "王小明";

/// The LINE user id of a member.
pub fn uid(member: u64) -> String {
    format!("U{member:032x}")
}

/// `count` members; the two tags; two stays for every third member.
pub async fn seed(pool: &DatabaseConnection, count: u64) -> Result<(), DbErr> {
    let words = Words::of(pool.get_database_backend());
    pool.execute_unprepared("CREATE TABLE bench_numbers (n BIGINT PRIMARY KEY)")
        .await?;
    let tx = pool.begin().await?;
    let run = async |sql: String| {
        let statement = Statement::from_string(tx.get_database_backend(), sql);
        tx.execute_raw(statement).await
    };
    run("INSERT INTO bench_numbers (n) VALUES (0)".to_owned()).await?;
    let mut there = 1;
    while there < count {
        run(format!(
            "INSERT INTO bench_numbers (n) SELECT n + {there} FROM bench_numbers \
             WHERE n + {there} < {count}"
        ))
        .await?;
        there *= 2;
    }
    run(words.members()).await?;
    run(format!(
        "INSERT INTO tags (id, kind, name, name_key, source, member_count, created_at) VALUES \
         ({COMMON_TAG}, 'member', 'common', 'common', 'manual', 0, {now}), \
         ({RARE_TAG}, 'member', 'rare', 'rare', 'manual', 0, {now})",
        now = words.now
    ))
    .await?;
    for (tag, each) in [(COMMON_TAG, 10), (RARE_TAG, 100)] {
        run(format!(
            "INSERT INTO member_tag_relations (member_id, tag_id, tagged_at) \
             SELECT id, {tag}, {} FROM members WHERE id % {each} = 1",
            words.now
        ))
        .await?;
        run(format!(
            "UPDATE tags SET member_count = \
             (SELECT COUNT(*) FROM member_tag_relations WHERE tag_id = {tag}) WHERE id = {tag}"
        ))
        .await?;
    }
    for stay in 1..=2 {
        run(words.stays(stay)).await?;
    }
    tx.commit().await?;
    pool.execute_unprepared("DROP TABLE bench_numbers").await?;
    for statement in words.afterwards {
        pool.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// What the two databases say differently.
struct Words {
    mysql: bool,
    now: &'static str,
    afterwards: &'static [&'static str],
}

const FAMILY: &str = "王李張陳林黃吳劉蔡楊";
const GIVEN: [&str; 10] = [
    "小明", "美玲", "志豪", "淑芬", "家豪", "雅婷", "建宏", "怡君", "俊傑", "佳穎",
];

impl Words {
    fn of(backend: DbBackend) -> Self {
        if backend == DbBackend::MySql {
            Self {
                mysql: true,
                now: "UTC_TIMESTAMP(6)",
                afterwards: &["ANALYZE TABLE members, member_tag_relations, consumption_records"],
            }
        } else {
            Self {
                mysql: false,
                now: "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')",
                afterwards: &["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"],
            }
        }
    }

    fn text(&self, parts: &[&str]) -> String {
        if self.mysql {
            format!("CONCAT({})", parts.join(", "))
        } else {
            format!("({})", parts.join(" || "))
        }
    }

    /// So many seconds ago.
    fn ago(&self, seconds: &str) -> String {
        if self.mysql {
            format!("UTC_TIMESTAMP(6) - INTERVAL ({seconds}) SECOND")
        } else {
            format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-' || ({seconds}) || ' seconds')")
        }
    }

    /// One of ten, by a digit of the number.
    fn one_of<'a>(digit: &str, values: impl Iterator<Item = String> + 'a) -> String {
        let cases: String = values
            .enumerate()
            .map(|(at, value)| format!(" WHEN {at} THEN '{value}'"))
            .collect();
        format!("CASE {digit}{cases} END")
    }

    fn members(&self) -> String {
        let tens = if self.mysql { "n DIV 10" } else { "n / 10" };
        let family = Self::one_of("n % 10", FAMILY.chars().map(String::from));
        let given = Self::one_of(
            &format!("({tens}) % 10"),
            GIVEN.iter().map(ToString::to_string),
        );
        let uid = if self.mysql {
            "CONCAT('U', LPAD(LOWER(HEX(n + 1)), 32, '0'))"
        } else {
            "printf('U%032x', n + 1)"
        };
        let name = self.text(&["'guest '", "n"]);
        let email = self.text(&["'guest'", "n", "'@example.com'"]);
        let phone = self.text(&["'09'", "10000000 + n"]);
        let phone_key = self.text(&["'+8869'", "10000000 + n"]);
        let created = self.ago("n * 300");
        let seen = self.ago("(n * 7919) % 8000000");
        format!(
            "INSERT INTO members (id, line_uid, line_display_name, line_state, followed_at, \
             first_name, last_name, gender, email, email_key, phone, phone_key, source, \
             accept_marketing, notes, created_at, last_interaction_at) \
             SELECT n + 1, {uid}, {name}, 'following', {created}, {given}, {family}, \
             CASE n % 2 WHEN 0 THEN 'male' ELSE 'female' END, {email}, {email}, {phone}, \
             {phone_key}, 'line', TRUE, NULL, {created}, \
             CASE WHEN n % 5 = 0 THEN NULL ELSE {seen} END FROM bench_numbers ORDER BY n"
        )
    }

    fn stays(&self, stay: u8) -> String {
        let order = self.text(&[&format!("'B{stay}-'"), "id"]);
        format!(
            "INSERT INTO consumption_records (member_id, order_number, room_type, amount_minor, \
             check_in_date, check_out_date, nights, source, pms_status, created_at) \
             SELECT id, {order}, 'double', 1800000, '2026-03-0{stay}', '2026-03-0{}', 1, 'pms', \
             'checked_out', {} FROM members WHERE id % 3 = 0",
            stay + 1,
            self.now
        )
    }
}

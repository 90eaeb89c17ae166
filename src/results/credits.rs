//! The credit report of a batch: what was spent, if the report says so unambiguously.
//!
//! The report's columns are not documented, so nothing is guessed: if it is unclear which column
//! holds credits, or one of its cells is not an amount, the cost is unknown, and the caller keeps
//! counting the maximum that the batch may have cost.

use std::collections::HashMap;

use super::{
    dialect,
    lines::{End, Lines},
    rows::{Rows, Span, Step},
    text,
};
use crate::Result;

/// The contents of a credit report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditsReport {
    /// Number of rows in the report.
    pub rows: usize,
    /// What was spent; `None` if the report does not say so unambiguously.
    pub spent: Option<Spent>,
    /// Ids of the records that cost something, in no order; empty if the report does not name them.
    pub paid_ids: Vec<String>,
    /// Cost of each of `paid_ids`, rounded up to whole credits.
    pub paid: Vec<u64>,
}

/// Credits that were spent, rounded up to whole ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    pub total: u64,
    /// Cost of the most expensive record, over all of its rows.
    pub most_per_record: u64,
}

/// Names of a column with the cost of a row. Columns with the credits that remain are not meant.
const CREDITS: [&str; 8] = [
    "credits",
    "credit",
    "credits_used",
    "credits_consumed",
    "credits_charged",
    "credits_spent",
    "credit_cost",
    "credits_cost",
];

const IDS: [&str; 3] = ["id", "record_id", "person_id"];

/// Amounts are added in millionths, so that fractions are summed exactly.
const MILLION: u64 = 1_000_000;

/// Reads a credit report. As with results, a truncated or malformed file is an error.
pub fn parse_credits(bytes: &[u8], source: &str) -> Result<CreditsReport> {
    let lines = Lines::new(source);
    let text = text::of_file(bytes, &lines)?;
    let text = &*dialect::with_commas(&text);
    let mut rows = Rows::new(text, true);
    let mut cells = Vec::new();
    let mut columns: Option<Columns> = None;
    let mut spent = Tally::default();
    let mut count = 0;
    loop {
        match rows.next(&mut cells) {
            Step::Row { start, .. } => match &columns {
                None => columns = Some(Columns::find(text, &cells)),
                Some(found) if found.count != cells.len() => {
                    let end = if rows.position() == text.len() { End::File } else { End::Row };
                    return Err(lines.miscounted(text, start, cells.len(), found.count, end));
                }
                Some(found) => {
                    count += 1;
                    spent.add(found, text, &cells);
                }
            },
            Step::End | Step::More { .. } => break,
            Step::Bad { at, fault } => return Err(lines.malformed(text, at, fault)),
        }
    }
    let Some(columns) = columns else { return Err(lines.empty()) };
    let (spent, paid) = match columns.credits {
        Some(_) => spent.finish(),
        None => (None, Vec::new()),
    };
    let (paid_ids, paid) = paid.into_iter().unzip();
    Ok(CreditsReport { rows: count, spent, paid_ids, paid })
}

struct Columns {
    count: usize,
    credits: Option<usize>,
    id: Option<usize>,
}

impl Columns {
    fn find(text: &str, cells: &[Span]) -> Self {
        let names: Vec<String> = cells
            .iter()
            .map(|cell| cell.text(text).unwrap_or_default())
            .map(|name| name.trim().to_lowercase().replace([' ', '-'], "_"))
            .collect();
        let only = |known: &[&str]| {
            let mut found = (0..names.len()).filter(|at| known.contains(&names[*at].as_str()));
            // With two columns of credits it is unclear which of them was charged.
            found.next().filter(|_| found.next().is_none())
        };
        Self { count: cells.len(), credits: only(&CREDITS), id: only(&IDS) }
    }
}

/// The sum over the rows, in millionths of a credit.
struct Tally {
    total: u64,
    records: HashMap<String, u64>,
    most: u64,
    readable: bool,
}

impl Default for Tally {
    fn default() -> Self {
        Self { total: 0, records: HashMap::new(), most: 0, readable: true }
    }
}

impl Tally {
    fn add(&mut self, columns: &Columns, text: &str, cells: &[Span]) {
        let cell = |at: usize| cells[at].text(text).unwrap_or_default();
        let Some(amount) = columns.credits.and_then(|at| amount(cell(at).trim())) else {
            self.readable = false;
            return;
        };
        let of_record = match columns.id.map(cell) {
            None => amount,
            // A row with the total below the others would count everything twice.
            Some(id) if id.trim().is_empty() || id.trim().eq_ignore_ascii_case("total") => {
                self.readable = false;
                return;
            }
            Some(id) => {
                let own = self.records.entry(id.into_owned()).or_default();
                *own = own.saturating_add(amount);
                *own
            }
        };
        self.most = self.most.max(of_record);
        match self.total.checked_add(amount) {
            Some(total) => self.total = total,
            None => self.readable = false,
        }
    }

    fn finish(self) -> (Option<Spent>, Vec<(String, u64)>) {
        if !self.readable {
            return (None, Vec::new());
        }
        let whole = |amount: u64| amount.div_ceil(MILLION);
        let spent = Spent { total: whole(self.total), most_per_record: whole(self.most) };
        let paid = self.records.into_iter().filter(|(_, amount)| *amount > 0);
        (Some(spent), paid.map(|(id, amount)| (id, whole(amount))).collect())
    }
}

/// An amount such as `6`, `6.0` or `0.25`, in millionths.
fn amount(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = match fraction.trim_end_matches('0') {
        "" if digits(fraction) => "0",
        fraction => fraction,
    };
    if !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let scale = 10_u64.pow(6 - fraction.len() as u32);
    let fraction = fraction.parse::<u64>().ok()?.checked_mul(scale)?;
    whole.parse::<u64>().ok()?.checked_mul(MILLION)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(text: &str) -> Option<(u64, u64)> {
        let report = parse_credits(text.as_bytes(), "credits.csv").unwrap();
        report.spent.map(|spent| (spent.total, spent.most_per_record))
    }

    #[test]
    fn credits_are_added_and_the_dearest_record_is_found() {
        let report =
            "id,service,credits,status\n1,phone,5,found\n1,email,1,found\n2,phone,0,none\n";
        assert_eq!(spent(report), Some((6, 6)));
        assert_eq!(parse_credits(report.as_bytes(), "c").unwrap().paid_ids, ["1"]);
        assert_eq!(spent("Record ID,Credits Used\n1,2.0\n2,3\n"), Some((5, 3)));
        assert_eq!(spent("credits\n2\n7\n"), Some((9, 7)));
        assert_eq!(spent("sep=;\nid;credits\n1;2\n2;7\n"), Some((9, 7)));
        assert_eq!(spent("id,credits\n"), Some((0, 0)));
    }

    #[test]
    fn fractions_add_up_exactly_and_round_up() {
        assert_eq!(spent("id,credits\n1,0.1\n2,0.2\n3,0.7\n"), Some((1, 1)));
        assert_eq!(spent("id,credits\n1,1.000001\n"), Some((2, 2)));
    }

    #[test]
    fn what_is_not_plain_is_not_guessed() {
        for report in [
            "id,cost\n1,5\n",
            "id,credits_remaining\n1,5\n",
            "id,credits,credits_used\n1,5,6\n",
            "id,credits\n1,5\n2,\n",
            "id,credits\n1,-5\n",
            "id,credits\n1,five\n",
            "id,credits\n1,1e3\n",
            "id,credits\n1,5\nTotal,5\n",
            "id,credits\n1,5\n,5\n",
            "id,credits\n1,99999999999999999999\n",
            "id,credits\n1,18446744073709\n2,18446744073709\n",
        ] {
            assert_eq!(spent(report), None, "{report:?}");
        }
        assert_eq!(parse_credits(b"id,cost\n1,5\n", "x").unwrap().rows, 1);
    }

    #[test]
    fn a_damaged_report_is_an_error() {
        let error = |text: &[u8]| parse_credits(text, "credits.csv").unwrap_err().to_string();
        assert!(error(b"").contains("credits.csv is empty"));
        assert!(error(b"id,credits\n1").contains("line 2: it ends in the middle of this row"));
        assert!(error(b"id,credits\n1,\"5").contains("inside the quoted cell"));
        assert!(error(b"id,credits\n1,\xff\n").contains("not UTF-8"));
    }
}

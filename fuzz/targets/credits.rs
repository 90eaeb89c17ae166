//! Credit reports.

use lantern::results::parse_credits;

use super::readable;

pub fn run(bytes: &[u8]) {
    match parse_credits(bytes, "credits.csv") {
        Ok(report) => {
            if let Some(spent) = report.spent {
                assert!(spent.most_per_record <= spent.total, "{spent:?}");
            }
        }
        Err(error) => readable(&error),
    }
}

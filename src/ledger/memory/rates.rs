//! Estimates costs from what similar records have cost so far.

use std::collections::BTreeMap;

use super::Wish;
use crate::{
    api::agents::BatchKind,
    error::Result,
    ledger::{
        sql::{Database, sql},
        store::SqlLedger,
    },
};

/// Number of standard deviations within which nine of ten totals lie.
const NINE_IN_TEN: f64 = 1.645;

/// Number of answered records, and their costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    pub records: u64,
    pub credits: u64,
}

/// The records and costs of each kind of batch of a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    pub of_kind: BTreeMap<String, Seen>,
}

impl Seen {
    /// The mean cost of a record.
    fn each(self) -> f64 {
        self.credits as f64 / self.records as f64
    }
}

impl Rates {
    /// Number of answered records from which the costs of some kinds are estimated.
    pub fn records<'a>(&self, kinds: impl Iterator<Item = &'a str>) -> u64 {
        kinds.filter_map(|kind| self.of(kind)).map(|(_, records)| records).sum()
    }

    /// The mean cost of a record of a kind, and from how many records it is known. An address and a
    /// number together cost as much as both, so the one that was never asked for alone is estimated
    /// from the others.
    fn of(&self, kind: &str) -> Option<(f64, u64)> {
        let seen = |kind: &str| self.of_kind.get(kind).copied().filter(|seen| seen.records > 0);
        if let Some(own) = seen(kind) {
            return Some((own.each(), own.records));
        }
        let [email, phone, pair] = [BatchKind::Email, BatchKind::Phone, BatchKind::PhoneEmail]
            .map(|kind| seen(kind.name()));
        let rest = |pair: Seen, other: Seen| (pair.each() - other.each()).max(0.0);
        let (each, one, other) = match kind.parse::<BatchKind>().ok()? {
            BatchKind::PhoneEmail => (email?.each() + phone?.each(), email?, phone?),
            BatchKind::Phone => (rest(pair?, email?), pair?, email?),
            BatchKind::Email => (rest(pair?, phone?), pair?, phone?),
            BatchKind::DeepResearch => return None,
        };
        Some((each, one.records.min(other.records)))
    }

    /// The expected cost of records, and the margin within which nine of ten totals lie. A record
    /// costs at most `price`; for a given mean, the variance is largest if each record costs either
    /// that or nothing. `None` if there are no records of a kind that is asked for.
    pub fn estimate(&self, asked: &BTreeMap<&str, u64>, price: u64) -> Option<(f64, f64)> {
        let (mut mean, mut variance) = (0.0, 0.0);
        for (kind, count) in asked {
            let (each, records) = self.of(kind)?;
            let (records, count) = (records as f64, *count as f64);
            let own = each * (price as f64 - each).max(0.0);
            mean += count * each;
            // The observed mean is itself subject to chance.
            variance += count * own + count * count * own / records;
        }
        Some((mean, NINE_IN_TEN * f64::sqrt(variance)))
    }
}

impl<D: Database> SqlLedger<D> {
    /// The costs of the loaded units of a question.
    pub(in crate::ledger) fn rates_of(&self, wish: &Wish) -> Result<Rates> {
        let question = &wish.question;
        let rows = self.database.read(vec![sql!(
            "SELECT coalesce(u.kind, j.kind), CAST(coalesce(sum(u.returned), 0) AS BIGINT), \
             CAST(coalesce(sum(u.credits), 0) AS BIGINT) \
             FROM lantern_jobs j JOIN lantern_units u ON u.job = j.id \
             WHERE j.question = (SELECT id FROM lantern_questions WHERE account = ?1 \
             AND family = ?2 AND parameters = ?3) AND u.state = 'loaded' \
             AND u.credits IS NOT NULL AND (u.run_id IS NOT NULL OR u.count > u.left_out) \
             GROUP BY coalesce(u.kind, j.kind)",
            question.account.as_str(),
            question.family.as_str(),
            question.parameters.as_str()
        )])?;
        let mut rates = Rates::default();
        for row in rows.into_iter().flatten() {
            let mut row = row.read();
            let kind = row.next()?;
            let seen = Seen { records: row.next()?, credits: row.next()? };
            rates.of_kind.insert(kind, seen);
        }
        Ok(rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_as_wide_as_chance_makes_it() {
        let seen = |records, credits| Rates {
            of_kind: [("email".to_owned(), Seen { records, credits })].into(),
        };
        let asked = [("email", 10_000)].into();
        let (mean, few) = seen(100, 70).estimate(&asked, 1).unwrap();
        let (_, many) = seen(100_000, 70_000).estimate(&asked, 1).unwrap();
        assert!((mean - 7_000.0).abs() < 1e-6);
        assert!((700.0..800.0).contains(&few) && (75.0..85.0).contains(&many), "{few} {many}");
        assert_eq!(seen(100, 100).estimate(&asked, 1), Some((10_000.0, 0.0)));
        assert_eq!(seen(0, 0).estimate(&asked, 1), None);
        assert_eq!(Rates::default().estimate(&BTreeMap::new(), 1), Some((0.0, 0.0)));
    }

    #[test]
    fn a_part_that_was_never_asked_for_alone_costs_the_rest_of_the_pair() {
        let rates = |seen: &[(&str, u64, u64)]| Rates {
            of_kind: seen
                .iter()
                .map(|(kind, records, credits)| {
                    ((*kind).to_owned(), Seen { records: *records, credits: *credits })
                })
                .collect(),
        };
        let mean = |rates: &Rates, kind: &'static str| {
            let (mean, _) = rates.estimate(&[(kind, 100)].into(), 6)?;
            Some((mean.round(), rates.records([kind].into_iter())))
        };
        let of_pairs = rates(&[("email", 200, 100), ("phone-email", 100, 250)]);
        assert_eq!(mean(&of_pairs, "phone"), Some((200.0, 100)));
        let of_parts = rates(&[("email", 200, 100), ("phone", 50, 100), ("phone-email", 0, 0)]);
        assert_eq!(mean(&of_parts, "phone-email"), Some((250.0, 50)));
        let dear = rates(&[("phone", 10, 50), ("phone-email", 10, 40)]);
        assert_eq!(mean(&dear, "email"), Some((0.0, 10)));
        for unknown in ["phone-email", "phone", "deep-research", "enrich.company"] {
            assert_eq!(mean(&rates(&[("email", 200, 100)]), unknown), None, "{unknown}");
        }
    }
}

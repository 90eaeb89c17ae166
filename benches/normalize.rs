//! Nanoseconds a value of every normalizer, on data like that of a CRM: `cargo bench -p lantern-benches --bench normalize`.

use std::{hint::black_box, sync::Arc, time::Duration};

use arrow::array::{ArrayRef, StringArray};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lantern_matching::normalize::{Normalizer, normalize};

const ROWS: usize = 10_000;

/// Draws with a fixed seed, so that every run measures the same values.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const WORDS: &[&str] = &[
    "Apex",
    "Northern",
    "Blue Ridge",
    "Smith",
    "Müller",
    "Global Data",
    "First National",
    "Johnson",
    "Pacific",
    "Summit",
    "Riverside",
    "Quantum",
    "Delta",
    "Silver Oak",
    "Evergreen",
    "Castle",
    "Harbor",
    "Falcon",
    "Brightwater",
    "Ironwood",
];
const LINES: &[&str] = &[
    "Technologies",
    "Mfg",
    "Solutions",
    "Bank",
    "& Sons",
    "Partners",
    "Intl",
    "Consulting",
    "Logistics",
    "Foods",
    "Health",
    "",
];
const FORMS: &[&str] = &[
    "Inc.",
    "LLC",
    "GmbH & Co. KG",
    "Ltd",
    "",
    "Corp",
    "S.A.",
    "Pty Ltd",
    "Co., Ltd.",
    "",
    "",
    "Inc",
];
const FIRST: &[&str] =
    &["Bob", "Ada", "Jürgen", "Mary", "Jean-Pierre", "Liz", "William", "Priya", "Chris", "Wei"];
const LAST: &[&str] = &[
    "Smith",
    "Byron",
    "Müller",
    "van der Berg",
    "O'Brien",
    "García Márquez",
    "Lee",
    "Johnson",
    "Nguyen",
    "Patel",
];
const DOMAINS: &[&str] = &[
    "acme.com",
    "gmail.com",
    "sub.apex.co.uk",
    "yahoo.com",
    "muller.de",
    "outlook.com",
    "quantum.io",
    "delta.com.au",
];
const PHONES: &[&str] = &[
    "(415) 555-26",
    "415-555-26",
    "+1 415 555 26",
    "415.555.26",
    "+44 20 7946 09",
    "+49 89 636480",
    "4155552",
];

fn values(make: impl Fn(&mut Draw) -> String) -> Vec<String> {
    let mut draw = Draw(7);
    (0..ROWS).map(|_| make(&mut draw)).collect()
}

fn columns() -> Vec<(&'static str, Vec<String>)> {
    let companies = values(|draw| {
        let name = format!("{} {} {}", draw.of(WORDS), draw.of(LINES), draw.of(FORMS));
        name.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    let people = values(|draw| format!("{} {}", draw.of(FIRST), draw.of(LAST)));
    let emails = values(|draw| {
        format!(
            "{}.{}{}@{}",
            draw.of(FIRST),
            draw.of(&["smith", "byron", "lee"]),
            draw.below(99),
            draw.of(DOMAINS)
        )
    });
    let sites = values(|draw| {
        format!(
            "{}{}{}",
            draw.of(&["https://www.", "", "http://", "www."]),
            draw.of(DOMAINS),
            draw.of(&["", "/", "/about"])
        )
    });
    let phones = values(|draw| format!("{}{:02}", draw.of(PHONES), draw.below(100)));
    let profiles = values(|draw| {
        format!(
            "https://www.linkedin.com/in/{}-{}/",
            draw.of(&["ada-byron", "bob-smith"]),
            draw.below(99_999)
        )
    });
    let streets = values(|draw| {
        format!(
            "{} {} {}",
            draw.below(9_999),
            draw.of(&["N. Main", "Market", "5th", "St. James"]),
            draw.of(&["St", "Ave., Suite 4", "Street", "Rd"])
        )
    });
    let countries = values(|draw| {
        draw.of(&["US", "United States", "Germany", "Deutschland", "UK", "France", "USA"])
            .to_owned()
    });
    let codes = values(|draw| format!("{:05}{}", draw.below(99_999), draw.of(&["", "-1234"])));
    vec![
        ("company_key", companies.clone()),
        ("legal_form", companies.clone()),
        ("acronym", companies.clone()),
        ("person_key", people.clone()),
        ("first_name_key", people.clone()),
        ("last_name_key", people.clone()),
        ("email_key", emails.clone()),
        ("email_domain", emails.clone()),
        ("is_free_email", emails.clone()),
        ("is_disposable_email", emails.clone()),
        ("is_valid_email", emails),
        ("domain_key", sites.clone()),
        ("company_domain_key", sites),
        ("phone_e164:US", phones.clone()),
        ("is_valid_phone:US", phones),
        ("linkedin_slug", profiles),
        ("country_code", countries),
        ("street_key", streets),
        ("postal_code:US", codes),
        ("soundex", people.clone()),
        ("metaphone", people.clone()),
        ("double_metaphone", people.clone()),
        ("nysiis", people.clone()),
        ("cologne", people),
    ]
}

fn one_by_one(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("value");
    group
        .throughput(Throughput::Elements(ROWS as u64))
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    for (name, values) in columns() {
        let Ok(normalizer) = name.parse::<Normalizer>() else { continue };
        let mut key = String::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                values.iter().filter(|value| normalizer.write(black_box(value), &mut key)).count()
            });
        });
    }
    group.finish();
}

/// A million rows of an Arrow array, in which a value stands some three hundred times and once.
fn whole_columns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("column");
    group
        .throughput(Throughput::Elements(1_000_000))
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    let mut draw = Draw(11);
    let repeating: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..1_000_000).map(|_| format!("{} {} {}", draw.of(WORDS), draw.of(LINES), draw.of(FORMS))),
    ));
    let distinct: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..1_000_000).map(|row| format!("{} {row} {}", draw.of(WORDS), draw.of(FORMS))),
    ));
    for (name, array) in
        [("company_key, repeating", &repeating), ("company_key, distinct", &distinct)]
    {
        group.bench_function(name, |bencher| {
            bencher.iter(|| normalize(black_box(array), &Normalizer::CompanyKey))
        });
    }
    group.finish();
}

criterion_group!(benches, one_by_one, whole_columns);
criterion_main!(benches);

//! The similarities beside the crates `rapidfuzz` and `strsim`, on people's names, company names
//! and long texts: column against column, and column against one value.
//!
//! `cargo bench -p lantern-benches --bench similarity -- companies/jaro_winkler` runs a part. Set
//! `RAYON_NUM_THREADS=1` to compare one core with the peers, which have no columns.

mod random;

use std::{hint::black_box, time::Duration};

use arrow::array::StringArray;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lantern_matching::similarity::Similarity;
use rapidfuzz::distance::{indel, jaro, jaro_winkler, lcs_seq, levenshtein, osa};

use self::random::Random;

/// A column of names, and one of which half are the same names with errors.
struct Pairs {
    left: Vec<String>,
    right: Vec<String>,
}

impl Random {
    /// One or two typing errors, and at times the words in another order.
    fn spoiled(&mut self, text: &str) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(2) {
            let at = self.below(letters.len());
            match self.below(4) {
                0 => letters.insert(at, 'e'),
                1 => letters[at] = 'a',
                2 if letters.len() > 1 => drop(letters.remove(at)),
                _ => letters[at..].rotate_left(1),
            }
        }
        let text: String = letters.into_iter().collect();
        match (self.below(5), text.split_once(' ')) {
            (0, Some((first, rest))) => format!("{rest} {first}"),
            _ => text,
        }
    }
}

const FIRST: &[&str] = &[
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "José",
    "Jennifer",
    "Michael",
    "Linda",
    "Jürgen",
    "Elizabeth",
    "William",
    "Barbara",
    "Richard",
    "Susan",
    "Christopher",
    "Li",
];
const LAST: &[&str] = &[
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Garcia",
    "Miller",
    "Rodriguez",
    "Martinez",
    "Hernandez",
    "Lopez",
    "Müller",
    "Anderson",
    "Thompson",
    "White",
    "Sanchez",
    "Lewis",
];
const WORDS: &[&str] = &[
    "Acme",
    "Aerospace",
    "American",
    "Atlantic",
    "Blue",
    "Capital",
    "Consulting",
    "Data",
    "Digital",
    "Dynamic",
    "Energy",
    "Engineering",
    "First",
    "Global",
    "Green",
    "Health",
    "Industrial",
    "International",
    "Logistics",
    "Marine",
    "Medical",
    "National",
    "Northern",
    "Partners",
    "Precision",
    "Software",
    "Solutions",
    "Systems",
    "Technology",
    "United",
];
const FORMS: &[&str] = &["Inc", "Inc.", "LLC", "Ltd", "Limited", "Corporation", "GmbH", "Group"];

fn pairs(rows: usize, name: impl Fn(&mut Random) -> String) -> Pairs {
    let mut random = Random(1);
    let left: Vec<String> = (0..rows).map(|_| name(&mut random)).collect();
    let mut other = |text: &String| match random.below(2) {
        0 => random.spoiled(text),
        _ => name(&mut random),
    };
    let right = left.iter().map(&mut other).collect();
    Pairs { left, right }
}

fn company(random: &mut Random) -> String {
    let words: Vec<&str> = (0..=random.below(3)).map(|_| random.one(WORDS)).collect();
    format!("{} {}", words.join(" "), random.one(FORMS))
}

fn data() -> [(&'static str, Pairs); 3] {
    [
        ("names", pairs(20_000, |random| format!("{} {}", random.one(FIRST), random.one(LAST)))),
        ("companies", pairs(20_000, company)),
        (
            "long",
            pairs(500, |random| {
                let names: Vec<String> = (0..10).map(|_| company(random)).collect();
                names.join(", ")
            }),
        ),
    ]
}

type Peer = fn(&str, &str) -> f64;
type PreparedPeer = Box<dyn Fn(&str) -> f64>;

/// What the crates offer for a measure.
fn peers(measure: Similarity) -> Vec<(&'static str, Peer)> {
    match measure {
        Similarity::Jaro => vec![
            ("rapidfuzz", |a, b| jaro::normalized_similarity(a.chars(), b.chars())),
            ("strsim", strsim::jaro),
        ],
        Similarity::JaroWinkler => vec![
            ("rapidfuzz", |a, b| jaro_winkler::normalized_similarity(a.chars(), b.chars())),
            ("strsim", strsim::jaro_winkler),
        ],
        Similarity::Levenshtein => vec![
            ("rapidfuzz", |a, b| levenshtein::normalized_similarity(a.chars(), b.chars())),
            ("strsim", strsim::normalized_levenshtein),
        ],
        Similarity::Osa => vec![
            ("rapidfuzz", |a, b| osa::normalized_similarity(a.chars(), b.chars())),
            ("strsim", |a, b| strsim::osa_distance(a, b) as f64),
        ],
        Similarity::Indel => {
            vec![("rapidfuzz", |a, b| indel::normalized_similarity(a.chars(), b.chars()))]
        }
        Similarity::Lcs => {
            vec![("rapidfuzz", |a, b| lcs_seq::normalized_similarity(a.chars(), b.chars()))]
        }
        _ => vec![],
    }
}

fn column_with_column(c: &mut Criterion) {
    for (kind, Pairs { left, right }) in &data() {
        let columns = (StringArray::from_iter_values(left), StringArray::from_iter_values(right));
        for measure in Similarity::ALL {
            let mut group = c.benchmark_group(format!("columns/{kind}/{measure}"));
            group.throughput(Throughput::Elements(left.len() as u64));
            for cutoff in [None, Some(0.85)] {
                let label = cutoff.map_or("any".to_owned(), |cutoff| format!("from {cutoff}"));
                group.bench_function(BenchmarkId::new("lantern", label), |b| {
                    b.iter(|| measure.columns(&columns.0, &columns.1, black_box(cutoff)));
                });
            }
            for (name, peer) in peers(measure) {
                group.bench_function(name, |b| {
                    let score = |(a, b): (&String, &String)| peer(a, b);
                    b.iter(|| left.iter().zip(right).map(score).collect::<Vec<f64>>());
                });
            }
            group.finish();
        }
    }
}

/// rapidfuzz prepares a pattern; strsim has nothing for it.
fn prepared_peer(measure: Similarity, pattern: &str) -> Option<PreparedPeer> {
    macro_rules! prepared {
        ($module:ident) => {{
            let pattern = $module::BatchComparator::new(pattern.chars());
            Some(Box::new(move |text| pattern.normalized_similarity(text.chars())))
        }};
    }
    match measure {
        Similarity::Jaro => prepared!(jaro),
        Similarity::JaroWinkler => prepared!(jaro_winkler),
        Similarity::Levenshtein => prepared!(levenshtein),
        Similarity::Osa => prepared!(osa),
        Similarity::Indel => prepared!(indel),
        Similarity::Lcs => prepared!(lcs_seq),
        _ => None,
    }
}

fn column_with_value(c: &mut Criterion) {
    for (kind, Pairs { left, right }) in &data() {
        let column = StringArray::from_iter_values(left);
        let value = right[17].as_str();
        for measure in Similarity::ALL {
            let mut group = c.benchmark_group(format!("value/{kind}/{measure}"));
            group.throughput(Throughput::Elements(left.len() as u64));
            group.bench_function("lantern", |b| {
                b.iter(|| measure.column_with(&column, black_box(Some(value)), None));
            });
            if let Some(peer) = prepared_peer(measure, value) {
                group.bench_function("rapidfuzz", |b| {
                    b.iter(|| left.iter().map(|text| peer(text)).collect::<Vec<f64>>());
                });
            }
            group.finish();
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(500));
    targets = column_with_column, column_with_value
}
criterion_main!(benches);

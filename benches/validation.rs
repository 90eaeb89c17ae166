//! What the check of Arrow memory costs beside the kernels that read it, in CPU time:
//! `RAYON_NUM_THREADS=1 cargo bench -p lantern-benches --bench validation`.
//!
//! Each round checks a column and then runs a kernel over it, so that a slow moment of the machine meets
//! both. What is printed is the median of the rounds.

// The check takes the structures of Arrow's C data interface.
#![allow(unsafe_code)]

mod random;

use std::{fs, hint::black_box, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, DictionaryArray, LargeStringArray, StringArray, StringViewArray,
    },
    datatypes::{Field, Int32Type},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
};
use lantern_arrow::Unchecked;
use lantern_matching::{
    normalize::{Normalizer, normalize},
    similarity::Similarity,
};

use self::random::Random;

const ROWS: usize = 50_000;
const ROUNDS: usize = 9;

const FIRST: &[&str] =
    &["James", "Mary", "Robert", "José", "Jennifer", "Jürgen", "Elizabeth", "William", "Li", "Zoë"];
const LAST: &[&str] =
    &["Smith", "Johnson", "Garcia", "Müller", "Nguyen", "O'Brien", "Kowalski", "Sørensen", "Lee"];
const WORDS: &[&str] =
    &["Apex", "Northern", "Blue Ridge", "Müller", "Global Data", "Pacific", "Crédit", "Ironwood"];
const FORMS: &[&str] = &["Inc.", "LLC", "GmbH & Co. KG", "Ltd", "", "Corp", "S.A.", "Pty Ltd"];

fn people(random: &mut Random) -> Vec<String> {
    (0..ROWS).map(|_| format!("{} {}", random.one(FIRST), random.one(LAST))).collect()
}

fn companies(random: &mut Random) -> Vec<String> {
    let company = |random: &mut Random| {
        format!(
            "{} {} {} {}",
            random.one(WORDS),
            random.one(LAST),
            random.below(90),
            random.one(FORMS)
        )
    };
    (0..ROWS).map(|_| company(random)).collect()
}

fn domains(random: &mut Random) -> Vec<String> {
    let domain = |random: &mut Random| {
        format!("www.{}{}.example.com", random.one(&["apex", "north", "data"]), random.below(9_999))
    };
    (0..ROWS).map(|_| domain(random)).collect()
}

/// The CPU time of all threads of this process, in nanoseconds.
fn cpu() -> u64 {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux lists its threads");
    let spent = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    spent.sum()
}

/// Nanoseconds a row. The work is repeated until it has taken longer than the kernel's clock is coarse.
fn timed<T>(work: impl Fn() -> T) -> f64 {
    const LEAST: u64 = 60_000_000;
    let mut times = 1;
    loop {
        let begun = cpu();
        for _ in 0..times {
            black_box(work());
        }
        let spent = cpu() - begun;
        if spent >= LEAST {
            return spent as f64 / (times * ROWS) as f64;
        }
        times *= if spent > LEAST / 8 { 2 } else { 8 };
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn checked(array: &ArrayRef) -> Vec<ArrayRef> {
    let field = Field::new("column", array.data_type().clone(), true);
    let schema = FFI_ArrowSchema::try_from(&field).expect("a type of Arrow");
    let array = FFI_ArrowArray::new(&array.to_data());
    // Safety: the structures own their memory.
    let unchecked = unsafe { Unchecked::of_arrays(&schema, [array]) };
    unchecked.and_then(Unchecked::into_arrays).expect("valid memory")
}

type Kernel = (&'static str, Box<dyn Fn(&ArrayRef, &ArrayRef)>);

fn kernels() -> Vec<Kernel> {
    let key = |name: &'static str, normalizer: Normalizer| -> Kernel {
        (name, Box::new(move |left, _| drop(black_box(normalize(left, &normalizer)))))
    };
    let alike = |name: &'static str, measure: Similarity| -> Kernel {
        (name, Box::new(move |left, right| drop(black_box(measure.columns(left, right, None)))))
    };
    vec![
        key("company_key", Normalizer::CompanyKey),
        key("domain_key", Normalizer::DomainKey),
        key("person_key", Normalizer::PersonKey),
        alike("jaro_winkler", Similarity::JaroWinkler),
        alike("levenshtein", Similarity::Levenshtein),
        alike("token_set", Similarity::TokenSet),
    ]
}

fn layouts(texts: &[String]) -> Vec<(&'static str, ArrayRef)> {
    let dictionary: DictionaryArray<Int32Type> = texts.iter().map(String::as_str).collect();
    vec![
        ("string", Arc::new(StringArray::from_iter_values(texts))),
        ("large string", Arc::new(LargeStringArray::from_iter_values(texts))),
        ("string view", Arc::new(StringViewArray::from_iter_values(texts))),
        ("dictionary", Arc::new(dictionary)),
    ]
}

fn main() {
    let mut random = Random(1);
    println!(
        "ns of CPU a row: check, kernel, and what the check adds ({ROWS} rows, {ROUNDS} rounds)"
    );
    let columns = [
        ("people", people(&mut random), people(&mut random)),
        ("companies", companies(&mut random), companies(&mut random)),
        ("domains", domains(&mut random), domains(&mut random)),
    ];
    for (what, left, right) in columns {
        for ((layout, left), (_, right)) in layouts(&left).into_iter().zip(layouts(&right)) {
            assert!(!left.is_empty() && left.as_any_dictionary_opt().is_none_or(|d| !d.is_empty()));
            for (name, kernel) in kernels() {
                let two = matches!(name, "jaro_winkler" | "levenshtein" | "token_set");
                let (mut checks, mut works) = (Vec::new(), Vec::new());
                for _ in 0..ROUNDS {
                    checks.push(timed(|| (checked(&left), two.then(|| checked(&right)))));
                    works.push(timed(|| kernel(&left, &right)));
                }
                let (check, work) = (median(checks), median(works));
                println!(
                    "{what:10} {layout:13} {name:13} {check:7.2} {work:9.2} {:6.2} %",
                    100.0 * check / work
                );
            }
        }
    }
}

//! The similarities are compared with those of Python's rapidfuzz, on pairs that
//! `tests/python/matching/make_similarity_oracle.py` drew and scored.

use std::{fs::File, io::BufRead, io::BufReader};

use arrow::array::{Array, StringArray};
use lantern::matching::similarity::{Distance, Similarity};

struct Pair {
    a: String,
    b: String,
    values: Vec<f64>,
}

fn oracle() -> (Vec<String>, Vec<Pair>) {
    let path = std::env::var("LANTERN_SIMILARITY_ORACLE").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/similarity.jsonl.zst").into()
    });
    let file = zstd::Decoder::new(File::open(path).unwrap()).unwrap();
    let mut lines = BufReader::new(file).lines().map(|line| line.unwrap());
    let head: serde_json::Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
    let measures = serde_json::from_value(head["measures"].clone()).unwrap();
    let pairs = lines
        .map(|line| serde_json::from_str(&line).unwrap())
        .map(|(a, b, values)| Pair { a, b, values })
        .collect();
    (measures, pairs)
}

/// What is computed for all pairs by one name: pair by pair, with one string prepared, and as
/// columns.
fn computed(name: &str, pairs: &[Pair]) -> [Vec<f64>; 3] {
    let left = StringArray::from_iter_values(pairs.iter().map(|pair| &pair.a));
    let right = StringArray::from_iter_values(pairs.iter().map(|pair| &pair.b));
    if let Ok(distance) = name.parse::<Distance>() {
        let one = |pair: &Pair| f64::from(distance.distance(&pair.a, &pair.b, None));
        let with_value = |pair: &Pair| {
            let column = StringArray::from_iter_values([&pair.b]);
            f64::from(distance.column_with(&column, Some(&pair.a), None).unwrap().value(0))
        };
        let columns = distance.columns(&left, &right, None).unwrap();
        return [
            pairs.iter().map(one).collect(),
            pairs.iter().map(with_value).collect(),
            columns.values().iter().map(|&count| f64::from(count)).collect(),
        ];
    }
    let similarity: Similarity = name.parse().unwrap();
    let columns = similarity.columns(&left, &right, None).unwrap();
    assert_eq!(columns.null_count(), 0);
    [
        pairs.iter().map(|pair| similarity.similarity(&pair.a, &pair.b, None)).collect(),
        pairs.iter().map(|pair| similarity.prepare(&pair.a).similarity(&pair.b, None)).collect(),
        columns.values().to_vec(),
    ]
}

#[test]
fn all_values_equal_those_of_rapidfuzz() {
    let (measures, pairs) = oracle();
    assert!(pairs.len() >= 4000 && measures.len() == 15);
    for (at, name) in measures.iter().enumerate() {
        let mut worst = 0.0_f64;
        for (way, scores) in computed(name, &pairs).iter().enumerate() {
            for (pair, score) in pairs.iter().zip(scores) {
                let off = (score - pair.values[at]).abs();
                let (a, b) = (&pair.a, &pair.b);
                let expected = pair.values[at];
                assert!(
                    off <= 1e-9,
                    "{name}, way {way}: {score}, not {expected}, for {a:?}, {b:?}"
                );
                worst = worst.max(off);
            }
        }
        println!("{name}: {} pairs, off by {worst:.1e} at most", pairs.len());
    }
}

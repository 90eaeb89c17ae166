//! Replays the corpora of the fuzz targets, so that faults which were found once do not come back.

#[path = "../../fuzz/targets/mod.rs"]
mod targets;

use std::{
    panic::catch_unwind,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The inputs of a target, from its files.
fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut paths: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort_unstable();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// Runs a target on each file of its corpus.
fn replay(name: &str, target: fn(&[u8])) {
    let mut count = 0;
    for (path, bytes) in corpus(name) {
        // The name of the input, if it fails.
        println!("{}", path.display());
        target(&bytes);
        count += 1;
    }
    assert!(count > 4, "the corpus {name} has {count} inputs");
}

/// Pseudo-random numbers that are the same for a seed (xorshift64*, Vigna 2016).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    }
}

/// An input of the corpus with a few changes: bytes, parts of other inputs, repeated or removed
/// parts.
fn changed(corpus: &[(PathBuf, Vec<u8>)], random: &mut Random) -> Vec<u8> {
    const ODD: [&[u8]; 16] = [
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"null",
        b"-1",
        b"1e999",
        b"[",
        b"{",
        b"..",
        b"%2e",
        b"://",
        b"\xf0\x9f\x9a\x80",
    ];
    let mut input = corpus[random.below(corpus.len())].1.clone();
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let end = at + random.below((input.len() - at).min(64) + 1);
        match random.below(7) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.below(256) as u8,
            2 => drop(input.drain(at..end)),
            3 => {
                let piece = input[at..end].to_vec();
                input.splice(at..at, piece);
            }
            4 => drop(input.splice(at..end, ODD[random.below(ODD.len())].iter().copied())),
            5 => {
                let other = &corpus[random.below(corpus.len())].1;
                let from = random.below(other.len() + 1);
                let piece = &other[from..(from + 64).min(other.len())];
                input.splice(at..end, piece.iter().copied());
            }
            _ => input.truncate(at),
        }
    }
    input
}

/// Runs a target on changed inputs for a while. Failing inputs are kept, and the run continues.
fn change(name: &str, target: fn(&[u8]), seconds: u64, random: &mut Random) -> Vec<String> {
    let corpus = corpus(name);
    let until = Instant::now() + Duration::from_secs(seconds);
    let (mut runs, mut slowest, mut found) = (0_u64, Duration::ZERO, Vec::new());
    while Instant::now() < until && found.len() < 20 {
        let input = changed(&corpus, random);
        let begun = Instant::now();
        if catch_unwind(|| target(&input)).is_err() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/fuzz");
            std::fs::create_dir_all(&folder).unwrap();
            let path = folder.join(format!("{name}-{runs}"));
            std::fs::write(&path, input).unwrap();
            found.push(path.display().to_string());
        }
        slowest = slowest.max(begun.elapsed());
        runs += 1;
    }
    println!("{name}: {runs} runs in {seconds} s, {} failed, slowest {slowest:?}", found.len());
    found
}

macro_rules! replayed {
    ($($test:ident: $target:ident),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                replay(stringify!($target), targets::$target::run);
            }
        )+

        /// For machines without libFuzzer: runs for `LANTERN_FUZZ_SECONDS` per target, without
        /// coverage.
        #[test]
        #[ignore = "it takes as long as it is told to"]
        fn changed_inputs_break_no_promise() {
            let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
            let seconds = number("LANTERN_FUZZ_SECONDS").unwrap_or(10);
            let mut random = Random(number("LANTERN_FUZZ_SEED").unwrap_or(1));
            let mut found = Vec::new();
            $(
                found.extend(change(
                    stringify!($target), targets::$target::run, seconds, &mut random,
                ));
            )+
            assert!(found.is_empty(), "{}", found.join("\n"));
        }

        #[test]
        fn every_target_is_replayed_and_can_be_fuzzed() {
            let own = [$(stringify!($target)),+];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
            let mut found: Vec<String> = folder
                .read_dir()
                .unwrap()
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            found.sort_unstable();
            assert_eq!(found, own);
            // What `make fuzz` chooses from.
            assert_eq!(targets::ALL.map(|(name, _)| name), own);
        }
    };
}

replayed! {
    answers_of_every_family: answers,
    arrow_arrays: arrow,
    credit_reports: credits,
    ledgers: ledger,
    places_of_results: locations,
    normalizers: normalizers,
    requests_to_the_server: requests,
    result_files: results,
    rules_of_matching: rules,
    types_of_columns: schemas,
    similarities: similarity,
}

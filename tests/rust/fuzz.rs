//! The corpora of the fuzz targets, replayed: what was once found stays mended.

#[path = "../../fuzz/targets/mod.rs"]
mod targets;

use std::path::Path;

/// Runs a target on each file of its corpus.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut count = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        // The name of the input, where it fails.
        println!("{}", path.display());
        target(&bytes);
        count += 1;
    }
    assert!(count > 4, "the corpus {name} has {count} inputs");
}

macro_rules! replayed {
    ($($test:ident: $target:ident),+ $(,)?) => {
        $(
            #[test]
            fn $test() {
                replay(stringify!($target), targets::$target::run);
            }
        )+

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
    similarities: similarity,
}

//! Two texts, in two lines, against the measures as textbooks define them.

use lantern_matching::similarity::{Similarity, composed};

/// The same as the crate's own tests use.
#[path = "../../crates/lantern-matching/src/similarity/tests/reference.rs"]
#[allow(dead_code)]
mod reference;

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (a, b) = text.split_once('\n').unwrap_or((&text, ""));
    // The textbook's way takes time by the square.
    if a.len().max(b.len()) > 150 {
        return;
    }
    for measure in Similarity::ALL {
        let expected = reference::similarity(measure, &composed(a), &composed(b));
        let found = measure.similarity(a, b, None);
        assert!(
            (expected - found).abs() <= 1e-9,
            "{measure}: {found}, not {expected}: {a:?} {b:?}"
        );
        let swapped = measure.similarity(b, a, None);
        assert!((swapped - found).abs() <= 1e-9, "{measure}: {found}, then {swapped}: {a:?} {b:?}");
        let prepared = measure.prepare(a).similarity(b, None);
        assert!(
            (prepared - found).abs() <= 1e-12,
            "{measure}: {found}, prepared {prepared}: {a:?} {b:?}"
        );
        for cutoff in [0.3, 0.7, 0.9] {
            let cut = measure.similarity(a, b, Some(cutoff));
            let right = if found >= cutoff { cut == found } else { cut == 0.0 };
            assert!(right, "{measure} from {cutoff}: {cut}, not {found}: {a:?} {b:?}");
        }
    }
}

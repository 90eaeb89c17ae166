//! Values equal the textbook's, by every way of asking.

use proptest::{prelude::*, sample::select};

use super::reference;
use crate::similarity::{Distance, Similarity};

/// Strings over one alphabet, so that they have something in common.
fn alphabet() -> impl Strategy<Value = Vec<char>> {
    select(vec![
        "ab",
        "abc ",
        "abcdefghijklmnopqrstuvwxyz  ",
        "aäáàåcçeéèêïñoóöøuüßÿ ",
        "日本語東京株式会社有限公司　 ",
        "🚀🎉👩👨👍🏽 ",
        "aé日🚀\u{A0}\u{85}\u{2003}\t\n\u{1C} ",
    ])
    .prop_map(|alphabet| alphabet.chars().collect())
}

fn pair(longest: usize) -> impl Strategy<Value = (String, String)> {
    let length = select(vec![3, 12, 31, 33, 63, 65, 130, 300, longest])
        .prop_flat_map(move |most| 0..=most.min(longest));
    let text = |alphabet, length| {
        prop::collection::vec(select::<char>(alphabet), length)
            .prop_map(|chars| chars.into_iter().collect::<String>())
    };
    let unlike = (alphabet(), length.clone(), length.clone())
        .prop_flat_map(move |(alphabet, m, n)| (text(alphabet.clone(), m), text(alphabet, n)));
    // One string and the same with a few edits: the usual case, and the hard one for limits.
    let alike = (alphabet(), length).prop_flat_map(move |(alphabet, m)| {
        let edits = prop::collection::vec(
            (any::<prop::sample::Index>(), 0..4, select(alphabet.clone())),
            0..9,
        );
        (text(alphabet, m), edits).prop_map(|(a, edits)| {
            let mut b: Vec<char> = a.chars().collect();
            for (at, kind, c) in edits {
                let at = at.index(b.len() + 1);
                match kind {
                    0 => b.insert(at, c),
                    _ if at == b.len() => b.push(c),
                    1 => drop(b.remove(at)),
                    2 => b[at] = c,
                    _ => b.rotate_left(at.min(3)),
                }
            }
            (a, b.into_iter().collect())
        })
    });
    prop_oneof![unlike, alike]
}

fn assert_close(
    measure: Similarity,
    got: f64,
    expected: f64,
    a: &str,
    b: &str,
) -> Result<(), TestCaseError> {
    prop_assert!(
        (got - expected).abs() <= 1e-9,
        "{measure}: {got}, not {expected}, for {a:?} and {b:?}"
    );
    Ok(())
}

fn check(a: &str, b: &str) -> Result<(), TestCaseError> {
    for measure in Similarity::ALL {
        let expected = reference::similarity(measure, a, b);
        let got = measure.similarity(a, b, None);
        assert_close(measure, got, expected, a, b)?;
        let (swapped, prepared) =
            (measure.similarity(b, a, None), measure.prepare(a).similarity(b, None));
        assert_close(measure, swapped, expected, b, a)?;
        prop_assert_eq!(prepared, got, "{} prepared", measure);

        // Many at once, with other pairs between.
        let (left, right) = ([a, b, a, "x", "", a], [b, a, b, "Xy", a, b]);
        let mut out = [f64::NAN; 6];
        measure.pairs(&left, &right, None, &mut out);
        prop_assert_eq!([out[0], out[2], out[5]], [got; 3], "{} among others", measure);

        for cutoff in [0.3, 0.7, got, (got + 1e-6).min(1.0), 0.95, 1.0] {
            let kept = if got >= cutoff { got } else { 0.0 };
            let cut = measure.similarity(a, b, Some(cutoff));
            prop_assert_eq!(cut, kept, "{} from {} on for {:?} {:?}", measure, cutoff, a, b);
            let cut = measure.prepare(a).similarity(b, Some(cutoff));
            prop_assert_eq!(cut, kept, "{} from {} on, prepared", measure, cutoff);
            let mut out = [f64::NAN; 6];
            measure.pairs(&left, &right, Some(cutoff), &mut out);
            prop_assert_eq!(out[2], kept, "{} from {} on among others", measure, cutoff);
        }
    }
    for distance in Distance::ALL {
        let expected = reference::distance(a, b, distance == Distance::Osa) as u32;
        prop_assert_eq!(distance.distance(a, b, None), expected, "{} {:?} {:?}", distance, a, b);
        for most in [0, 1, 3, 10, 64, expected, expected.saturating_sub(1), 5000] {
            let cut = distance.distance(a, b, Some(most));
            prop_assert_eq!(
                cut,
                expected.min(most + 1),
                "{} to {} {:?} {:?}",
                distance,
                most,
                a,
                b
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn all_measures_equal_their_textbook_definition((a, b) in pair(140)) {
        check(&a, &b)?;
    }
}

proptest! {
    // The plain partial ratio takes cubic time.
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn long_strings_equal_the_textbook_definition((a, b) in pair(1000)) {
        for measure in Similarity::ALL {
            if !matches!(
                measure,
                Similarity::PartialRatio
                    | Similarity::PartialTokenSort
                    | Similarity::PartialTokenSet
                    | Similarity::WRatio
            ) {
                let expected = reference::similarity(measure, &a, &b);
                assert_close(measure, measure.similarity(&a, &b, None), expected, &a, &b)?;
                let kept = if expected >= 0.8 { expected } else { 0.0 };
                let cut = measure.similarity(&a, &b, Some(0.8));
                assert_close(measure, cut, kept, &a, &b)?;
            }
        }
        for distance in Distance::ALL {
            let expected = reference::distance(&a, &b, distance == Distance::Osa) as u32;
            prop_assert_eq!(distance.distance(&a, &b, None), expected);
            prop_assert_eq!(distance.distance(&a, &b, Some(100)), expected.min(101));
        }
    }
}

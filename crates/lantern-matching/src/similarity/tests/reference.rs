//! The measures as textbooks define them: slow, plain, and sharing nothing with the kernels.

use std::collections::{BTreeMap, BTreeSet};

use super::Similarity;

pub(super) fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

/// The whole matrix of edit distances; with swaps of neighbours it is optimal string alignment.
pub(super) fn distance(a: &str, b: &str, swaps: bool) -> usize {
    let (a, b) = (chars(a), chars(b));
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in d.iter_mut().enumerate() {
        row[0] = i;
    }
    d[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let replaced = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            d[i][j] = replaced.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
            if swaps && i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                d[i][j] = d[i][j].min(d[i - 2][j - 2] + 1);
            }
        }
    }
    d[a.len()][b.len()]
}

pub(super) fn lcs(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    for x in a {
        let mut row = vec![0];
        for (j, y) in b.iter().enumerate() {
            row.push(if x == y { before[j] + 1 } else { before[j + 1].max(row[j]) });
        }
        before = row;
    }
    before[b.len()]
}

fn of_longer(edits: usize, a: &str, b: &str) -> f64 {
    let longer = chars(a).len().max(chars(b).len());
    if longer == 0 { 1.0 } else { 1.0 - edits as f64 / longer as f64 }
}

fn indel(a: &[char], b: &[char]) -> f64 {
    let both = a.len() + b.len();
    if both == 0 { 1.0 } else { 2.0 * lcs(a, b) as f64 / both as f64 }
}

fn jaro(a: &str, b: &str) -> f64 {
    let (a, b) = (chars(a), chars(b));
    if a.is_empty() && b.is_empty() {
        return 1.0;
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; a.len()];
    let mut in_b = vec![];
    for (j, y) in b.iter().enumerate() {
        let free = (j.saturating_sub(reach)..(j + reach + 1).min(a.len()))
            .find(|&i| !taken[i] && a[i] == *y);
        if let Some(i) = free {
            taken[i] = true;
            in_b.push(*y);
        }
    }
    if in_b.is_empty() {
        return 0.0;
    }
    let in_a = a.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(x, _)| *x);
    let moved = in_a.zip(&in_b).filter(|(x, y)| x != *y).count();
    let common = in_b.len() as f64;
    let in_order = common - (moved / 2) as f64;
    (common / a.len() as f64 + common / b.len() as f64 + in_order / common) / 3.0
}

fn prefix(a: &str, b: &str) -> usize {
    chars(a).iter().zip(chars(b)).take_while(|(x, y)| **x == *y).count()
}

fn jaro_winkler(a: &str, b: &str) -> f64 {
    let jaro = jaro(a, b);
    let bonus = prefix(a, b).min(4) as f64 * 0.1 * (1.0 - jaro);
    if jaro > 0.7 { jaro + bonus } else { jaro }
}

/// `str.split()`; for U+0085 and U+00A0 see [`super::super::token_sort`].
fn words(text: &str) -> Vec<String> {
    let wide = text.chars().any(|c| c as u32 > 255);
    let is_space = |c: char| match c {
        '\u{1C}'..='\u{1F}' => true,
        '\u{85}' | '\u{A0}' => wide,
        c => c.is_whitespace(),
    };
    let mut words: Vec<String> =
        text.split(is_space).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.sort();
    words
}

fn token_sort(a: &str, b: &str) -> f64 {
    indel(&chars(&words(a).join(" ")), &chars(&words(b).join(" ")))
}

fn token_set(a: &str, b: &str) -> f64 {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) =
        (words(a).into_iter().collect(), words(b).into_iter().collect());
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let join = |words: Vec<&str>| words.join(" ");
    let shared: Vec<&str> = a.intersection(&b).map(String::as_str).collect();
    let with = |own: Vec<&str>| join(shared.iter().copied().chain(own).collect());
    let only_a = a.difference(&b).map(String::as_str).collect();
    let only_b = b.difference(&a).map(String::as_str).collect();
    let (with_a, with_b) = (with(only_a), with(only_b));
    let ratio = |x: &str, y: &str| indel(&chars(x), &chars(y));
    if shared.is_empty() {
        return ratio(&with_a, &with_b);
    }
    let alone = join(shared.clone());
    // What both begin with is aligned with itself: the common words, and the space behind them.
    let own = |words: &str| words.strip_prefix(&alone).unwrap().trim_start_matches(' ').to_owned();
    let (own_a, own_b) = (own(&with_a), own(&with_b));
    if own_a.is_empty() || own_b.is_empty() {
        return 1.0;
    }
    let common = lcs(&chars(&own_a), &chars(&own_b)) + chars(&alone).len() + 1;
    let both = chars(&with_a).len() + chars(&with_b).len();
    let best = 2.0 * common as f64 / both as f64;
    best.max(ratio(&alone, &with_a)).max(ratio(&alone, &with_b))
}

fn partial_ratio(a: &str, b: &str) -> f64 {
    fn best_place(piece: &[char], text: &[char]) -> f64 {
        let m = piece.len();
        (1..text.len() + m)
            .map(|end| indel(piece, &text[end.saturating_sub(m)..end.min(text.len())]))
            .fold(0.0, f64::max)
    }
    let (a, b) = (chars(a), chars(b));
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    match (a.is_empty(), b.is_empty()) {
        (true, true) => 1.0,
        (true, _) => 0.0,
        _ if a.len() == b.len() => best_place(&a, &b).max(best_place(&b, &a)),
        _ => best_place(&a, &b),
    }
}

fn partial_token_sort(a: &str, b: &str) -> f64 {
    partial_ratio(&words(a).join(" "), &words(b).join(" "))
}

fn partial_token_set(a: &str, b: &str) -> f64 {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) =
        (words(a).into_iter().collect(), words(b).into_iter().collect());
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    if a.intersection(&b).next().is_some() {
        return 1.0;
    }
    let join = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(" ");
    partial_ratio(&join(&a), &join(&b))
}

fn wratio(a: &str, b: &str) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let whole = indel(&chars(a), &chars(b));
    let (m, n) = (chars(a).len() as f64, chars(b).len() as f64);
    let lengths = m.max(n) / m.min(n);
    if lengths < 1.5 {
        return whole.max(0.95 * token_sort(a, b)).max(0.95 * token_set(a, b));
    }
    let part = if lengths <= 8.0 { 0.9 } else { 0.6 };
    let words = partial_token_sort(a, b).max(partial_token_set(a, b));
    whole.max(part * partial_ratio(a, b)).max(0.95 * part * words)
}

/// How often each piece of three characters occurs; a mark at an end is no character.
type Grams = BTreeMap<Vec<Option<char>>, f64>;

fn grams(text: &str) -> Grams {
    let mut counts = Grams::new();
    if !text.is_empty() {
        let marks = [None; 2];
        let marked: Vec<Option<char>> =
            marks.into_iter().chain(text.chars().map(Some)).chain(marks).collect();
        for gram in marked.windows(3) {
            *counts.entry(gram.to_vec()).or_default() += 1.0;
        }
    }
    counts
}

fn qgrams(a: &str, b: &str, jaccard: bool) -> f64 {
    let (a, b) = (grams(a), grams(b));
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return 1.0,
        (true, false) | (false, true) => return 0.0,
        _ => {}
    }
    let shared: Vec<_> = a.iter().filter_map(|(gram, x)| Some((x, b.get(gram)?))).collect();
    if jaccard {
        return shared.len() as f64 / (a.len() + b.len() - shared.len()) as f64;
    }
    let length = |counts: &Grams| counts.values().map(|x| x * x).sum::<f64>();
    let product: f64 = shared.iter().map(|(x, y)| *x * *y).sum();
    product / (length(&a) * length(&b)).sqrt()
}

pub(super) fn similarity(measure: Similarity, a: &str, b: &str) -> f64 {
    match measure {
        Similarity::Jaro => jaro(a, b),
        Similarity::JaroWinkler => jaro_winkler(a, b),
        Similarity::Levenshtein => of_longer(distance(a, b, false), a, b),
        Similarity::Osa => of_longer(distance(a, b, true), a, b),
        Similarity::Indel => indel(&chars(a), &chars(b)),
        Similarity::Lcs => {
            let longer = chars(a).len().max(chars(b).len());
            of_longer(longer - lcs(&chars(a), &chars(b)), a, b)
        }
        Similarity::TokenSort => token_sort(a, b),
        Similarity::TokenSet => token_set(a, b),
        Similarity::PartialRatio => partial_ratio(a, b),
        Similarity::PartialTokenSort => partial_token_sort(a, b),
        Similarity::PartialTokenSet => partial_token_set(a, b),
        Similarity::WRatio => wratio(a, b),
        // It has no textbook; its own tests say what holds of it.
        Similarity::Names => Similarity::Names.similarity(a, b, None),
        Similarity::QgramJaccard => qgrams(a, b, true),
        Similarity::QgramCosine => qgrams(a, b, false),
        Similarity::Prefix => {
            let longer = chars(a).len().max(chars(b).len());
            of_longer(longer - prefix(a, b), a, b)
        }
    }
}

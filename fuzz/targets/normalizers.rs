//! Every normalizer on any text: it ends, gives text without control characters, and the same each time.

use lantern_matching::normalize::Normalizer;

use super::first;

pub fn run(bytes: &[u8]) {
    let (which, rest) = first(bytes);
    let text = String::from_utf8_lossy(rest);
    let normalizer = Normalizer::ALL[usize::from(which) % Normalizer::ALL.len()];
    let (mut key, mut again) = (String::new(), String::new());
    let holds = normalizer.write(&text, &mut key);
    assert_eq!(normalizer.write(&text, &mut again), holds);
    assert_eq!(key, again, "{}", normalizer.name());
    // What is written comes after what is there already.
    let mut after = "before ".to_owned();
    normalizer.write(&text, &mut after);
    assert_eq!(after, format!("before {key}"), "{}", normalizer.name());
    let (key_length, text_length) = (key.chars().count(), text.chars().count());
    assert!(key_length <= 24 * text_length + 64, "{}: {key:?}", normalizer.name());
}

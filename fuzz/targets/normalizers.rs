//! Every normalizer on any text: it ends, says the same each time, and gives no key that is far longer.

use lantern_matching::normalize::Normalizer;

use super::first;

pub fn run(bytes: &[u8]) {
    let (which, rest) = first(bytes);
    let text = String::from_utf8_lossy(rest);
    let normalizer = Normalizer::ALL[usize::from(which) % Normalizer::ALL.len()];
    let (mut key, mut again) = (String::new(), "what was there before".to_owned());
    let holds = normalizer.write(&text, &mut key);
    assert_eq!(normalizer.write(&text, &mut again), holds, "{}", normalizer.name());
    if !holds {
        return;
    }
    assert_eq!(key, again, "{}", normalizer.name());
    let (key_length, text_length) = (key.chars().count(), text.chars().count());
    assert!(key_length <= 24 * text_length + 64, "{}: {key:?}", normalizer.name());
}

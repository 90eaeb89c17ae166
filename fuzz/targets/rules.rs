//! Rules of matching, as text and as JSON: what is read is written the same way, and reads the same.

use lantern::api::rules::{FieldRule, MatchRules};

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<FieldRule>() {
        Ok(rule) => {
            let written = rule.to_string();
            assert_eq!(
                written.parse::<FieldRule>().ok().as_ref(),
                Some(&rule),
                "{written:?} of {text:?}"
            );
        }
        Err(error) => assert!(error.to_string().len() < 5_000, "{} bytes", error.to_string().len()),
    }
    if let Ok(rules) = serde_json::from_str::<MatchRules>(text) {
        let written = serde_json::to_string(&rules).expect("it is JSON");
        let read: MatchRules = serde_json::from_str(&written).expect("what is written can be read");
        assert_eq!(read, rules, "{written}");
    }
}

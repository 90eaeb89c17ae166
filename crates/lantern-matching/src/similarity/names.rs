//! Names: first draft.
use super::{details::text::Text, prepared::Prepared};
super::prepared::measure_api! {
    /// x
    Names: Whole, Whole::new, pair
}
#[derive(Debug)]
struct Whole(String);
impl Whole {
    fn new(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }
}
impl Prepared for Whole {
    fn score(&self, text: &str, cutoff: f64) -> f64 {
        pair(&self.0, text, cutoff)
    }
    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]) {
        texts.iter().zip(out).for_each(|(text, out)| *out = pair(&self.0, text, cutoff));
    }
}
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    left.iter().zip(right).zip(out).for_each(|((a, b), out)| *out = pair(a, b, cutoff));
}
fn pair(a: &str, b: &str, cutoff: f64) -> f64 {
    let s = super::wratio::similarity(a, b, None);
    if s >= cutoff { s } else { 0.0 }
}

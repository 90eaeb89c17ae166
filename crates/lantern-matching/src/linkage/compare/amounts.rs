//! Compares prices, revenues and quantities by their ratio.

use super::letters::{EQUAL, UNKNOWN};

/// How two amounts agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Amounts {
    Unknown = UNKNOWN,
    Equal = EQUAL,
    /// At most one percent apart.
    Rounded,
    Within5Percent,
    Within20Percent,
    WithinAFactorOf2,
    Different,
}

impl Amounts {
    pub const LEVELS: usize = 7;
}

/// Compares two amounts as [`crate::tables::amounts`] writes them.
pub fn amounts(a: &str, b: &str) -> Amounts {
    if a == b {
        return Amounts::Equal;
    }
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else { return Amounts::Unknown };
    #[expect(clippy::float_cmp, reason = "two spellings of one number")]
    if a == b {
        return Amounts::Equal;
    }
    let greater = a.abs().max(b.abs());
    let apart = (a - b).abs() / greater;
    match apart {
        _ if a.signum() * b.signum() < 0.0 => Amounts::Different,
        apart if apart <= 0.01 => Amounts::Rounded,
        apart if apart <= 0.05 => Amounts::Within5Percent,
        apart if apart <= 0.20 => Amounts::Within20Percent,
        apart if apart <= 0.50 => Amounts::WithinAFactorOf2,
        _ => Amounts::Different,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_agree_by_nearness() {
        use Amounts::{
            Different, Equal, Rounded, Unknown, Within5Percent, Within20Percent, WithinAFactorOf2,
        };
        for (a, b, level) in [
            ("399", "399", Equal),
            ("399.99", "400", Rounded),
            ("49", "47.5", Within5Percent),
            ("100", "85", Within20Percent),
            ("100", "60", WithinAFactorOf2),
            ("100", "49", Different),
            ("100", "-100", Different),
            ("0", "5", Different),
            ("", "5", Unknown),
        ] {
            assert_eq!(amounts(a, b), level, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn comparing_is_symmetric_and_nearer_is_never_worse(a in 0.0..1e9_f64, near in 1.0..3.0_f64, far in 1.0..3.0_f64) {
            let of = |factor: f64| amounts(&f64::to_string(&a), &(a * factor).to_string());
            let back = amounts(&(a * near).to_string(), &a.to_string());
            prop_assert_eq!(of(near), back);
            let (near, far) = if near < far { (near, far) } else { (far, near) };
            prop_assert!(of(near) as u8 <= of(far) as u8);
        }
    }
}

//! Places on earth, written as `latitude longitude`: compared by how far apart they are.

use super::letters::{EQUAL, UNKNOWN};

/// How two places agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Places {
    Unknown = UNKNOWN,
    Equal = EQUAL,
    Within100m,
    Within1km,
    Within10km,
    Within100km,
    Different,
}

impl Places {
    pub const LEVELS: usize = 7;
}

/// The mean radius of the earth, in kilometres.
const EARTH: f64 = 6_371.0;

pub fn places(a: &str, b: &str) -> Places {
    if a == b {
        return Places::Equal;
    }
    let (Some(one), Some(other)) = (degrees(a), degrees(b)) else { return Places::Unknown };
    match kilometres(one, other) {
        apart if apart <= 0.1 => Places::Within100m,
        apart if apart <= 1.0 => Places::Within1km,
        apart if apart <= 10.0 => Places::Within10km,
        apart if apart <= 100.0 => Places::Within100km,
        _ => Places::Different,
    }
}

fn degrees(text: &str) -> Option<(f64, f64)> {
    let (latitude, longitude) = text.split_once(' ')?;
    Some((latitude.parse().ok()?, longitude.parse().ok()?))
}

/// The distance on the great circle, by the haversine formula.
fn kilometres(one: (f64, f64), other: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (one.0.to_radians(), other.0.to_radians());
    let north = (lat_b - lat_a) / 2.0;
    let east = (other.1 - one.1).to_radians() / 2.0;
    let h = north.sin().powi(2) + lat_a.cos() * lat_b.cos() * east.sin().powi(2);
    2.0 * EARTH * h.clamp(0.0, 1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_agree_by_distance() {
        use Places::{Different, Equal, Unknown, Within1km, Within10km, Within100km, Within100m};
        for (a, b, level) in [
            ("52.52 13.405", "52.52 13.405", Equal),
            ("52.52 13.405", "52.5205 13.4055", Within100m),
            ("52.52 13.405", "52.525 13.41", Within1km),
            ("52.52 13.405", "52.49 13.35", Within10km),
            // Berlin and Potsdam; Berlin and Hamburg; over the date line.
            ("52.52 13.405", "52.4009 13.0591", Within100km),
            ("52.52 13.405", "53.5511 9.9937", Different),
            ("0 179.999", "0 -179.999", Within1km),
            ("52.52 13.405", "", Unknown),
        ] {
            assert_eq!(places(a, b), level, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn distance_is_symmetric_and_bounded(
            a in -90.0..90.0_f64, b in -180.0..180.0_f64, c in -90.0..90.0_f64, d in -180.0..180.0_f64,
        ) {
            let there = kilometres((a, b), (c, d));
            prop_assert!((there - kilometres((c, d), (a, b))).abs() < 1e-6);
            prop_assert!((0.0..=20_040.0).contains(&there));
        }
    }
}

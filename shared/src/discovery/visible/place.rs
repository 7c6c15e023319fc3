//! Where the next page of curves begins.

/// The place of a curve in a list: by series, then by key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub(super) i32, pub(super) i32);

impl Place {
    /// As a number that falls from curve to curve, for the cursor of a page.
    #[must_use]
    pub fn falling(self) -> i64 {
        -((i64::from(self.0) << 32) | i64::from(self.1))
    }

    /// The place that such a number stands for; before all others for one that none has.
    #[must_use]
    pub fn of(falling: i64) -> Self {
        let number = falling.checked_neg().filter(|number| *number > 0).unwrap_or(0);
        let low = i32::try_from(number & i64::from(u32::MAX)).unwrap_or(i32::MAX);
        Self(i32::try_from(number >> 32).unwrap_or(i32::MAX), low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_fall_from_curve_to_curve_and_come_back() {
        let places = [Place(1, 1), Place(1, 7), Place(2, 3), Place(70_000, i32::MAX)];
        assert!(places.windows(2).all(|pair| pair[0].falling() > pair[1].falling()));
        assert!(places.iter().all(|place| Place::of(place.falling()) == *place));
        assert_eq!(Place::of(i64::MAX), Place::default(), "the first page");
        assert_eq!(Place::of(i64::MIN), Place::default());
    }
}

//! Counts the offers of a matrix by outcome.

use super::loads::Unusable;
use serde::Serialize;

/// How many offers had which outcome. `joined` counts pairs of an offer and its price to compare, and is the sum of the next three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Offers in the matrix.
    pub offers: i32,
    /// Offers that were joined with a price to compare.
    pub joined: i32,
    /// Of these, those with a headroom.
    pub computed: i32,
    /// Of these, those without a published price in any month.
    pub unpublished: i32,
    /// Of these, those without a published price in some months.
    pub months_missing: i32,
    /// Offers without a matching price to compare.
    pub without_partner: i32,
    /// Offers without a total price.
    pub without_price: i32,
    /// Left out because two prices to compare of the same name match the offer.
    pub ambiguous: i32,
    /// Left out because the unit of the offer, of the price to compare or of the load profile is unknown or
    /// measures something else.
    pub unit_unknown: i32,
    /// Left out because the price of the offer, a price to compare or a load is impossible.
    pub impossible: i32,
}

impl Counts {
    /// Counts an offer that cannot be computed.
    pub(super) fn leave_out(&mut self, why: Unusable) {
        match why {
            Unusable::Unit => self.unit_unknown += 1,
            Unusable::Value => self.impossible += 1,
        }
    }

    /// How many offers have a headroom, and why the others have none.
    #[must_use]
    pub fn said(&self) -> String {
        let why = [
            (self.unpublished, "have no published price to compare"),
            (self.months_missing, "lack one for some months"),
            (self.without_partner, "match no price to compare"),
            (self.without_price, "have no total price"),
            (self.ambiguous, "match two prices to compare of one name"),
            (
                self.unit_unknown,
                "have a unit that is not known, or that of their price to compare or load profile is not",
            ),
            (self.impossible, "have an impossible price, price to compare or load"),
        ];
        let why = why.into_iter().filter(|(count, _)| *count > 0);
        let why: Vec<String> = why.map(|(count, what)| format!("{count} {what}")).collect();
        let said = format!("{} of {} offers have a headroom", self.computed, self.offers);
        if why.is_empty() { said } else { format!("{said}; {}", why.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_why_offers_have_no_headroom() {
        assert_eq!(Counts::default().said(), "0 of 0 offers have a headroom");
        let counts = Counts { offers: 2, joined: 2, computed: 2, ..Counts::default() };
        assert_eq!(counts.said(), "2 of 2 offers have a headroom");
        let counts = Counts { offers: 3, without_partner: 1, without_price: 2, ..Counts::default() };
        assert_eq!(
            counts.said(),
            "0 of 3 offers have a headroom; 1 match no price to compare, 2 have no total price"
        );
    }
}

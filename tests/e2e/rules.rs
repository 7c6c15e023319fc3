//! Rules of labels and months, packages, and what comes of them.

mod proof;
mod reference;

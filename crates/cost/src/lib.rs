//! What networks cost: prices as data, bills of what was used, and the same traffic by other ways.
//!
//! [`Prices`] are read from a file and know where each is from. A [`Usage`] priced with them is a [`Bill`], whose lines name
//! the usage types that AWS's bills have. A [`Way`] says what a volume of traffic would use, and [`break_even`] from which
//! volume on one way costs no more than another. Money is decimal and exact; it is rounded only where it is shown.
//!
//! Everything here is pure: text and numbers go in, a value comes out.

mod bill;
mod break_even;
mod curve;
mod item;
mod money;
mod prices;
mod usage;
mod way;

pub use bill::{Bill, BillLine, Charge, units};
pub use break_even::{BreakEven, break_even};
pub use curve::Curve;
pub use item::{Item, Unit};
pub use money::Money;
pub use prices::{NoPrice, Price, PriceError, Prices, Strength, Tier, billing_code};
pub use usage::{HOURS_PER_MONTH, Metered, Usage, billed_hours};
pub use way::{Traffic, Way, WayError};

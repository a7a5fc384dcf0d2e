//! What others see of the policy engine: cases, policies that organizations use, and properties.

mod cases;
mod data_perimeter;
mod grammar;
mod messages;
mod naive;
mod properties;

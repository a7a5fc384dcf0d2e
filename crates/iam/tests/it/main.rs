//! What others see of the policy engine: cases, policies that organizations use, and properties.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod data_perimeter;
#[cfg(test)]
mod grammar;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod refusals;

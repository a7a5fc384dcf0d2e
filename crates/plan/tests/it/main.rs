//! Integration tests of the plan.

#[cfg(test)]
mod naive;
#[cfg(test)]
mod random;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod worlds;

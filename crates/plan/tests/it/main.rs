//! Integration tests of the plan.

#[cfg(test)]
mod asked;
#[cfg(test)]
mod built;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod ingress;
#[cfg(test)]
mod mail;
mod naive;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod passages;
#[cfg(test)]
mod random;
#[cfg(test)]
mod reach;
#[cfg(test)]
mod reachability;
#[cfg(test)]
mod redirects;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod worlds;

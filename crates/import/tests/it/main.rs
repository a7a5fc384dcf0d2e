//! Integration tests of the import of accounts.

#[cfg(test)]
mod account;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod gateway_case;
#[cfg(test)]
mod missing;
#[cfg(test)]
mod names;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod resources;

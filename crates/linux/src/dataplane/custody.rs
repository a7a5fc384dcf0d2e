//! Holders that die, and what their successors are given.
//!
//! A holder has nothing but descriptors. Those of VPCs and passages are open in the driver as well; those of programs
//! are not, but a namespace lives as long as a process in it, and can be had from that. A successor is given all of them
//! before anything is read or set: else the links of running programs would lead to names that name nothing, be taken
//! for foreign, and go.

use super::passage::INTERNET;
use super::{Dataplane, DataplaneError};
use crate::holder::HolderError;
use crate::netns::NetNs;

/// What a driver asks when the holder has died.
pub trait Custodian: std::fmt::Debug + Send + Sync {
    /// Starts a holder if none answers.
    ///
    /// # Errors
    /// If it does not answer in time.
    fn start(&self) -> Result<(), HolderError>;

    /// The namespaces of the programs that live, by their names.
    fn living(&self) -> Vec<(String, NetNs)>;
}

impl Dataplane {
    /// This driver, with somebody who starts another holder when one has died, and knows what it is to keep.
    ///
    /// Then no death of a holder is noticed by a program that runs, nor by whoever calls [`set`](Self::set) next; nor that
    /// of a holder and its driver together, since a new driver asks as well.
    #[must_use]
    pub fn with_custodian(mut self, custodian: impl Custodian + 'static) -> Self {
        self.custodian = Some(Box::new(custodian));
        self
    }

    /// Gives the holder the namespaces if it is another one than before, and returns whether it is.
    ///
    /// [`set`](Self::set) does that by itself. With a [custodian](Self::with_custodian), a holder that does not answer is
    /// replaced first, and what was believed of the kernel is forgotten, for the namespaces that no process was in died
    /// with it: set the plan next. Without one, the networks go on meanwhile, but a program keeps its network only until
    /// its VPC's namespace is read back.
    ///
    /// # Errors
    /// If no holder answers, or does not take what it is given.
    pub fn follow_holder(&mut self) -> Result<bool, DataplaneError> {
        let followed = self.attend_holder()?;
        self.networks()?;
        Ok(followed)
    }

    /// Hears which holder there is, sees to it that there is one and that it has what it must have, and says whether it
    /// is another than before.
    pub(super) fn attend_holder(&mut self) -> Result<bool, HolderError> {
        self.common.attended = false;
        if let Err(error) = self.common.holder.greet() {
            let Some(custodian) = &self.custodian else { return Err(error) };
            tracing::warn!(%error, "the namespace holder has ended; starting another");
            custodian.start()?;
            self.common.holder.greet()?;
        }
        let heard = self.common.holder.last_heard();
        if self.keeper == heard {
            self.common.attended = true;
            return Ok(false);
        }
        self.entrust()?;
        self.common.attended = true;
        Ok(std::mem::replace(&mut self.keeper, heard).is_some())
    }

    fn entrust(&mut self) -> Result<(), HolderError> {
        let Self { common, networks, passages, internet, custodian, keeper, settled, .. } = self;
        let living = custodian.as_ref().map(|custodian| custodian.living()).unwrap_or_default();
        for (name, namespace) in &living {
            common.holder.adopt(name, namespace)?;
        }
        for (vpc, network) in networks.iter_mut().flatten() {
            common.holder.adopt(vpc.as_str(), network.netns())?;
            if custodian.is_some() {
                network.doubt();
                *settled = None;
            }
        }
        for (name, passage) in passages.iter() {
            for (name, namespace) in [name, INTERNET].into_iter().zip(&passage.namespaces) {
                common.holder.adopt(name, namespace)?;
            }
        }
        if let Some(internet) = internet {
            common.holder.adopt(INTERNET, internet)?;
        }
        if keeper.is_some() {
            let programs = living.len();
            tracing::warn!(
                programs,
                "the holder of the namespaces is another one than before, and has been given them"
            );
        }
        Ok(())
    }
}

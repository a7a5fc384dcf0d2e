//! The services that a file names, and how much of each.

use std::ops::Range;

use sidegate_advise::{Need, Volume, candidates, home, service};
use sidegate_model::Region;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::{Reader, members};
use crate::advise::volume::bytes;

impl Reader<'_> {
    pub(super) fn services(&mut self, region: Region, table: &DeTable<'_>) -> Vec<(Need, Range<usize>)> {
        let mut needs: Vec<(Need, Range<usize>)> = Vec::new();
        for (name, span, value) in members(table) {
            let Some(service) = service(region, name) else {
                let meant = candidates(name);
                let mut message = format!("`{name}` is no service that endpoints lead to; it is left out");
                if !meant.is_empty() {
                    message.push_str(&format!(". Is it `{}`?", meant.join("`, `")));
                }
                self.finding(span, message);
                continue;
            };
            let Some(need) = self.need(region, name, service, value) else { continue };
            let is_same = |(other, _): &(Need, Range<usize>)| {
                other.service.name == need.service.name && other.region == need.region
            };
            if needs.iter().any(is_same) {
                self.finding(span, format!("`{name}` is named before; this is left out"));
            } else {
                needs.push((need, span));
            }
        }
        needs
    }

    fn need(
        &mut self, region: Region, name: &str, service: &'static sidegate_model::Service, value: &Spanned<DeValue<'_>>,
    ) -> Option<Need> {
        let mut need = Need::here(service, home(service, region), Some(Volume::default()));
        let received = |bytes| Volume { sent: 0, received: bytes };
        let DeValue::Table(table) = value.get_ref() else {
            need.volume = Some(received(self.volume(name, value)?));
            return Some(need);
        };
        let (mut both, mut sent, mut back) = (None, None, None);
        for (key, span, value) in members(table) {
            match key {
                "gb" => both = Some((self.volume(key, value)?, span)),
                "sent_gb" => sent = Some(self.volume(key, value)?),
                "received_gb" => back = Some(self.volume(key, value)?),
                "on_premises_gb" => need.on_premises = received(self.volume(key, value)?),
                "peered_gb" => need.peered = received(self.volume(key, value)?),
                "region" => {
                    let text = self.text(value)?;
                    need.region = self.parsed(value, text.parse())?;
                }
                other => self.finding(span, format!("`{other}` means nothing here")),
            }
        }
        need.volume = Some(self.directions(both, sent, back));
        Some(need)
    }

    /// A volume of which both directions are told together, or each, or all of it.
    fn directions(&mut self, both: Option<(u64, Range<usize>)>, sent: Option<u64>, back: Option<u64>) -> Volume {
        let told = Volume { sent: sent.unwrap_or(0), received: back.unwrap_or(0) };
        let Some((both, span)) = both else { return told };
        let rest = both.saturating_sub(told.total());
        match (sent, back) {
            (_, None) if both >= told.total() => Volume { received: rest, ..told },
            (None, Some(_)) if both >= told.total() => Volume { sent: rest, ..told },
            // Each was rounded to a byte.
            (Some(_), Some(_)) if both.abs_diff(told.total()) <= 2 => told,
            _ => {
                self.finding(
                    span,
                    "`gb` is `sent_gb` and `received_gb` together, and these are other volumes; it is left out",
                );
                told
            }
        }
    }

    pub(super) fn volume(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<u64> {
        bytes(value.get_ref())
            .map_err(|reason| self.finding(value.span(), format!("`{name}`: {reason}; it is left out")))
            .ok()
    }
}

//! Comparisons: the two columns, with what is said of both, in each form.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sidegate_cost::Prices;
use sidegate_import::stands_for_a_service;
use sidegate_model::{Region, Service, VpcId};
use sidegate_plan::analyze::Step;

use super::choice::{Choice, choose};
use super::column::{Column, Kind, ROWS};
use super::network::{Network, Origin};
use super::{CompareError, table};
use crate::advise::untold;
use crate::diagram::{self, Picture, clean, service_name, side_by_side};
use crate::explain::named;

/// The columns of a picture in a page of Markdown.
const PAGE: usize = 118;

/// The two types side by side.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    columns: [Column; 2],
    remarks: Vec<String>,
}

/// A row: what it is about, and what stands in each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) cells: [Vec<String>; 2],
}

impl Comparison {
    /// The comparison of two endpoints of a network.
    ///
    /// # Errors
    /// [`CompareError::NoEndpoint`] if there is none of either type.
    pub(super) fn of(
        network: &Network<'_>, service: Option<&'static Service>, region: Option<Region>, prices: &Prices,
    ) -> Result<Self, CompareError> {
        let [gateway, interface] = choose(network, service, region);
        if gateway.is_none() && interface.is_none() {
            let service = service.map(|own| format!(" for {}", own.name)).unwrap_or_default();
            let region = region.map(|own| format!(" in {own}")).unwrap_or_default();
            return Err(CompareError::NoEndpoint(format!("{service}{region} in {}", network.origin.called())));
        }
        let column = |kind, choice: Option<&Choice<'_>>, other: Option<&Choice<'_>>| match choice {
            Some(choice) => Column::of(network, choice, prices),
            None => Column::none(network, kind, service, other, prices),
        };
        let columns = [
            column(Kind::Gateway, gateway.as_ref(), interface.as_ref()),
            column(Kind::Interface, interface.as_ref(), gateway.as_ref()),
        ];
        let mut remarks = vec![format!(
            "prices in US dollars, as of {}, without taxes and discounts; where one is doubtful there is no good source",
            prices.as_of()
        )];
        let traces = [gateway, interface].into_iter().flatten().map(|own| own.trace);
        let stands_in = |step: &Step| match step {
            Step::Name(resolution) => resolution.addresses.iter().copied().any(stands_for_a_service),
            _ => false,
        };
        if traces.into_iter().any(|trace| trace.hops.iter().any(|hop| stands_in(&hop.step))) {
            remarks
                .push("public addresses of services in 198.18.0.0/15 and 2001:2::/48 stand for AWS's own".to_owned());
        }
        for column in &columns {
            if let Column::Endpoint(own) = column {
                remarks.extend(own.unknown.iter().map(|unknown| format!("not known: {unknown}")));
            }
        }
        let standing = columns.iter().filter_map(|column| match column {
            Column::Endpoint(own) => Some(&own.vpc),
            Column::None(_) => None,
        });
        let vpcs: BTreeSet<&VpcId> = standing.collect();
        remarks.extend(network.untold.into_iter().flat_map(|own| untold(own, vpcs.iter().copied())));
        Ok(Self { columns, remarks })
    }

    /// The rows, with the names that people gave what has an id.
    pub(super) fn rows(&self, network: &Network<'_>) -> Vec<Row> {
        let [gateway, interface] = self.columns.each_ref().map(Column::cells);
        let told = |cell: Vec<String>| cell.iter().map(|line| clean(&named(network.world, line))).collect();
        ROWS.into_iter()
            .zip(gateway.into_iter().zip(interface))
            .map(|((key, title), (gateway, interface))| Row { key, title, cells: [told(gateway), told(interface)] })
            .collect()
    }

    /// As text of so many columns.
    pub(super) fn text(&self, network: &Network<'_>, width: usize) -> String {
        let pictures = side_by_side(&self.pictures(), width);
        let table = table::text(&self.rows(network), width);
        let remarks = table::paragraphs(&self.remarks, width);
        let title = table::paragraphs(&[self.title(network)], width);
        format!("{title}\n{pictures}\n{table}\n{remarks}")
    }

    /// As a page of Markdown.
    pub(super) fn markdown(&self, network: &Network<'_>) -> String {
        let pictures = side_by_side(&self.pictures(), PAGE);
        let table = table::markdown(&self.rows(network));
        let remarks: String = self.remarks.iter().map(|own| format!("- {}\n", table::escaped(own))).collect();
        format!("{}\n\n```text\n{pictures}```\n\n{table}\n{remarks}", table::escaped(&self.title(network)))
    }

    /// As a picture.
    pub(super) fn svg(&self, network: &Network<'_>) -> String {
        let rows = self.rows(network).into_iter().map(|row| (row.title.to_owned(), row.cells)).collect::<Vec<_>>();
        diagram::sheet(&self.title(network), &self.columns.each_ref().map(Column::picture), &rows, &self.remarks)
    }

    /// The whole of it.
    pub(super) fn whole(&self, network: &Network<'_>) -> Value {
        let [gateway, interface] = &self.columns;
        let rows = self.rows(network).into_iter().map(|row| {
            let Row { key, title, cells: [gateway, interface] } = row;
            json!({ "about": key, "title": title, "gateway": gateway, "interface": interface })
        });
        let rows: Vec<Value> = rows.collect();
        let origin: Origin = network.origin;
        json!({ "world": origin, "gateway": gateway, "interface": interface, "rows": rows, "remarks": self.remarks })
    }

    fn pictures(&self) -> Vec<Picture> {
        self.columns.iter().filter_map(Column::picture).cloned().collect()
    }

    /// What is compared, in a line.
    fn title(&self, network: &Network<'_>) -> String {
        let standing = self.columns.iter().filter_map(|column| match column {
            Column::Endpoint(own) => Some(own),
            Column::None(_) => None,
        });
        let standing: Vec<_> = standing.collect();
        let region = standing.first().map(|own| format!(" in {}", own.region)).unwrap_or_default();
        let mut services: Vec<&str> = standing.iter().map(|own| service_name(own.service)).collect();
        services.dedup();
        format!(
            "Gateway endpoint and interface endpoint: {}, {}{region}",
            services.join(" and "),
            network.origin.called()
        )
    }
}

//! Pages of lists. A marker is the place where a page ends, and names the list it is of.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sidegate_wire::aws_query::Content;

use super::action::Call;
use super::fault::Fault;
use super::form::MARKER;

/// How many items a page has where the request does not say.
const USUAL: i64 = 100;

/// Which part of a list is asked for.
#[derive(Debug)]
pub(super) struct Paging {
    list: &'static str,
    most: usize,
    after: Option<String>,
}

/// A part of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    marker: Option<String>,
}

impl Paging {
    /// What `MaxItems` and `Marker` ask for.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Fault> {
        let most = call.form.number("MaxItems", 1, 1000).unwrap_or(USUAL);
        let after = match call.form.text("Marker", &MARKER) {
            Some(marker) if !marker.is_empty() => Some(place(call.action, &marker)?),
            _ => None,
        };
        Ok(Self { list: call.action, most: usize::try_from(most).unwrap_or(1).max(1), after })
    }

    /// The page of items that come with their places, in the order of these.
    pub(super) fn page<T>(&self, items: impl IntoIterator<Item = (String, T)>) -> Page<T> {
        let mut items: Vec<_> =
            items.into_iter().filter(|(place, _)| self.after.as_ref().is_none_or(|after| place > after)).collect();
        items.sort_by(|(a, _), (b, _)| a.cmp(b));
        let more = items.len() > self.most;
        items.truncate(self.most);
        let marker = match items.last() {
            Some((last, _)) if more => Some(URL_SAFE_NO_PAD.encode(format!("{}\n{last}", self.list))),
            _ => None,
        };
        Page { items: items.into_iter().map(|(_, item)| item).collect(), marker }
    }
}

impl<T> Page<T> {
    /// The list as an element, and whether it goes on.
    pub(super) fn render(self, name: &str, fill: impl FnMut(&mut Content, T)) -> Content {
        let mut content = Content::default();
        let Self { items, marker } = self;
        content.list(name, items, fill);
        end(&mut content, marker);
        content
    }

    /// Whether the list goes on, for one whose items are already in the content.
    pub(super) fn end(self, content: &mut Content) {
        end(content, self.marker);
    }
}

fn end(content: &mut Content, marker: Option<String>) {
    content.text("IsTruncated", marker.is_some()).optional("Marker", marker);
}

fn place(list: &str, marker: &str) -> Result<String, Fault> {
    let invalid = || Fault::Validation("Invalid Marker.".to_owned());
    let plain = URL_SAFE_NO_PAD.decode(marker).map_err(|_| invalid())?;
    let plain = String::from_utf8(plain).map_err(|_| invalid())?;
    match plain.split_once('\n') {
        Some((of, place)) if of == list => Ok(place.to_owned()),
        _ => Err(invalid()),
    }
}

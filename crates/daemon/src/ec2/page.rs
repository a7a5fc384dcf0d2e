//! Pages of results.
//!
//! Source: EC2 API reference, "Pagination". A token tells its action and after which id the next page begins, so that what
//! is made or deleted between two calls neither repeats nor hides what stays.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sidegate_wire::protocol::Failure;

use super::action::Call;
use super::refused;

/// One page of results, and the token for the next one.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_token: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a page out of the items of an action, which are ordered by `key`. `bounds` are the smallest and largest number
    /// that `MaxResults` may ask for; without it all results are one page.
    fn cut(
        action: &str, items: Vec<T>, key: impl Fn(&T) -> String, max_results: Option<i32>, next_token: Option<&str>,
        bounds: (i32, i32),
    ) -> Result<Self, Failure> {
        let most = match max_results {
            None => usize::MAX,
            Some(n) if n < bounds.0 => {
                let message = format!(
                    "Value ( {n} ) for parameter maxResults is invalid. Expecting a value greater than or equal to {}.",
                    bounds.0
                );
                return Err(refused("InvalidParameterValue", message));
            }
            Some(n) => usize::try_from(n.min(bounds.1)).unwrap_or(usize::MAX),
        };
        let after = next_token.map(|token| decode(action, token)).transpose()?;
        let mut rest =
            items.into_iter().filter(|item| after.as_ref().is_none_or(|after| key(item) > *after)).peekable();
        let mut page = Vec::new();
        while page.len() < most
            && let Some(item) = rest.next()
        {
            page.push(item);
        }
        let next_token = match (rest.peek(), page.last()) {
            (Some(_), Some(last)) => Some(encode(action, &key(last))),
            _ => None,
        };
        Ok(Self { items: page, next_token })
    }
}

impl Call<'_> {
    /// The page that the action's request asks for.
    ///
    /// # Errors
    /// AWS's, if it asks for too few results, or with a token of another action or of nobody.
    pub(super) fn page<T>(
        &self, items: Vec<T>, key: impl Fn(&T) -> String, max_results: Option<i32>, next_token: Option<&str>,
        bounds: (i32, i32),
    ) -> Result<Page<T>, Failure> {
        Page::cut(self.action, items, key, max_results, next_token, bounds)
    }

    /// Looks at what asks for a page, where there is nothing to show.
    pub(super) fn no_page(
        &self, max_results: Option<i32>, next_token: Option<&str>, bounds: (i32, i32),
    ) -> Result<(), Failure> {
        self.page(Vec::new(), |()| String::new(), max_results, next_token, bounds).map(drop)
    }
}

/// What tokens of this form begin with.
const FORM: &str = "2";

fn encode(action: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{FORM}:{action}:{key}"))
}

fn decode(action: &str, token: &str) -> Result<String, Failure> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mut parts = text.as_deref().unwrap_or_default().splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(FORM), Some(of), Some(key)) if of == action => Ok(key.to_owned()),
        _ => Err(refused("InvalidPaginationToken", "The specified pagination token is not valid.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(max: Option<i32>, token: Option<&str>) -> Result<Page<u32>, Failure> {
        Page::cut("DescribeNumbers", (1..=7).collect(), u32::to_string, max, token, (2, 5))
    }

    #[test]
    fn pages_hold_every_item_once() {
        let first = cut(Some(4), None).unwrap();
        let second = cut(Some(4), first.next_token.as_deref()).unwrap();
        assert_eq!((first.items, second.items), (vec![1, 2, 3, 4], vec![5, 6, 7]));
        assert!(second.next_token.is_none());
    }

    #[test]
    fn a_page_has_at_most_as_many_items_as_the_bound() {
        assert_eq!(cut(Some(6), None).unwrap().items, [1, 2, 3, 4, 5]);
        assert_eq!(cut(None, None).unwrap().items.len(), 7);
    }

    #[test]
    fn a_token_that_the_action_did_not_make_and_a_page_that_is_too_small_are_refused() {
        let of_another = encode("DescribeLetters", "2");
        for token in ["nonsense", &of_another] {
            assert_eq!(cut(None, Some(token)).err().unwrap().code, "InvalidPaginationToken");
        }
        assert_eq!(cut(Some(1), None).err().unwrap().code, "InvalidParameterValue");
    }
}

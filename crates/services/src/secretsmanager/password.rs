//! Random passwords.

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::operation::{Operation, Prepared};
use super::random;
use super::store::Store;
use super::value::Text;
use crate::constraint::{length, within};
use crate::{Authorized, Caller};

const DEFAULT_LENGTH: i64 = 32;
const LONGEST: i64 = 4096;

/// `GetRandomPassword`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
pub(super) struct GetRandomPassword {
    password_length: Option<i64>,
    exclude_characters: Option<String>,
    exclude_numbers: Option<bool>,
    exclude_punctuation: Option<bool>,
    exclude_uppercase: Option<bool>,
    exclude_lowercase: Option<bool>,
    include_space: Option<bool>,
    require_each_included_type: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Password {
    random_password: Text,
}

/// What a password is made of.
pub(super) struct Recipe {
    length: usize,
    /// Characters of which each kind has to occur.
    kinds: Vec<Vec<char>>,
    /// All characters that may occur.
    all: Vec<char>,
}

impl Operation for GetRandomPassword {
    const NAME: &'static str = "GetRandomPassword";
    type Ready = Recipe;
    type Answer = Password;

    fn prepare(self, _: &Caller, _: &Store) -> Result<Prepared<Recipe>, Fault> {
        let requirements = vec![Requirement::new("secretsmanager:GetRandomPassword", "*")];
        Ok(Prepared { ready: Recipe::new(&self)?, requirements })
    }

    fn act(recipe: Recipe, _: &Authorized, _: &Caller, _: &Store) -> Result<Password, Fault> {
        Ok(Password { random_password: recipe.password()?.into() })
    }
}

impl Recipe {
    fn new(input: &GetRandomPassword) -> Result<Self, Fault> {
        let asked = input.password_length.unwrap_or(DEFAULT_LENGTH);
        within("passwordLength", asked, 1, LONGEST)?;
        let excluded = input.exclude_characters.as_deref().unwrap_or_default();
        length("excludeCharacters", excluded, 0, LONGEST as usize)?;

        let kind = |exclude: Option<bool>, characters: &mut dyn Iterator<Item = char>| {
            let wanted = !exclude.unwrap_or(false);
            wanted.then(|| characters.filter(|c| !excluded.contains(*c)).collect::<Vec<char>>())
        };
        let kinds: Vec<Vec<char>> = [
            kind(input.exclude_uppercase, &mut ('A'..='Z')),
            kind(input.exclude_lowercase, &mut ('a'..='z')),
            kind(input.exclude_numbers, &mut ('0'..='9')),
            kind(input.exclude_punctuation, &mut ('!'..='~').filter(char::is_ascii_punctuation)),
        ]
        .into_iter()
        .flatten()
        .collect();

        let mut all: Vec<char> = kinds.iter().flatten().copied().collect();
        if input.include_space.unwrap_or(false) && !excluded.contains(' ') {
            all.push(' ');
        }
        let refuse = |text: &str| Err(Fault::InvalidParameter(text.to_owned()));
        if all.is_empty() {
            return refuse("The parameters exclude every character that a password could have.");
        }
        let length = usize::try_from(asked).unwrap_or_default();
        if !input.require_each_included_type.unwrap_or(true) {
            return Ok(Self { length, kinds: Vec::new(), all });
        }
        if kinds.iter().any(Vec::is_empty) {
            return refuse("ExcludeCharacters excludes every character of a type that the password has to include.");
        }
        if length < kinds.len() {
            return refuse("The password length is too short based on the required types.");
        }
        Ok(Self { length, kinds, all })
    }

    fn password(&self) -> Result<String, Fault> {
        let mut password = Vec::with_capacity(self.length);
        for kind in &self.kinds {
            password.extend(one_of(kind)?);
        }
        while password.len() < self.length {
            password.extend(one_of(&self.all)?);
        }
        // The characters of each kind are not to stand in front.
        for i in (1..password.len()).rev() {
            password.swap(i, random::below(i + 1)?);
        }
        Ok(password.into_iter().collect())
    }
}

fn one_of(characters: &[char]) -> Result<Option<char>, Fault> {
    Ok(characters.get(random::below(characters.len())?).copied())
}

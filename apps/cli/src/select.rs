//! Finding the room, person or message a person means by a name or the beginning of an id.

/// One thing that can be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<T> {
    /// What is meant.
    pub value: T,
    /// What it is called; may be empty and need not be unique.
    pub name: String,
    /// Its id in hexadecimal.
    pub id: String,
}

/// Why nothing was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Nothing is called so.
    Nothing,
    /// Several are; each with enough of its id to choose it.
    Several(Vec<String>),
}

/// One way of meaning something.
type Way<'a, T> = &'a dyn Fn(&Candidate<T>) -> bool;

/// Beginnings of ids shorter than this are taken for names only.
const SHORTEST_ID: usize = 4;

/// The one candidate meant: by its whole name, else by its name in other letter case, else
/// by the beginning of its id. The first way that finds something decides.
pub fn select<T: Clone>(wish: &str, candidates: &[Candidate<T>]) -> Result<T, Missed> {
    let folded = wish.to_lowercase();
    let by_id = wish.len() >= SHORTEST_ID && wish.bytes().all(|byte| byte.is_ascii_hexdigit());
    let ways: [Way<T>; 3] = [
        &|candidate| candidate.name == wish,
        &|candidate| candidate.name.to_lowercase() == folded,
        &|candidate| by_id && candidate.id.starts_with(&folded),
    ];
    for way in ways {
        let found: Vec<&Candidate<T>> = candidates.iter().filter(|c| way(c)).collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(only.value.clone()),
            several => {
                let label =
                    |c: &&Candidate<T>| format!("{} ({})", c.name, c.id.get(..8).unwrap_or(&c.id));
                return Err(Missed::Several(several.iter().map(label).collect()));
            }
        }
    }
    Err(Missed::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<Candidate<u8>> {
        let person = |value, name: &str, id: &str| Candidate {
            value,
            name: name.to_owned(),
            id: id.to_owned(),
        };
        vec![
            person(1, "Bo", "aa00000000"),
            person(2, "Anna", "ab11111111"),
            person(3, "anna", "ab22222222"),
            person(4, "beef", "cc33333333"),
            person(5, "Jürgen", "beef444444"),
        ]
    }

    #[test]
    fn whole_names_come_first_then_other_cases_then_ids() {
        assert_eq!(select("Anna", &people()), Ok(2));
        assert_eq!(select("bo", &people()), Ok(1));
        assert_eq!(select("JÜRGEN", &people()), Ok(5));
        assert_eq!(select("beef", &people()), Ok(4), "a name wins over an id");
        assert_eq!(select("BEEF4", &people()), Ok(5));
    }

    #[test]
    fn nothing_is_guessed() {
        let Err(Missed::Several(choices)) = select("ANNA", &people()) else {
            panic!()
        };
        assert_eq!(choices, ["Anna (ab111111)", "anna (ab222222)"]);
        assert_eq!(select("Ann", &people()), Err(Missed::Nothing));
        assert_eq!(
            select("ab", &people()),
            Err(Missed::Nothing),
            "too short for an id"
        );
        assert_eq!(select("", &people()), Err(Missed::Nothing));
    }
}

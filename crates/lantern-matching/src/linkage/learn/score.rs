//! Computes the score of a pair: the evidence of its fields, added up in bits.
//!
//! A high sum alone is not enough: two colleagues agree in employer, city and phone. At least one
//! field that says who the rows are must agree, and it must not be one that relatives or branches
//! share.

use super::{
    super::compare::{Grade, Words, email::Email, field::BINS, letters::Letters, role::Role},
    SHARED_BITS,
    model::Model,
};
use crate::{
    calibration::BOUND,
    labels::weights::Weights,
    tables::{Comparison, Kind},
};

/// Maximum score of a pair in which no identifying field agrees.
pub const UNIDENTIFIED: f32 = -BOUND as f32;
/// Minimum evidence of the identifying fields for a pair to be identified: in bits, and as a share
/// of the bits that single out one row. A value that one in a few rows has does not identify a row.
const IDENTIFIED: f32 = 2.5;
const IDENTIFYING: f32 = 0.35;
/// Minimum evidence of the common words of two companies for their address and phone to identify
/// them, as a share of the bits that single out one row. Tenants of one building may have the word
/// of their trade in common.
const TELLING: f32 = 0.5;
/// Maximum evidence of a single field, in bits beyond those that single out one row.
const BEYOND: f32 = 16.0;
/// How much lower this maximum is for values that are similar and not the same, in bits.
const LESS: f32 = 9.0;
/// If only one of two companies has some words, as a branch or a subsidiary would, their names are
/// doubted: the bits beyond a limit count only in part. The limit, in bits beyond those that single
/// out one row, for one table and for two, and the part that counts.
const OF_A_PART: f32 = -2.0;
const OF_A_PART_ELSEWHERE: f32 = 2.0;
const DOUBTED: f32 = 0.25;
/// The part of the bits beyond the maximum of a field that counts. It hardly makes a pair surer,
/// but shows which of two candidates is the more likely.
const RANKED: f32 = 0.4;
/// Maximum evidence, in bits, of a place beside such names, and of a domain in one table. Relatives
/// share them.
const PLACE_OF_RELATIVES: f32 = 1.5;
const DOMAIN_OF_RELATIVES: f32 = 5.0;
/// Minimum evidence of a date, in bits, to count as a date of birth, which relatives do not share.
/// A year alone is not one.
const BIRTHDAY: f32 = 8.0;

/// What a cell of a field adds to the score.
#[derive(Clone, Copy)]
struct Adds {
    weight: f32,
    /// The maximum of the weight and the bits of the values together.
    most: f32,
    /// The maximum if another field agrees as well.
    most_with_shared: f32,
    /// The part of the bits beyond the maximum that counts.
    beyond: f32,
    /// The number of bits from which on only a part (`DOUBTED`) counts.
    doubted: f32,
    grade: Grade,
    /// Whether the values differ only in a number.
    other_number: bool,
    /// Whether they are names of companies with only a part in common, like those of relatives.
    of_relatives: bool,
    /// Whether they are the same full name, apart from the spelling.
    whole: bool,
    /// Whether they are e-mail addresses of two people at one employer.
    of_colleagues: bool,
}

impl Adds {
    fn bits(&self, bits: f32, shares: bool) -> f32 {
        let most = if shares { self.most.min(self.most_with_shared) } else { self.most };
        let all = self.weight + bits;
        let adds = if all > most { most + (all - most) * self.beyond } else { all };
        if adds > self.doubted { self.doubted + (adds - self.doubted) * DOUBTED } else { adds }
    }
}

/// A field, as far as the score depends on it.
struct Part {
    cells: Vec<Adds>,
    levels: usize,
    role: Role,
    kind: Kind,
    /// Whether its values are names or identifiers.
    names: bool,
}

/// A model, prepared for scoring.
pub struct Scorer {
    pub prior: f32,
    parts: Vec<Part>,
    /// Whether no field identifies by its kind. Then all of them do together.
    alone: bool,
    /// Whether a left row has at most one match.
    exclusive: bool,
    /// Minimum evidence of the common words of two companies for their place to count, in bits.
    telling: f32,
    /// Whether rows are people, who may move.
    people: bool,
    /// Whether rows name an employer.
    employed: bool,
    /// Whether rows are companies, identified by their names.
    companies: bool,
    /// Minimum evidence that identifies a row, in bits.
    identified: f32,
    /// What labels taught.
    weights: Option<Weights>,
}

/// The evidence of all fields of a pair.
struct Weighed {
    /// The log-odds, in bits.
    bits: f32,
    /// Whether an identifying field agrees.
    identified: bool,
    /// Whether relatives, branches or versions of a thing would agree as well: the identifying
    /// names have only a part in common, or the evidence beside such names is a place and a phone.
    related: bool,
}

impl Scorer {
    pub fn of(model: &Model) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
        let one_row = model.rows.log2() as f32;
        let most = one_row + BEYOND;
        let parts = model
            .fields
            .iter()
            .zip(model.weights())
            .map(|(field, weights)| {
                let levels = field.kind.comparison().levels();
                let adds = |(cell, weight): (usize, f32)| {
                    let number = cell / BINS % field.levels;
                    let grade = levels[number].grade;
                    let by_words = field.kind.comparison() == Comparison::Words;
                    let words = |level: Words| by_words && number == level as usize;
                    let of_company =
                        field.kind == Kind::Company && matches!(field.role, Role::Identity(_));
                    let part = of_company
                        && [
                            Words::LastDropped,
                            Words::Dropped,
                            Words::DroppedMisspelled,
                            Words::Added,
                            Words::Overlap,
                        ]
                        .into_iter()
                        .any(words);
                    // Colleagues share the domain of their addresses, and relatives share a name.
                    // Values that differ are never evidence for a match, however rare their common
                    // part.
                    let most = match grade {
                        Grade::Different => 0.0,
                        Grade::Partly if field.role.identifies() => 0.0,
                        // Similar values count less than equal ones.
                        Grade::Alike | Grade::Partly => most - LESS,
                        Grade::Unknown | Grade::Same => most,
                    };
                    let beyond = if model.exclusive { OF_A_PART_ELSEWHERE } else { OF_A_PART };
                    let among =
                        field.shared.get(number).filter(|&&among| number > 1 && among > 0.0);
                    #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
                    let most_with_shared = among.map_or(f32::INFINITY, |among| {
                        (field.m[cell / BINS].max(1e-9) / among).log2().max(0.0) as f32
                    });
                    Adds {
                        weight,
                        most,
                        beyond: if most > 0.0 { RANKED } else { 0.0 },
                        most_with_shared,
                        doubted: if part { one_row + beyond } else { f32::INFINITY },
                        grade,
                        other_number: words(Words::NumbersDiffer),
                        of_relatives: part || of_company && grade == Grade::Partly,
                        whole: is_whole(field.kind.comparison(), number),
                        of_colleagues: field.kind.comparison() == Comparison::Email
                            && number == Email::SameDomain as usize,
                    }
                };
                Part {
                    cells: weights.into_iter().enumerate().map(adds).collect(),
                    levels: field.levels,
                    role: field.role,
                    kind: field.kind,
                    names: field.kind.comparison().is_by_words() || field.kind == Kind::Code,
                }
            })
            .collect();
        Self {
            prior: model.prior(),
            weights: model.labelled.clone(),
            exclusive: model.exclusive,
            identified: IDENTIFIED.max(IDENTIFYING * one_row),
            telling: TELLING * one_row,
            people: model.fields.iter().any(|field| {
                matches!(field.role, Role::Identity(_))
                    && matches!(field.kind, Kind::Person | Kind::FirstName | Kind::LastName)
            }),
            employed: model
                .fields
                .iter()
                .any(|field| matches!(field.kind, Kind::Company | Kind::Domain)),
            companies: model.fields.iter().any(|field| {
                field.kind == Kind::Company && matches!(field.role, Role::Identity(_))
            }),
            alone: !model.fields.iter().any(|field| field.role.identifies()),
            parts,
        }
    }

    /// Whether the names of two companies have only a part in common, like those of relatives.
    fn are_like_relatives(&self, cells: &[u16]) -> bool {
        self.companies
            && self
                .parts
                .iter()
                .zip(cells)
                .any(|(part, &cell)| part.cells[usize::from(cell)].of_relatives)
    }

    /// What each field of a pair adds without labels, in bits. It is limited, so that a single
    /// field does not outweigh all others.
    fn unweighed<'a>(
        &'a self,
        cells: &'a [u16],
        bits: &'a [f32],
    ) -> impl Iterator<Item = f32> + 'a {
        let relatives = self.are_like_relatives(cells);
        let sharing = bits.iter().filter(|&&bits| bits > SHARED_BITS).count();
        self.parts.iter().zip(cells).zip(bits).map(move |((part, &cell), &bits)| {
            let shares = sharing > usize::from(bits > SHARED_BITS);
            let adds = part.cells[usize::from(cell)].bits(bits, shares);
            if relatives { adds.min(in_common(part.kind, self.exclusive)) } else { adds }
        })
    }

    /// What each field of a pair adds, in bits, with the weights that labels taught if there are
    /// any.
    pub fn each<'a>(&'a self, cells: &'a [u16], bits: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        self.unweighed(cells, bits).enumerate().map(move |(field, adds)| match &self.weights {
            None => adds,
            #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
            Some(weights) => {
                let level = usize::from(cells[field]) / BINS % self.parts[field].levels;
                weights.adds(field, level, adds) as f32
            }
        })
    }

    /// The log-odds of a pair, in bits, given the cells of its fields and the bits of their values;
    /// at most `UNIDENTIFIED` if no identifying field agrees.
    pub fn score(&self, cells: &[u16], bits: &[f32]) -> f32 {
        let (all, identified) = self.weigh(cells, bits);
        // Labels may show that rows match without an identifying field.
        if identified || self.weights.is_some() { all } else { all.min(UNIDENTIFIED) }
    }

    /// The log-odds of a pair, in bits, and whether an identifying field agrees.
    pub fn weigh(&self, cells: &[u16], bits: &[f32]) -> (f32, bool) {
        let Weighed { bits, identified, .. } = self.weighed(cells, bits);
        (bits, identified)
    }

    /// The evidence against a pair, in bits: at most 0.
    pub fn against(&self, cells: &[u16], bits: &[f32]) -> f32 {
        self.unweighed(cells, bits).map(|adds| adds.min(0.0)).sum()
    }

    /// Whether a pair may be two relatives, as far as its fields show. With labels, their weights
    /// decide.
    pub fn are_related(&self, cells: &[u16], bits: &[f32]) -> bool {
        self.weights.is_none() && self.weighed(cells, bits).related
    }

    fn weighed(&self, cells: &[u16], bits: &[f32]) -> Weighed {
        let mut all = self.prior;
        let (mut names, mut named, mut kin) = (0.0_f32, false, false);
        let (mut identified, mut shared, mut lines) = (0.0_f32, 0.0_f32, 0.0_f32);
        let mut colleagues = false;
        let (mut relative, mut handles, mut birthday) = (false, 0.0_f32, 0.0_f32);
        let mut numbered = 0.0_f32;
        let (mut places, mut elsewhere, mut other_phone) = (0, 0, 0);
        let (mut at_home, mut first, mut last, mut all_of_it) = (0.0_f32, false, false, false);
        let (mut belongs, mut besides, mut near, mut told) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        let (mut titled, mut partly_titled) = (false, false);
        let adding = self.unweighed(cells, bits);
        for (((part, &cell), &rare), adds) in self.parts.iter().zip(cells).zip(bits).zip(adding) {
            let Adds { grade, other_number, whole, of_colleagues, .. } =
                part.cells[usize::from(cell)];
            all += adds;
            colleagues |= of_colleagues;
            if grade == Grade::Unknown {
                continue;
            }
            let differs = grade == Grade::Different;
            match part.kind {
                Kind::FirstName => {
                    relative |= differs;
                    first |= whole;
                }
                Kind::LastName => last |= whole,
                Kind::Person | Kind::Company if matches!(part.role, Role::Identity(_)) => {
                    all_of_it |= whole;
                }
                Kind::Phone if differs => other_phone = 1,
                Kind::Street | Kind::City | Kind::Postal => {
                    // A street counts as much as a town and a phone together.
                    let weight = if part.kind == Kind::Street { 2 } else { 1 };
                    if part.kind == Kind::Street && grade == Grade::Same {
                        at_home = adds.max(0.0);
                    }
                    if part.kind == Kind::Street && !differs && grade != Grade::Partly {
                        near = adds.max(0.0);
                    }
                    places += weight;
                    elsewhere += if differs || grade == Grade::Partly { weight } else { 0 };
                }
                Kind::Date if adds >= BIRTHDAY => birthday += adds,
                Kind::Code if adds >= BIRTHDAY => numbered += adds,
                _ => {}
            }
            match part.role {
                Role::Identity(_) => {
                    named = true;
                    // Another fund of the family.
                    relative |= other_number;
                    kin |= !differs;
                    told = told.max(rare);
                    names += adds;
                    identified += adds.max(0.0);
                }
                Role::Handle(_) => {
                    identified += adds.max(0.0);
                    handles += adds.max(0.0);
                }
                Role::Shared(_) => lines += adds.max(0.0),
                Role::Other if self.alone => {
                    identified += adds.max(0.0);
                    if part.names && adds > 0.0 {
                        titled |= grade != Grade::Partly;
                        partly_titled |= grade == Grade::Partly;
                    }
                    // Another model, whatever its price.
                    relative |= other_number && part.kind == Kind::Text;
                }
                Role::Other if matches!(part.kind, Kind::Code | Kind::Date) => {
                    shared += adds.max(0.0);
                }
                Role::Group => belongs += adds.max(0.0),
                Role::Other => besides += adds.max(0.0),
            }
        }
        // The evidence that identifies the rows by itself.
        let own = names.max(0.0) + handles;
        // Names with a rare word in common, at one address: one table may name a site after its
        // organisation, and the other after its place.
        let at_one_place = !self.people && kin && near > 0.0 && told >= self.telling;
        // If two people of one employer have the same phone, and there are no names, it is the
        // employer's.
        if named || !colleagues {
            shared += lines;
        }
        if !(named && names < 0.0) || at_one_place {
            identified += shared;
        } else if kin {
            identified += birthday;
        }
        if all_of_it || first && last {
            // Many people have the same name, but few of them also live in one house, work for one
            // employer or were born in one place.
            identified += if self.people { belongs + besides } else { at_home };
        } else if at_one_place {
            identified += near;
        }
        // Relatives differ only in the first name and the date of birth, and branches only in the
        // place. For them, only an e-mail address or profile of its own shows that two rows are
        // one.
        if relative {
            identified = handles + if kin { birthday } else { 0.0 };
        } else if !self.people && elsewhere > 0 && elsewhere == places && places + other_phone > 1 {
            identified = handles;
        }
        // Two relatives do not share a date of birth and, in addition, a number or a home: this is
        // one person whose name was changed, garbled or swapped. If there is an employer, the date
        // may be the employer's.
        if self.people && !self.employed && birthday > 0.0 && (numbered > 0.0 || near > 0.0) {
            identified = identified.max(birthday + numbered + near);
        }
        let identified = identified >= self.identified;
        if let Some(weights) = &self.weights {
            all = self.prior + self.each(cells, bits).sum::<f32>();
            if !identified {
                #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
                let without = weights.unidentified() as f32;
                all += without;
            }
        }
        let related = if self.alone {
            partly_titled && !titled
        } else {
            self.companies && !self.people && own < self.identified
        };
        Weighed { bits: all, identified, related: identified && related }
    }
}

/// Whether values at a level are the same full name. It may be misspelled, but no part may be
/// missing.
const fn is_whole(comparison: Comparison, level: usize) -> bool {
    match comparison {
        Comparison::Words | Comparison::Person => {
            level >= Words::Same as usize && level <= Words::Garbled as usize
        }
        Comparison::Letters => {
            level >= Letters::Equal as usize && level <= Letters::Nickname as usize
        }
        _ => false,
    }
}

/// Maximum evidence of a field of a kind beside names like those of relatives, in bits.
const fn in_common(kind: Kind, exclusive: bool) -> f32 {
    match kind {
        Kind::City | Kind::Postal | Kind::Country | Kind::Category | Kind::Place => {
            PLACE_OF_RELATIVES
        }
        Kind::Domain if !exclusive => DOMAIN_OF_RELATIVES,
        _ => f32::INFINITY,
    }
}

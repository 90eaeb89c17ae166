//! The score of a pair: what its fields say, added up in bits, where it says who the rows are.

use super::{
    super::calibrate::BOUND,
    super::compare::{Grade, Words, email::Email, field::BINS, letters::Letters, role::Role},
    SHARED_BITS,
    model::Model,
};
use crate::{
    labels::weigh::Weights,
    tables::{Comparison, Kind},
};

/// The score of a pair in which nothing that identifies agrees.
pub const UNIDENTIFIED: f32 = -BOUND as f32;
/// How many bits fields that identify add at least for a pair to be identified, and as a share of
/// what singles out one row: what one in a few rows has identifies none.
const IDENTIFIED: f32 = 2.5;
const IDENTIFYING: f32 = 0.35;
/// What the words that the names of two companies have in common tell at least for their address and
/// phone to say that they are one, as a share of what singles out one row: tenants of one building
/// have a word of their trade in common.
const TELLING: f32 = 0.5;
/// How far beyond what singles out one row a single field counts, in bits.
const BEYOND: f32 = 16.0;
/// How much less values count at most that are alike and not the same, in bits.
const LESS: f32 = 9.0;
/// How many bits beyond what singles out one row names of companies add before they are doubted of
/// which one has words that the other lacks, as branches and subsidiaries have: in one table, and
/// where a row has one match at most; and what is left of the bits beyond.
const OF_A_PART: f32 = -2.0;
const OF_A_PART_ELSEWHERE: f32 = 2.0;
const DOUBTED: f32 = 0.25;
/// What is left of the bits beyond the most that a field adds. They hardly make a pair surer, and
/// tell which of two is the likelier.
const RANKED: f32 = 0.4;
/// What a place says at most beside such names, and a domain in one table: relatives have them in
/// common as well.
const PLACE_OF_RELATIVES: f32 = 1.5;
const DOMAIN_OF_RELATIVES: f32 = 5.0;
/// How many bits a date adds at least to be a birthday, which relatives do not share: a year alone
/// is no birthday.
const BIRTHDAY: f32 = 8.0;

/// What a cell of a field adds.
#[derive(Clone, Copy)]
struct Adds {
    weight: f32,
    /// The most that it adds together with the bits of its values.
    most: f32,
    /// The most where another field is shared.
    most_with_shared: f32,
    /// What is left of what goes beyond.
    beyond: f32,
    /// From where on little of that counts.
    doubted: f32,
    grade: Grade,
    /// Whether the values are the same but for another number.
    other_number: bool,
    /// Whether they are names as relatives have them: of companies, with a part in common.
    of_relatives: bool,
    /// Whether they are the same name as a whole, but for how it is written.
    whole: bool,
    /// Whether they are addresses of two people at one employer.
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

/// What of a field the score of a pair depends on.
struct Part {
    cells: Vec<Adds>,
    levels: usize,
    role: Role,
    kind: Kind,
    /// Whether its values are what rows are called, or numbers of their own.
    names: bool,
}

/// A model ready to score.
pub struct Scorer {
    pub prior: f32,
    parts: Vec<Part>,
    /// Whether no field identifies by its kind, so that all do.
    alone: bool,
    /// Whether a row has one match at most.
    exclusive: bool,
    /// What words that companies have in common tell at least for their place to count, in bits.
    telling: f32,
    /// Whether rows are people, who move.
    people: bool,
    /// Whether rows say for whom they work.
    employed: bool,
    /// Whether rows are companies by their names.
    companies: bool,
    /// How many bits identify a row at least.
    identified: f32,
    /// What labels taught.
    weights: Option<Weights>,
}

/// What the fields of a pair say together.
struct Weighed {
    /// The log-odds, in bits.
    bits: f32,
    /// Whether something that identifies agrees.
    identified: bool,
    /// Whether what says so are names of which each has a part of its own, or the place and the phone
    /// beside such names: relatives, branches and other versions of a thing have that in common, too.
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
                    // Colleagues have the domain of their addresses in common, and relatives their
                    // name: what differs is no evidence for a match, however rare the rest.
                    let most = match grade {
                        Grade::Different => 0.0,
                        Grade::Partly if field.role.identifies() => 0.0,
                        // What is alike does not count as what is the same.
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

    /// Whether the names of two companies are as those of relatives are.
    fn are_like_relatives(&self, cells: &[u16]) -> bool {
        self.companies
            && self
                .parts
                .iter()
                .zip(cells)
                .any(|(part, &cell)| part.cells[usize::from(cell)].of_relatives)
    }

    /// What each field of a pair adds by itself, in bits; a single field does not outweigh all others.
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

    /// What each field of a pair adds, in bits, by what labels taught where there are any.
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

    /// The log-odds of a pair, in bits, by the cells of its fields and the bits of their values; the
    /// least where nothing that identifies agrees.
    pub fn score(&self, cells: &[u16], bits: &[f32]) -> f32 {
        let (all, identified) = self.weigh(cells, bits);
        // Labels may show that rows match in which nothing identifies.
        if identified || self.weights.is_some() { all } else { all.min(UNIDENTIFIED) }
    }

    /// The log-odds of a pair, in bits, and whether something that identifies agrees.
    pub fn weigh(&self, cells: &[u16], bits: &[f32]) -> (f32, bool) {
        let Weighed { bits, identified, .. } = self.weighed(cells, bits);
        (bits, identified)
    }

    /// What speaks against a pair by itself, in bits: at most 0.
    pub fn against(&self, cells: &[u16], bits: &[f32]) -> f32 {
        self.unweighed(cells, bits).map(|adds| adds.min(0.0)).sum()
    }

    /// Whether a pair may as well be two relatives, as far as its fields say; labels say more.
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
                    // A street says as much as a town and a phone.
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
        // What says by itself who they are.
        let own = names.max(0.0) + handles;
        // Names that have a telling word in common, at one address: of a site that is called after its
        // organisation here and after its place there.
        let at_one_place = !self.people && kin && near > 0.0 && told >= self.telling;
        // A phone is that of an employer where two of its people have it and no name says who they are.
        if named || !colleagues {
            shared += lines;
        }
        if !(named && names < 0.0) || at_one_place {
            identified += shared;
        } else if kin {
            identified += birthday;
        }
        if all_of_it || first && last {
            // Many have a name, and few of them live in one house, work for one employer or were born in
            // one place.
            identified += if self.people { belongs + besides } else { at_home };
        } else if at_one_place {
            identified += near;
        }
        // Relatives have all but the first name and the birthday in common, branches all but the
        // place: of those, only an address of its own says that two are one.
        if relative {
            identified = handles + if kin { birthday } else { 0.0 };
        } else if !self.people && elsewhere > 0 && elsewhere == places && places + other_phone > 1 {
            identified = handles;
        }
        // Relatives do not have a birthday in common, and a number or a home besides: that is one person,
        // whose name was changed, garbled or swapped. Beside an employer, a date may be the employer's.
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

/// Whether a level is that of one name as a whole: what is misspelled counts, and a part does not.
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

/// What a field of a kind says at most beside names as relatives have them, in bits.
const fn in_common(kind: Kind, exclusive: bool) -> f32 {
    match kind {
        Kind::City | Kind::Postal | Kind::Country | Kind::Category | Kind::Place => {
            PLACE_OF_RELATIVES
        }
        Kind::Domain if !exclusive => DOMAIN_OF_RELATIVES,
        _ => f32::INFINITY,
    }
}

use super::*;

fn check(of: fn(&str) -> Option<Cow<'_, str>>, cases: &[(&str, &[&str])]) {
    let mut unlike = Vec::new();
    for (expected, names) in cases {
        for name in *names {
            let key = of(name).unwrap_or_default().into_owned();
            if key != *expected {
                unlike.push(format!("{name:?} is {key:?}, not {expected:?}"));
            }
        }
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
}

#[test]
fn a_full_name_has_one_key_however_it_is_written() {
    check(
        person_key,
        &[
            (
                "ada byron",
                &[
                    "Ada Byron",
                    "ADA BYRON",
                    "Byron, Ada",
                    "BYRON, Ada",
                    "BYRON Ada",
                    "Ms. Ada Byron",
                    "Dr Ada Byron",
                    "Prof. Dr. Ada Byron",
                    "Byron, Dr. Ada",
                    "Ada M. Byron",
                    "Ada Byron, PhD",
                    "Ada Byron Ph.D.",
                    "Ada Byron, M.D., MBA",
                    "Ada (Countess) Byron",
                    "Ada \"Addy\" Byron",
                    "  Ada   Byron ",
                    "Lady Ada Byron",
                ],
            ),
            (
                "robert smith",
                &[
                    "Bob Smith",
                    "Robert Smith",
                    "Bobby Smith Jr.",
                    "Smith, Bob",
                    "Smith Jr., Bob",
                    "Smith, Bob, Jr.",
                    "Rob Smith III",
                    "Mr. Robert J. Smith Sr",
                    "Robert J. K. Smith, Esq.",
                ],
            ),
            (
                "william gates",
                &[
                    "Bill Gates",
                    "William Gates",
                    "Will Gates",
                    "William H. Gates III",
                    "Gates, William",
                ],
            ),
            (
                "elizabeth windsor",
                &[
                    "Liz Windsor",
                    "Elisabeth Windsor",
                    "Betty Windsor",
                    "Beth Windsor",
                    "WINDSOR Elizabeth",
                ],
            ),
            (
                "jurgen muller",
                &[
                    "Jürgen Müller",
                    "Herr Jürgen Müller",
                    "Dr. med. Jürgen Müller",
                    "Prof. Dr. h.c. Jürgen Müller",
                    "Dipl.-Ing. Jürgen Müller",
                    "MÜLLER Jürgen",
                    "Jörg Müller",
                ],
            ),
            (
                "francois dupont",
                &[
                    "François Dupont",
                    "DUPONT François",
                    "Monsieur François Dupont",
                    "Maître François Dupont",
                ],
            ),
            (
                "jean pierre dupont",
                &[
                    "Jean-Pierre Dupont",
                    "Jean Pierre Dupont",
                    "DUPONT Jean-Pierre",
                    "Mme Jean-Pierre Dupont",
                ],
            ),
            (
                "maria garcia marquez",
                &[
                    "María García Márquez",
                    "Sra. María García Márquez",
                    "García Márquez, María",
                    "Maria Garcia-Marquez",
                ],
            ),
            (
                "john vanderberg",
                &[
                    "John van der Berg",
                    "John Van Der Berg",
                    "van der Berg, John",
                    "John Vanderberg",
                    "Johnny van der Berg",
                ],
            ),
            ("ludwig vanbeethoven", &["Ludwig van Beethoven", "van Beethoven, Ludwig"]),
            ("oscar delahoya", &["Oscar de la Hoya", "Oscar De La Hoya", "Óscar de la Hoya"]),
            (
                "patrick obrien",
                &[
                    "Patrick O'Brien",
                    "Patrick O’Brien",
                    "Patrick O Brien",
                    "Paddy OBrien",
                    "O'Brien, Patrick",
                ],
            ),
            ("ronald mcdonald", &["Ronald McDonald", "Ron Mc Donald", "Ronnie McDonald"]),
            ("jacobus vanthoff", &["Jacobus van 't Hoff"]),
            ("ivan petrov", &["Иван Петров", "Ivan Petrov"]),
            ("王小明", &["王小明"]),
            ("j tolkien", &["J. R. R. Tolkien", "J.R.R. Tolkien", "J Tolkien"]),
            ("jose ortega gasset", &["José Ortega y Gasset", "José Ortega Gasset"]),
            ("madonna", &["Madonna", "madonna"]),
            ("smith", &["Dr. Smith", "Mr Smith", "Smith, PhD"]),
            ("susan smith jones", &["Sue Smith-Jones", "Suzy Smith Jones"]),
            ("yo yo ma", &["Yo-Yo Ma"]),
        ],
    );
}

#[test]
fn names_that_are_also_titles_or_degrees_are_names() {
    check(
        person_key,
        &[
            ("philip collins", &["Phil Collins", "Collins, Phil", "phil collins", "PHIL COLLINS"]),
            ("tan wei ling", &["Tan Wei Ling", "TAN WEI LING", "Mrs Tan Wei Ling"]),
            ("wei ling tan", &["Tan, Wei Ling", "TAN Wei Ling"]),
            ("nat turner", &["Nat Turner", "Turner, Nat", "Dr. Nat Turner"]),
            ("sri mulyani indrawati", &["Sri Mulyani Indrawati"]),
            ("sen gupta", &["Sen Gupta"]),
            ("amartya sen", &["Amartya Sen", "Sen, Amartya", "Prof. Amartya Sen"]),
            ("gen urobuchi", &["Gen Urobuchi"]),
            ("mag ruffman", &["Mag Ruffman"]),
            ("pol pot", &["Pol Pot"]),
            ("hon wing polin", &["Hon Wing Polin"]),
            ("ing chang ki", &["Ing Chang Ki"]),
            ("med hondo", &["Med Hondo"]),
            ("wei meng", &["Wei Meng", "wei meng", "Meng, Wei"]),
            ("jean mba", &["Jean Mba", "Mba, Jean"]),
            ("agostinho neto", &["Agostinho Neto", "Neto, Agostinho"]),
            ("lady gaga", &["Lady Gaga"]),
            ("dato turashvili", &["Dato Turashvili"]),
            ("maj sjowall", &["Maj Sjöwall"]),
            ("eng tan", &["Eng Tan"]),
            ("yo yo ma", &["Yo-Yo Ma"]),
            ("pan wei", &["Pan Wei"]),
            ("major lazer", &["Major Lazer"]),
        ],
    );
    // The same words as they are written as titles.
    check(
        person_key,
        &[
            (
                "john smith",
                &[
                    "Gen. John Smith",
                    "General John Smith",
                    "Hon. John Smith",
                    "Sen. John Smith",
                    "Rt. Hon. John Smith",
                    "Maj. Gen. John Smith",
                    "Ing. John Smith",
                    "Mag. John Smith",
                    "Mag. Dr. John Smith",
                    "Univ.-Prof. Dr. John Smith",
                    "Priv.-Doz. Dr. John Smith",
                    "Dr. phil. John Smith",
                    "Dr. rer. nat. John Smith",
                    "Dr med John Smith",
                    "Dr. med. univ. John Smith",
                    "Dr. h. c. mult. John Smith",
                    "Tan Sri John Smith",
                    "Datuk Seri John Smith",
                    "Sheikh John Smith",
                    "John Smith, Ph.D., MBA",
                    "John Smith, PhD, MBA, CPA",
                    "John Smith Ph. D.",
                    "John Smith, Ed.D.",
                    "John Smith, Pharm.D.",
                    "John Smith, LL.M., Esq.",
                    "John Smith MBA",
                    "John Smith M.Eng.",
                    "John Smith MEng",
                    "John Smith, MA",
                    "John Smith, M.A., B.Sc.",
                    "Smith, John, Ph.D., MBA",
                    "SMITH, JOHN, MBA",
                    "Smith, MD PhD, John",
                    "John Smith Junior",
                ],
            ),
            ("joao silva", &["João Silva Neto", "João Silva Filho", "Silva Filho, João"]),
        ],
    );
}

#[test]
fn initials_are_read_with_and_without_dots() {
    check(
        person_key,
        &[
            (
                "j tolkien",
                &[
                    "JRR Tolkien",
                    "J. R. R. Tolkien",
                    "J.R.R. Tolkien",
                    "J R R Tolkien",
                    "Tolkien, J. R. R.",
                    "Tolkien, JRR",
                    "TOLKIEN, J.R.R.",
                    "JRR TOLKIEN",
                    "jrr tolkien",
                ],
            ),
            ("a milne", &["AA Milne", "A. A. Milne", "A.A. Milne"]),
            ("e forster", &["EM Forster", "E. M. Forster", "E.M. Forster"]),
            ("j rowling", &["JK Rowling", "J. K. Rowling"]),
            ("john smith", &["John TJ Smith", "John T. J. Smith"]),
            // Names that are as short.
            ("li wei", &["LI Wei", "Li Wei"]),
            ("edward sheeran", &["ED Sheeran", "Ed Sheeran"]),
            ("ng kim", &["Ng Kim", "NG Kim"]),
            ("md rahman", &["Md Rahman", "MD Rahman"]),
        ],
    );
}

#[test]
fn names_of_their_own_stand_for_no_other() {
    for (one, other) in [
        ("Ana", "Anna"),
        ("Ali", "Alison"),
        ("Kim", "Kimberly"),
        ("Pat", "Patricia"),
        ("Lisa", "Elise"),
        ("Paula", "Pauline"),
        ("Lucia", "Lucy"),
        ("Andre", "Andrew"),
        ("Mehmet", "Mohammed"),
        ("Diane", "Diana"),
        ("Nat", "Natalie"),
        ("Al", "Albert"),
    ] {
        assert_ne!(first_name_key(one), first_name_key(other), "{one}");
    }
}

#[test]
fn capitals_make_a_surname_but_not_of_a_given_name() {
    check(
        person_key,
        &[
            ("maria garcia", &["MARIA Garcia", "Maria GARCIA", "GARCIA Maria", "GARCIA, Maria"]),
            ("emma stone", &["EMMA Stone", "STONE Emma", "Emma STONE"]),
            ("jean martin", &["MARTIN Jean", "Jean MARTIN", "Jean Martin"]),
            ("maria garcia lopez", &["GARCIA LOPEZ Maria", "García López, María"]),
        ],
    );
    check(
        family_name_key,
        &[
            ("garcia lopez", &["García López, María", "GARCÍA LÓPEZ María", "GARCIA LOPEZ, MARIA"]),
            ("garcia", &["MARIA Garcia"]),
            ("vanderberg", &["van der Berg, John", "VAN DER BERG John"]),
            ("garcia marquez", &["García Márquez, Gabriel José"]),
        ],
    );
    check(given_name_key, &[("maria", &["García López, María", "MARIA Garcia"])]);
}

#[test]
fn text_without_letters_has_no_key() {
    for name in ["", " ", "-", "&", "😀", "()", ","] {
        assert_eq!(person_key(name), None, "{name:?}");
        assert_eq!(first_name_key(name), None, "{name:?}");
        assert_eq!(last_name_key(name), None, "{name:?}");
    }
}

#[test]
fn a_name_that_is_only_titles_keeps_one() {
    for name in ["Dr.", "Prof. Dr.", "Jr.", "Mr", "PhD", "Dr. Jr."] {
        assert!(person_key(name).is_some(), "{name}");
    }
}

#[test]
fn given_name_fields_keep_what_makes_the_name() {
    check(
        first_name_key,
        &[
            (
                "robert",
                &[
                    "Bob",
                    "Robert",
                    "ROBERT",
                    "Bob J.",
                    "Robert James",
                    "Dr. Bob",
                    "Robert (Bob)",
                    "Bobby",
                ],
            ),
            ("jean-pierre", &["Jean-Pierre", "Jean Pierre", "JEAN-PIERRE"]),
            ("mary-ann", &["Mary Ann", "Mary-Ann", "mary ann"]),
            ("j", &["J.", "J", "J.R.R."]),
            ("katharina", &["Katharina", "Kathrin"]),
            ("michael", &["Mike", "Michael", "Mick", "Michel"]),
            ("francisco", &["Paco", "Francisco", "Pancho"]),
            ("jose", &["Pepe", "José"]),
            ("johannes", &["Hans", "Johannes", "Johann"]),
            ("juan", &["Juan"]),
            ("john", &["John", "Jack", "Johnny"]),
            ("pierre", &["Pierre"]),
            ("giuseppe", &["Giuseppe"]),
            ("alexander", &["Alex", "Alexander", "Alec"]),
            ("catherine", &["Kate", "Cathy", "Katherine", "Kathryn", "Catherine"]),
        ],
    );
}

#[test]
fn surname_fields_keep_particles_joined_and_all_names() {
    check(
        last_name_key,
        &[
            (
                "vanderberg",
                &["van der Berg", "Van Der Berg", "VAN DER BERG", "Vanderberg", "VanderBerg"],
            ),
            ("vonneumann", &["von Neumann", "VonNeumann"]),
            ("delacruz", &["de la Cruz", "De La Cruz", "Delacruz", "dela Cruz"]),
            ("smith jones", &["Smith-Jones", "Smith Jones", "Smith-Jones Jr.", "Smith-Jones, PhD"]),
            ("obrien", &["O'Brien", "O’Brien", "OBrien", "O Brien"]),
            ("garcia marquez", &["García Márquez", "Garcia-Marquez"]),
            ("ma", &["Ma"]),
            ("stjohn", &["St. John", "St John", "Saint John"]),
            ("van", &["Van"]),
            ("muller", &["Müller", "MÜLLER", "Muller"]),
        ],
    );
}

#[test]
fn parts_are_found_in_full_names() {
    for (name, given, family) in [
        ("Ada Byron", "ada", Some("byron")),
        ("Byron, Ada", "ada", Some("byron")),
        ("Dr. Bob van der Berg Jr.", "robert", Some("vanderberg")),
        ("Sue Smith-Jones", "susan", Some("smith jones")),
        ("Madonna", "madonna", None),
        ("John Quincy Adams", "john", Some("adams")),
    ] {
        assert_eq!(given_name_key(name).as_deref(), Some(given), "{name}");
        assert_eq!(family_name_key(name).as_deref(), family, "{name}");
    }
}

#[test]
fn nicknames_lead_to_names_that_are_no_nicknames() {
    for name in NICKNAMES.values() {
        assert!(!NICKNAMES.contains_key(name), "{name}");
        assert!(!honorifics::is_always_honorific(name) && !PARTICLES.contains(name), "{name}");
    }
    assert!(NICKNAMES.len() > 1_000);
}

#[test]
fn east_asian_names_begin_with_the_surname_and_need_no_space() {
    for (name, whole, given, family) in [
        ("김 민수", "김민수", "민수", Some("김")),
        ("민수 김", "김민수", "민수", Some("김")),
        ("김, 민수", "김민수", "민수", Some("김")),
        ("김민수", "김민수", "김민수", None),
        ("남궁 민", "남궁민", "민", Some("남궁")),
        ("王 小明", "王小明", "小明", Some("王")),
        ("小明 王", "王小明", "小明", Some("王")),
        ("欧阳 娜娜", "欧阳娜娜", "娜娜", Some("欧阳")),
        ("山田 太郎", "山田太郎", "太郎", Some("山田")),
        ("山田　太郎", "山田太郎", "太郎", Some("山田")),
        ("田中 誠", "田中誠", "誠", Some("田中")),
        ("佐々木 希", "佐々木希", "希", Some("佐々木")),
        ("ジョン・スミス", "ジョンスミス", "ジョン", Some("スミス")),
        ("ジョン スミス", "ジョンスミス", "ジョン", Some("スミス")),
    ] {
        assert_eq!(person_key(name).as_deref(), Some(whole), "{name}");
        assert_eq!(person_key(whole).as_deref(), Some(whole), "{name}");
        assert_eq!(given_name_key(name).as_deref(), Some(given), "{name}");
        assert_eq!(family_name_key(name).as_deref(), family, "{name}");
    }
}

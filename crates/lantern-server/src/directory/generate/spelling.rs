//! Spells names as in addresses.

/// A name in ASCII, as people with its language write it in an e-mail address: `Müller` becomes
/// `Mueller`, and `Łukasz` becomes `Lukasz`.
pub(in crate::directory) fn ascii(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        let plain = match letter {
            'ä' => "ae",
            'ö' => "oe",
            'ü' => "ue",
            'Ä' => "Ae",
            'Ö' => "Oe",
            'Ü' => "Ue",
            'ß' => "ss",
            'å' | 'á' | 'à' | 'â' | 'ã' | 'ą' => "a",
            'Å' | 'Á' | 'À' | 'Â' => "A",
            'ç' | 'ć' => "c",
            'é' | 'è' | 'ê' | 'ë' | 'ę' => "e",
            'É' | 'È' | 'Ê' => "E",
            'í' | 'ì' | 'î' | 'ï' | 'ı' => "i",
            'Í' | 'Î' => "I",
            'ł' => "l",
            'Ł' => "L",
            'ñ' | 'ń' => "n",
            'ó' | 'ò' | 'ô' | 'õ' => "o",
            'Ó' => "O",
            'ś' | 'ş' => "s",
            'Ş' | 'Ś' => "S",
            'ú' | 'ù' | 'û' => "u",
            'Ú' => "U",
            'ź' | 'ż' => "z",
            'Ż' | 'Ź' => "Z",
            other => {
                out.push(other);
                continue;
            }
        };
        out.push_str(plain);
    }
    out
}

/// A name as a part of an address: in ASCII and lower case, with only letters and digits.
/// Everything between them is replaced by `between`, which may be empty.
pub(super) fn slug(name: &str, between: &str, into: &mut String) {
    let mut gap = false;
    let begin = into.len();
    for sign in ascii(name).chars() {
        if sign.is_ascii_alphanumeric() {
            if gap && into.len() > begin {
                into.push_str(between);
            }
            gap = false;
            into.push(sign.to_ascii_lowercase());
        } else if sign != '\'' && sign != '.' {
            gap = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_part_of_an_address() {
        let slugged = |name, between| {
            let mut out = String::new();
            slug(name, between, &mut out);
            out
        };
        assert_eq!(slugged("Götz", ""), "goetz");
        assert_eq!(slugged("van den Berg", ""), "vandenberg");
        assert_eq!(slugged("Marie-Claude d'Arcy", "-"), "marie-claude-darcy");
        assert_eq!(slugged("Sp. z o.o.", "-"), "sp-z-oo");
        assert_eq!(slugged("Großmann & Söhne", "-"), "grossmann-soehne");
    }
}

use super::*;

fn key(text: &str) -> Option<String> {
    email_key(text).map(Cow::into_owned)
}

#[test]
fn addresses_of_one_mailbox_have_one_key() {
    for (text, expected) in [
        ("Ada@Acme.com", "ada@acme.com"),
        ("  ada@acme.com ", "ada@acme.com"),
        ("ada+news@acme.com", "ada@acme.com"),
        ("a.d.a@acme.com", "a.d.a@acme.com"),
        ("a.d.a+x@gmail.com", "ada@gmail.com"),
        ("Ada.Byron@GoogleMail.com", "adabyron@gmail.com"),
        ("a.da@outlook.com", "a.da@outlook.com"),
        ("ada+x@outlook.com", "ada@outlook.com"),
        ("ada-shop@yahoo.com", "ada@yahoo.com"),
        ("ada-shop@yahoo.co.uk", "ada@yahoo.co.uk"),
        ("ada-shop@acme.com", "ada-shop@acme.com"),
        ("ada-shop@yahoo.acme.com", "ada-shop@yahoo.acme.com"),
        ("ada_b@ymail.com", "ada_b@ymail.com"),
        ("a.d_a-b+x@protonmail.com", "adab@proton.me"),
        ("adab@pm.me", "adab@proton.me"),
        ("ada@me.com", "ada@icloud.com"),
        ("ada+x@mac.com", "ada@icloud.com"),
        ("ada-b@yandex.com", "ada.b@yandex.ru"),
        ("ada.b@ya.ru", "ada.b@yandex.ru"),
        ("shop@ada.fastmail.com", "ada@fastmail.com"),
        ("ada+shop@fastmail.com", "ada@fastmail.com"),
        ("ada@fastmail.fm", "ada@fastmail.fm"),
        ("Ada Byron <ada@acme.com>", "ada@acme.com"),
        ("mailto:Ada@acme.com?subject=Hi", "ada@acme.com"),
        ("MAILTO:ada@acme.com", "ada@acme.com"),
        ("ada@acme.com; bob@acme.com", "ada@acme.com"),
        ("ada@acme.com,bob@acme.com", "ada@acme.com"),
        ("ada@acme.com.", "ada@acme.com"),
        ("ada@müller.de", "ada@xn--mller-kva.de"),
        ("ada@MÜLLER.de", "ada@xn--mller-kva.de"),
        ("ÅDA@acme.se", "åda@acme.se"),
        ("\"Ada B\"@acme.com", "\"ada b\"@acme.com"),
        ("+46@acme.com", "+46@acme.com"),
        ("o'brien@acme.ie", "o'brien@acme.ie"),
        ("first.last@sub.acme.co.uk", "first.last@sub.acme.co.uk"),
        // As addresses come out of other programs.
        ("(ada@acme.com)", "ada@acme.com"),
        ("Ada Byron (ada@acme.com)", "ada@acme.com"),
        ("[ada@acme.com]", "ada@acme.com"),
        ("[ada@acme.com](mailto:ada@acme.com)", "ada@acme.com"),
        ("\"ada@acme.com\"", "ada@acme.com"),
        ("'ada@acme.com'", "ada@acme.com"),
        ("“ada@acme.com”", "ada@acme.com"),
        ("\"Byron, Ada\" <ada@acme.com>", "ada@acme.com"),
        ("'ada@acme.com' <ada@acme.com>", "ada@acme.com"),
        ("smtp:ada@acme.com", "ada@acme.com"),
        ("SMTP:Ada@Acme.com;smtp:ada@old.com", "ada@acme.com"),
        ("sip:ada@acme.com", "ada@acme.com"),
        ("E-Mail: ada@acme.com", "ada@acme.com"),
        ("a\u{200b}da@acme.com\u{200b}", "ada@acme.com"),
        ("\u{feff}ada@ac\u{ad}me.com", "ada@acme.com"),
        ("ａｄａ＠ａｃｍｅ．ｃｏｍ", "ada@acme.com"),
        ("ａｄａ@acme.com", "ada@acme.com"),
        ("ada@acme.com:", "ada@acme.com"),
        ("d'arcy@acme.com", "d'arcy@acme.com"),
        ("e\u{301}va@acme.com", "éva@acme.com"),
    ] {
        assert_eq!(key(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn text_that_is_no_address_has_no_key() {
    for text in [
        "",
        " ",
        "n/a",
        "none",
        "ada",
        "ada@",
        "@acme.com",
        "ada@acme",
        "ada@@acme.com",
        "a@b@c.com",
        "ada@127.0.0.1",
        "ada acme.com",
        "...@gmail.com",
        "ada@.com",
        "ada@acme..com",
        "<>",
        "mailto:",
        "\"",
        "\"@",
        "ada@ acme.com",
    ] {
        assert_eq!(key(text), None, "{text}");
    }
}

#[test]
fn a_normalized_address_is_borrowed() {
    assert!(matches!(email_key("ada@acme.com"), Some(Cow::Borrowed(_))));
}

#[test]
fn free_and_disposable_providers_are_known() {
    for text in [
        "ada@gmail.com",
        "ada@GMX.de",
        "gmail.com",
        "Ada <ada@yahoo.co.jp>",
        "ada@proton.me",
        "ada@qq.com",
        "ada@t-online.de",
        "ada@orange.fr",
        "ada@libero.it",
        "ada@mail.ru",
        "ada@naver.com",
        "ada@uol.com.br",
        "ada@rediffmail.com",
        "ada@user.fastmail.com",
    ] {
        assert!(is_free_email(text), "{text}");
        assert!(!is_disposable_email(text), "{text}");
    }
    for text in [
        "x@mailinator.com",
        "x@guerrillamail.com",
        "x@yopmail.com",
        "x@10minutemail.com",
        "x@sub.mailinator.com",
        "temp-mail.org",
    ] {
        assert!(is_disposable_email(text), "{text}");
        assert!(!is_free_email(text), "{text}");
    }
    for text in ["ada@acme.com", "", "gmail", "@gmail.com", "ada@notgmail.com", "ada@com"] {
        assert!(!is_free_email(text) && !is_disposable_email(text), "{text}");
    }
}

#[test]
fn valid_addresses_are_told_from_invalid_ones() {
    for text in [
        "ada@acme.com",
        "a@b.co",
        "first.last+tag@sub.acme.co.uk",
        "o'brien@acme.ie",
        "ada@müller.de",
        "ada@xn--mller-kva.de",
        "用户@例子.广告",
        "1@2.com",
        "a_b-c@d-e.org",
        "ada@ACME.com",
        "éva@acme.com",
        "e\u{301}va@acme.com",
        "ada@mu\u{308}ller.de",
        "अदा@acme.com",
        "क्षि@acme.com",
        "ab\u{301}@acme.com",
        "אדה@acme.com",
        "ada@faß.de",
        "ada@a--b.com",
    ] {
        assert!(is_valid_email(text), "{text}");
    }
    let long = format!("{}@acme.com", "a".repeat(65));
    for text in [
        "",
        "ada",
        "ada@",
        "@acme.com",
        "ada@acme",
        "ada@acme.c",
        "a..b@acme.com",
        ".a@acme.com",
        "a.@acme.com",
        "a b@acme.com",
        " ada@acme.com",
        "ada@acme.com ",
        "ada@-acme.com",
        "ada@acme-.com",
        "ada@ac_me.com",
        "ada@acme..com",
        "ada@acme.com.",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",
        "a@b@acme.com",
        "\"a b\"@acme.com",
        "Ada <ada@acme.com>",
        "a,b@acme.com",
        "a\u{200b}da@acme.com",
        "ada@ac\u{200b}me.com",
        "a\u{ad}da@acme.com",
        "ada@ac\u{ad}me.com",
        "a\u{200d}da@acme.com",
        "\u{feff}ada@acme.com",
        "\u{301}a@acme.com",
        "ada＠acme.com",
        "ada@xn--a.com",
        "ada@xn--.com",
        "ada@xn--a-.com",
        "ada@xn--zz--.com",
        "ada@ab--c.com",
        "(ada@acme.com)",
        "smtp:ada@acme.com",
        long.as_str(),
    ] {
        assert!(!is_valid_email(text), "{text}");
    }
}

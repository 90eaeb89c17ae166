use super::*;

#[test]
fn the_registrable_part_is_found_in_every_way_to_write_a_site() {
    for (text, expected) in [
        ("acme.com", "acme.com"),
        ("ACME.COM", "acme.com"),
        ("www.acme.com", "acme.com"),
        ("http://acme.com", "acme.com"),
        ("https://www.acme.com/about?x=1#y", "acme.com"),
        ("HTTPS://WWW.ACME.COM:8443/", "acme.com"),
        ("https://user:pass@shop.acme.co.uk:80/x", "acme.co.uk"),
        ("//acme.com/x", "acme.com"),
        ("http:/acme.com", "acme.com"),
        ("http:\\\\acme.com\\x", "acme.com"),
        ("https//acme.com", "acme.com"),
        ("ftp://files.acme.com", "acme.com"),
        ("acme.com.", "acme.com"),
        ("acme.com/", "acme.com"),
        ("acme.com?x", "acme.com"),
        (" acme.com ", "acme.com"),
        ("acme.com, acme.de", "acme.com"),
        ("acme.com (old)", "acme.com"),
        ("<https://acme.com>", "acme.com"),
        ("https://medium.com/@acme", "medium.com"),
        ("ada@mail.acme.com", "acme.com"),
        ("Ada <ada@acme.com>", "acme.com"),
        ("mailto:ada@acme.com", "acme.com"),
        ("a.b.c.acme.com.au", "acme.com.au"),
        ("acme.k12.ca.us", "acme.k12.ca.us"),
        ("shop.acme.co.jp", "acme.co.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("https://www.müller.de/", "xn--mller-kva.de"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("acme.github.io", "acme.github.io"),
        ("github.io", "github.io"),
        ("acme.example", "acme.example"),
        ("foo_bar.acme.com", "acme.com"),
        ("acme.com:8080", "acme.com"),
        ("3m.com", "3m.com"),
        ("gmail.com", "gmail.com"),
    ] {
        assert_eq!(domain_key(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn text_without_a_domain_has_none() {
    for text in [
        "",
        " ",
        "acme",
        "localhost",
        "http://localhost:8080",
        "com",
        "co.uk",
        "https://10.0.0.1/x",
        "127.0.0.1",
        "http://[::1]/",
        "::1",
        "n/a",
        "n.a.",
        "-",
        "...",
        "@",
        "http://",
        "acme..com",
        "Acme Inc.",
        "e.g",
        "a b.c d",
    ] {
        assert_eq!(domain_key(text), None, "{text}");
    }
}

#[test]
fn domains_that_anyone_may_use_are_told_from_a_companys_own() {
    for (text, kind) in [
        ("acme.com", DomainKind::Company),
        ("ada@gmail.com", DomainKind::FreeMail),
        ("gmail.com", DomainKind::FreeMail),
        ("x@mailinator.com", DomainKind::Disposable),
        ("https://www.linkedin.com/company/acme", DomainKind::Platform),
        ("facebook.com/acme", DomainKind::Platform),
        ("https://www.linkedin.com/", DomainKind::Company),
        ("ada@linkedin.com", DomainKind::Company),
        ("https://acme.wordpress.com/x", DomainKind::Platform),
    ] {
        assert_eq!(domain_kind(text), Some(kind), "{text}");
        assert_eq!(company_domain_key(text).is_some(), kind == DomainKind::Company, "{text}");
    }
    assert_eq!(domain_kind("acme"), None);
}

#[test]
fn the_domain_of_an_address_is_whole() {
    assert_eq!(email_domain("Ada@Mail.Acme.com").as_deref(), Some("mail.acme.com"));
    assert_eq!(email_domain("ada@müller.de").as_deref(), Some("xn--mller-kva.de"));
    assert_eq!(email_domain("acme.com"), None);
}

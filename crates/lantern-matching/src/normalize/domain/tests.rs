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
fn customers_of_a_provider_are_known_by_their_subdomain() {
    for (text, expected) in [
        ("ada@acme.onmicrosoft.com", "acme.onmicrosoft.com"),
        ("acme.wordpress.com", "acme.wordpress.com"),
        ("https://acme.zendesk.com/hc/en-us", "acme.zendesk.com"),
        ("https://acme.sharepoint.com/sites/x", "acme.sharepoint.com"),
        ("https://acme.squarespace.com", "acme.squarespace.com"),
        ("http://acme.godaddysites.com/", "acme.godaddysites.com"),
        ("https://acme-bakery.business.site", "acme-bakery.business.site"),
        ("acme.my.salesforce.com", "acme.my.salesforce.com"),
        ("acme.lightning.force.com", "acme.lightning.force.com"),
        ("https://acme.wd3.myworkdayjobs.com/careers", "acme.wd3.myworkdayjobs.com"),
        ("https://acme.jobs.personio.de", "acme.jobs.personio.de"),
        ("acme.mail.onmicrosoft.com", "acme.mail.onmicrosoft.com"),
        ("www.acme.tumblr.com", "acme.tumblr.com"),
        // By the list's private section.
        ("shop.acme.myshopify.com", "acme.myshopify.com"),
        ("acme.netlify.app", "acme.netlify.app"),
        ("acme.blogspot.com", "acme.blogspot.com"),
        ("acme.wixsite.com", "acme.wixsite.com"),
        ("acme.azurewebsites.net", "acme.azurewebsites.net"),
        // The providers' own.
        ("www.wordpress.com", "wordpress.com"),
        ("wordpress.com", "wordpress.com"),
        ("support.zendesk.com", "zendesk.com"),
        ("app.slack.com", "slack.com"),
        ("www.github.io", "github.io"),
        ("login.acme.com", "acme.com"),
    ] {
        assert_eq!(domain_key(text).as_deref(), Some(expected), "{text}");
        assert_eq!(domain_key(expected).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(
        company_domain_key("a@acme.onmicrosoft.com").as_deref(),
        Some("acme.onmicrosoft.com")
    );
    assert_ne!(domain_key("acme.zendesk.com"), domain_key("globex.zendesk.com"));
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
        ("https://wordpress.com/acme", DomainKind::Platform),
        ("https://acme.wordpress.com/x", DomainKind::Company),
        ("https://acme.github.io/x", DomainKind::Company),
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

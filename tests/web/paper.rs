//! What people print: the sheet of an invitation, the poster for the door.

use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, story};

use crate::people::{admin, invites_client};

#[test]
fn the_sheet_of_an_invitation_is_one_page_with_code_and_steps_and_names_nobody() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        let paper = prints(&anna, "Blatt drucken").await;
        for said in ["Ihr geschützter Zugang", "Scannen Sie das Bild", &link] {
            assert!(paper.contains(said), "“{said}” is missing on:\n{paper}");
        }
        for kept in ["K. S.", "Guten Tag", "Anna Berger", "Link kopieren"] {
            assert!(!paper.contains(kept), "“{kept}” is on:\n{paper}");
        }
        // Large enough for an old phone's camera at arm's length: 7 cm.
        let code = "const code = document.querySelector('.print-only .qr svg');
            const box = code.getBoundingClientRect();
            return box.height > 0 && Math.abs(box.width - box.height) < 1 ? box.width : 0";
        let wide = anna.run(code).await.as_f64().unwrap_or_default();
        assert!(wide > 264.0, "the code is {wide} pixels wide");
        assert_eq!(pages(&anna).await, 1);
        anna.shows_print(false).await;
        anna.sees("Link kopieren").await;
        anna.ends().await;
    });
}

#[test]
fn the_sheet_is_in_the_language_of_whoever_gets_it() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        for (language, said) in [
            ("en", "Your protected access"),
            ("de-simple", "Wählen Sie Ihre Sprache. Lesen Sie dann"),
            ("tr", "Korumalı erişiminiz"),
            ("ar", "مدخلك المحمي"),
            ("uk", "Ваш захищений доступ"),
            ("ru", "Ваш защищённый доступ"),
            ("fa", "دسترسی محافظت‌شدهٔ شما"),
        ] {
            anna.clicks(&format!("option[value='{language}']")).await;
            let paper = prints(&anna, "Blatt drucken").await;
            for said in [said, &link] {
                assert!(paper.contains(said), "“{said}” is missing on:\n{paper}");
            }
            let turned = "return getComputedStyle(document.querySelector('.print-only')).direction";
            let direction = match language {
                "ar" | "fa" => "rtl",
                _ => "ltr",
            };
            assert_eq!(anna.run(turned).await.as_str(), Some(direction));
            assert_eq!(pages(&anna).await, 1);
            anna.shows_print(false).await;
            anna.sees("Link kopieren").await;
        }
        anna.ends().await;
    });
}

#[test]
fn the_poster_is_one_page_in_the_chosen_language_and_carries_no_link() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        for (language, said) in [
            ("de", "Schreiben Sie uns geschützt"),
            ("ar", "اكتب إلينا بشكل محمي"),
        ] {
            anna.clicks("[aria-label='Neu']").await;
            anna.presses("Anfrage von außerhalb").await;
            anna.presses("Aushang an der Tür").await;
            anna.clicks(&format!("option[value='{language}']")).await;
            anna.presses("Text zeigen").await;
            let paper = prints(&anna, "Blatt drucken").await;
            assert!(paper.contains(said), "“{said}” is missing on:\n{paper}");
            assert!(!paper.contains("http"), "{paper}");
            let turned = "return getComputedStyle(document.querySelector('.poster')).direction";
            let direction = if language == "ar" { "rtl" } else { "ltr" };
            assert_eq!(anna.run(turned).await.as_str(), Some(direction));
            assert_eq!(pages(&anna).await, 1);
            anna.shows_print(false).await;
            anna.presses("Andere Antwort").await;
        }
        anna.ends().await;
    });
}

/// Presses what prints, and shows the page as it goes to the printer. Returns what stands
/// on it.
async fn prints(browser: &Browser, button: &str) -> String {
    browser
        .does("window.printed = 0; window.print = () => { window.printed += 1; };")
        .await;
    browser.presses(button).await;
    let printed = browser.run("return window.printed").await;
    assert_eq!(printed.as_u64(), Some(1), "the printer was asked");
    browser.shows_print(true).await;
    browser.text().await
}

/// How many sheets of paper it takes.
async fn pages(browser: &Browser) -> usize {
    let a4 = fantoccini::wd::PrintConfiguration::default();
    let paper = browser.client().print(a4).await.expect("a document");
    let paper = String::from_utf8_lossy(&paper);
    paper.matches("/Type /Page\n").count()
}

//! What locking takes from the screen.

use siegel_tests::harness::{World, story};

use crate::people::{admin, unlocks};

#[test]
fn what_was_said_at_the_lower_edge_goes_when_the_app_is_locked() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Regeln ändern").await;
        anna.sees("Die Regeln gelten jetzt.").await;
        anna.presses("Jetzt sperren").await;
        anna.finds("#secret").await;
        let toasts = "return document.querySelectorAll('.toast').length";
        assert_eq!(anna.run(toasts).await.as_u64(), Some(0));
        unlocks(&anna).await;
        anna.ends().await;
    });
}

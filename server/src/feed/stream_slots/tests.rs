use super::*;
use uuid::Uuid;

const HERE: ClientAddress = ClientAddress::UNKNOWN;

fn session(name: &str) -> Option<SessionKey> {
    Some(SessionKey::of(name))
}

#[test]
fn observers_are_refused_while_bidders_get_in() {
    let slots = StreamSlots::new(2, 9);
    let first = slots.enter(None, None, HERE, None).unwrap();
    slots.enter(None, None, HERE, None).unwrap();
    assert_eq!(slots.enter(None, None, HERE, None).err(), Some(Full::All));
    assert!(slots.enter(session("a bidder"), None, HERE, None).is_ok());
    slots.leave(&first);
    assert!(slots.enter(None, None, HERE, None).is_ok(), "a place that was given back");
}

#[test]
fn the_observers_of_one_address_leave_slots_to_others() {
    let slots = StreamSlots::new(9, 2);
    let elsewhere = ClientAddress::of([192, 0, 2, 1].into());
    let first = slots.enter(None, None, HERE, None).unwrap();
    slots.enter(None, None, HERE, None).unwrap();
    assert_eq!(slots.enter(None, None, HERE, None).err(), Some(Full::OfAddress));
    assert!(slots.enter(session("a bidder"), None, HERE, None).is_ok());
    assert!(slots.enter(None, None, elsewhere, None).is_ok());
    slots.leave(&first);
    assert!(slots.enter(None, None, HERE, None).is_ok());
}

#[test]
fn a_phone_that_opens_one_more_loses_its_oldest() {
    let slots = StreamSlots::new(0, 9);
    let aida = Some(PersonId(Uuid::from_u128(1)));
    let own: Vec<_> = (0..=STREAMS_PER_SESSION_MAX)
        .map(|_| slots.enter(session("a phone"), aida, HERE, None).unwrap())
        .collect();
    let other = slots.enter(session("another"), None, HERE, None).unwrap();
    let ended: Vec<bool> = own.iter().map(|slot| slot.is_ended()).collect();
    assert!(ended[0] && !ended[1..].contains(&true) && !other.is_ended());
    slots.end(&[SessionKey::of("a phone")]);
    assert!(own.iter().all(|slot| slot.is_ended()) && !other.is_ended());
}

#[test]
fn the_console_refuses_one_page_more_and_ends_none_but_the_same_viewers_last() {
    let slots = StreamSlots::new(0, 9);
    let enter = |viewer: &str| {
        let viewer = Some(viewer.to_owned()).filter(|viewer| !viewer.is_empty());
        slots.enter(session("a console"), None, HERE, viewer)
    };
    let own: Vec<_> = ["", "", "a", "b"].map(|viewer| enter(viewer).unwrap()).into();
    for newest in ["", "c"] {
        assert_eq!(enter(newest).err(), Some(Full::OfSession), "{newest}");
    }
    assert!(own.iter().all(|slot| !slot.is_ended()));
    let again = enter("a").unwrap();
    let ended: Vec<bool> = own.iter().map(|slot| slot.is_ended()).collect();
    assert_eq!(ended, [false, false, true, false]);
    // Its dropped connection, noticed only now, takes nothing from its successor.
    slots.leave(&own[2]);
    assert!(!again.is_ended() && enter("").is_err());
    slots.leave(&own[0]);
    assert!(enter("").is_ok());
}

#[test]
fn who_takes_nothing_for_too_long_gives_his_place_back() {
    let slots = StreamSlots::new(2, 9);
    let (slow, awake) = (
        slots.enter(None, None, HERE, None).unwrap(),
        slots.enter(None, None, HERE, None).unwrap(),
    );
    for _ in 0..=STALLED_ROUNDS {
        slots.next_round();
        slots.is_ready(&awake);
    }
    assert!(slow.is_ended() && !awake.is_ended());
    assert!(slots.enter(None, None, HERE, None).is_ok());
}

#[test]
fn a_server_that_stops_ends_all_streams_and_takes_no_more() {
    let slots = StreamSlots::new(2, 9);
    let (observer, bidder) = (
        slots.enter(None, None, HERE, None).unwrap(),
        slots.enter(session("a"), None, HERE, None).unwrap(),
    );
    slots.close();
    assert!(observer.is_ended() && bidder.is_ended());
    assert_eq!(slots.enter(session("a"), None, HERE, None).err(), Some(Full::All));
    assert_eq!(slots.sessions(), []);
}

#[test]
fn only_a_persons_own_phones_are_poked_and_a_second_poke_is_the_same_one() {
    let (slots, [aida, bek]) =
        (StreamSlots::new(1, 9), [1, 2].map(|no| PersonId(Uuid::from_u128(no))));
    let phones =
        ["a phone", "a tablet"].map(|name| slots.enter(session(name), Some(aida), HERE, None));
    let [phone, tablet] = phones.map(|slot| slot.unwrap());
    let other = slots.enter(session("another"), Some(bek), HERE, None).unwrap();
    let observer = slots.enter(None, None, HERE, None).unwrap();
    slots.poke(aida);
    slots.poke(aida);
    assert!(phone.take_poke() && !phone.take_poke() && tablet.take_poke());
    assert!(!other.take_poke() && !observer.take_poke());
    slots.leave(&tablet);
    slots.poke_all();
    assert!(phone.take_poke() && other.take_poke() && !observer.take_poke());
    assert!(!tablet.take_poke(), "it has gone");
}

use super::*;
use crate::fault::During as _;
use std::time::Duration;

#[test]
fn every_503_has_a_time_to_retry_and_an_unconfirmed_change_is_no_503() {
    let fault = |unavailable: Unavailable| Err::<(), _>(unavailable).during("answering").unwrap_err();
    let asked = |problem: Problem| {
        let response = problem.into_response();
        (response.status().as_u16(), response.headers().contains_key(header::RETRY_AFTER))
    };
    for problem in [
        Problem::switched_off("a release", 300),
        Problem::fault(&fault(Unavailable::Busy(Duration::from_secs(1)))),
        Problem::fault(&fault(Unavailable::Unreachable)),
        Problem::not_ready(&fault(Unavailable::Unconfirmed)),
        Problem::not_ready(&Fault::new("the bucket is not there")),
        Problem::refused(StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
    ] {
        assert_eq!(asked(problem.clone()), (503, true), "{problem:?}");
    }
    assert_eq!(asked(Problem::fault(&fault(Unavailable::Unconfirmed))), (500, false));
    let said = include_str!("../problem.rs");
    assert_eq!(
        said.matches("Self::new(StatusCode::SERVICE_UNAVAILABLE").count(),
        1,
        "only one place makes a 503"
    );
}

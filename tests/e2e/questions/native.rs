use super::{ask, cells, refused, rows};
use tests::Running;

#[tokio::test(flavor = "multi_thread")]
async fn data_types_without_months_are_answered_as_published() {
    let running = Running::start().await;
    let token = running.admin().await;
    for (name, bytes) in local::samples::SAMPLES {
        running.put(name, bytes).await;
    }
    let asked = async |more: &str| ask(&running, &token, &format!("/v1/values?{more}")).await;
    let hours = asked("data_type=loadprofile&market=PJM&from=2024-11&to=2024-12&limit=30").await;
    assert_eq!(rows(&hours).len(), 30);
    assert_eq!(cells(&hours, &["day", "hour_ending"])[0], "2024-11-01 1");
    assert_eq!(rows(&hours)[0]["unit"], "kWh");
    let any_year = asked("data_type=vlr&market=NYISO").await;
    assert_eq!(cells(&any_year, &["month_of_year", "hour_ending"])[25], "2 2");
    let offers = asked("data_type=matrix&market=ERCOT").await;
    assert!(rows(&offers).iter().all(|row| row["begins"].is_string() && row["term"].is_string()));
    let some = asked("data_type=matrix&market=ERCOT&term=12").await;
    assert!(rows(&some).len() < rows(&offers).len() && rows(&some).iter().all(|row| row["term"] == "12"));
    let losses = asked("data_type=lineloss&market=PJM").await;
    assert!(!rows(&losses).is_empty() && rows(&losses)[0].get("hours").is_none());
    for kind in [
        "rec&market=NYISO",
        "ptc&market=ISONE",
        "nonenergy&market=MISO",
        "shaping&market=ERCOT&period=2024-03",
    ] {
        assert!(!rows(&asked(&format!("data_type={kind}")).await).is_empty(), "{kind}");
    }
    for (more, parameter) in [
        ("data_type=loadprofile&market=PJM&granularity=year", "granularity"),
        ("data_type=loadprofile&market=PJM&fill=forward", "fill"),
        ("data_type=matrix&market=ERCOT&blocks=7x24", "blocks"),
        ("data_type=shaping&market=ERCOT&units=$/MWh", "units"),
        ("data_type=vlr&market=NYISO&from=2024-01", "period"),
    ] {
        let (status, problem) = refused(&running, &token, &format!("/v1/values?{more}")).await;
        assert_eq!(
            (status, &problem["errors"][0]["parameter"]),
            (422, &parameter.into()),
            "{more}: {problem:#}"
        );
    }
}

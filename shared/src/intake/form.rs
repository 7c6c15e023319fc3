//! The form in which a sheet is uploaded. Guarantees: it is read to its end, so that a truncated form is refused; it has one file,
//! and any other field, which would be lost, is refused by name.

use super::keys::base_name;
use crate::http::Problem;
use crate::http::wrong::Wrong;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::http::StatusCode;

/// The field with the file.
const FIELD: &str = "file";
/// A further field that a form may have: the submit button of the old system's pages.
const BUTTON: &str = "submit";

/// The file of the form, and its name without folders.
///
/// # Errors
/// A problem that names the error in the form.
pub async fn sheet(form: Result<Multipart, MultipartRejection>) -> Result<(String, Vec<u8>), Problem> {
    let mut form = form.map_err(|_| missing("No file part"))?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut blank = false;
    while let Some(part) = form.next_field().await.map_err(|error| unreadable(&error))? {
        let (field, file_name) = (part.name().unwrap_or("").to_owned(), part.file_name().map(str::to_owned));
        let name = base_name(file_name.as_deref().unwrap_or("")).to_owned();
        let bytes = bytes(part).await?;
        if field == FIELD && name.is_empty() {
            // A browser sends this for a field in which nothing was chosen.
            blank = true;
        } else if field == FIELD {
            files.push((name, bytes));
        } else if !name.is_empty() {
            let detail =
                format!("the file {name:?} is in the field {field:?}; put it into the field `{FIELD}`");
            return Err(Problem::bad_parameter(&field, detail));
        } else if field == "dry_run" {
            let detail = "it belongs in the query, not in the form: POST /upload_csv?dry_run=true";
            return Err(Problem::bad_parameter("dry_run", detail));
        } else if field != BUTTON {
            return Err(Problem::bad_request(vec![Wrong::unknown_field("", &field, &[FIELD])]));
        }
    }
    if files.len() > 1 {
        let names = files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let detail = format!(
            "the form has {} files ({names}), and none was uploaded; send one file per request, or a zip",
            files.len()
        );
        let toast = format!("Unable to Upload file because of '{} files in one request'", files.len());
        return Err(Problem::bad_parameter(FIELD, detail).with_toast(&toast));
    }
    let Some((name, bytes)) = files.pop() else {
        return Err(missing(if blank { "No selected file" } else { "No file part" }));
    };
    if name.len() > 255 || name.chars().any(char::is_control) {
        let detail = format!("{name:?} is no file name: expected at most 255 printable characters");
        return Err(Problem::bad_parameter(FIELD, detail));
    }
    Ok((name, bytes))
}

async fn bytes(part: Field<'_>) -> Result<Vec<u8>, Problem> {
    part.bytes().await.map(|bytes| bytes.to_vec()).map_err(|error| unreadable(&error))
}

/// In the old system's words.
fn missing(text: &str) -> Problem {
    let toast = format!("Unable to Upload file because of '{text}'");
    Problem::bad_parameter(FIELD, "expected a multipart form with a file in the field `file`")
        .with_toast(&toast)
}

/// What is wrong with a form that cannot be read to its end.
fn unreadable(error: &MultipartError) -> Problem {
    let incomplete = "the form ends before its last boundary: it was cut off on the way, or the boundary in Content-Type is another \
        than that of the body; nothing was uploaded, send it again";
    let said = error.body_text();
    let detail = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            return Problem::too_large(
                "a sheet sent through the API may have at most 4 MB; put larger ones into the bucket",
            );
        }
        StatusCode::BAD_REQUEST if said.contains("decode") || said == "failed to read headers" => {
            "the form has a part whose headers cannot be read; nothing was uploaded"
        }
        // A body that ends inside the form is truncated as well.
        _ => incomplete,
    };
    Problem::bad_parameter(FIELD, detail).with_toast("Unable to Upload file because of 'Incomplete form'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::extract::{FromRequest as _, Request};
    use axum::http::header::CONTENT_TYPE;

    fn part(field: &str, file: Option<&str>, text: &str) -> String {
        let file = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"{file}\r\n\r\n{text}\r\n")
    }

    async fn read(body: String) -> Result<(String, Vec<u8>), String> {
        let request = Request::post("/").header(CONTENT_TYPE, "multipart/form-data; boundary=b");
        let request = request.body(Body::from(body)).unwrap();
        let form = Multipart::from_request(request, &()).await;
        sheet(form).await.map_err(|problem| {
            let problem = serde_json::to_value(problem).unwrap();
            format!("{} {}", problem["status"], problem["detail"].as_str().unwrap())
        })
    }

    #[tokio::test]
    async fn a_form_has_one_file_and_what_else_it_brings_is_named() {
        let file = || part("file", Some("C:\\a\\x.csv"), "1");
        let end = "--b--\r\n";
        let plain = part("submit", None, "Upload");
        let taken = ("x.csv".to_owned(), b"1".to_vec());
        assert_eq!(read(format!("{plain}{}{end}", file())).await.unwrap(), taken, "a button is no file");
        let unchosen = part("file", Some(""), "");
        assert_eq!(read(format!("{unchosen}{}{end}", file())).await.unwrap(), taken);
        for (more, says) in [
            (part("file", Some("y.csv"), "2"), "400 file: the form has 2 files (x.csv, y.csv)"),
            (part("other", Some("y.csv"), "2"), "400 other: the file \"y.csv\" is in the field \"other\""),
            (part("dry_run", None, "true"), "400 dry_run: it belongs in the query"),
            (part("bogus", None, "1"), "400 no field `bogus`; there is only file"),
            (part("flie", None, "1"), "400 no field `flie`; did you mean `file`?"),
            (part("", None, "1"), "400 "),
        ] {
            for body in [format!("{}{more}{end}", file()), format!("{more}{}{end}", file())] {
                let said = read(body).await.unwrap_err();
                let turned = said.replace("y.csv, x.csv", "x.csv, y.csv");
                assert!(turned.starts_with(says), "{said}");
            }
        }
        for nothing in [end.to_owned(), format!("{plain}{end}"), format!("{unchosen}{end}")] {
            let said = read(nothing).await.unwrap_err();
            assert!(said.starts_with("400 ") && said.contains("expected a multipart form"), "{said}");
        }
        let blank = part("file", Some("   "), "1");
        let said = read(format!("{blank}{end}")).await.unwrap_err();
        assert!(said.starts_with("400 ") && said.contains("expected"), "{said}");
    }

    #[tokio::test]
    async fn a_form_that_is_cut_off_is_not_too_large() {
        let whole = format!("{}{}", part("file", Some("x.csv"), "1,2,3"), "--b--\r\n");
        let last = whole.len() - "--\r\n".len();
        for end in 0..last {
            let said = read(whole[..end].to_owned()).await.unwrap_err();
            assert!(said.starts_with("400 file: the form ends before"), "cut at {end}: {said}");
        }
        assert!(read(whole).await.is_ok());
    }
}

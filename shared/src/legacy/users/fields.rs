//! The fields of the old account paths: their documentation, and how they identify a user.

use crate::access::users::store;
use crate::db::Tx;
use crate::fault::Fault;
use crate::legacy::forms::fields::Fields;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Identifies an account.
pub(super) enum Who {
    Email(String),
    Id(i32),
}

impl Who {
    pub(super) fn email(fields: &mut Fields) -> Self {
        Self::Email(fields.text("email"))
    }

    pub(super) fn id(fields: &mut Fields) -> Self {
        Self::Id(fields.id("user_id"))
    }

    /// The id of the user; 0 if there is none.
    pub(super) async fn find(&self, tx: &mut Tx) -> Result<i32, Fault> {
        match self {
            Self::Email(email) => Ok(store::user(tx, email).await?.map_or(0, |user| user.id)),
            Self::Id(id) => Ok(*id),
        }
    }
}

/// Fields that name a user by its address.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "fields are read by Fields, which says everything that is wrong at once")]
pub(super) struct ByEmail {
    /// E-mail address; here, in a form or as JSON.
    #[param(required = false, example = "analyst@example.com")]
    #[schema(example = "analyst@example.com")]
    email: String,
}

/// Fields that name a user by its key.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "fields are read by Fields, which says everything that is wrong at once")]
pub(super) struct ById {
    /// Key of the user; here, in a form or as JSON.
    #[param(required = false, example = 7)]
    #[schema(example = 7)]
    user_id: i32,
}

/// Fields of a new user.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "fields are read by Fields, which says everything that is wrong at once")]
pub(super) struct NewFields {
    /// E-mail address; here, in a form or as JSON.
    #[param(required = false, example = "analyst@example.com")]
    #[schema(example = "analyst@example.com")]
    email: String,
    /// At least 12 characters, and not the e-mail address; in the query string only where the operator allows it.
    #[param(required = false, example = "correct horse battery staple")]
    #[schema(example = "correct horse battery staple")]
    password: String,
    /// `admin`, `read_write_user` or `read_only_user`.
    #[param(required = false, example = "read_only_user")]
    #[schema(example = "read_only_user")]
    prv_level: String,
}

/// Fields of a new role, the user named by its address.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "fields are read by Fields, which says everything that is wrong at once")]
pub(super) struct RoleByEmail {
    /// E-mail address; here, in a form or as JSON.
    #[param(required = false, example = "analyst@example.com")]
    #[schema(example = "analyst@example.com")]
    email: String,
    /// `admin`, `read_write_user` or `read_only_user`.
    #[param(required = false, example = "read_write_user")]
    #[schema(example = "read_write_user")]
    prv_level: String,
}

/// Fields of a new role, the user named by its key.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "fields are read by Fields, which says everything that is wrong at once")]
pub(super) struct RoleById {
    /// Key of the user; here, in a form or as JSON.
    #[param(required = false, example = 7)]
    #[schema(example = 7)]
    user_id: i32,
    /// `admin`, `read_write_user` or `read_only_user`.
    #[param(required = false, example = "read_write_user")]
    #[schema(example = "read_write_user")]
    prv_level: String,
}

/// Fields of a new password of one's own.
#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "fields are read by Fields, which says everything that is wrong at once")]
pub(super) struct PasswordFields {
    /// The password until now; in the query string only where the operator allows it.
    #[param(required = false, example = "correct horse battery staple")]
    #[schema(example = "correct horse battery staple")]
    old_password: String,
    /// The password from now on, at least 12 characters, and not the e-mail address; likewise.
    #[param(required = false, example = "staple battery horse correct")]
    #[schema(example = "staple battery horse correct")]
    password: String,
}

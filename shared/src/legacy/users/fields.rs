//! The fields of the old account paths: their documentation, and how they identify a user.

use crate::access::Role;
use crate::access::users::store;
use crate::db::Tx;
use crate::fault::Fault;
use crate::http::parameter::body::body;
use crate::http::parameter::kind::Kind;
use crate::http::{Parameter, ParameterTable};
use crate::legacy::forms::fields::Fields;

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

    /// The id of the user; 0 if the user does not exist.
    pub(super) async fn find(&self, tx: &mut Tx) -> Result<i32, Fault> {
        match self {
            Self::Email(email) => Ok(store::user(tx, email).await?.map_or(0, |user| user.id)),
            Self::Id(id) => Ok(*id),
        }
    }
}

fn email() -> Parameter {
    Parameter::new(
        "email",
        Kind::Email,
        "E-mail address of the user, in the query string, a form or JSON.",
        "analyst@example.com",
    )
    .required()
}

fn user_id() -> Parameter {
    Parameter::new("user_id", Kind::Key, "Id of the user, in the query string, a form or JSON.", 7).required()
}

fn role(example: &'static str) -> Parameter {
    let roles = Kind::Words(Role::ALL.map(Role::name).to_vec());
    Parameter::new("prv_level", roles, "`admin`, `read_write_user` or `read_only_user`.", example).required()
}

fn password(name: &'static str, description: &'static str, example: &'static str) -> Parameter {
    Parameter::new(name, Kind::Password, description, example).required()
}

/// A user by e-mail address.
pub(super) static BY_EMAIL: ParameterTable = ParameterTable::new(|| vec![email()]);

body! {
    /// Fields that identify a user by e-mail address.
    pub(super) ByEmail: BY_EMAIL
}

/// A user by id.
pub(super) static BY_ID: ParameterTable = ParameterTable::new(|| vec![user_id()]);

body! {
    /// Fields that identify a user by id.
    pub(super) ById: BY_ID
}

/// A new user.
pub(super) static NEW: ParameterTable = ParameterTable::new(|| {
    let password = password(
        "password",
        "Password: at least 12 characters, and not the e-mail address; in the query string only if the operator allows it.",
        "correct horse battery staple",
    );
    vec![email(), password, role("read_only_user")]
});

body! {
    /// Fields of a new user.
    pub(super) NewFields: NEW
}

/// A new role for a user identified by e-mail address.
pub(super) static ROLE_BY_EMAIL: ParameterTable =
    ParameterTable::new(|| vec![email(), role("read_write_user")]);

body! {
    /// Fields of a new role for a user identified by e-mail address.
    pub(super) RoleByEmail: ROLE_BY_EMAIL
}

/// A new role for a user identified by id.
pub(super) static ROLE_BY_ID: ParameterTable =
    ParameterTable::new(|| vec![user_id(), role("read_write_user")]);

body! {
    /// Fields of a new role for a user identified by id.
    pub(super) RoleById: ROLE_BY_ID
}

/// A new password for the caller.
pub(super) static NEW_PASSWORD: ParameterTable = ParameterTable::new(|| {
    vec![
        password(
            "old_password",
            "The current password; in the query string only if the operator allows it.",
            "correct horse battery staple",
        ),
        password(
            "password",
            "The new password: at least 12 characters, and not the e-mail address; in the query string only if the operator\n\
            allows it.",
            "staple battery horse correct",
        ),
    ]
});

body! {
    /// Fields of a new password for the caller.
    pub(super) PasswordFields: NEW_PASSWORD
}

//! Journeys through the whole system. All in one binary, so that it is linked once and starts one PostgreSQL.

mod curves;

drop index trueprice.session_by_user;
create index session_by_user on trueprice.session (user_id);
alter table trueprice.session
    drop constraint only_what_has_ended_says_why,
    drop column number,
    drop column user_agent,
    drop column ended_by;
drop table trueprice.password_link;
drop table trueprice.login_failure;

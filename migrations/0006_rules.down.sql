-- What only this release can say is taken away first: rules of packages, of labels and of months would mean more without them.
drop table trueprice.audit;
drop function trueprice.refuse_change();
drop function trueprice.sees_series(integer, boolean, text, text, boolean);
drop function trueprice.month_numbers(datemultirange);
drop function trueprice.seen(integer, boolean, timestamptz, text, text, text[]);
drop view trueprice.access_rule;
delete from trueprice.access_grant
where package_id is not null
   or num_nonnulls(variadic labels) > 0
   or num_nonnulls(from_month, to_month, balanced_months) > 0;
delete from trueprice.access_grant g
using trueprice.access_grant o
where o.id < g.id
  and o.user_id = g.user_id
  and o.data_type is not distinct from g.data_type
  and o.market is not distinct from g.market;
alter table trueprice.access_grant
    drop constraint one_grant_per_series,
    drop constraint a_rule_is_of_a_user_or_of_a_package,
    drop constraint months_are_a_range,
    drop constraint months_are_absolute_or_balanced,
    drop column package_id,
    drop column patterns,
    drop column key,
    drop column labels,
    drop column from_month,
    drop column to_month,
    drop column balanced_months,
    alter column user_id set not null,
    add constraint one_grant_per_series unique nulls not distinct (user_id, data_type, market);
drop table trueprice.package_user;
drop table trueprice.access_package;
drop function trueprice.rule_key(text[]);
alter table trueprice.curve drop column normal;
drop function trueprice.like_patterns(text[]);
drop function trueprice.like_pattern(text);
drop function trueprice.normals(text[]);
drop function trueprice.normal(text);

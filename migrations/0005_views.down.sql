-- The role stays: other databases of the server may use it.
do $$
begin
    if to_regrole('trueprice_reader') is not null then
        revoke usage on schema trueprice from trueprice_reader;
    end if;
end
$$;
-- All views for readers are made of it, and go with it.
drop view trueprice.known_vector cascade;

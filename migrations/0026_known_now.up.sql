-- The catalog listed curves whose only granted months were in sheets that had been withdrawn or corrected. Whether a curve is
-- there now is asked by the months that are granted, like everything else.

create function trueprice.is_covered_now(series integer, curve integer, months datemultirange) returns boolean
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
begin
    -- Coverages are few, and nearly each is of a snapshot that is known: one look at it ends the search.
    return exists (
        select
        from trueprice.coverage g
        where g.series_id = is_covered_now.series
          and g.curves @> is_covered_now.curve
          and g.months && is_covered_now.months
          and exists (
            select
            from trueprice.snapshot_coverage l
            join trueprice.snapshot s on s.id = l.snapshot_id
            where l.coverage_id = g.id
              and upper_inf(s.known)
          )
    );
end
$$;
comment on function trueprice.is_covered_now is 'Whether a snapshot that is known now has a curve, and says something of some of these months of it';

create function trueprice.is_known(curve integer, series integer, months datemultirange) returns boolean
    language sql stable parallel safe
    return case
        when months = '{(,)}'::datemultirange then trueprice.is_in_known_sheet(curve, series)
        else trueprice.is_covered_now(series, curve, months)
    end;
comment on function trueprice.is_known is 'Whether a snapshot that is known now has a curve, in some of these months, in the tables or in the archive: not one that only withdrawn or corrected snapshots have';

create function trueprice.sees_known_curve(
    viewer integer, everything boolean, now timestamptz, data_type text, market text, series_id integer, curve_id integer, normal text[]
)
    returns table (months datemultirange)
    language sql stable parallel safe
as $$
    select s.months
    from trueprice.seen(viewer, everything, now, data_type, market, normal) s
    where trueprice.is_known(curve_id, series_id, s.months)
$$;
comment on function trueprice.sees_known_curve is 'The delivery months of a curve that a viewer may see; no row if it may not see the curve, or no snapshot that is known now says something of these months. trueprice.sees_curve looks at the past, too';

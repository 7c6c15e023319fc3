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

-- As the feed counts it: a correction is told to those for whom it changed something.
create function trueprice.sees_correction(viewer integer, everything boolean, now timestamptz, snapshot_id integer) returns boolean
    language plpgsql stable parallel safe
as $$
#variable_conflict use_column
declare
    series trueprice.series;
    base integer;
    changed trueprice.difference;
begin
    select d.* into changed
    from trueprice.difference d
    where d.snapshot_id = sees_correction.snapshot_id;
    if not found then
        return null;
    end if;
    select r.* into series
    from trueprice.snapshot s
    join trueprice.series r on r.id = s.series_id
    where s.id = sees_correction.snapshot_id;
    if trueprice.sees_series(sees_correction.viewer, sees_correction.everything, series.data_type, series.market, true) then
        return cardinality(changed.curves) > 0;
    end if;
    select c.previous_id into base
    from trueprice.change c
    where c.snapshot_id = sees_correction.snapshot_id
      and c.kind <> 'withdrawn';
    if not trueprice.sees_snapshot(sees_correction.viewer, false, sees_correction.now, base) then
        return null;
    end if;
    return exists (
        select
        from unnest(changed.curves, changed.months) as l (curve_id, months)
        join trueprice.curve c on c.id = l.curve_id
        cross join lateral trueprice.seen(sees_correction.viewer, false, sees_correction.now, series.data_type, series.market, c.normal) v
        where (
            l.months && v.months
            or l.months is null and (v.months = '{(,)}'::datemultirange or trueprice.is_timeless(series.data_type))
          )
          and (
            trueprice.covers(base, l.curve_id, v.months)
            or trueprice.covers(sees_correction.snapshot_id, l.curve_id, v.months)
          )
    );
end
$$;
comment on function trueprice.sees_correction is 'Whether a correction changed something that a viewer may see; null if that is not written down, or against a revision that the viewer does not see';

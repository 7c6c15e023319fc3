-- What an answer needs that says why there is nothing, and a catalog that knows what archived snapshots had. Everything here adds.

-- A user sees a vector only if one of its months is granted; where values have no delivery month, if the curve is.
create function trueprice.has_month(months datemultirange, grid text, start date, packed bytea, numbers float8[]) returns boolean
    language sql immutable parallel safe
    return months = '{(,)}'::datemultirange or grid = 'always' or months && datemultirange(daterange(start, (
        case grid
            when 'month' then start + make_interval(months => coalesce(cardinality(numbers), cardinality(trueprice.unpack(packed))))
            -- 25 places a day.
            when 'hour' then start + make_interval(days => (coalesce(cardinality(numbers), cardinality(trueprice.unpack(packed))) + 24) / 25)
            else start + make_interval(days => coalesce(cardinality(numbers), cardinality(trueprice.unpack(packed))))
        end)::date));
comment on function trueprice.has_month is 'Whether one of these delivery months is among those of a stored vector. The grid is month, hour (of days), day (offers) or always';

alter table trueprice.snapshot add column archived_curves int4multirange;
comment on column trueprice.snapshot.archived_curves is 'The curves that it has, by their keys, if its values went to the archive: the manifest does not say so any more. Null while it does, and of what an earlier release archived';

create function trueprice.is_in_known_sheet(curve integer, series integer) returns boolean
    language sql stable parallel safe
    return exists (
        select
        from trueprice.curve_values v
        join trueprice.snapshot_curve i on i.values_id = v.id
        join trueprice.snapshot s on s.id = i.snapshot_id
        where v.curve_id = curve and upper_inf(s.known)
    ) or exists (
        -- What an earlier release archived is not known by curve: all of them stay listed.
        select
        from trueprice.snapshot s
        where s.series_id = series
          and s.archive_id is not null
          and upper_inf(s.known)
          and (s.archived_curves is null or s.archived_curves @> curve)
    );
comment on function trueprice.is_in_known_sheet is 'Whether a snapshot that is known now has a curve, in the tables or in the archive: not one that only withdrawn or corrected snapshots have';

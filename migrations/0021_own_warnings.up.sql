-- What an uploader is told of a series that it may not read is what its sheet says by itself. Which warnings that are was found
-- out when the journal was read, by their kinds: some tell of the past by not being there, and of those beyond the hundredth
-- nothing was known.

alter table trueprice.upload
    add column own_warnings jsonb,
    add column own_warning_count integer;
comment on column trueprice.upload.own_warnings is 'The first 100 warnings that the sheet has by itself, whatever its series said before: for its uploader, if that may not read the series; null of what an earlier release read';
comment on column trueprice.upload.own_warning_count is 'All of them';

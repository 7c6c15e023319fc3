comment on column trueprice.headroom_pair.snapshot_id is 'The snapshot of headroom that says it; null if nothing could be compared';
comment on column trueprice.snapshot.curves is 'Curves in it';

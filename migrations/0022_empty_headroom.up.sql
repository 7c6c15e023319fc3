-- What could not be compared is a snapshot of headroom too, one without curves: as of its stamp it is the answer. The function
-- writes such a pair down anew where an earlier version left it without a snapshot. Only words change here.
comment on column trueprice.headroom_pair.snapshot_id is 'The snapshot of headroom that says it: one without curves if nothing could be compared. Null was written for that by earlier versions, and such a pair is computed again';
comment on column trueprice.snapshot.curves is 'Curves in it; 0 of one that was computed and found nothing, which is an answer like any other';

drop function trueprice.sees_correction;
drop function trueprice.sees_known_curve;
drop function trueprice.is_known;
drop function trueprice.is_covered_now;

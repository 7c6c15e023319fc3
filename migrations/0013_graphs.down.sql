drop table trueprice.graph_share;
drop table trueprice.saved_graph;

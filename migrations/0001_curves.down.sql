drop schema trueprice cascade;

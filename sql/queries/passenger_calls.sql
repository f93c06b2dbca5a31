-- passenger_calls: How often did passenger ships and ferries call at Rajin, Chongjin and Vladivostok, month by month?
-- A ship is no worker: who was on board is nowhere AIS-reported, and people may go by train and aircraft as well. A
-- month without calls tells of a closed sea way only where `days_with_data` and `coverage_share` show that one could hear.
select month, port, visits, ships, from_the_others, visits_bought_in, days_with_data, coverage_share, synthetic
from passenger_calls_monthly
order by month, port

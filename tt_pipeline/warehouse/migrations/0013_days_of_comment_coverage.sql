-- Version 13: the day of each video, so that only the rows of changed days are written again.
alter table ops.comment_coverage add column day_date DATE;

-- Functions for frequent expressions. They are in the main schema, so their names need no prefix.
-- Example: select video_url(video_id), id_time(video_id), local_time(created_at, 'Europe/Berlin') from core.videos limit 3;

-- TikTok ignores the handle in the address, so it is left empty.
create or replace macro video_url(id) as 'https://www.tiktok.com/@/video/' || id::varchar;
comment on macro video_url is 'Page of a video on tiktok.com, by its id as number or text.';

create or replace macro id_time(id) as to_timestamp(id::bigint >> 32);
comment on macro id_time is 'When an id was given out, UTC: the high 32 bits of a video''s or comment''s id are a Unix second.';

-- Uses the time zones of ICU, which is part of DuckDB's wheel for Python: nothing is downloaded.
create or replace macro local_time(ts, zone) as timezone(zone, ts);
comment on macro local_time is 'What clocks in a zone such as Europe/Berlin showed at an instant; summer time is respected. TIMESTAMP without zone.';

create or replace macro engagement_rate(likes, comments, shares, views) as
  (likes + comments + shares)::double / nullif(views, 0);
comment on macro engagement_rate is 'Likes, comments and shares by view. NULL where one of the four is missing, or nobody has viewed. Beyond 1 is possible: archive counts are not of one instant.';

create or replace macro log_likelihood(pair, one, other, total) as
  2 * list_sum([
    case when cell[1] > 0 then cell[1] * ln(cell[1] / cell[2]) else 0.0 end
    for cell in [
      [pair::double, one::double * other / total],
      [one::double - pair, one::double * (total - other) / total],
      [other::double - pair, (total - one)::double * other / total],
      [total::double - one - other + pair, (total - one)::double * (total - other) / total]
    ]
  ]);
comment on macro log_likelihood is 'Dunning''s G2 of two things that occur together `pair` times, alone `one` and `other` times, in `total` cases; 10.8 is rarer than one in a thousand by chance.';

-- Estimators for drawn units, such as the videos whose comments were drawn: x is a value of each unit, w its weight. Units
-- without a weight are left out: they were not drawn, or have no answer. Use one row for each video: comments of one video
-- are no independent draws.
-- For a part of the units write the condition into x (`case when region_code = 'DE' then comments_held end`) and not into
-- `where`: how many drawn units fall into the part is random too, and the standard error has to know the others. DuckDB
-- refuses `filter (where …)` after a macro.
-- The standard errors are those of simple random samples without replacement in each stratum, which the sample of comments
-- is; of a stratum with one drawn unit, the distance from the mean stands for the deviation.
create or replace macro weighted_total(x, w) as sum((x * w)::double) filter (where x is not null and w is not null);
comment on macro weighted_total is 'Estimated sum of x over all units that could be drawn, from the drawn ones: weighted_total(comments_held, weight). Of a part: weighted_total(case when … then comments_held end, weight).';

create or replace macro weighted_mean(x, w) as
  sum(x * w) filter (where x is not null and w is not null) / nullif(sum(w) filter (where x is not null and w is not null), 0);
comment on macro weighted_mean is 'Estimated mean of x over all units that could be drawn, from the drawn ones: weighted_mean(comments_held, weight). Of a part: weighted_mean(case when … then comments_held end, weight), because DuckDB refuses filter (where …) after a macro.';

create or replace macro weighted_share(condition, w) as weighted_mean(condition::int::double, w);
comment on macro weighted_share is 'Estimated share, 0 to 1, of the units that meet a condition: weighted_share(replies > 0, weight).';

-- Lists are read by position: a part of a list, or a query of a list, copies the whole list for each stratum.
create or replace macro drawn_units(x, w, stratum) as
  list({'x': x::double, 'w': w::double, 'stratum': stratum} order by stratum) filter (where w is not null);
comment on macro drawn_units is 'Used by the macros for standard errors: the drawn units, those of a stratum one after the other.';

create or replace macro units_of_strata(units) as
  list_transform(
    list_zip(
      list_filter(
        range(1, len(units) + 1),
        lambda i: i = 1 or units[i].stratum is distinct from units[i - 1].stratum
      ),
      list_filter(
        range(1, len(units) + 1),
        lambda i: i = len(units) or units[i].stratum is distinct from units[i + 1].stratum
      )
    ),
    lambda ends: list_transform(range(ends[1], ends[2] + 1), lambda i: units[i])
  );
comment on macro units_of_strata is 'Used by the macros for standard errors: a list of the units of each stratum.';

create or replace macro stratified_variance(units, mean, is_mean) as
  list_sum(
    list_transform(
      units_of_strata(units),
      lambda drawn: len(drawn)
        * pow(list_avg(list_transform(drawn, lambda unit: unit.w)), 2)
        * greatest(0, 1 - 1 / list_avg(list_transform(drawn, lambda unit: unit.w)))
        * coalesce(
          -- A unit outside the part adds nothing to the total, and does not move the mean.
          list_var_samp(
            list_transform(drawn, lambda unit: coalesce(case when is_mean then unit.x - mean else unit.x end, 0))
          ),
          list_max(list_transform(drawn, lambda unit: pow(unit.x - mean, 2))),
          0
        )
    )
  );
comment on macro stratified_variance is 'Used by the macros for standard errors: the variance of a weighted total of x, or of the deviations from its mean.';

create or replace macro weighted_total_se(x, w, stratum) as
  case
    when count(x) filter (where w is not null) > 0
      then sqrt(stratified_variance(drawn_units(x, w, stratum), weighted_mean(x::double, w::double), false))
  end;
comment on macro weighted_total_se is 'Standard error of weighted_total: weighted_total_se(comments_held, weight, stratum).';

create or replace macro weighted_mean_se(x, w, stratum) as
  sqrt(stratified_variance(drawn_units(x, w, stratum), weighted_mean(x::double, w::double), true))
  / nullif(sum(w) filter (where x is not null and w is not null), 0);
comment on macro weighted_mean_se is 'Standard error of weighted_mean: weighted_mean_se(comments_held, weight, stratum). Of a part write case when … then comments_held end: after where … the error is too small, because it does not know the drawn units outside the part. Of a stratum with one drawn unit the distance from the mean stands for the deviation; a stratum that was drawn as a whole adds nothing.';

create or replace macro weighted_share_se(condition, w, stratum) as
  weighted_mean_se(condition::int::double, w, stratum);
comment on macro weighted_share_se is 'Standard error of weighted_share: weighted_share_se(replies > 0, weight, stratum).';

/* Working days. The days themselves are data (plugins, point `calendars`): per year the days off and the
 * working weekend days (domain G1, G2, L11-L13). */
#ifndef FC_SCHED_CALENDAR_H
#define FC_SCHED_CALENDAR_H
#include "base/err.h"
#include <jansson.h>
#include <stdint.h>

typedef struct fc_calendar fc_calendar;

fc_calendar *fc_calendar_new(void);
void fc_calendar_free(fc_calendar *c);
/* {"year":2026,"off":["2026-01-01",...],"work":["2026-01-04",...],"provisional":bool?,"names":{"2026-01-01":TEXT}?,"source":any?};
 * a year given twice replaces the earlier one. Errors: a day of another year, no such day, a day in both
 * lists, a working day that is no weekend. */
int fc_calendar_add_year(fc_calendar *c, const json_t *year, fc_err *err);
/* A year without data is FC_ENOTFOUND: a deadline must not be guessed silently. */
int fc_calendar_is_workday(const fc_calendar *c, int64_t day, int *is, fc_err *err);
/* The n-th working day after `day` (n >= 1); n = 0: day itself if it is one, else the next. */
int fc_calendar_add_workdays(const fc_calendar *c, int64_t day, int n, int64_t *out, fc_err *err);

/* The deadline of an n-working-day limit for what was sent at `from` (ms): sent until cutoff (exclusive,
 * minutes of the day, 17:00 = 1020) counts as that day, later as the next working day; what is sent on a day
 * off counts as sent on the next working day only if `shift_off_days` (M4 starts from the day of receipt, so
 * the default is 0); ends at `close` (minutes, 17:30 = 1050) of the n-th working day after. steps (may be
 * NULL, array): how it was reckoned, one
 * {"day","kind":"start"|"after_cutoff"|"off"|"make_up"|"work"|"due","zh","en"} each. */
typedef struct fc_due {
    int64_t at; /* ms */
    int64_t day;
} fc_due;
int fc_calendar_due(const fc_calendar *c, int64_t from, int n, int cutoff, int close, fc_due *out,
                    json_t *steps, fc_err *err);
#endif

/* Time. Instants are int64 milliseconds UTC; business days are text "YYYY-MM-DD" in the site's zone.
 * China has had one zone without summer time since 1991, so the zone is a fixed offset (default +08:00).
 * FORECOURT_NOW="2026-11-21T09:00:00" shifts the wall clock of this process (it goes on running from there):
 * for tests and demonstrations. The log stands above the clock and asks it; so the clock itself says nothing
 * and tells at its first use whoever main() named. */
#ifndef FC_BASE_CLOCK_H
#define FC_BASE_CLOCK_H
#include <stdint.h>

#define FC_ZONE_MS (8LL * 3600 * 1000)

/* Tests set the wall clock; it goes on running from there. */
void fc_clock_set(int64_t ms);
/* Moves the clock of a process that FORECOURT_NOW has shifted already. FC_EDENIED where it has not: a real
 * site's clock is never moved. FC_EINVAL if text is no "YYYY-MM-DDTHH:MM[:SS]". */
int fc_clock_move(const char *text);
/* fn is told once, at the first question to a clock for which FORECOURT_NOW is set: its text, and whether
 * that was a time (0: it is ignored). fn may ask the clock. */
void fc_clock_on_shift(void (*fn)(const char *text, int shifted));
int64_t fc_now(void);       /* wall clock, ms UTC, shifted by FORECOURT_NOW */
int64_t fc_monotonic(void); /* ns, for durations and leases */
int64_t fc_cpu(void);       /* ns of CPU of the calling thread */

typedef struct fc_civil {
    int year, month, day, hour, minute, second;
} fc_civil;

int64_t fc_days_from_civil(int year, int month, int day); /* days since 1970-01-01 */
void fc_civil_from_days(int64_t days, int *year, int *month, int *day);
void fc_civil_of(int64_t ms, fc_civil *out); /* in the site's zone */
int64_t fc_ms_of(const fc_civil *c);         /* from the site's zone */
/* "YYYY-MM-DD" <-> days since 1970-01-01. fc_day_parse returns 0, or FC_EINVAL if it is no such day. */
int fc_day_parse(const char *text, int64_t *days);
void fc_day_format(int64_t days, char out[11]);
void fc_day_from_now(int64_t days, char out[11]); /* 0: today in the site's zone */
/* ISO weekday of days since 1970-01-01: 1 Monday .. 7 Sunday. */
int fc_weekday(int64_t days);
#endif

/* What is known of one year, as flags by day of the year, so that asking for a day costs an index and no
 * parsing. Shared by the files of the calendar; nobody else includes it. */
#ifndef FC_SCHED_CALENDAR_YEAR_H
#define FC_SCHED_CALENDAR_YEAR_H
#include "sched/calendar.h"
#include <stdbool.h>

#define NAME_BYTES 120 /* longest name of a day */

enum day_flag { DAY_OFF = 1, DAY_WORK = 2 };

typedef struct calendar_year {
    int year;
    int64_t first; /* days since 1970-01-01 of its 1 January */
    int length;
    bool provisional;         /* a guess before the official notice: whoever reads a deadline is told */
    unsigned char flags[366]; /* listed days only; the others follow the weekday */
    json_t *names;            /* owned; object day -> text, or NULL */
} calendar_year;

/* Reads and checks one year; *out is owned by the caller. */
int calendar_year_read(const json_t *data, calendar_year **out, fc_err *err);
void calendar_year_free(calendar_year *y);

/* The year that `day` lies in: borrowed; FC_ENOTFOUND with the remedy if it has no data. */
int calendar_year_of(const fc_calendar *c, int64_t day, const calendar_year **out, fc_err *err);
bool calendar_year_works(const calendar_year *y, int64_t day);
#endif

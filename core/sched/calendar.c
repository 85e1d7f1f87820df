/* The working calendar: a handful of years, each checked when it was added; counting walks day by day,
 * because limits are days or weeks and a walk can be explained. It fails with FC_ENOTFOUND as soon as the
 * walk enters a year without data. fc_calendar_free drops the years. */
#include "sched/calendar_year.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdlib.h>

struct fc_calendar {
    calendar_year **years;
    size_t count;
};

fc_calendar *fc_calendar_new(void)
{
    return fc_alloc(sizeof(fc_calendar));
}

void fc_calendar_free(fc_calendar *c)
{
    if (!c) return;
    for (size_t i = 0; i < c->count; i++)
        calendar_year_free(c->years[i]);
    free(c->years);
    free(c);
}

int fc_calendar_add_year(fc_calendar *c, const json_t *year, fc_err *err)
{
    calendar_year *fresh;
    int rc = calendar_year_read(year, &fresh, err);
    if (rc) return rc;
    for (size_t i = 0; i < c->count; i++) {
        if (c->years[i]->year != fresh->year) continue;
        calendar_year_free(c->years[i]);
        c->years[i] = fresh;
        return FC_OK;
    }
    c->years = fc_realloc(c->years, (c->count + 1) * sizeof *c->years);
    c->years[c->count++] = fresh;
    return FC_OK;
}

int calendar_year_of(const fc_calendar *c, int64_t day, const calendar_year **out, fc_err *err)
{
    for (size_t i = 0; i < c->count; i++) {
        const calendar_year *y = c->years[i];
        if (day < y->first || day >= y->first + y->length) continue;
        *out = y;
        return FC_OK;
    }
    int year, month, dom;
    fc_civil_from_days(day, &year, &month, &dom);
    return fc_fail(
        err, FC_ENOTFOUND, "没有 %d 年的工作日历，无法推算工作日；请在插件的 calendars/ 中加入该年的放假安排",
        "there is no working calendar for %d, so working days cannot be counted; add that year's days off "
        "to a plugin's calendars/",
        year);
}

int fc_calendar_is_workday(const fc_calendar *c, int64_t day, int *is, fc_err *err)
{
    const calendar_year *y = NULL;
    int rc = calendar_year_of(c, day, &y, err);
    if (!rc) *is = calendar_year_works(y, day);
    return rc;
}

int fc_calendar_add_workdays(const fc_calendar *c, int64_t day, int n, int64_t *out, fc_err *err)
{
    if (n < 0)
        return fc_fail(err, FC_EINVAL, "工作日数不能是负数（%d）",
                       "the number of working days cannot be negative (%d)", n);
    /* n = 0 asks for the first working day from `day` itself on, so it counts as one step that begins a day
     * early. */
    if (n == 0) {
        n = 1;
        day--;
    }
    while (n > 0) {
        int works = 0;
        int rc = fc_calendar_is_workday(c, ++day, &works, err);
        if (rc) return rc;
        n -= works;
    }
    *out = day;
    return FC_OK;
}

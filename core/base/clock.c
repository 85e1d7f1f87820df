#include "base/clock.h"
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t clock_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t fc_monotonic(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t fc_cpu(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static int64_t known;
static int read_once;
static void (*tell)(const char *, int);

void fc_clock_set(int64_t ms)
{
    known = ms - clock_ns(CLOCK_REALTIME) / 1000000;
    read_once = 1;
}

static int read_instant(const char *text, int64_t *ms)
{
    fc_civil c = {0};
    if (sscanf(text, "%d-%d-%dT%d:%d:%d", &c.year, &c.month, &c.day, &c.hour, &c.minute, &c.second) < 5)
        return FC_EINVAL;
    *ms = fc_ms_of(&c);
    return FC_OK;
}

void fc_clock_on_shift(void (*fn)(const char *text, int shifted))
{
    tell = fn;
}

static int64_t shift(void)
{
    int64_t ms;
    if (read_once) return known;
    read_once = 1;
    const char *text = getenv("FORECOURT_NOW");
    if (!text) return 0;
    int shifted = read_instant(text, &ms) == FC_OK;
    if (shifted) known = ms - clock_ns(CLOCK_REALTIME) / 1000000;
    if (tell) tell(text, shifted);
    return known;
}

int fc_clock_move(const char *text)
{
    int64_t ms;
    if (!getenv("FORECOURT_NOW")) return FC_EDENIED;
    if (read_instant(text, &ms)) return FC_EINVAL;
    shift(); /* its warning comes first */
    fc_clock_set(ms);
    return FC_OK;
}

int64_t fc_now(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000 + shift();
}

/* Proleptic Gregorian, with years that begin in March so that the leap day is the last day of a year. */
int64_t fc_days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void fc_civil_from_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

void fc_civil_of(int64_t ms, fc_civil *out)
{
    ms += FC_ZONE_MS;
    int64_t days = ms >= 0 ? ms / 86400000 : -((-ms + 86399999) / 86400000);
    int64_t rest = (ms - days * 86400000) / 1000;
    fc_civil_from_days(days, &out->year, &out->month, &out->day);
    out->hour = (int)(rest / 3600);
    out->minute = (int)(rest / 60 % 60);
    out->second = (int)(rest % 60);
}

int64_t fc_ms_of(const fc_civil *c)
{
    int64_t days = fc_days_from_civil(c->year, c->month, c->day);
    return days * 86400000 + (c->hour * 3600LL + c->minute * 60 + c->second) * 1000 - FC_ZONE_MS;
}

static int number(const char *s, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') return 0;
        *out = *out * 10 + (s[i] - '0');
    }
    return 1;
}

int fc_day_parse(const char *text, int64_t *days)
{
    int y, m, d, y2, m2, d2;
    if (!text || strlen(text) != 10 || text[4] != '-' || text[7] != '-') return FC_EINVAL;
    if (!number(text, 4, &y) || !number(text + 5, 2, &m) || !number(text + 8, 2, &d)) return FC_EINVAL;
    *days = fc_days_from_civil(y, m, d);
    fc_civil_from_days(*days, &y2, &m2, &d2);
    return y == y2 && m == m2 && d == d2 ? FC_OK : FC_EINVAL;
}

void fc_day_format(int64_t days, char out[11])
{
    int y, m, d;
    fc_civil_from_days(days, &y, &m, &d);
    snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100, (unsigned)d % 100);
}

int fc_weekday(int64_t days)
{
    int64_t w = (days + 3) % 7;
    return (int)(w < 0 ? w + 7 : w) + 1;
}

void fc_day_from_now(int64_t days, char out[11])
{
    fc_civil c;
    fc_civil_of(fc_now(), &c);
    fc_day_format(fc_days_from_civil(c.year, c.month, c.day) + days, out);
}

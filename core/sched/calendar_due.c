/* Deadlines in working days, with their arithmetic told day by day.
 *
 * The walk: where it starts (the day of sending, or the next working day when the cutoff had passed), then
 * one step per day until n working days are counted, then the closing time on the last. Reckoning and telling
 * are one loop, so that the explanation cannot disagree with the deadline. When a year has no data the walk
 * ends with its error; the steps told so far stay in the array and show how far it came. */
#include "sched/calendar_year.h"

#include "base/clock.h"

#include <stdio.h>

#define DAY_MINUTES 1440
#define DAY_MS 86400000LL
#define MINUTE_MS 60000LL
#define FURTHEST_MS (10000LL * 366 * DAY_MS) /* beyond it the arithmetic of days would overflow */

/* A day as both languages show it: "2026-02-13（周五）", "Fri 2026-02-13". */
struct shown {
    char iso[11], zh[48], en[24];
};

static struct shown show(int64_t day)
{
    static const char *const zh[] = {"一", "二", "三", "四", "五", "六", "日"};
    static const char *const en[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct shown s;
    int weekday = fc_weekday(day) - 1;
    fc_day_format(day, s.iso);
    snprintf(s.zh, sizeof s.zh, "%s（周%s）", s.iso, zh[weekday]);
    snprintf(s.en, sizeof s.en, "%s %s", en[weekday], s.iso);
    return s;
}

/* Room for the frame and a name of NAME_BYTES (calendar_year.h), so that no text is ever cut. */
struct told {
    char zh[NAME_BYTES + 128], en[NAME_BYTES + 128];
};

/* Writes one language of a step; the two word orders differ too much for one list of arguments. */
#define SAY(text, ...) snprintf(text, sizeof(text), __VA_ARGS__)

static void tell(json_t *steps, const struct shown *s, const char *kind, const struct told *t)
{
    json_array_append_new(steps,
                          json_pack("{ss ss ss ss}", "day", s->iso, "kind", kind, "zh", t->zh, "en", t->en));
}

/* The holiday's name in one language; a plain text serves both. */
static const char *name_of(const calendar_year *y, const char *iso, const char *lang, const char *otherwise)
{
    const json_t *name = json_object_get(y->names, iso);
    if (json_is_object(name)) name = json_object_get(name, lang);
    return json_is_string(name) ? json_string_value(name) : otherwise;
}

static void tell_off(json_t *steps, const calendar_year *y, int64_t day)
{
    if (!steps) return;
    struct shown s = show(day);
    struct told t;
    int weekend = fc_weekday(day) >= 6;
    SAY(t.zh, "%s休息：%s", s.zh, name_of(y, s.iso, "zh", weekend ? "周末" : "放假"));
    SAY(t.en, "%s is off: %s", s.en, name_of(y, s.iso, "en", weekend ? "weekend" : "holiday"));
    tell(steps, &s, "off", &t);
}

static void tell_work(json_t *steps, int64_t day, int count)
{
    if (!steps) return;
    struct shown s = show(day);
    struct told t;
    int make_up = fc_weekday(day) >= 6;
    SAY(t.zh, "第 %d 个工作日：%s%s", count, s.zh, make_up ? "，调休上班" : "");
    SAY(t.en, "working day %d: %s%s", count, s.en, make_up ? ", a weekend day that is worked" : "");
    tell(steps, &s, make_up ? "make_up" : "work", &t);
}

static void tell_start(json_t *steps, const calendar_year *y, int64_t day, int minute)
{
    if (!steps) return;
    struct shown s = show(day);
    struct told t;
    int works = calendar_year_works(y, day);
    SAY(t.zh, "起算：%s%02d:%02d%s", s.zh, minute / 60, minute % 60, works ? "" : "，当天休息");
    SAY(t.en, "counted from %s %02d:%02d%s", s.en, minute / 60, minute % 60, works ? "" : ", a day off");
    tell(steps, &s, "start", &t);
}

static void tell_after_cutoff(json_t *steps, int64_t day, int cutoff)
{
    if (!steps) return;
    struct shown s = show(day);
    struct told t;
    SAY(t.zh, "%02d:%02d 起按下一个工作日计：%s", cutoff / 60, cutoff % 60, s.zh);
    SAY(t.en, "from %02d:%02d on it counts as the next working day: %s", cutoff / 60, cutoff % 60, s.en);
    tell(steps, &s, "after_cutoff", &t);
}

static void tell_due(json_t *steps, const calendar_year *y, int64_t day, int close)
{
    if (!steps) return;
    struct shown s = show(day);
    struct told t;
    SAY(t.zh, "到期：%s%02d:%02d%s", s.zh, close / 60, close % 60,
        y->provisional ? "（该年放假安排为暂定）" : "");
    SAY(t.en, "due %s %02d:%02d%s", s.en, close / 60, close % 60,
        y->provisional ? " (that year's days off are provisional)" : "");
    tell(steps, &s, "due", &t);
}

/* The day the limit counts from: the day of sending, or the next working day once the cutoff has passed. */
static int start_of(const fc_calendar *c, int64_t from, int cutoff, int64_t *start, json_t *steps,
                    fc_err *err)
{
    fc_civil civil;
    fc_civil_of(from, &civil);
    int minute = civil.hour * 60 + civil.minute;
    int64_t day = fc_days_from_civil(civil.year, civil.month, civil.day);
    const calendar_year *y = NULL;
    int rc = calendar_year_of(c, day, &y, err);
    if (rc) return rc;
    tell_start(steps, y, day, minute);
    *start = day;
    if (minute < cutoff) return FC_OK;
    rc = fc_calendar_add_workdays(c, day, 1, start, err);
    if (!rc) tell_after_cutoff(steps, *start, cutoff);
    return rc;
}

/* Walks from the day after `day` until n working days are counted; *year is the one it ended in. */
static int walk(const fc_calendar *c, int64_t *day, int n, const calendar_year **year, json_t *steps,
                fc_err *err)
{
    for (int count = 0; count < n;) {
        int rc = calendar_year_of(c, ++*day, year, err);
        if (rc) return rc;
        if (calendar_year_works(*year, *day))
            tell_work(steps, *day, ++count);
        else
            tell_off(steps, *year, *day);
    }
    return FC_OK;
}

static int check(int64_t from, int n, int cutoff, int close, fc_err *err)
{
    if (n < 0)
        return fc_fail(err, FC_EINVAL, "工作日期限不能是负数（%d）",
                       "a limit in working days cannot be negative (%d)", n);
    if (from < -FURTHEST_MS || from > FURTHEST_MS)
        return fc_fail(err, FC_EINVAL, "起算时刻不是有效的时刻；应为 UTC 毫秒数",
                       "the instant to count from is none; give milliseconds UTC");
    if (cutoff < 0 || cutoff > DAY_MINUTES || close < 0 || close > DAY_MINUTES)
        return fc_fail(err, FC_EINVAL, "截止时刻和下班时刻应在 0 到 1440 分钟之间（现为 %d、%d）",
                       "cutoff and closing time are minutes of the day, 0 to 1440 (they are %d and %d)",
                       cutoff, close);
    return FC_OK;
}

int fc_calendar_due(const fc_calendar *c, int64_t from, int n, int cutoff, int close, fc_due *out,
                    json_t *steps, fc_err *err)
{
    int64_t day = 0;
    const calendar_year *year = NULL;
    int rc = check(from, n, cutoff, close, err);
    if (!rc) rc = start_of(c, from, cutoff, &day, steps, err);
    if (rc) return rc;
    /* A limit of no days ends on the day itself, or on the next working day: one counted from a day earlier.
     */
    if (n == 0) day--;
    rc = walk(c, &day, n ? n : 1, &year, steps, err);
    if (rc) return rc;
    out->day = day;
    out->at = day * DAY_MS + close * MINUTE_MS - FC_ZONE_MS;
    tell_due(steps, year, day, close);
    return FC_OK;
}

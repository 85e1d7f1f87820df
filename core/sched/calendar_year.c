/* Reading a year: shape first (unknown keys are refused, because a misspelt "work" would silently turn
 * make-up days into days off), then each list, then the names. A year is built apart and handed out whole, so
 * that a bad one never leaves half of itself in a calendar. It closes with calendar_year_free. */
#include "sched/calendar_year.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static bool is_weekend(int64_t day)
{
    return fc_weekday(day) >= 6;
}

bool calendar_year_works(const calendar_year *y, int64_t day)
{
    unsigned char flag = y->flags[day - y->first];
    return flag ? flag == DAY_WORK : !is_weekend(day);
}

static int check_keys(const json_t *data, fc_err *err)
{
    static const char *const known[] = {"year", "off", "work", "provisional", "names", "source"};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)data, key, value)
    {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], key) != 0)
            i++;
        if (i == sizeof known / sizeof *known)
            return fc_fail(
                err, FC_EINVAL,
                "工作日历：不认识的键 \"%s\"；可用的键是 year、off、work、provisional、names、source",
                "calendar: unknown key \"%s\"; the keys are year, off, work, provisional, names, source",
                key);
    }
    return FC_OK;
}

static int read_head(calendar_year *y, const json_t *data, fc_err *err)
{
    if (!json_is_object(data))
        return fc_fail(err, FC_EINVAL, "工作日历：每一年应是一个表，含 year、off、work",
                       "calendar: a year is a table with year, off and work");
    if (check_keys(data, err)) return FC_EINVAL;
    const json_t *year = json_object_get(data, "year");
    json_int_t number = json_integer_value(year);
    if (!json_is_integer(year) || number < 1900 || number > 2999)
        return fc_fail(err, FC_EINVAL, "工作日历：year 应是 1900 到 2999 之间的整数",
                       "calendar: year must be a whole number from 1900 to 2999");
    const json_t *provisional = json_object_get(data, "provisional");
    if (provisional && !json_is_boolean(provisional))
        return fc_fail(err, FC_EINVAL, "%d 年工作日历：provisional 应是 true 或 false",
                       "calendar %d: provisional must be true or false", (int)number);
    y->year = (int)number;
    y->first = fc_days_from_civil(y->year, 1, 1);
    y->length = (int)(fc_days_from_civil(y->year + 1, 1, 1) - y->first);
    y->provisional = json_is_true(provisional);
    return FC_OK;
}

static int read_day(const calendar_year *y, const char *list, const char *text, int64_t *day, fc_err *err)
{
    if (!text || fc_day_parse(text, day))
        return fc_fail(err, FC_EINVAL, "%d 年工作日历：%s 中的 \"%s\" 不是有效日期，应写成 YYYY-MM-DD",
                       "calendar %d: %s has \"%s\", which is no such day; write YYYY-MM-DD", y->year, list,
                       text ? text : "?");
    if (*day < y->first || *day >= y->first + y->length)
        return fc_fail(err, FC_EINVAL, "%d 年工作日历：%s 中的 %s 不在这一年，请移到它所属的年份",
                       "calendar %d: %s has %s, a day of another year; move it there", y->year, list, text);
    return FC_OK;
}

static int flag_day(calendar_year *y, const char *list, enum day_flag flag, const char *text, fc_err *err)
{
    int64_t day;
    int rc = read_day(y, list, text, &day, err);
    if (rc) return rc;
    if (flag == DAY_WORK && !is_weekend(day))
        return fc_fail(
            err, FC_EINVAL, "%d 年工作日历：work 中的 %s 不是周末；work 只列调休上班的周末",
            "calendar %d: %s in work is no weekend day; work lists only weekend days that are worked",
            y->year, text);
    unsigned char *slot = &y->flags[day - y->first];
    if (*slot && *slot != flag)
        return fc_fail(err, FC_EINVAL, "%d 年工作日历：%s 同时在 off 和 work 中，请只留一处",
                       "calendar %d: %s is both in off and in work; keep one", y->year, text);
    *slot = (unsigned char)flag;
    return FC_OK;
}

static int read_list(calendar_year *y, const json_t *data, const char *list, enum day_flag flag, fc_err *err)
{
    const json_t *days = json_object_get(data, list);
    /* An empty Lua table cannot say whether it is a list. */
    if (!days || (json_is_object(days) && json_object_size(days) == 0)) return FC_OK;
    if (!json_is_array(days))
        return fc_fail(err, FC_EINVAL, "%d 年工作日历：%s 应是日期列表，如 {\"%d-01-01\"}",
                       "calendar %d: %s must be a list of days such as {\"%d-01-01\"}", y->year, list,
                       y->year);
    for (size_t i = 0; i < json_array_size(days); i++) {
        int rc = flag_day(y, list, flag, json_string_value(json_array_get(days, i)), err);
        if (rc) return rc;
    }
    return FC_OK;
}

static bool is_short(const json_t *v)
{
    return json_is_string(v) && json_string_length(v) <= NAME_BYTES;
}

static bool is_name(const json_t *v)
{
    return is_short(v) || (is_short(json_object_get(v, "zh")) && is_short(json_object_get(v, "en")));
}

static int read_names(calendar_year *y, const json_t *data, fc_err *err)
{
    json_t *names = json_object_get(data, "names");
    if (!names || (json_is_array(names) && json_array_size(names) == 0)) return FC_OK;
    if (!json_is_object(names))
        return fc_fail(err, FC_EINVAL, "%d 年工作日历：names 应是“日期 = 名称”的表",
                       "calendar %d: names must be a table of day = name", y->year);
    const char *key;
    json_t *name;
    json_object_foreach(names, key, name)
    {
        int64_t day;
        int rc = read_day(y, "names", key, &day, err);
        if (rc) return rc;
        if (!is_name(name))
            return fc_fail(
                err, FC_EINVAL, "%d 年工作日历：%s 的名称应是文字或 { zh = ..., en = ... }，最长 120 字节",
                "calendar %d: the name of %s must be a text or { zh = ..., en = ... } of at most 120 bytes",
                y->year, key);
    }
    y->names = json_deep_copy(names);
    return FC_OK;
}

int calendar_year_read(const json_t *data, calendar_year **out, fc_err *err)
{
    calendar_year *y = fc_alloc(sizeof *y);
    int rc = read_head(y, data, err);
    if (!rc) rc = read_list(y, data, "off", DAY_OFF, err);
    if (!rc) rc = read_list(y, data, "work", DAY_WORK, err);
    if (!rc) rc = read_names(y, data, err);
    if (rc) {
        calendar_year_free(y);
        return rc;
    }
    *out = y;
    return FC_OK;
}

void calendar_year_free(calendar_year *y)
{
    if (!y) return;
    json_decref(y->names);
    free(y);
}

/* Types: string text integer number boolean day month id file list. Empty text counts as not given. */
#include "plugin/params.h"
#include "base/clock.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int wrong(const char *name, const char *zh, const char *en, fc_err *err)
{
    return fc_fail(err, FC_EINVAL, "参数 %s：%s%.0s", "parameter %s: %.0s%s", name, zh, en);
}

static size_t characters(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}

static int integer_value(const char *name, const char *text, json_t **out, fc_err *err)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (*end || errno || strspn(text, "-0123456789") != strlen(text))
        return wrong(name, "应为整数", "should be a whole number", err);
    *out = json_integer(v);
    return FC_OK;
}

static int number_value(const char *name, const char *text, json_t **out, fc_err *err)
{
    char *end;
    double v = strtod(text, &end);
    if (*end || strspn(text, "+-.0123456789eE") != strlen(text) || v != v || v > 1e300 || v < -1e300)
        return wrong(name, "应为数字", "should be a number", err);
    *out = json_real(v);
    return FC_OK;
}

int fc_param_value(const char *name, const char *type, const char *text, size_t n, json_t **out, fc_err *err)
{
    int64_t day;
    char first[16];
    const char *colon = strchr(type, ':');
    size_t max = colon ? (size_t)atol(colon + 1) : strncmp(type, "text", 4) == 0 ? 20000 : 4096;
    if (memchr(text, 0, n)) return wrong(name, "不是有效的文字", "is no valid text", err);
    if (!strncmp(type, "integer", 7) || !strncmp(type, "id", 2)) return integer_value(name, text, out, err);
    if (!strncmp(type, "number", 6)) return number_value(name, text, out, err);
    if (!strncmp(type, "boolean", 7)) {
        *out = json_boolean(!strcmp(text, "1") || !strcmp(text, "true") || !strcmp(text, "on") ||
                            !strcmp(text, "yes"));
        return FC_OK;
    }
    if (!strncmp(type, "day", 3) && fc_day_parse(text, &day))
        return wrong(name, "应为日期 YYYY-MM-DD", "should be a day YYYY-MM-DD", err);
    if (!strncmp(type, "month", 5)) {
        snprintf(first, sizeof first, "%.7s-01", text);
        if (n != 7 || fc_day_parse(first, &day))
            return wrong(name, "应为月份 YYYY-MM", "should be a month YYYY-MM", err);
    }
    if (characters(text, n) > max)
        return fc_fail(err, FC_ELIMIT, "参数 %s 太长（最多 %zu 个字）",
                       "parameter %s is too long (at most %zu characters)", name, max);
    *out = json_stringn(text, n);
    return *out ? FC_OK : wrong(name, "不是有效的文字", "is no valid text", err);
}

typedef struct reading {
    const json_t *declared;
    json_t *params, *files;
    const char *dir;
    int rc;
    fc_err *err;
} reading;

static int keep_file(reading *rd, const fc_field *f)
{
    char name[64], path[4096];
    struct stat st;
    if (!f->filename || !*f->filename) return FC_OK;
    snprintf(name, sizeof name, "upload-%lld", (long long)fc_id());
    snprintf(path, sizeof path, "%s/%s", rd->dir, name);
    if (stat(f->path, &st) != 0 || rename(f->path, path) != 0)
        return fc_fail(rd->err, FC_EIO, "上传的文件无法保存：%s", "the uploaded file cannot be kept: %s",
                       strerror(errno));
    chmod(path, 0600);
    if (!rd->files) rd->files = json_object();
    json_object_set_new(
        rd->files, f->name,
        json_pack("{s:s, s:s, s:I}", "path", name, "filename", f->filename, "size", (json_int_t)st.st_size));
    return FC_OK;
}

static int take(reading *rd, const char *name, const char *type, const char *text, size_t n)
{
    json_t *value = NULL;
    if (n == 0 && strncmp(type, "list", 4) != 0) return FC_OK;
    int list = strncmp(type, "list", 4) == 0;
    int rc = fc_param_value(name, list ? "string" : type, text, n, &value, rd->err);
    if (rc) return rc;
    if (!list) {
        if (json_object_get(rd->params, name)) {
            json_decref(value);
            return wrong(name, "给了两次", "is given twice", rd->err);
        }
        return json_object_set_new(rd->params, name, value), FC_OK;
    }
    json_t *all = json_object_get(rd->params, name);
    if (!all) json_object_set_new(rd->params, name, all = json_array());
    if (n)
        json_array_append_new(all, value);
    else
        json_decref(value);
    return FC_OK;
}

static void field(void *ctx, const fc_field *f)
{
    reading *rd = ctx;
    if (rd->rc || strcmp(f->name, "_csrf") == 0) return;
    const char *type = json_string_value(json_object_get(rd->declared, f->name));
    if (!type) {
        rd->rc = wrong(f->name, "这个页面不接受它", "is not one this page takes", rd->err);
        return;
    }
    int file = strncmp(type, "file", 4) == 0;
    if (file != (f->path != NULL)) {
        if (file && f->value_len == 0) return;
        rd->rc = wrong(f->name, file ? "应为文件" : "不应为文件",
                       file ? "should be a file" : "should not be a file", rd->err);
        return;
    }
    rd->rc = file ? keep_file(rd, f) : take(rd, f->name, type, f->value, f->value_len);
}

static int check_required(reading *rd)
{
    const char *name;
    json_t *type;
    json_object_foreach((json_t *)rd->declared, name, type)
    {
        const char *t = json_string_value(type);
        if (!t || !strchr(t, '!')) continue;
        json_t *where = strncmp(t, "file", 4) == 0 ? rd->files : rd->params;
        if (!json_object_get(where, name)) return wrong(name, "没有填写", "is missing", rd->err);
    }
    return FC_OK;
}

int fc_params_read(fc_req *r, const json_t *declared, const json_t *path_params, const char *dir,
                   json_t **params, json_t **files, fc_err *err)
{
    const char *name;
    json_t *text;
    reading rd = {declared, json_object(), NULL, dir, FC_OK, err};
    json_object_foreach((json_t *)path_params, name, text)
    {
        const char *type = json_string_value(json_object_get(declared, name));
        if (!rd.rc && type) rd.rc = take(&rd, name, type, json_string_value(text), json_string_length(text));
    }
    fc_req_fields(r, field, &rd);
    if (!rd.rc) rd.rc = check_required(&rd);
    if (rd.rc) {
        json_decref(rd.params);
        json_decref(rd.files);
        return rd.rc;
    }
    *params = rd.params;
    *files = rd.files;
    return FC_OK;
}

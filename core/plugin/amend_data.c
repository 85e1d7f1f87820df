/* A function cannot be put where another plugin's state would have to call it: a reference names a file of
 * the plugin that owns the definition. */
#include "plugin/amend_data.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 32

/* Where a path leads: a member of an object or an element of a list that is there. */
typedef struct place {
    json_t *parent; /* borrowed */
    char key[200];  /* of an object */
    size_t at;      /* in a list */
} place;

static const char *id_of(const json_t *v)
{
    const char *id = json_string_value(json_object_get(v, "id"));
    return id ? id : "";
}

static bool element(const json_t *list, const char *step, size_t *at)
{
    json_t *v;
    size_t i;
    json_array_foreach(list, i, v)
    {
        *at = i;
        if (strcmp(id_of(v), step) == 0) return true;
    }
    char *end;
    unsigned long n = strtoul(step, &end, 10);
    *at = n - 1;
    return *step && !*end && n >= 1 && n <= json_array_size(list);
}

/* "a, b, c" of what a path could have named. */
static const char *names(const json_t *v, fc_buf *out)
{
    const char *key;
    json_t *child;
    size_t i;
    json_object_foreach((json_t *)v, key, child) fc_buf_addf(out, "%s%s", out->len ? ", " : "", key);
    json_array_foreach(v, i, child)
    {
        if (out->len) fc_buf_adds(out, ", ");
        if (*id_of(child))
            fc_buf_adds(out, id_of(child));
        else
            fc_buf_addf(out, "%zu", i + 1);
    }
    return fc_buf_str(out);
}

static int not_there(const json_t *in, const char *path, const char *step, fc_err *err)
{
    fc_buf list = {0};
    const char *there = names(in, &list);
    int rc = list.len
                 ? fc_fail(err, FC_EINVAL, "路径 '%.200s' 里没有 '%.60s'；那里有：%.400s",
                           "'%.200s': there is no '%.60s'; there are: %.400s", path, step, there)
                 : fc_fail(err, FC_EINVAL, "路径 '%.200s' 里没有 '%.60s'，那里是一个值",
                           "'%.200s': there is no '%.60s', what stands there is a single value", path, step);
    fc_buf_free(&list);
    return rc;
}

static json_t *value_at(const place *p)
{
    return json_is_object(p->parent) ? json_object_get(p->parent, p->key) : json_array_get(p->parent, p->at);
}

/* The last step of a path may be missing in an object (fresh): it is then to be set. */
static int find(json_t *data, const char *path, bool fresh, place *out, fc_err *err)
{
    json_t *in = data;
    const char *step = path;
    for (int i = 0;; i++) {
        size_t n = strcspn(step, ".");
        bool last = !step[n];
        if (!n || n >= sizeof out->key || i == STEPS)
            return fc_fail(err, FC_EINVAL, "路径 '%.200s' 不对：各步之间用一个点",
                           "'%.200s' is no path: one dot between steps", path);
        memcpy(out->key, step, n);
        out->key[n] = '\0';
        out->parent = in;
        if (json_is_array(in) ? !element(in, out->key, &out->at)
                              : !json_is_object(in) || (!json_object_get(in, out->key) && !(last && fresh)))
            return not_there(in, path, out->key, err);
        if (last) return FC_OK;
        in = value_at(out);
        step += n + 1;
    }
}

static bool has_function(const json_t *v)
{
    const char *key;
    json_t *child;
    size_t i;
    if (json_is_object(v) && json_is_string(json_object_get(v, "fn"))) return true;
    json_object_foreach((json_t *)v, key, child) if (has_function(child)) return true;
    json_array_foreach(v, i, child) if (has_function(child)) return true;
    return false;
}

static int may_put(const char *path, const json_t *value, fc_err *err)
{
    if (!has_function(value)) return FC_OK;
    return fc_fail(
        err, FC_EINVAL, "'%.200s'：函数不能放进别的插件的定义里，请导出它，由定义的主人调用",
        "'%.200s': a function cannot be put into another plugin's definition; export it and let the "
        "owner call it",
        path);
}

static void note(json_t *changes, const char *op, const char *path, json_t *from, json_t *to)
{
    json_t *row = json_pack("{s:s, s:s}", "op", op, "path", path);
    if (from) json_object_set_new(row, "from", json_deep_copy(from));
    if (to) json_object_set(row, "to", to);
    json_array_append_new(changes, row);
}

static int set(json_t *data, const json_t *edit, json_t *changes, fc_err *err)
{
    place p;
    const char *path = json_string_value(json_object_get(edit, "path"));
    json_t *value = json_object_get(edit, "value");
    int rc = find(data, path, true, &p, err);
    if (!rc) rc = may_put(path, value, err);
    if (rc) return rc;
    if (has_function(value_at(&p)))
        return fc_fail(err, FC_EINVAL, "'%.200s' 是函数，不能替换",
                       "'%.200s' is a function and cannot be replaced", path);
    note(changes, "set", path, value_at(&p), value);
    if (json_is_object(p.parent))
        json_object_set_new(p.parent, p.key, json_deep_copy(value));
    else
        json_array_set_new(p.parent, p.at, json_deep_copy(value));
    return FC_OK;
}

/* Where in the list: before or after the element that is named, else at its end. */
static int position(json_t *list, const json_t *edit, const char *path, size_t *at, fc_err *err)
{
    const char *before = json_string_value(json_object_get(edit, "before")),
               *after = json_string_value(json_object_get(edit, "after"));
    *at = json_array_size(list);
    if (!before && !after) return FC_OK;
    if (!element(list, before ? before : after, at))
        return not_there(list, path, before ? before : after, err);
    *at += after != NULL && !before;
    return FC_OK;
}

static int insert(json_t *data, const json_t *edit, json_t *changes, fc_err *err)
{
    place p;
    size_t at, twin;
    const char *path = json_string_value(json_object_get(edit, "into"));
    json_t *value = json_object_get(edit, "value");
    int rc = find(data, path, false, &p, err);
    if (!rc) rc = may_put(path, value, err);
    if (rc) return rc;
    json_t *list = value_at(&p);
    if (!json_is_array(list))
        return fc_fail(err, FC_EINVAL, "'%.200s' 不是列表，不能插入",
                       "'%.200s' is no list: nothing can be inserted", path);
    if (*id_of(value) && element(list, id_of(value), &twin))
        return fc_fail(err, FC_EINVAL, "'%.200s' 里已经有 '%.60s'", "'%.200s' already has a '%.60s'", path,
                       id_of(value));
    rc = position(list, edit, path, &at, err);
    if (rc) return rc;
    note(changes, "insert", path, NULL, value);
    json_array_insert_new(list, at, json_deep_copy(value));
    return FC_OK;
}

static int take_out(json_t *data, const json_t *edit, json_t *changes, fc_err *err)
{
    place p;
    const char *path = json_string_value(edit);
    int rc = find(data, path, false, &p, err);
    if (rc) return rc;
    note(changes, "remove", path, value_at(&p), NULL);
    if (json_is_object(p.parent))
        json_object_del(p.parent, p.key);
    else
        json_array_remove(p.parent, p.at);
    return FC_OK;
}

int fc_amend_data(json_t *data, const json_t *edits, json_t *changes, fc_err *err)
{
    static const struct {
        const char *name;
        int (*run)(json_t *data, const json_t *edit, json_t *changes, fc_err *err);
    } kinds[] = {{"set", set}, {"insert", insert}, {"remove", take_out}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        size_t i;
        json_t *edit;
        json_array_foreach(json_object_get(edits, kinds[k].name), i, edit)
        {
            int rc = kinds[k].run(data, edit, changes, err);
            if (rc) return rc;
        }
    }
    return FC_OK;
}

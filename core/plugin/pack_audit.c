#include "plugin/pack_audit.h"
#include "base/buf.h"
#include "plugin/live_rows.h"
#include "plugin/pack_asks.h"
#include "text/json.h"

static const char *text(const json_t *act, const char *key)
{
    return json_string_value(json_object_get(act, key));
}

/* In words, too: what they meant to who agreed, whatever a later version calls it. */
static void add_words(json_t *detail)
{
    json_t *asks = json_object_get(detail, "asks"), *no_titles = json_object();
    if (json_is_array(asks)) json_object_set_new(detail, "words", fc_asks_words(asks, no_titles));
    json_decref(no_titles);
}

/* What the row has in columns of its own is not said again. */
static int put_row(fc_dealership *d, const json_t *act, fc_err *err)
{
    static const char *const said[] = {"id", "what", "by", "subject", NULL};
    fc_buf detail = {0};
    json_t *rest = json_copy((json_t *)act);
    for (const char *const *k = said; *k; k++)
        json_object_del(rest, *k);
    add_words(rest);
    fc_json_canonical(rest, &detail);
    int rc = fc_plugin_audit(d, text(act, "by"), text(act, "what"), text(act, "subject"), fc_buf_str(&detail),
                             err);
    fc_buf_free(&detail);
    json_decref(rest);
    return rc;
}

int fc_pack_audit(fc_dealership *d, const json_t *acts, int *written, fc_err *err)
{
    size_t i;
    json_t *act;
    int rc = FC_OK;
    json_array_foreach((json_t *)acts, i, act)
    {
        int64_t fresh = 0;
        fc_value id = fc_int(json_integer_value(json_object_get(act, "id")));
        if (!rc)
            rc = fc_run(d->store, "INSERT INTO host_pack_act (id) VALUES (?) ON CONFLICT (id) DO NOTHING",
                        &id, 1, &fresh, err);
        if (!rc && fresh) rc = put_row(d, act, err);
        *written += fresh > 0;
    }
    return rc;
}

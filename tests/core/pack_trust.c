/* Whose word counts, what was seen, what is installed. */
#include "pack/acts.h"
#include "pack/lock.h"
#include "pack/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char site[64];

static int make_site(void **state)
{
    (void)state;
    strcpy(site, "/tmp/forecourt-trust-XXXXXX");
    return mkdtemp(site) ? 0 : -1;
}

static int drop_site(void **state)
{
    (void)state;
    fc_remove_tree(site, NULL);
    return 0;
}

static void put(const char *name, const char *text)
{
    char path[200];
    fc_err err;
    snprintf(path, sizeof path, "%s/%s", site, name);
    assert_int_equal(fc_write_file(path, text, strlen(text), 0600, &err), 0);
}

static void a_key(fc_sign_public *p, char id[FC_SIGN_ID_HEX])
{
    fc_sign_secret *s;
    assert_int_equal(fc_sign_new(&s, NULL), 0);
    fc_sign_public_of(s, p);
    fc_sign_id(p->id, id);
    fc_sign_free(s);
}

static void the_longest_namespace_decides(void **state)
{
    (void)state;
    fc_sign_public a, b, got;
    char ida[FC_SIGN_ID_HEX], idb[FC_SIGN_ID_HEX];
    json_t *t;
    fc_err err;
    assert_int_equal(fc_trust_read(site, &t, &err), 0);
    a_key(&a, ida);
    a_key(&b, idb);
    assert_int_equal(fc_trust_may_sign(t, ida, "acme", &err), FC_EDENIED);
    assert_int_equal(fc_trust_add(t, &a, "acme", &err), 0);
    assert_int_equal(fc_trust_add(t, &a, "acme", &err), 0); /* twice is once */
    assert_int_equal(fc_trust_add(t, &b, "acme-parts", &err), 0);
    assert_int_equal(fc_trust_add(t, &a, "Acme", &err), FC_EINVAL);
    assert_int_equal(fc_trust_add(t, &a, "*", &err), FC_EINVAL);
    assert_int_equal(fc_trust_write(site, t, &err), 0);
    json_decref(t);
    assert_int_equal(fc_trust_read(site, &t, &err), 0);
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(json_object_get(t, "keys"), ida), "namespaces")), 1);
    assert_int_equal(fc_trust_may_sign(t, ida, "acme", &err), 0);
    assert_int_equal(fc_trust_may_sign(t, ida, "acme-x", &err), 0);
    assert_int_equal(fc_trust_may_sign(t, ida, "acmex", &err), FC_EDENIED);
    assert_int_equal(fc_trust_may_sign(t, ida, "acme-parts", &err), FC_EDENIED);
    assert_int_equal(fc_trust_may_sign(t, ida, "acme-parts-x", &err), FC_EDENIED);
    assert_int_equal(fc_trust_may_sign(t, idb, "acme-parts-x", &err), 0);
    assert_int_equal(fc_trust_may_sign(t, idb, "acme-part", &err), FC_EDENIED);
    assert_true(fc_trust_owned(t, "acme-zzz") && !fc_trust_owned(t, "other"));
    assert_int_equal(fc_trust_key(t, b.id, &got, &err), 0);
    assert_memory_equal(&got, &b, sizeof b);
    fc_sign_public twin = b; /* the same id with another key is another person */
    twin.key[0] ^= 1;
    assert_int_equal(fc_trust_add(t, &twin, "acme-parts", &err), FC_ECONFLICT);
    assert_int_equal(fc_trust_remove(t, idb, &err), 0);
    assert_int_equal(fc_trust_remove(t, idb, &err), FC_ENOTFOUND);
    assert_int_equal(fc_trust_key(t, b.id, &got, &err), FC_EDENIED);
    assert_int_equal(fc_trust_may_sign(t, ida, "acme-parts", &err), 0);
    json_decref(t);
}

static void a_damaged_file_is_nobodys_word(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "{\"keys\": []}",
        "{\"keys\": {\"ABC\": {}}}",
        "{\"keys\": {\"0123456789ABCDEF\": {\"key\": \"RWabc\", \"namespaces\": [\"a\"]}}}",
        NULL};
    for (const char *const *p = bad; *p; p++) {
        json_t *t;
        fc_err err;
        put("packs.trust", *p);
        if (!fc_trust_read(site, &t, &err)) fail_msg("taken: %s", *p);
        assert_null(t);
        assert_non_null(strstr(err.text[FC_EN], "packs.trust"));
    }
}

static void a_sequence_never_goes_down(void **state)
{
    (void)state;
    json_t *seen;
    fc_err err;
    assert_int_equal(fc_seen_read(site, &seen, &err), 0);
    assert_int_equal(fc_seen_pack(seen, "a", 5, "h5", &err), 0);
    fc_seen_note_pack(seen, "a", 5, "h5");
    fc_seen_note_index(seen, "KEY", "acme", 3);
    assert_int_equal(fc_seen_write(site, seen, &err), 0);
    json_decref(seen);
    assert_int_equal(fc_seen_read(site, &seen, &err), 0);
    assert_int_equal(fc_seen_pack(seen, "a", 4, "h4", &err), FC_EDENIED);
    assert_int_equal(fc_seen_pack(seen, "a", 5, "h5", &err), 0);
    assert_int_equal(fc_seen_pack(seen, "a", 5, "other", &err), FC_EDENIED);
    assert_int_equal(fc_seen_pack(seen, "a", 6, "h6", &err), 0);
    assert_int_equal(fc_seen_pack(seen, "b", 1, "h", &err), 0);
    assert_int_equal(fc_seen_index(seen, "KEY", "acme", 2, &err), FC_EDENIED);
    assert_int_equal(fc_seen_index(seen, "KEY", "acme", 3, &err), 0);
    assert_int_equal(fc_seen_index(seen, "OTHER", "acme", 1, &err), 0);
    json_decref(seen);
}

#define FIELDS                                                                                               \
    "\"version\": \"1.0.0\", \"hash\": \"h\", \"key\": \"\", \"source\": \"s\", \"seq\": 1, \"asks\": []"

static void locks(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}", "{\"packs\": {}}", "{\"packs\": {\"a\": {" FIELDS ", \"folder\": \"a@1\"}}}",
        "{\"packs\": {\"a\": {\"staged\": {" FIELDS ", \"folder\": \"a@1\"}}}}", NULL};
    static const char *const bad[] = {"{\"packs\": []}",
                                      "{\"packs\": {\"a\": {}}}",
                                      "{\"packs\": {\"a\": {" FIELDS "}}}",
                                      "{\"packs\": {\"a\": {" FIELDS ", \"folder\": \"../x\"}}}",
                                      "{\"packs\": {\"a\": {" FIELDS ", \"folder\": \".new-a\"}}}",
                                      "{\"packs\": {\"A\": {" FIELDS ", \"folder\": \"a@1\"}}}",
                                      "{\"packs\": {\"a\": {" FIELDS
                                      ", \"folder\": \"a@1\", \"staged\": {}}}}",
                                      NULL};
    json_t *l;
    fc_err err;
    assert_int_equal(fc_lock_read(site, &l, NULL, &err), 0);
    assert_int_equal(json_object_size(l), 0);
    json_decref(l);
    for (const char *const *p = good; *p; p++) {
        put("packs.lock", *p);
        if (fc_lock_read(site, &l, NULL, &err)) fail_msg("%s: %s", *p, err.text[FC_EN]);
        json_decref(l);
    }
    for (const char *const *p = bad; *p; p++) {
        put("packs.lock", *p);
        if (!fc_lock_read(site, &l, NULL, &err)) fail_msg("taken: %s", *p);
        assert_null(l);
    }
    int one, two;
    assert_int_equal(fc_lock_take(site, &one, &err), 0);
    assert_int_equal(fc_lock_take(site, &two, &err), FC_EBUSY);
    close(one);
    assert_int_equal(fc_lock_take(site, &two, &err), 0);
    close(two);
}

/* A pack may ask for much, and many are installed: the file can still be read, the latest acts are in it. */
static void acts_are_remembered_within_bounds(void **state)
{
    (void)state;
    fc_err err;
    char ask[500];
    json_t *acts = json_array(), *packs = json_object(), *read, *got;
    memset(ask, 'a', sizeof ask - 1);
    ask[sizeof ask - 1] = 0;
    for (int i = 0; i < 300; i++) {
        char id[20];
        json_t *asks = json_array();
        for (int k = 0; k < 200; k++)
            json_array_append_new(asks, json_string(ask));
        snprintf(id, sizeof id, "p%d", i);
        fc_act_note(acts, "pack.install", "cli:li", id, json_pack("{s:o}", "asks", asks));
    }
    assert_in_range(json_array_size(acts), 2, FC_PACK_ACTS);
    assert_int_equal(fc_lock_write(site, packs, acts, &err), 0);
    if (fc_lock_read(site, &read, &got, &err)) fail_msg("%s", err.text[FC_EN]);
    assert_non_null(fc_acts_last(got, "p299"));
    assert_null(fc_acts_last(got, "p0"));
    json_decref(read);
    json_decref(got);
    json_decref(acts);
    json_decref(packs);
}

/* What could not be read again is not written. */
static void a_file_that_would_be_too_large_is_not_written(void **state)
{
    (void)state;
    fc_err err;
    json_t *packs = json_object(), *acts = json_array(), *read;
    assert_int_equal(fc_lock_write(site, packs, acts, &err), 0);
    char *huge = calloc(1, (9u << 20) + 1);
    memset(huge, 'a', 9u << 20);
    json_object_set_new(packs, "x", json_string(huge));
    assert_int_equal(fc_lock_write(site, packs, acts, &err), FC_ELIMIT);
    assert_int_equal(fc_lock_read(site, &read, NULL, &err), 0);
    free(huge);
    json_decref(read);
    json_decref(packs);
    json_decref(acts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_longest_namespace_decides, make_site, drop_site),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_nobodys_word, make_site, drop_site),
        cmocka_unit_test_setup_teardown(a_sequence_never_goes_down, make_site, drop_site),
        cmocka_unit_test_setup_teardown(locks, make_site, drop_site),
        cmocka_unit_test_setup_teardown(acts_are_remembered_within_bounds, make_site, drop_site),
        cmocka_unit_test_setup_teardown(a_file_that_would_be_too_large_is_not_written, make_site, drop_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

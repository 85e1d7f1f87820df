/* Ids: 63 bits, time-ordered, strictly increasing in a process, different between workers. */
#include "store_help.h"
#include "base/clock.h"

#include <pthread.h>

static void ids_grow(void **state)
{
    (void)state;
    int64_t last = 0;
    for (int i = 0; i < 200000; i++) { /* far more than a millisecond's 4096 */
        int64_t id = fc_id();
        assert_true(id > last);
        last = id;
    }
}

static void an_id_tells_time_and_worker(void **state)
{
    (void)state;
    while (fc_now() % 1000 > 500)
        usleep(1000);
    fc_id_worker(777);
    usleep(300000); /* what the other test borrowed from the future is over */
    int64_t before = fc_now(), id = fc_id(), after = fc_now();
    int64_t ms = (id >> 22) + 1577836800000LL;
    assert_true(before <= ms && ms <= after);
    assert_int_equal(id >> 12 & 1023, 777);
    fc_id_worker(5000);
    assert_int_equal(fc_id() >> 12 & 1023, 5000 & 1023);
}

static void *make_ids(void *out)
{
    int64_t *ids = out;
    for (int i = 0; i < 20000; i++)
        ids[i] = fc_id();
    return NULL;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void threads_never_share_one(void **state)
{
    (void)state;
    static int64_t ids[4 * 20000];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, make_ids, ids + i * 20000);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    qsort(ids, 80000, sizeof *ids, compare);
    for (int i = 1; i < 80000; i++)
        assert_true(ids[i] != ids[i - 1]);
}

static int worker_is_own_pid(void *arg)
{
    (void)arg;
    return (fc_id() >> 12 & 1023) == (getpid() & 1023) ? 0 : 1;
}

static void a_child_is_another_worker(void **state)
{
    (void)state;
    fc_id_worker(3);
    assert_int_equal(exit_of(in_child(worker_is_own_pid, NULL)), 0);
    assert_int_equal(fc_id() >> 12 & 1023, 3);
}

/* The clock is read once a process, so a shifted one needs a process whose clock was never asked. */
static int with_an_old_clock(void *arg)
{
    setenv("FORECOURT_NOW", arg, 1);
    int64_t a = fc_id(), b = fc_id();
    return a > 0 && b > a ? 0 : 1;
}

static void a_clock_before_the_epoch_still_gives_ids(void **state)
{
    (void)state;
    assert_int_equal(exit_of(in_child(with_an_old_clock, "1999-01-01T00:00:00")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_before_the_epoch_still_gives_ids),
        cmocka_unit_test(ids_grow),
        cmocka_unit_test(an_id_tells_time_and_worker),
        cmocka_unit_test(threads_never_share_one),
        cmocka_unit_test(a_child_is_another_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

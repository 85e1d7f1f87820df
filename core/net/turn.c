/* When the server looks again: at once, at the time MHD asks for, or when clients have waited for a moment;
 * and the date it writes, reckoned once a second.
 *
 * The timer is only set when MHD asks for one, and only moved when MHD wants it earlier, so a busy keep-alive
 * connection costs no timer at all. */
#include "net/internal.h"

#include "base/clock.h"

#define SWEEP_MS 200

static void run_within(fc_http *h, int64_t ms)
{
    int64_t at = fc_monotonic() / 1000000 + ms;
    if (h->timer_at && h->timer_at <= at) return;
    h->timer_at = at;
    fc_timer_set(h->timer, ms, 0);
}

void http_wake(fc_http *h)
{
    run_within(h, 0);
}

void http_run(fc_http *h)
{
    MHD_UNSIGNED_LONG_LONG ms;
    MHD_run(h->daemon);
    if (MHD_get_timeout(h->daemon, &ms) == MHD_YES) run_within(h, (int64_t)ms);
}

void http_sweep_soon(fc_http *h)
{
    if (h->sweep_set) return;
    h->sweep_set = 1;
    fc_timer_set(h->sweep, SWEEP_MS, 0);
}

const char *http_date(fc_http *h)
{
    time_t now = time(
        NULL); /* the true time, also where FORECOURT_NOW shifts ours: caches and cookies are the client's */
    if (now != h->date_at) {
        struct tm tm;
        gmtime_r(&now, &tm);
        strftime(h->date, sizeof h->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        h->date_at = now;
    }
    return h->date;
}

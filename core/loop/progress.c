#include "loop/progress.h"
#include "base/clock.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define SHOW_EVERY_NS 50000000

static volatile sig_atomic_t stopped;

void fc_progress_show(fc_progress *p, int64_t done, int64_t total, const char *text)
{
    int percent = total > 0 ? (int)(done * 100 / total) : 0;
    int terminal = isatty(2);
    if (percent > 100) percent = 100;
    if (!terminal && percent / 10 == p->percent / 10 && p->shown_at) return;
    if (terminal && fc_monotonic() - p->shown_at < SHOW_EVERY_NS && done < total) return;
    p->percent = percent;
    p->shown_at = fc_monotonic();
    if (terminal) {
        fprintf(stderr, "\r\033[K[%-30.*s] %3d%% %s%s", percent * 30 / 100, "##############################",
                percent, text ? text : "", done >= total ? "\n" : "");
    } else {
        fprintf(stderr, "%lld/%lld %s\n", (long long)done, (long long)total, text ? text : "");
    }
}

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

void fc_progress_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int fc_progress_stopped(void)
{
    return stopped;
}

#include "loop/supervise.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

int fc_death_blames(const fc_death *d)
{
    if (!d->in_call) return 0;
    if (d->stuck) return d->busy;
    return d->signal && (d->signal != SIGKILL || d->memory) && d->signal != SIGTERM;
}

/* "evil 1.0.0, pages/p#handler", or "" */
static void where_of(const fc_death *d, char *out, size_t cap)
{
    const fc_note *n = &d->call;
    out[0] = 0;
    if (d->in_call)
        snprintf(out, cap, "%s%s%s%s%s", n->who.plugin, n->who.version[0] ? " " : "", n->who.version,
                 n->what[0] ? ", " : "", n->what);
}

static void how(const fc_death *d, char *zh, char *en, size_t cap)
{
    if (d->stuck) {
        snprintf(zh, cap, "5 秒没有动静，已被终止");
        snprintf(en, cap, "did not turn for 5 s and was ended");
    } else if (d->memory) {
        snprintf(zh, cap, "因内存不足被系统终止");
        snprintf(en, cap, "was ended by the system for want of memory");
    } else if (d->signal) {
        snprintf(zh, cap, "意外结束（信号 %d，%s）", d->signal, strsignal(d->signal));
        snprintf(en, cap, "died of signal %d (%s)", d->signal, strsignal(d->signal));
    } else {
        snprintf(zh, cap, "自行结束（返回 %d）", d->code);
        snprintf(en, cap, "ended by itself (exit %d)", d->code);
    }
}

void fc_death_says(const fc_death *d, fc_err *out)
{
    char zh[160], en[160], where[256];
    how(d, zh, en, sizeof zh);
    where_of(d, where, sizeof where);
    if (where[0])
        fc_fail(out, FC_EINTERNAL, "进程 %s（%d）%s%.0s，当时正在执行 %s",
                "process %s (%d) %.0s%s; it was in %s", d->worker, d->pid, zh, en, where);
    else
        fc_fail(out, FC_EINTERNAL, "进程 %s（%d）%s%.0s", "process %s (%d) %.0s%s", d->worker, d->pid, zh,
                en);
}

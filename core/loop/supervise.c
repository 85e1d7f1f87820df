/* The happy path: a board is made, the first worker is forked, it says that it is ready, the others follow,
 * and then there is nothing to do but to look every half second whether all hearts beat.
 *
 *   empty -> starting -> ready -> (died: back at once, or after a wait) -> starting
 *
 * A worker that dies is replaced at once; from the third quick death in a row on after a wait that doubles.
 * One that was killed because it stood still, or that crashed, hands its death to the worker that takes its
 * place, which writes it down: this process opens no database. A worker that cannot start although it was not
 * killed ends everything while nothing has ever been ready (a used port, a wrong key): it has said why.
 *
 * Closing: first those that take HTTP are asked to end, then the one that does the host's work (it signs what
 * the others wrote last). Whoever has not ended ten seconds later is killed. When this process is killed, the
 * kernel kills the workers. */
#include "base/clock.h"
#include "base/log.h"
#include "loop/board.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 500
#define MS 1000000LL
#define STUCK_NS (5000 * MS)
#define START_NS (600000 * MS) /* files may be large, and a disk slow */
#define DRAIN_NS (10000 * MS)
#define QUICK_NS (10000 * MS) /* who lives longer than that has not died quickly */
#define AT_ONCE 2             /* quick deaths in a row that are not waited for */
#define FIRST_WAIT_MS 250
#define LONGEST_WAIT_MS 30000
#define HOPELESS 5  /* quick deaths before anything was ever ready, with no plugin to blame */
#define SAME_ID 117 /* exit code: its ids would be another worker's */
#define IDS 1024    /* a worker's part of an id is its process number below this (store/id.c) */

typedef struct place {
    pid_t pid;           /* 0: nobody */
    int64_t born, again; /* ns, fc_monotonic; again: when to start a new one, 0 = never */
    uint64_t beats;
    int64_t still;        /* ns without a beat */
    int looks, computing; /* how often we looked since, and in how many it computed */
    int stuck, quick, termed;
    int has_death;
    fc_death death;
} place;

typedef struct supervisor {
    const fc_supervised *o;
    fc_board *board;
    place places[FC_SLOTS];
    sigset_t before;
    int signals; /* signalfd */
    int64_t looked, ended_at;
    long long oom;
    int announced, ending, finished, code;
} supervisor;

static void name_of(int slot, char *out, size_t cap)
{
    if (slot == FC_SLOT_JOBS)
        snprintf(out, cap, "jobs");
    else
        snprintf(out, cap, "http %d", slot ? slot : 1);
}

/* ---- a worker's birth */

static int has_anothers_id(const supervisor *s, int slot)
{
    for (int i = 0; i < FC_SLOTS; i++)
        if (i != slot && s->places[i].pid && s->places[i].pid % IDS == getpid() % IDS) return 1;
    return 0;
}

static void be_worker(supervisor *s, int slot, pid_t parent)
{
    char name[16];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0); /* it died before we asked */
    if (has_anothers_id(s, slot)) _exit(SAME_ID);
    signal(SIGINT, SIG_IGN); /* a Ctrl-C reaches all; the supervisor decides the order */
    signal(SIGHUP, SIG_IGN); /* until it listens */
    close(s->signals);
    sigprocmask(SIG_SETMASK, &s->before, NULL);
    snprintf(name, sizeof name, "fc-%s", slot == FC_SLOT_JOBS ? "jobs" : "http");
    prctl(PR_SET_NAME, name);
    fc_board_mine(s->board, slot);
    const place *p = &s->places[slot];
    fc_death last = p->death;
    int code = s->o->work(s->o->ctx, s->board, slot, p->has_death ? &last : NULL);
    fflush(NULL);
    exit(code);
}

static void start(supervisor *s, int slot)
{
    place *p = &s->places[slot];
    fc_heart *h = &s->board->hearts[slot];
    memset(h, 0, sizeof *h);
    p->again = p->still = 0;
    p->beats = 0;
    p->stuck = p->termed = 0;
    p->born = fc_monotonic();
    pid_t parent = getpid();
    fflush(NULL);
    p->pid = fork();
    if (p->pid == 0) be_worker(s, slot, parent);
    if (p->pid > 0) {
        atomic_store(&h->pid, p->pid);
        return;
    }
    p->pid = 0;
    p->again = p->born + FIRST_WAIT_MS * MS;
    fc_log(FC_ERROR, "worker", fc_say("无法启动进程：%s", "a process cannot be started: %s"),
           strerror(errno));
}

/* ---- its death */

/* How often the system has killed for want of memory; -1: not told. */
static long long oom_kills(void)
{
    char line[128];
    long long n = -1;
    FILE *f = fopen("/proc/vmstat", "re");
    while (f && n < 0 && fgets(line, sizeof line, f))
        sscanf(line, "oom_kill %lld", &n);
    if (f) fclose(f);
    return n;
}

static void describe(supervisor *s, int slot, int status, fc_death *d)
{
    const place *p = &s->places[slot];
    long long oom = oom_kills();
    memset(d, 0, sizeof *d);
    name_of(slot, d->worker, sizeof d->worker);
    d->pid = p->pid;
    d->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    d->code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    d->stuck = p->stuck > 0;
    d->busy = p->stuck == 2;
    d->memory = d->signal == SIGKILL && !p->stuck && oom > s->oom;
    d->in_call = d->signal && fc_heart_call(&s->board->hearts[slot], &d->call);
    s->oom = oom;
}

static void again_later(supervisor *s, place *p)
{
    int64_t now = fc_monotonic(), wait = 0;
    p->quick = now - p->born < QUICK_NS ? p->quick + 1 : 1;
    if (p->quick > AT_ONCE) {
        int doublings = p->quick - AT_ONCE - 1;
        wait = doublings < 7 ? FIRST_WAIT_MS << doublings : LONGEST_WAIT_MS;
        if (wait > LONGEST_WAIT_MS) wait = LONGEST_WAIT_MS;
        fc_log(FC_WARN, "worker",
               fc_say("进程接连结束 %d 次：%.2f 秒后再启动",
                      "%d deaths one after the other: the next start is in %.2f s"),
               p->quick, (double)wait / 1000);
    }
    p->again = now + wait * MS;
    if (!s->announced && p->quick >= HOPELESS && !p->death.in_call) {
        s->finished = 1;
        s->code = 1;
    }
}

static void died(supervisor *s, int slot, int status)
{
    place *p = &s->places[slot];
    fc_death d;
    fc_err text;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    describe(s, slot, status, &d);
    if (code == SAME_ID) {
        p->pid = 0;
        p->again = fc_monotonic();
        return;
    }
    p->pid = 0;
    if (s->ending) return;
    if (code >= 0 && !s->announced) { /* it has said why */
        s->finished = 1;
        s->code = code;
        return;
    }
    fc_death_says(&d, &text);
    fc_log(code == 0 ? FC_WARN : FC_ERROR, "worker", "%s", fc_err_text(&text, fc_process_lang()));
    if (!p->has_death || d.in_call)
        p->death = d; /* one that named a plugin is not lost to one that does not */
    p->has_death = 1;
    again_later(s, p);
}

static void reap(supervisor *s)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < FC_SLOTS; i++)
            if (s->places[i].pid == pid) {
                died(s, i, status);
                break;
            }
}

/* ---- looking */

/* It computes or would if it got a core; it does not wait for a disk, and nobody has stopped it. */
static int computes(pid_t pid)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    if (!f) return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    const char *p = strrchr(text, ')');
    return p && strncmp(p, ") R", 3) == 0;
}

/* Only time that we saw pass counts, so that a machine that slept, or was too busy for us too, is not held
 * against the worker. While it starts, files may take long, a plugin's code may not. */
static void look(supervisor *s, int slot, int64_t elapsed)
{
    place *p = &s->places[slot];
    fc_heart *h = &s->board->hearts[slot];
    uint64_t beats = fc_heart_pulse(h);
    int starting = atomic_load(&h->stage) != FC_READY;
    int64_t most = starting && atomic_load(&h->depth) < 1 ? START_NS : STUCK_NS;
    if (beats != p->beats) {
        p->beats = beats;
        p->still = 0;
        p->looks = p->computing = 0;
        return;
    }
    p->still += elapsed;
    p->looks++;
    p->computing += computes(p->pid);
    if (p->still < most || p->stuck || s->ending) return;
    p->stuck = p->computing * 2 > p->looks ? 2 : 1;
    kill(p->pid, SIGKILL);
}

static void look_at_all(supervisor *s)
{
    int64_t now = fc_monotonic(), elapsed = now - s->looked;
    if (elapsed < LOOK_MS * MS / 2) return;
    s->looked = now;
    if (elapsed > 2 * LOOK_MS * MS) elapsed = LOOK_MS * MS;
    for (int i = 0; i < FC_SLOTS; i++)
        if (s->places[i].pid) look(s, i, elapsed);
}

static void announce(supervisor *s)
{
    s->announced = 1;
    if (s->o->ready) s->o->ready(s->o->ctx, atomic_load(&s->board->port));
    int n = atomic_load(&s->board->workers);
    for (int i = 1; i <= (n < 1 ? 1 : n); i++) /* with n = 1: the place of jobs alone */
        if (i < FC_SLOTS) s->places[i].again = fc_monotonic();
}

static void look_at_stages(supervisor *s)
{
    for (int i = 0; i < FC_SLOTS; i++) {
        int stage = s->places[i].pid ? atomic_load(&s->board->hearts[i].stage) : FC_STARTING;
        if (stage >= FC_RECORDED) s->places[i].has_death = 0;
        if (i == FC_SLOT_FIRST && stage == FC_READY && !s->announced) announce(s);
    }
}

/* ---- ending */

static void term(place *p)
{
    if (p->pid && !p->termed) kill(p->pid, SIGTERM);
    p->termed = 1;
}

/* Those that take HTTP first. */
static void go_on_ending(supervisor *s)
{
    int left = 0;
    for (int i = 0; i < FC_SLOTS; i++) {
        if (i == FC_SLOT_JOBS) continue;
        term(&s->places[i]);
        left += s->places[i].pid > 0;
    }
    if (!left) term(&s->places[FC_SLOT_JOBS]);
    left += s->places[FC_SLOT_JOBS].pid > 0;
    if (left && fc_monotonic() - s->ended_at > DRAIN_NS)
        for (int i = 0; i < FC_SLOTS; i++)
            if (s->places[i].pid) kill(s->places[i].pid, SIGKILL);
    s->finished |= !left;
}

static void begin_ending(supervisor *s)
{
    if (s->ending) s->ended_at = fc_monotonic() - DRAIN_NS - 1; /* asked twice: at once */
    if (!s->ending) s->ended_at = fc_monotonic();
    if (!s->ending && s->o->ending) s->o->ending(s->o->ctx);
    s->ending = 1;
}

/* ---- waiting */

static void take_signals(supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) begin_ending(s);
        if (info.ssi_signo != SIGHUP) continue;
        for (int i = 0; i < FC_SLOTS; i++)
            if (s->places[i].pid) kill(s->places[i].pid, SIGHUP);
    }
}

static int next_ms(const supervisor *s)
{
    int64_t now = fc_monotonic(), ms = LOOK_MS;
    for (int i = 0; i < FC_SLOTS; i++) {
        int64_t left = (s->places[i].again - now) / MS + 1;
        if (s->places[i].again && left < ms) ms = left;
    }
    return ms < 0 ? 0 : (int)ms;
}

static void turn(supervisor *s)
{
    struct pollfd fds[] = {{.fd = s->signals, .events = POLLIN}, {.fd = s->board->up, .events = POLLIN}};
    uint64_t n;
    if (poll(fds, 2, next_ms(s)) < 0 && errno != EINTR) return;
    if (read(s->board->up, &n, sizeof n) < 0) n = 0;
    look_at_stages(s);
    take_signals(s);
    reap(s);
    look_at_all(s);
    if (s->ending) go_on_ending(s);
    for (int i = 0; i < FC_SLOTS && !s->ending && !s->finished; i++)
        if (s->places[i].again && s->places[i].again <= fc_monotonic()) start(s, i);
}

static void hear_signals(supervisor *s)
{
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGHUP);
    sigaddset(&ours, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ours, &s->before);
    s->signals = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
}

int fc_supervise(const fc_supervised *o)
{
    supervisor s = {.o = o, .oom = oom_kills()};
    fc_err err;
    if (!(s.board = fc_board_new(&err))) {
        fc_log(FC_ERROR, "worker", "%s", fc_err_text(&err, fc_process_lang()));
        return 1;
    }
    signal(SIGPIPE, SIG_IGN); /* a log nobody reads any more */
    hear_signals(&s);
    s.looked = fc_monotonic();
    start(&s, FC_SLOT_FIRST);
    while (!s.finished)
        turn(&s);
    close(s.signals);
    fc_board_free(s.board);
    return s.code;
}

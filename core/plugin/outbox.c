/* The row is marked only after the server took the message; a crash between the two sends it again with the
 * same Message-ID. */
#include "plugin/outbox.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/mail.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fc_outbox {
    fc_loop *loop;
    fc_site *site;
    fc_timer *timer;
    int sending, stopped;
    int duty; /* descriptor of a lock: of several servers on one site one sends; -1: not ours yet */
};

typedef struct sending {
    fc_outbox *o;
    fc_dealership *d;
    int64_t id, tries, made_at;
    char *to, *subject, *body, *url, *from, *user, *password;
    char key[32];
    fc_err err;
    int rc;
} sending;

static char *option(fc_site *s, const char *name, const char *otherwise)
{
    const char *v = json_string_value(json_object_get(json_object_get(s->config, "mail"), name));
    if (!v) v = otherwise;
    if (!v) return NULL;
    if (strncmp(v, "dir:", 4) == 0 && v[4] != '/') { /* inside the site */
        char path[4096];
        snprintf(path, sizeof path, "dir:%s/%s", s->dir ? s->dir : "/tmp", v + 4);
        fc_make_dirs(path + 4, 0700, NULL);
        return fc_strdup(path);
    }
    return fc_strdup(v);
}

static void send_work(void *ctx)
{
    sending *m = ctx;
    fc_mail_server server = {m->url, m->from, m->user, m->password};
    fc_mail mail = {.to = m->to, .subject = m->subject, .body = m->body, .id = m->key, .at = m->made_at};
    m->rc = fc_mail_send(&server, &mail, &m->err);
}

static void record(sending *m)
{
    fc_err err;
    if (m->rc == FC_OK) {
        fc_value v[] = {fc_int(fc_now()), fc_int(m->id)};
        fc_run(m->d->store, "UPDATE host_mail SET sent_at = ?, next_at = NULL, error = NULL WHERE id = ?", v,
               2, NULL, &err);
        return;
    }
    static const int64_t minutes[] = {1, 5, 30};
    int64_t wait = (m->tries < 3 ? minutes[m->tries] : 120) * 60000;
    int give_up = m->tries >= 26;
    fc_value v[] = {fc_int(fc_now() + wait), fc_text(m->err.text[FC_EN]), fc_int(m->id)};
    if (give_up) v[0].type = FC_NULL;
    fc_run(m->d->store, "UPDATE host_mail SET tries = tries + 1, next_at = ?, error = ? WHERE id = ?", v, 3,
           NULL, &err);
    fc_log(FC_WARN, "mail",
           fc_say("邮件 %lld 没有被接收（第 %lld 次）：%s", "message %lld was not taken (try %lld): %s"),
           (long long)m->id, (long long)m->tries + 1, m->err.text[fc_process_lang()]);
}

static void sending_free(sending *m)
{
    char *all[] = {m->to, m->subject, m->body, m->url, m->from, m->user, m->password};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(m);
}

static void look(void *ctx);

static void outbox_free(fc_outbox *o)
{
    if (o->duty >= 0) close(o->duty);
    free(o);
}

static void send_done(void *ctx)
{
    sending *m = ctx;
    fc_outbox *o = m->o;
    o->sending = 0;
    if (!o->stopped) record(m);
    int again = m->rc == FC_OK && !o->stopped;
    sending_free(m);
    if (o->stopped)
        outbox_free(o);
    else if (again)
        look(o);
}

static char *column(fc_cursor *c, int i)
{
    fc_value v;
    fc_cursor_value(c, i, &v);
    return v.type == FC_TEXT ? fc_strndup(v.s, v.n) : fc_strdup("");
}

static sending *next_mail(fc_outbox *o, fc_dealership *d)
{
    fc_cursor *c;
    fc_err err;
    fc_value now = fc_int(fc_now()), v;
    int row = 0;
    sending *m = NULL;
    static const char sql[] = "SELECT id, tries, made_at, recipient, subject, body FROM host_mail WHERE "
                              "next_at <= ? ORDER BY next_at LIMIT 1";
    if (fc_query(d->store, sql, sizeof sql - 1, &now, 1, &c, &err)) return NULL;
    if (!fc_cursor_next(c, &row, &err) && row) {
        m = fc_alloc(sizeof *m);
        m->o = o;
        m->d = d;
        fc_cursor_value(c, 0, &v);
        m->id = v.i;
        fc_cursor_value(c, 1, &v);
        m->tries = v.i;
        fc_cursor_value(c, 2, &v);
        m->made_at = v.i;
        m->to = column(c, 3);
        m->subject = column(c, 4);
        m->body = column(c, 5);
        snprintf(m->key, sizeof m->key, "%lld", (long long)m->id);
    }
    fc_cursor_close(c);
    return m;
}

/* Held until the process ends, in whatever way. */
static int on_duty(fc_outbox *o)
{
    char path[PATH_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    if (o->duty >= 0) return 1;
    snprintf(path, sizeof path, "%s/data/mail.lock", o->site->dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0) o->duty = fd;
    if (fd >= 0 && o->duty < 0) close(fd);
    return o->duty >= 0;
}

static void look(void *ctx)
{
    fc_outbox *o = ctx;
    if (!on_duty(o)) return;
    for (size_t i = 0; i < o->site->ndealerships && !o->sending; i++) {
        sending *m = next_mail(o, &o->site->dealerships[i]);
        if (!m) continue;
        m->url = option(o->site, "url", "dir:data/mail");
        m->from = option(o->site, "from", "Forecourt <forecourt@localhost>");
        m->user = option(o->site, "user", NULL);
        m->password = option(o->site, "password", NULL);
        o->sending = 1;
        fc_pool(o->loop, send_work, send_done, m);
    }
}

fc_outbox *fc_outbox_start(fc_loop *l, fc_site *s)
{
    fc_outbox *o = fc_alloc(sizeof *o);
    o->loop = l;
    o->site = s;
    o->duty = -1;
    o->timer = fc_timer_new(l, look, o);
    fc_timer_set(o->timer, 500, 2000);
    return o;
}

void fc_outbox_stop(fc_outbox *o)
{
    if (!o) return;
    fc_timer_free(o->timer);
    o->stopped = 1;
    if (!o->sending) outbox_free(o);
}
